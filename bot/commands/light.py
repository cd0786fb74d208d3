"""`light ID [on|off]`: try a strobe, siren or relay, beside a running instance or without one."""

from __future__ import annotations

import argparse
import asyncio

from bot import eventloop
from bot.commands.common import complain, configured
from bot.domain.actuator import Actuator
from bot.domain.site import SiteConfig
from bot.ports import SWITCHED, Switched
from bot.texts.reasons import reason_in
from bot.texts.terminal import told
from bot.texts.vocabulary import SWITCHED as WORDS

_TRIED_S = 3.0


def run(args: argparse.Namespace) -> int:
    """Switch it, and tell what became of it; with neither on nor off, on for a moment."""
    steps = {"on": (True,), "off": (False,)}.get(args.to, (True, False))
    return configured(lambda _, config: _light(config, args.light, steps), quiet=True)


def _light(config: SiteConfig, light: str, steps: tuple[bool, ...]) -> int:
    found, language = config.actuator(light), config.language
    if found is None:
        known = ", ".join(one.id for one in config.actuators) or told("light.none", language)
        return complain(told("light.no_light", language, light=repr(light), known=known))
    ended = eventloop.run(_switch(found, steps, language))
    return 0 if all(one.outcome in SWITCHED for one in ended) else 1


async def _switch(light: Actuator, steps: tuple[bool, ...], language: str) -> list[Switched]:
    from bot.channels.actuators import open_actuator

    opened, ended = open_actuator(light), list[Switched]()
    try:
        for on in steps:
            if ended:
                await asyncio.sleep(_TRIED_S)
            ended.append(await opened.switch(on))
            _tell(light, on, ended[-1], language)
    finally:
        await opened.close()
    return ended


def _tell(light: Actuator, on: bool, switched: Switched, language: str) -> None:
    words = WORDS[switched.outcome].in_language(language)
    detail = reason_in(switched.detail, language)
    key = "light.on" if on else "light.off"
    print(told(key, language, light=light.name, switched=words, detail=detail).rstrip(), flush=True)
