"""The courier: takes what waits in the outbox to chats and speakers, and keeps every outcome."""

from bot.courier.courier import Courier
from bot.courier.deliveries import ALERTS, CHATS, HOOKS, SPEAKERS
from bot.courier.desk import Desk

__all__ = ["ALERTS", "CHATS", "HOOKS", "SPEAKERS", "Courier", "Desk"]
