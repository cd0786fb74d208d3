"""What the journal holds: emergencies, and where each of them was told already."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from bot.domain.message import ChatRef, Picture
from bot.domain.report import Because, Phase, Report, Shot

_PICTURES = ("annotated", "blurred", "clean")
SPEAKING = "speaking"
"""Stands for the outcome of a sentence that is being said."""

_REPORT = tuple(item.name for item in fields(Report) if item.name not in ("shot", "attributes"))


@dataclass(frozen=True, slots=True)
class Told:
    """One message that tells of an emergency, as a platform has it."""

    chat: ChatRef
    message: str
    picture: bool
    at: int


@dataclass
class Record:
    """An emergency that the database does not know yet.

    `chats` are those that it is being told in, `told` those that surely have it.  A chat is in
    `doubt` where a try may have arrived; after a restart that is every chat that is not `told`.
    `spoken` maps speakers to what became of the sentence, `alerted` second paths to when they took
    it.  `case` is its number in the end, `over` says that no other try is to be begun.
    """

    report: Report
    chats: tuple[ChatRef, ...] = ()
    durable: bool = False
    told: dict[str, Told] = field(default_factory=dict[str, Told])
    doubt: set[str] = field(default_factory=set[str])
    spoken: dict[str, str] = field(default_factory=dict[str, str])
    alerted: dict[str, int] = field(default_factory=dict[str, int])
    case: int | None = None
    over: bool = False
    failures: int = 0

    @property
    def untold(self) -> list[ChatRef]:
        """Where it may have been told, and nobody knows."""
        return [ref for ref in self.chats if ref.key in self.doubt and ref.key not in self.told]


def taken(record: Record, *, pictures: bool) -> bytes:
    """The entry of a new record; with a picture's bytes where nothing else keeps them."""
    report = _lighter(record.report) if pictures else record.report
    shot = report.shot
    body = {name: getattr(report, name) for name in _REPORT}
    body |= {"attributes": dict(report.attributes)}
    body["shot"] = {
        kind: _picture(picture, pictures)
        for kind in _PICTURES
        if shot is not None and (picture := getattr(shot, kind)) is not None
    }
    chats = [asdict(ref) for ref in record.chats]
    return _entry({"taken": body, "chats": chats})


def told(report: Report, message: Told) -> bytes:
    """The entry of a message that is out."""
    return _entry({"told": report.key, **asdict(message)})


def spoken(report: Report, speaker: str, outcome: str) -> bytes:
    """The entry of a sentence that was said, or was not."""
    return _entry({"spoken": report.key, "speaker": speaker, "outcome": outcome})


def alerted(report: Report, path: str, at: int) -> bytes:
    """The entry of a second path that took it."""
    return _entry({"alerted": report.key, "path": path, "at": at})


def read(entries: Iterable[bytes]) -> dict[str, Record]:
    """What a journal tells after a restart: report key -> record, in the order of taking."""
    records: dict[str, Record] = {}
    for entry in entries:
        body = json.loads(entry)
        if "taken" in body:
            record = _record(body)
            records[record.report.key] = record
        elif (record := records.get(body.get("told", ""))) is not None:
            message = Told(ChatRef.read(body["chat"]), body["message"], body["picture"], body["at"])
            record.told[message.chat.key] = message
        elif (record := records.get(body.get("spoken", ""))) is not None:
            outcome = body["outcome"]
            record.spoken[body["speaker"]] = "interrupted" if outcome == SPEAKING else outcome
        elif (record := records.get(body.get("alerted", ""))) is not None:
            record.alerted[body["path"]] = body["at"]
    return records


def _record(body: Mapping[str, Any]) -> Record:
    given = dict(body["taken"])
    pictures = {kind: _read_picture(shape) for kind, shape in given.pop("shot").items()}
    given["phase"] = Phase(given["phase"])
    given["because"] = Because(given["because"]) if given["because"] else None
    report = Report(**given, shot=Shot(**pictures) if pictures else None)
    chats = tuple(ChatRef.read(ref) for ref in body["chats"])
    return Record(report, chats, durable=True, doubt={ref.key for ref in chats})


def _lighter(report: Report) -> Report:
    """With one picture only, the one that may be shown to all."""
    shot = report.shot
    return report if shot is None else replace(report, shot=Shot(shot.blurred or shot.annotated))


def _picture(picture: Picture, with_bytes: bool) -> dict[str, Any]:
    jpeg = base64.b64encode(picture.jpeg).decode() if with_bytes else ""
    size = {"width": picture.width, "height": picture.height}
    return {"sha256": picture.sha256, "jpeg": jpeg, **size}


def _read_picture(shape: Mapping[str, Any]) -> Picture:
    jpeg = base64.b64decode(shape["jpeg"])
    return Picture(jpeg, shape["sha256"], shape["width"], shape["height"])


def _entry(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
