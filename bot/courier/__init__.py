"""The courier: takes what waits in the outbox to chats and speakers, and keeps every outcome."""

from bot.courier.afterglow import Afterglow
from bot.courier.courier import Courier
from bot.courier.deliveries import ALERTS, CHATS, HOOKS, LIGHTS, PICTURES, SPEAKERS
from bot.courier.desk import Desk
from bot.courier.uplink import Uplink

__all__ = [
    "ALERTS",
    "CHATS",
    "HOOKS",
    "LIGHTS",
    "PICTURES",
    "SPEAKERS",
    "Afterglow",
    "Courier",
    "Desk",
    "Uplink",
]
