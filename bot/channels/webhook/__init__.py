"""Webhooks: every change of a case, posted to another system, signed.

channel.py   the core's side: send, edit, check
signing.py   the headers that prove who sent it, and when
wire.py      the JSON
"""

from bot.channels.webhook.channel import WebhookChannel

__all__ = ["WebhookChannel"]
