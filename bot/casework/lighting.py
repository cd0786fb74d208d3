"""A person tries a strobe, siren or relay: on for its time, or off whatever holds it on."""

from __future__ import annotations

from typing import Any

from bot.casework.acts import actor_member, require, require_recent, sites_in_question
from bot.casework.answer import Answer
from bot.casework.core import Core
from bot.casework.lights import switching
from bot.casework.named import the_one
from bot.casework.timely import SPEAK_WITHIN_MS, timely
from bot.domain.actuator import Actuator
from bot.domain.command import Command, Verb
from bot.domain.error import Refused
from bot.ports import Outgoing, Tx
from bot.texts.wording import Wording


async def light(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """Switch it, and tell how that went."""
    member = actor_member(core, command)
    actuator = _actuator(core, command, sites_in_question(core, command, member))
    require(core, member, Verb.LIGHT, actuator.site)
    require_recent(core, command)
    now, chat = core.clock(), command.chat
    told: dict[str, Any] = {"by": member.id}
    if chat is not None:
        told["tell"] = {"chat": chat.key, "private": chat.private}
    if command.args.get("off"):
        await tx.let_go(now, target=actuator.id)
        await tx.send(Outgoing("switch_off", actuator.id, told, now, "answer"))
        key = "light.handed_off"
    else:
        payload = {**timely(core, now, SPEAK_WITHIN_MS), **told}
        await tx.send(*switching(actuator, payload, now, "answer"))
        key = "light.handed_on"
    seconds = round(actuator.on_for.total_seconds())
    params: dict[str, Any] = {"light": actuator.id, "seconds": seconds}
    wording = Wording(core.people.config, language, core.people.config.site(actuator.site))
    return Answer(True, key, params, text=wording.say(key, **params))


def _actuator(core: Core, command: Command, sites: tuple[str, ...]) -> Actuator:
    """By id or name."""
    wanted = str(command.args.get("light", "")).strip()
    here = [one for one in core.people.config.actuators if one.site in sites]
    if not here:
        raise Refused("refused.no_lights")
    names = [one.name for one in here]
    if not wanted:
        raise Refused("refused.which_light", names=names)
    by_id = [one for one in here if one.id == wanted]
    if found := by_id or [one for one in here if one.name == wanted]:
        return the_one(core, found, wanted, "refused.many_lights")
    raise Refused("refused.no_such_light", text=wanted, names=names)
