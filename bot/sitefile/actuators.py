"""What each kind of actuator wants to know."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.secret import Secret
from bot.sitefile.read import Entry

_HTTP, _MQTT, _ONVIF = "http", "mqtt", "onvif"
_KINDS: Mapping[str, str] = {"http": _HTTP, "https": _HTTP, "mqtt": _MQTT, "mqtts": _MQTT}
_USELESS: Mapping[str, tuple[str, ...]] = {
    _HTTP: (),
    _MQTT: ("token",),
    _ONVIF: ("token", "on", "off", "state"),
}
_USELESS_IN_ORDERS: Mapping[str, tuple[str, ...]] = {
    _HTTP: ("topic", "payload", "ask"),
    _MQTT: ("path", "method", "body"),
}


def settle_actuator(entry: Entry) -> None:
    """Checks its keys against the kind that its url names."""
    url = entry.get("url")
    if not isinstance(url, Secret):
        return
    scheme = url.reveal().partition(":")[0]
    kind, what = _KINDS.get(scheme, _ONVIF), f'url = "{scheme}:..."'
    for key in _USELESS[kind]:
        if key in entry.values:
            entry.at(key).fault("useless", what=what)
    if kind == _ONVIF:
        return
    for key in ("on", "off"):
        if key not in entry.values:
            entry.at(key).fault("needs", what=what, key=key)
    _same(entry.get("on"), entry.get("off"))
    for order in (entry.get(key) for key in ("on", "off", "state")):
        if order is not None:
            _order(order, kind, what)


def _order(order: Entry, kind: str, what: str) -> None:
    for key in _USELESS_IN_ORDERS[kind]:
        if key in order.values:
            order.at(key).fault("useless", what=what)
    if kind == _MQTT:
        for message in (order, order.get("ask")):
            if message is not None and "topic" not in message.values:
                message.at("topic").fault("needs", what=what, key="topic")
    if order.get("on") is not None and order.get("on") == order.get("off"):
        order.at("off").fault("same_order", key="on")


def _same(on: Entry | None, off: Entry | None) -> None:
    if on is not None and off is not None and on.values == off.values:
        off.spot.fault("same_order", key="on")
