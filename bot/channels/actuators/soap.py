"""What is said to an ONVIF device about its relays: texts in, texts out; no socket and no clock."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_DIGEST = f"{_WSSE}-username-token-profile-1.0#PasswordDigest"
_BASE64 = f"{_WSSE}-soap-message-security-1.0#Base64Binary"
_TDS = "http://www.onvif.org/ver10/device/wsdl"
_TEV = "http://www.onvif.org/ver10/events/wsdl"
_CONCRETE = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"

DATE_AND_TIME = f'<GetSystemDateAndTime xmlns="{_TDS}"/>'
RELAYS = f'<GetRelayOutputs xmlns="{_TDS}"/>'
CAPABILITIES = f'<GetCapabilities xmlns="{_TDS}"><Category>Events</Category></GetCapabilities>'
SUBSCRIBE = (
    f'<CreatePullPointSubscription xmlns="{_TEV}">'
    '<Filter xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2">'
    f'<wsnt:TopicExpression Dialect="{_CONCRETE}" xmlns:tns1="http://www.onvif.org/ver10/topics">'
    "tns1:Device/Trigger/Relay</wsnt:TopicExpression></Filter>"
    "<InitialTerminationTime>PT20S</InitialTerminationTime></CreatePullPointSubscription>"
)
PULL = (
    f'<PullMessages xmlns="{_TEV}"><Timeout>PT1S</Timeout>'
    "<MessageLimit>50</MessageLimit></PullMessages>"
)
UNSUBSCRIBE = '<Unsubscribe xmlns="http://docs.oasis-open.org/wsn/b-2"/>'
_STATES = {"active": True, "true": True, "1": True, "inactive": False, "false": False, "0": False}


class BadSoap(Exception):
    """What came back is no answer to what was asked."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to the device; `created` by its own clock."""

    user: str
    password: str
    nonce: bytes
    created: datetime


def set_relay(token: str, on: bool) -> str:
    """The order."""
    state = "active" if on else "inactive"
    return (
        f'<SetRelayOutputState xmlns="{_TDS}"><RelayOutputToken>{escape(token)}</RelayOutputToken>'
        f"<LogicalState>{state}</LogicalState></SetRelayOutputState>"
    )


def envelope(body: str, login: Login | None = None) -> str:
    """A SOAP 1.2 message, signed with a WS-UsernameToken where there is a login."""
    header = f"<s:Header>{_token(login)}</s:Header>" if login else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">'
        f"{header}<s:Body>{body}</s:Body></s:Envelope>"
    )


def _token(login: Login) -> str:
    created = login.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digested = login.nonce + created.encode() + login.password.encode()
    digest = hashlib.sha1(digested, usedforsecurity=False).digest()  # what the profile asks for
    return (
        f'<Security s:mustUnderstand="1" xmlns="{_WSSE}-wssecurity-secext-1.0.xsd">'
        f"<UsernameToken><Username>{escape(login.user)}</Username>"
        f'<Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</Password>'
        f'<Nonce EncodingType="{_BASE64}">{base64.b64encode(login.nonce).decode()}</Nonce>'
        f'<Created xmlns="{_WSSE}-wssecurity-utility-1.0.xsd">{created}</Created>'
        "</UsernameToken></Security>"
    )


class Reply:
    """An answer, taken apart; elements are found by their name, whatever prefix they have."""

    def __init__(self, text: str) -> None:
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise BadSoap("holds a document type, which SOAP forbids")
        try:
            self._root = ElementTree.fromstring(text)  # noqa: S314 - no document type, bounded
        except ElementTree.ParseError:
            raise BadSoap("is no XML") from None
        _bare(self._root)

    @property
    def fault(self) -> str:
        """Why the device says no, in its own words; "" where it does not."""
        if not self._all("Fault"):
            return ""
        codes = [_text(one) for one in self._all("Value")]
        words = [_text(one) for one in self._all("Text") or self._all("faultstring")]
        said = [one.rpartition(":")[2] for one in codes] + words
        return " ".join(dict.fromkeys(one for one in said if one)) or "Fault"

    def answers(self, name: str) -> bool:
        """Whether it is the answer of that name."""
        return bool(self._all(name))

    @property
    def clock(self) -> datetime | None:
        """The device's clock."""
        found = next(iter(self._all("UTCDateTime")), None)
        if found is None:
            return None
        parts = {name: _first(found, name) for name in _CLOCK}
        try:
            return datetime(*(int(parts[name]) for name in _CLOCK), tzinfo=UTC)
        except (ValueError, TypeError):
            return None

    @property
    def relays(self) -> list[str]:
        """The tokens of its relay outputs."""
        found = (one.get("token") for one in self._all("RelayOutputs"))
        return [token for token in found if token]

    @property
    def events(self) -> str:
        """Where its events are, as a path: its own idea of its address may be another."""
        found = [_first(one, "XAddr") for one in self._all("Events")]
        return _path(next((one for one in found if one), ""))

    @property
    def subscription(self) -> str:
        """Where the messages of a subscription are pulled, as a path."""
        found = [_first(one, "Address") for one in self._all("SubscriptionReference")]
        return _path(next((one for one in found if one), ""))

    def relay_is(self, token: str) -> bool | None:
        """What the newest message says of that relay; None: none says anything."""
        state = None
        for message in self._all("Message"):
            items = {one.get("Name"): one.get("Value", "") for one in _all(message, "SimpleItem")}
            if items.get("RelayToken", items.get("Token")) == token:
                state = _STATES.get(items.get("LogicalState", "").lower(), state)
        return state

    def _all(self, name: str) -> list[ElementTree.Element]:
        return _all(self._root, name)


_CLOCK = ("Year", "Month", "Day", "Hour", "Minute", "Second")
_NAMESPACE = re.compile(r"^\{[^}]*\}")
_DEEPEST = 32


def _bare(root: ElementTree.Element) -> None:
    """Take the prefixes off the names.  What is deeper than any answer would take long to read."""
    waiting = [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        if depth > _DEEPEST:
            raise BadSoap("holds more levels than an answer has")
        element.tag = _NAMESPACE.sub("", element.tag)
        waiting.extend((child, depth + 1) for child in element)


def _all(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return list(root.iter(name))


def _first(root: ElementTree.Element, name: str) -> str:
    return next((_text(one) for one in _all(root, name)), "")


def _text(element: ElementTree.Element) -> str:
    return (element.text or "").strip()


def _path(address: str) -> str:
    try:
        split = urlsplit(address)
    except ValueError:
        return ""
    return f"{split.path}?{split.query}" if split.query else split.path
