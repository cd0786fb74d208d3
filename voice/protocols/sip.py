"""SIP (RFC 3261) as a caller speaks it to a horn that answers by itself, over UDP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from voice.protocols.message import Message, whole_number

VERSION = "SIP/2.0"
COOKIE = "z9hG4bK"
"""What every branch begins with."""

AUTO_ANSWER: Sequence[tuple[str, str]] = (
    ("Answer-Mode", "Auto"),  # RFC 5373
    ("Alert-Info", "<http://127.0.0.1>;info=alert-autoanswer;delay=0"),  # Polycom, Yealink, Fanvil
    ("P-Auto-Answer", "normal"),
)
"""The makers' ways of asking a horn to answer at once; a horn passes over those it does not know.
Call-Info (Grandstream, Snom) holds an address of ours and is added by the dialog."""

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Dialog:
    """One call as the caller knows it, and the messages that belong to it.

    `uri` is whom we call, `caller` our own address of record, `host` and `port` where we are.
    """

    uri: str
    caller: str
    host: str
    port: int
    call_id: str
    tag: str
    cseq: int = 0
    _to: str = ""
    _target: str = ""
    _route: list[str] = field(default_factory=list)

    @property
    def target(self) -> str:
        """Where requests within the call are addressed to."""
        return self._target or self.uri

    @property
    def routed(self) -> bool:
        """Whether they go through a proxy that wants to stay in between."""
        return bool(self._route)

    def invite(self, branch: str, sdp: str, more: Headers) -> Message:
        """Call; each one has the next number."""
        self.cseq += 1
        headers = [
            *self._common("INVITE", branch, self.cseq, f"<{self.uri}>"),
            ("Contact", self._contact),
            ("Call-Info", f"<sip:{self._netloc}>;answer-after=0"),
            *AUTO_ANSWER,
            ("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS"),
            *more,
            ("Content-Type", "application/sdp"),
        ]
        return Message(("INVITE", self.uri, VERSION), headers, sdp.encode())

    def options(self, branch: str, more: Headers) -> Message:
        """Ask whether it is there."""
        self.cseq += 1
        headers = [
            *self._common("OPTIONS", branch, self.cseq, f"<{self.uri}>"),
            ("Contact", self._contact),
            ("Accept", "application/sdp"),
            *more,
        ]
        return Message(("OPTIONS", self.uri, VERSION), headers)

    def cancel(self, invite: Message) -> Message:
        """Take back a call that is not answered yet."""
        return self._of_the_same(invite, "CANCEL", invite.get("to"))

    def refused(self, invite: Message, response: Message) -> Message:
        """The ACK of a refusal: part of the same transaction."""
        return self._of_the_same(invite, "ACK", response.get("to"))

    def accept(self, response: Message) -> None:
        """Learn from the 200 who answered and by which way."""
        self._to = response.get("to")
        contact = response.get("contact")
        self._target = _uri_in(contact) if contact else ""
        self._route = list(reversed(_listed(response.all("record-route"))))

    def accepted(self, branch: str) -> Message:
        """The ACK of a 200: a transaction of its own. `accept` comes first."""
        headers = self._common("ACK", branch, self.cseq, self._to)
        return Message(("ACK", self.target, VERSION), [*headers, *self._routes])

    def bye(self, branch: str, cseq: int) -> Message:
        """Hang up. `cseq` is a number not used before."""
        headers = self._common("BYE", branch, cseq, self._to)
        return Message(("BYE", self.target, VERSION), [*headers, *self._routes])

    def answer(self, request: Message, status: int, reason: str) -> Message:
        """What we answer to a request of theirs."""
        kept = ("via", "from", "call-id", "cseq", "record-route")
        headers = [(name, value) for name, value in request.headers if name.lower() in kept]
        to = request.get("to")
        headers.append(("To", to if "tag=" in to else f"{to};tag={self.tag}"))
        return Message((VERSION, str(status), reason), headers)

    def _of_the_same(self, invite: Message, method: str, to: str) -> Message:
        number = invite.get("cseq").partition(" ")[0]
        headers = [
            ("Via", invite.get("via")),
            ("Max-Forwards", "70"),
            ("From", invite.get("from")),
            ("To", to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
        ]
        return Message((method, self.uri, VERSION), headers)

    def _common(self, method: str, branch: str, cseq: int, to: str) -> Headers:
        return [
            ("Via", f"{VERSION}/UDP {self._netloc};rport;branch={COOKIE}{branch}"),
            ("Max-Forwards", "70"),
            ("From", f"<{self.caller}>;tag={self.tag}"),
            ("To", to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
            ("User-Agent", "loudhailer"),
        ]

    @property
    def _netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def _contact(self) -> str:
        return f"<sip:{self._netloc}>"

    @property
    def _routes(self) -> Headers:
        return [("Route", route) for route in self._route]


def transaction(message: Message) -> tuple[str, str]:
    """What a response belongs to: the branch of its topmost Via, and the method."""
    via = message.get("via").partition(",")[0]
    branch = via.partition("branch=")[2].partition(";")[0].strip()
    return branch, message.method


def host_and_port(uri: str) -> tuple[str, int]:
    """Of `sip:USER@HOST:PORT;...`; the port is 5060 where there is none or none that is sound."""
    rest = uri.partition(":")[2].rpartition("@")[2].partition(";")[0].partition("?")[0]
    if rest.startswith("["):
        host, _, after = rest[1:].partition("]")
        port = after.removeprefix(":")
    else:
        host, _, port = rest.partition(":")
    return host, whole_number(port, below=65536) or 5060


def _uri_in(value: str) -> str:
    """The URI of `"Name" <sip:...>;x=y` or `sip:...;x=y`."""
    if "<" in value:
        return value.partition("<")[2].partition(">")[0]
    return value.partition(";")[0].strip()


def _listed(values: list[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]
