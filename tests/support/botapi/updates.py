"""The queue of updates, with the Bot API's rules for offsets, long polling and webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .errors import Refused
from .model import Json
from .world import Signal

_LIMIT = 100


class UpdateQueue:
    """Updates wait until a getUpdates with a higher offset, or the webhook's 2xx, confirms them."""

    def __init__(self, changed: Signal, first_id: int = 700_000_001) -> None:
        self.pending: list[Json] = []
        self.confirmed: list[Json] = []
        self.next_id = first_id
        self.webhook: Json = {}
        self.webhook_errors: list[str] = []
        self.last_error = ""
        self._changed = changed
        self._poll: object | None = None

    def put(self, kind: str, body: Json) -> int:
        """Queue an update and return its id."""
        update = {"update_id": self.next_id, kind: body}
        self.next_id += 1
        self.pending.append(update)
        self._changed.fire()
        return update["update_id"]

    def confirm_below(self, offset: int) -> None:
        """Forget all updates with a smaller id."""
        self.confirmed += [u for u in self.pending if u["update_id"] < offset]
        self.pending = [u for u in self.pending if u["update_id"] >= offset]
        self._changed.fire()

    async def poll(self, params: Json, gone: Callable[[], bool]) -> list[Json]:
        """getUpdates; `gone`: the caller hung up. A newer poll ends an older one with 409."""
        if self.webhook:
            raise _conflict("can't use getUpdates method while webhook is active")
        me = self._poll = object()
        self._confirm(params.get("offset", 0))
        await self._changed.until(
            lambda: self.pending or gone() or self._poll is not me or self.webhook,
            params.get("timeout", 0),
        )
        if self._poll is not me:
            raise _conflict(
                "terminated by other getUpdates request; make sure that only one bot runs"
            )
        self._poll = None
        if self.webhook:
            raise _conflict("terminated by setWebhook request")
        return self.pending[: params.get("limit", _LIMIT)]

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            kept = self.pending[offset:]
            offset = kept[0]["update_id"] if kept else self.next_id
        self.confirm_below(offset)

    async def push(self, post: Callable[[Json], Awaitable[int]], pause_s: float) -> None:
        """Hand updates to the webhook in order, for ever; each again until it answers 2xx."""
        while True:
            await self._changed.until(lambda: self.webhook and self.pending, 60)
            if not self.webhook or not self.pending:
                continue
            update = self.pending[0]
            status = await post(update)
            if 200 <= status < 300:
                self.confirm_below(update["update_id"] + 1)
            else:
                self.webhook_errors.append(f"{status} for update {update['update_id']}")
                self.last_error = _error(status)
                await asyncio.sleep(pause_s)


def _error(status: int) -> str:
    return f"Wrong response from the webhook: {status}" if status else "Connection refused"


def _conflict(why: str) -> Refused:
    return Refused(409, f"Conflict: {why}")
