"""Strobes, sirens and relays, one kind a file.

http.py    requests, as Tasmota, Shelly, Home Assistant and most relay boards take them
mqtt.py    messages through a broker
onvif.py   the relay output of a camera; soap.py is what it says on the wire
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.actuator import Actuator as Configured
from bot.ports import Actuator

__all__ = ["open_actuator", "open_actuators"]


def open_actuators(actuators: Sequence[Configured]) -> dict[str, Actuator]:
    """Every configured one by its id; nothing is called yet."""
    return {one.id: open_actuator(one) for one in actuators}


def open_actuator(configured: Configured) -> Actuator:
    """One of them."""
    match configured.kind:
        case "http" | "https":
            from bot.channels.actuators.http import HttpActuator as Kind
        case "mqtt" | "mqtts":
            from bot.channels.actuators.mqtt import MqttActuator as Kind
        case _:
            from bot.channels.actuators.onvif import OnvifActuator as Kind
    return Kind(configured)
