"""The configuration of the sites as plain values, and the questions that the core asks of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.domain.actuator import Actuator
from bot.domain.announcement import ScheduledAnnouncement
from bot.domain.canary import CanaryPlan
from bot.domain.hazard import SHIPPED, HazardKind, Severity
from bot.domain.people import Alert, Chat, Duty, Faces, Member, Notify, Party, Purpose
from bot.domain.response import Override
from bot.domain.retention import Retention
from bot.domain.role import Role
from bot.domain.secret import Secret
from bot.domain.window import Window

__all__ = [
    "Actuator",
    "Alert",
    "Area",
    "Camera",
    "Chat",
    "Duty",
    "Faces",
    "Line",
    "Member",
    "Mode",
    "Notify",
    "Party",
    "Purpose",
    "Retention",
    "Role",
    "ScheduledAnnouncement",
    "Site",
    "SiteConfig",
    "Speaker",
    "Zone",
]


class Mode(StrEnum):
    """Whether a camera's cases reach people, or only the installer who tries it out."""

    LIVE = "live"
    TRIAL = "trial"


class Line(StrEnum):
    """How much the line to the chat platforms carries: what is measured, or surely little."""

    AUTO = "auto"
    THIN = "thin"


@dataclass(frozen=True, slots=True)
class Area:
    """A street or district with several sites."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place that is watched; `timezone` is where its local times are told."""

    id: str
    name: str
    kind: str = "construction"
    area: str | None = None
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    address: str = ""
    entrance: str = ""
    responsible_party: str | None = None
    aliases: tuple[str, ...] = ()
    responses: Mapping[str, Override] = field(default_factory=dict[str, Override], hash=False)


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of a camera's picture. `polygon` holds fractions of width and height, 0..1."""

    id: str
    name: str
    polygon: tuple[tuple[float, float], ...]
    hazard: str = "zone_intrusion"
    dwell: timedelta = timedelta(seconds=2)
    active: tuple[Window, ...] = ()
    """When it counts, in local time; empty: always."""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Camera:
    """A source of pictures; what stands in `source` may carry a password."""

    id: str
    site: str
    name: str
    aliases: tuple[str, ...] = ()
    source: Secret = field(default_factory=lambda: Secret("push", listed=False))
    models: tuple[str, ...] = ()
    loop: bool = False
    mode: Mode = Mode.LIVE
    zones: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """A loudspeaker; `cameras` are those whose warnings it speaks, empty: the whole site."""

    id: str
    site: str
    name: str
    url: Secret
    cameras: tuple[str, ...] = ()
    language: str = "zh"
    lead_silence: timedelta = timedelta(milliseconds=300)
    quiet_hours: tuple[Window, ...] = ()
    at_most_per_hour: int = 12
    dead_after: timedelta = timedelta(minutes=5)
    """For how long it must fail before that is a case; zero: never."""
    volume: int = 100
    night_volume: int | None = None
    """Percent of full level, within `night`; None: as by day."""
    night: tuple[Window, ...] = ()
    """Empty: the quiet hours."""
    night_emergencies: bool = True
    night_at_most_per_hour: int = 12
    aliases: tuple[str, ...] = ()

    @property
    def one_way(self) -> bool:
        """Whether nothing ever comes back from it: that it sounds is heard on site alone."""
        return self.url.reveal().startswith("rtp:")

    @property
    def volume_by_night(self) -> int:
        """Percent of full level."""
        return self.volume if self.night_volume is None else self.night_volume


@dataclass(frozen=True)
class SiteConfig:
    """A whole site file, sound in itself: what one part names, another defines."""

    language: str = "zh"
    uplink: Line = Line.AUTO
    canary: CanaryPlan = field(default_factory=CanaryPlan)
    retention: Retention = field(default_factory=Retention)
    areas: tuple[Area, ...] = ()
    sites: tuple[Site, ...] = ()
    parties: tuple[Party, ...] = ()
    cameras: tuple[Camera, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    actuators: tuple[Actuator, ...] = ()
    announcements: tuple[ScheduledAnnouncement, ...] = ()
    chats: tuple[Chat, ...] = ()
    members: tuple[Member, ...] = ()
    alerts: tuple[Alert, ...] = ()
    duty: tuple[Duty, ...] = ()
    responses: Mapping[str, Override] = field(default_factory=dict[str, Override], hash=False)
    own_hazards: tuple[HazardKind, ...] = ()

    @cached_property
    def hazards(self) -> Mapping[str, HazardKind]:
        """Every kind by id: the shipped ones and the file's own."""
        return {**SHIPPED, **{kind.id: kind for kind in self.own_hazards}}

    @cached_property
    def _sites(self) -> Mapping[str, Site]:
        return {site.id: site for site in self.sites}

    @cached_property
    def _cameras(self) -> Mapping[str, Camera]:
        return {camera.id: camera for camera in self.cameras}

    @cached_property
    def _speakers(self) -> Mapping[str, Speaker]:
        return {speaker.id: speaker for speaker in self.speakers}

    @cached_property
    def _members(self) -> Mapping[str, Member]:
        return {member.id: member for member in self.members}

    @cached_property
    def _parties(self) -> Mapping[str, Party]:
        return {party.id: party for party in self.parties}

    @cached_property
    def _chats(self) -> Mapping[str, Chat]:
        of_parties = {party.chat.key: party.chat for party in self.parties if party.chat}
        return of_parties | {chat.key: chat for chat in self.chats}

    @property
    def every_chat(self) -> tuple[Chat, ...]:
        """The chats, and those of the parties."""
        return tuple(self._chats.values())

    def site(self, id: str) -> Site | None:
        return self._sites.get(id)

    def camera(self, id: str) -> Camera | None:
        return self._cameras.get(id)

    def zone(self, camera: str | None, id: str | None) -> Zone | None:
        """A zone of a camera; zones of different cameras may share an id."""
        found = self._cameras.get(camera or "")
        return next((zone for zone in found.zones if zone.id == id), None) if found else None

    def speaker(self, id: str) -> Speaker | None:
        return self._speakers.get(id)

    def actuator(self, id: str) -> Actuator | None:
        return next((one for one in self.actuators if one.id == id), None)

    def member(self, id: str) -> Member | None:
        return self._members.get(id)

    def party(self, id: str) -> Party | None:
        return self._parties.get(id)

    def chat(self, key: str) -> Chat | None:
        """A chat by its key, a party's own among them."""
        return self._chats.get(key)

    def chats_for(
        self, site: str | None, purpose: Purpose, severity: Severity = Severity.EMERGENCY
    ) -> tuple[Chat, ...]:
        """The chats that hear of something that grave on a site (None: on any site)."""
        return tuple(
            chat
            for chat in self.chats
            if chat.purpose is purpose
            and severity >= chat.minimum_severity
            and (site is None or self.covers(chat, site))
        )

    def covers(self, part: Chat | Member, site: str) -> bool:
        """Whether a chat or a member belongs to a site: by its sites, its area, or to all.

        A party's own people with neither belong to the sites that the party is responsible for.
        """
        found = self.site(site)
        if not part.sites and part.area is None:
            party = part.party if isinstance(part, Member) else None
            return party is None or (found is not None and found.responsible_party == party)
        in_area = part.area is not None and found is not None and found.area == part.area
        return in_area or site in part.sites

    def role_of(self, member: str, site: str) -> Role | None:
        """What a member is on a site; None: nothing there, or nobody known."""
        found = self.member(member)
        if found is None:
            return None
        return found.roles.get(site) or (found.role if self.covers(found, site) else None)

    def members_for(self, site: str) -> tuple[Member, ...]:
        """Everyone who has a role on a site."""
        return tuple(member for member in self.members if self.role_of(member.id, site))

    def cameras_of(self, site: str) -> tuple[Camera, ...]:
        return tuple(camera for camera in self.cameras if camera.site == site)

    def speakers_of(self, site: str) -> tuple[Speaker, ...]:
        return tuple(speaker for speaker in self.speakers if speaker.site == site)

    def speakers_for(self, site: str, camera: str | None = None) -> tuple[Speaker, ...]:
        """Who speaks a warning from a camera; without one, those that speak for the site."""
        return tuple(
            speaker
            for speaker in self.speakers
            if speaker.site == site and (not speaker.cameras or camera in speaker.cameras)
        )

    def on_duty(self, site: str, now: datetime) -> tuple[Member, ...]:
        """Who is on duty on a site at an aware time, each once, in the order of the rota."""
        place = self.site(site)
        if place is None:
            return ()
        local = now.astimezone(place.timezone)
        ids = (
            id
            for line in self.duty
            if line.site == site and line.holds(local)
            for id in line.members
        )
        return tuple(_known(self._members, dict.fromkeys(ids)))

    def place_name(self, site: str, camera: str | None = None, zone: str | None = None) -> str:
        """The nearest name of a place: the zone's, else the camera's, else the site's, else id."""
        for place in (self.zone(camera, zone), self._cameras.get(camera or ""), self.site(site)):
            if place is not None:
                return place.name
        return site


def _known(members: Mapping[str, Member], ids: Iterable[str]) -> Iterable[Member]:
    return (members[id] for id in ids if id in members)
