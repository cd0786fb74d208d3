"""Webhooks: one change of a case for one receiver."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.courier.delivery import Delivered
from bot.courier.desk import Desk
from bot.domain.case import Case
from bot.domain.error import CopyGone, Rejected
from bot.domain.site import Chat
from bot.ports import OutboxRow
from bot.texts.wording import Wording


async def send_change(desk: Desk, row: OutboxRow) -> Delivered:
    """What happened, the case right after it, and its card and picture as they are now."""
    case = await desk.core.store.get_case(row.case or 0)
    if case is None:
        raise Rejected("the case that changed does not exist")
    ref, configured = desk.chat_of(row)
    fields = _fields(desk, row, case, configured)
    post = replace(await desk.card(case, ref, configured), fields=fields)
    picture = await desk.picture(case, configured)
    channel, id = desk.channels[ref.channel], str(row.payload["id"])
    outcome = "delivered"
    if row.payload["sequence"] == 1:
        await channel.send(ref, post, key=id, picture=picture)
    else:
        shown = picture is not None
        try:
            await channel.edit(ref, fields["message"], post, has_picture=shown, picture=picture)
        except CopyGone:  # the receiver's own word that it wants no more of this case
            outcome = "gone"
    ms = desk.core.clock() - row.created_at
    return Delivered({"outcome": outcome, "message": id, "ms": ms})


def _fields(desk: Desk, row: OutboxRow, case: Case, configured: Chat | None) -> dict[str, Any]:
    config = desk.core.people.config
    site, told = config.site(case.site), row.payload
    wording = Wording(config, configured.language if configured else config.language, site)
    return {
        "id": told["id"],
        "type": "case",
        "message": f"case-{case.number}",
        "sequence": told["sequence"],
        "event": told["event"],
        "at": told["at"],
        "actor": {"id": told["actor"], "name": wording.name(told["actor"])},
        "reason": told["reason"],
        "data": told["data"],
        "case": told["case"],
        "names": {
            "site": site.name if site else case.site,
            "place": wording.place(case),
            "hazard": wording.hazard(case.hazard),
        },
    }
