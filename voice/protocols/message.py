"""Messages of lines: what SIP (RFC 3261) and RTSP (RFC 2326) have in common with HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COMPACT: Mapping[str, str] = {
    "c": "content-type",
    "f": "from",
    "i": "call-id",
    "l": "content-length",
    "m": "contact",
    "t": "to",
    "v": "via",
}
"""SIP's short names of headers."""

MOST_HEAD = 64 * 1024
MOST_BODY = 64 * 1024
MOST_DIGITS = 9
MOST_REASON = 80


class BadMessage(ValueError):
    """Bytes that are no message."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response: its first line in three parts, its headers in order, its body."""

    start: tuple[str, str, str]
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""

    @property
    def status(self) -> int:
        """A response's code; 0: it is a request."""
        return int(self.start[1]) if "/" in self.start[0] else 0

    @property
    def reason(self) -> str:
        """What a response says in words, such as `486 Busy Here`: no more than fits a line."""
        words = "".join(letter for letter in self.start[2] if letter.isprintable())
        return f"{self.start[1]} {words[:MOST_REASON]}".strip()

    @property
    def method(self) -> str:
        """A request's method; of a SIP response the one that it answers."""
        return self.get("cseq").rpartition(" ")[2].upper() if self.status else self.start[0]

    def get(self, name: str) -> str:
        """The first header of that name, "" if there is none."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """Every header of that name, in order."""
        return [value for known, value in self.headers if known.lower() == name.lower()]

    def to_bytes(self) -> bytes:
        """The message as it goes over the wire, with its Content-Length."""
        lines = [" ".join(self.start), *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


def parsed(data: bytes) -> Message:
    """A whole message, such as a datagram. Raises BadMessage."""
    head, _, body = data.partition(b"\r\n\r\n")
    message = parsed_head(head)
    return Message(message.start, message.headers, body[: body_length(message, len(body))])


def parsed_head(head: bytes) -> Message:
    """First line and headers, without a body. Raises BadMessage."""
    if len(head) > MOST_HEAD:
        raise BadMessage("too long")
    first, *rest = head.decode("utf-8", "replace").strip("\r\n").split("\r\n")
    start = first.split(" ", 2)
    if len(start) == 2:  # a response may come without words
        start.append("")
    if len(start) != 3 or ("/" in start[0] and not _is_code(start[1])):
        raise BadMessage("no first line")
    headers: list[tuple[str, str]] = []
    for line in rest:
        if line[:1] in (" ", "\t") and headers:  # folded
            name, value = headers.pop()
            headers.append((name, f"{value} {line.strip()}"))
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise BadMessage("a header without a colon")
        name = name.strip()
        headers.append((COMPACT.get(name.lower(), name), value.strip()))
    return Message((start[0], start[1], start[2]), headers)


def body_length(message: Message, otherwise: int) -> int:
    """How many bytes follow the head. Raises BadMessage."""
    given = message.get("content-length")
    if not given:
        return otherwise
    length = whole_number(given, below=MOST_BODY + 1)
    if length is None:
        raise BadMessage("no length, or too long")
    return length


def whole_number(text: str, *, below: int) -> int | None:
    """A number as devices write it; None for what is none, or is not so small."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        return None
    number = int(text)
    return number if number < below else None


def _is_code(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) == 3
