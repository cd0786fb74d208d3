"""What is posted, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.domain.callback import decode
from bot.domain.message import Button, Post
from bot.texts.fitting import clip

MAX_TEXT = 8192
Json = dict[str, Any]


def message(id: str, type: str, message_id: str, post: Post) -> Json:
    """A post as an object; what its `fields` say comes on top, and wins."""
    buttons = [button for row in post.buttons for button in row]
    return {
        "id": id,
        "type": type,
        "message": message_id,
        "text": clip(post.text, MAX_TEXT),
        "actions": [_action(button) for button in buttons],
        "mentions": [mention.name for mention in post.mentions],
        **post.fields,
    }


def encode(content: Mapping[str, Any]) -> bytes:
    """As it is signed and sent."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _action(button: Button) -> Json:
    """What could be done, in the words of the commands' API as far as it has any."""
    press = decode(button.data)
    if press is None:
        return {"label": button.label}
    action: Json = {"label": button.label, "verb": press.verb.value, "seq": press.seq}
    return action | {"passed": press.extra == "passed"} if press.extra else action
