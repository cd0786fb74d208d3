"""Every key of the site file: how it is read, and what it means (the reference is checked
against this)."""

from __future__ import annotations

from bot.domain.canary import CanaryChats
from bot.domain.response import MergeBy, Style, Verify, WorkOrder
from bot.domain.role import Role
from bot.domain.site import Faces, Line, Mode, Notify, Purpose
from bot.sitefile import address
from bot.sitefile.keys import AREA, ID, LANGUAGE, NAME, PERSON_ID, SITE, SITES
from bot.sitefile.read import Key, Table
from bot.sitefile.sounding import ACTUATORS, ANNOUNCED, ANNOUNCEMENTS, ORDER, PROOF
from bot.sitefile.values import (
    days,
    duration,
    duration_from,
    filled,
    flag,
    identifier,
    keyed,
    line_of,
    many,
    member_of,
    name,
    number,
    one_or_many,
    optional_identifier,
    phone,
    phrase,
    polygon,
    quota,
    room,
    severity,
    table,
    tables,
    text,
    time_of_day,
    timezone,
    whole,
    window,
    words,
)

CHANNELS = ("telegram", "console", "webhook")
SPEAK = Table(
    "speak",
    (
        Key("zh", phrase, "The Chinese sentence; {place} is filled in, empty is silence."),
        Key("en", phrase, "The English sentence."),
        Key("repeat", number(1, 20), "How often it is said."),
        Key("every", duration_from("1s"), "Time from one saying to the next."),
        Key("style", member_of(Style), "normal, or calm: no chime, fading in."),
        Key("taken", flag, "Says, too, that somebody has acknowledged it."),
        Key("thanks", flag, "Says thank you, by day, when it was seen to be put right."),
    ),
)

RESPONSE = Table(
    "responses",
    (
        Key("severity", severity, "general, serious or emergency."),
        Key("merge_by", member_of(MergeBy), "One case per place, or per subject."),
        Key("acknowledge_within", duration, "Nobody acknowledged by then: escalated. 0s: never."),
        Key("rectify_within", duration, "Not rectified by then: work order. 0s: never."),
        Key("arrive_within", duration, "Emergencies: nobody there by then, all are called again."),
        Key("escalate_to", many(member_of(Role)), "Who is called, one role a step."),
        Key(
            "chase",
            many(duration_from("1s")),
            "Not yet. Emergencies: when to call again.",
        ),
        Key("work_order", member_of(WorkOrder), "overdue or never. Not yet: at_once."),
        Key(
            "verify",
            member_of(Verify),
            "Who confirms it is rectified: none, camera, second_person.",
        ),
        Key("may_self_close", flag, "Seen rectified, it closes itself. Never for emergencies."),
        Key("self_close_after", duration, "How long it must have been seen rectified."),
        Key("cooldown", duration, "No new sound for the same hazard before that."),
        Key("speak", table(SPEAK), "What the horn says."),
    ),
)
RESPONSES = Key("responses", keyed(table(RESPONSE)), "Overrides of the response table, by hazard.")

AREAS = Table("areas", (ID, NAME))

ALIASES = Key("aliases", many(name), "What else people call it.")
SITE_TABLE = Table(
    "sites",
    (
        ID,
        NAME,
        ALIASES,
        Key("kind", line_of(60), "What kind of place, such as construction."),
        Key("area", optional_identifier, "The area it lies in."),
        Key("timezone", timezone, "The time zone of its local times, such as Asia/Shanghai."),
        Key("address", text, "Where it is, for emergencies."),
        Key("entrance", text, "How to get in, for emergencies."),
        Key("responsible_party", optional_identifier, "The party that gets its work orders."),
        RESPONSES,
    ),
)

CHANNEL = Key("channel", words(*CHANNELS), "telegram, console or webhook.", required=True)
CHAT_ID = Key(
    "id",
    lambda value, spot: value,  # judged by channel, in bot.sitefile.chats
    "telegram: the number of the group. Elsewhere an id of your choice.",
)
HOOK_URL = Key("url", address.hook, "webhook: where changes of cases are posted.")
HOOK_SECRET = Key("secret", address.secret, "webhook: the key of the signature.")
TOPIC = Key("topic", number(1, 2**53), "telegram: the forum topic.")
PACE = Key(
    "messages_per_minute", number(0, 6000), "By default the platform's own limit; 0: no limit."
)
FACES = Key("faces", member_of(Faces), "blur or clear.")

PARTY_CHAT = Table("chat", (CHANNEL, CHAT_ID, HOOK_URL, HOOK_SECRET, LANGUAGE, PACE, TOPIC, FACES))
PARTIES = Table(
    "parties", (ID, NAME, Key("chat", table(PARTY_CHAT), "Where its work orders are sent."))
)

ZONES = Table(
    "zones",
    (
        ID,
        NAME,
        ALIASES,
        Key("polygon", polygon, "Corners as fractions of the picture, 0 to 1.", required=True),
        Key("hazard", identifier, "What it is to be inside; by default zone_intrusion."),
        Key("dwell", duration, "How long one must be inside before it counts."),
        Key("active", one_or_many(window), "When it counts, local time; by default always."),
    ),
)
CAMERAS = Table(
    "cameras",
    (
        ID,
        SITE,
        NAME,
        ALIASES,
        Key(
            "source",
            address.source,
            "A file, picture or folder, or push. Not yet: rtsp://, http(s)://, 0.",
        ),
        Key("models", many(identifier), "What looks at it; by default person-fall, none for push."),
        Key("loop", flag, "A file starts again at its end."),
        Key("mode", member_of(Mode), "live, or trial: for the installer only."),
        Key("zones", tables(ZONES), "Parts of its picture."),
    ),
)
SPEAKERS = Table(
    "speakers",
    (
        ID,
        SITE,
        NAME,
        ALIASES,
        Key("cameras", many(identifier), "Whose warnings it speaks; empty: the whole site."),
        Key(
            "url",
            address.speaker,
            "What it is and where: the kinds of speakers.",
            required=True,
        ),
        LANGUAGE,
        Key("lead_silence", duration, "Silence first, for devices that lose the beginning."),
        Key("quiet_hours", one_or_many(window), "When only emergencies are spoken."),
        Key("at_most_per_hour", number(0, 3600), "Warnings an hour but emergencies; 0: no limit."),
        Key("volume", number(1, 100), "How loud, in percent of full level."),
        Key("night_volume", number(1, 100), "The same within night."),
        Key("night", one_or_many(window), "When it speaks at night_volume."),
        Key("night_emergencies", flag, "Whether emergencies are spoken in quiet hours."),
        Key(
            "night_at_most_per_hour",
            number(0, 3600),
            "Emergencies an hour in quiet hours; 0: no limit.",
        ),
        Key("dead_after", duration, "How long it must fail to become a case; 0s: never."),
    ),
)
CHATS = Table(
    "chats",
    (
        SITES,
        AREA,
        CHANNEL,
        CHAT_ID,
        HOOK_URL,
        HOOK_SECRET,
        Key(
            "purpose",
            words(Purpose.CASES, Purpose.ADMIN),
            "cases, or admin: the service's own state.",
        ),
        LANGUAGE,
        Key("minimum_severity", severity, "Nothing less grave is sent there."),
        PACE,
        TOPIC,
        FACES,
    ),
)
MEMBERS = Table(
    "members",
    (
        PERSON_ID,
        NAME,
        Key("role", member_of(Role), "What the person is; by default viewer."),
        SITES,
        AREA,
        Key("roles", keyed(member_of(Role)), "Another role on some sites, by site."),
        Key(
            "party",
            optional_identifier,
            "The party whose own person this is; without sites or area: of the party's sites.",
        ),
        Key("notify", member_of(Notify), "group, direct or both."),
        Key("telegram", whole, "The person's number there; or linked later by an invite code."),
        Key("phone", phone, "For alerts."),
    ),
)
ALERTS = Table(
    "alerts",
    (
        ID,
        Key("kind", words("http", "apprise"), "http or apprise.", required=True),
        Key("path", words("sms", "push", "call", "mail"), "How it reaches people.", required=True),
        Key("url", address.any_url, "Where it is posted.", required=True),
        Key("minimum_severity", severity, "By default emergency."),
    ),
)
DUTY = Table(
    "duty",
    (
        SITE,
        Key("members", many(identifier), "Who is on duty.", required=True),
        Key("days", days, "mon-fri or sat,sun; by default every day."),
        Key("hours", window, "06:30-18:30, also over midnight; by default all day."),
    ),
)
CANARY = Table(
    "canary",
    (
        Key("at", one_or_many(time_of_day), "Times of day, such as 06:45, of the first site."),
        Key("every", duration_from("10m"), "Besides, so long after the last one."),
        Key("start", flag, "After a start too; several within 10 minutes share a message."),
        Key("within", duration_from("5s"), "Not delivered by then: the admins are told."),
        Key("chats", member_of(CanaryChats), "admin, or all: every group as well, silently."),
    ),
)
RETENTION = Table(
    "retention",
    (
        Key("pictures", duration_from("1d"), "Pictures and clips of a case, after its end."),
        Key("pictures_of_emergencies", duration_from("1d"), "The same of emergencies."),
        Key("inbox", duration_from("2d"), "What people wrote and sent, once it was handled."),
        Key("reports", duration_from("7d"), "Ids of reports and commands, to know a repeat."),
        Key("deliveries", duration_from("7d"), "What was sent, after the end of its case."),
        Key("keep_at_least", duration_from("1h"), "Pictures, however full the disk is."),
        Key("disk_quota", quota, "The most that pictures and clips may take."),
        Key("keep_free", room, "Less free than that, and the oldest pictures go early."),
    ),
)
HAZARD_NAME = Table("name", (Key("zh", name, "In Chinese."), Key("en", name, "In English.")))
HAZARDS = Table(
    "hazards",
    (
        ID,
        Key("name", filled(HAZARD_NAME), "What it is called.", required=True),
        Key("severity", severity, "By default general."),
    ),
)

ROOT = Table(
    "",
    (
        Key("language", words("zh", "en"), "Language of all below; by default zh."),
        Key(
            "uplink",
            member_of(Line),
            "auto: as it is measured, or thin: words before pictures, and small ones.",
        ),
        Key("retention", table(RETENTION), "How long things are kept."),
        Key("areas", tables(AREAS), "Streets or districts with several sites."),
        Key("sites", tables(SITE_TABLE), "The places that are watched."),
        Key("parties", tables(PARTIES), "Who gets work orders."),
        Key("cameras", tables(CAMERAS), "Sources of pictures."),
        Key("speakers", tables(SPEAKERS), "Loudspeakers."),
        Key("actuators", tables(ACTUATORS), "Strobes, sirens and relays that go on with them."),
        Key("announcements", tables(ANNOUNCEMENTS), "What is said at fixed times of the day."),
        Key("chats", tables(CHATS), "Groups that get cards, and receivers of webhooks."),
        Key("members", tables(MEMBERS), "People and what they may do."),
        Key("alerts", tables(ALERTS), "The second path of emergencies."),
        Key("duty", tables(DUTY), "The rota."),
        RESPONSES,
        Key("hazards", tables(HAZARDS), "Kinds of hazard of your own."),
        Key("canary", table(CANARY), "Tests of delivery, which alarm nobody."),
    ),
)

TABLES = {
    "": ROOT,
    "retention": RETENTION,
    "areas": AREAS,
    "sites": SITE_TABLE,
    "parties": PARTIES,
    "parties.chat": PARTY_CHAT,
    "cameras": CAMERAS,
    "cameras.zones": ZONES,
    "speakers": SPEAKERS,
    "actuators": ACTUATORS,
    "actuators.on": ORDER,
    "actuators.state": PROOF,
    "announcements": ANNOUNCEMENTS,
    "announcements.text": ANNOUNCED,
    "chats": CHATS,
    "members": MEMBERS,
    "alerts": ALERTS,
    "duty": DUTY,
    "responses": RESPONSE,
    "responses.speak": SPEAK,
    "hazards": HAZARDS,
    "hazards.name": HAZARD_NAME,
    "canary": CANARY,
}
"""All tables by the name under which the reference describes them."""
