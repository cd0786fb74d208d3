"""A test of delivery: through the running program, or by ourselves where none runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from bot.casework.canaries import ASKED, CANARY, Verdict, flight_of, verdict_of
from bot.casework.people import People
from bot.clock import epoch_ms
from bot.doctor.finding import Finding, Probe
from bot.domain.error import BadInput, DeliveryError
from bot.domain.message import ChatRef, Post
from bot.domain.site import SiteConfig
from bot.ports import Channel, Store
from bot.settings import Settings
from bot.texts.wording import Wording

_TAKEN_WITHIN_S = 4.0
_JUDGED_AFTER_S = 5.0
_STEP_S = 0.2
_SEND_S = 15.0


def probes(settings: Settings, config: SiteConfig, people: People) -> list[Probe]:
    """One, where there is a chat that is to get it."""
    within = config.canary.within.total_seconds() + _TAKEN_WITHIN_S + _JUDGED_AFTER_S + _SEND_S
    look = partial(fly, settings, config, people)
    return [Probe("canary", "", look, within)] if people.canary_chats() else []


async def fly(settings: Settings, config: SiteConfig, people: People) -> Finding:
    """Ask the running program for one; where nobody takes that up, send it from here."""
    from storage.database import DatabaseUnusable, OutdatedSchema, open_database
    from storage.server_clock import time_of
    from storage.store import SqlStore
    from storage.wake import LocalWake

    try:
        async with open_database(settings.database.reveal()) as opened:
            store, now = SqlStore(opened, LocalWake()), await time_of(opened)
            verdict = await _asked(store, config.canary.within.total_seconds(), now)
    except (DatabaseUnusable, OutdatedSchema, OSError):
        verdict = None  # the database has a line of its own
    refs = people.canary_chats()
    if verdict is None:
        return await _alone(settings, config, people, refs)
    if verdict.faults:
        return _fault([f"{path}: {why}" for path, why in verdict.faults.items()])
    return _fine(len(refs), verdict.seconds or 0.0)


async def _asked(store: Store, within: float, asked: int) -> Verdict | None:
    """How the program's own canary does; None where no program takes it up."""
    async with store.begin() as tx:
        await tx.learn(CANARY, ASKED, {"at": asked})

    async def taken() -> bool:
        flight = await flight_of(store)
        return flight is not None and flight.at >= asked

    if not await _until(taken, _TAKEN_WITHIN_S):
        async with store.begin() as tx:
            await tx.forget(CANARY, ASKED)
        return None

    async def judged() -> bool:
        verdict = await verdict_of(store)
        return verdict is not None and verdict.at >= asked

    await _until(judged, within + _JUDGED_AFTER_S)
    return await verdict_of(store)


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            while not await condition():  # noqa: ASYNC110 - what is waited for is in the database
                await asyncio.sleep(_STEP_S)
    except TimeoutError:
        return False
    return True


async def _alone(
    settings: Settings, config: SiteConfig, people: People, refs: Sequence[ChatRef]
) -> Finding:
    """The message, and its edit; on the built-in console nobody but the program can."""
    from bot.channels.telegram import TelegramOptions, open_telegram

    mine = [ref for ref in refs if ref.channel == "telegram"]
    if not mine or settings.telegram_token is None:
        return Finding("canary", "", True, "canary.console", note=True)
    options = TelegramOptions(
        token=settings.telegram_token, api=settings.telegram_api, proxy=settings.proxy
    )
    try:
        channel: Channel = await open_telegram(options)
    except BadInput as error:
        return _fault([str(error)])
    try:
        found = await asyncio.gather(*(_one(channel, config, people, ref) for ref in mine))
    finally:
        await channel.close()
    faults = [one for one in found if isinstance(one, str)]
    slowest = max((one for one in found if not isinstance(one, str)), default=0.0)
    return _fault(faults) if faults else _fine(len(mine), slowest)


async def _one(channel: Channel, config: SiteConfig, people: People, ref: ChatRef) -> float | str:
    """Seconds until it was there, or why it is not."""
    configured = people.chat_config(ref)
    wording = Wording(config, configured.language if configured else config.language)
    at = epoch_ms()
    sent = Post(wording.say("canary.sent", at=at), silent=True)
    try:
        async with asyncio.timeout(_SEND_S):
            message = await channel.send(ref, sent, key=f"loudhailer-doctor-{at}-{ref.key}")
            seconds = (epoch_ms() - at) / 1000
            done = Post(wording.say("canary.done", at=at, text=f"{seconds:.1f}"), silent=True)
            await channel.edit(ref, message.message_id, done, has_picture=False)
    except (DeliveryError, TimeoutError) as error:
        return f"{ref.key}: {str(error) or 'no answer in time'}"
    return seconds


def _fine(count: int, seconds: float) -> Finding:
    params = {"count": count, "seconds": f"{seconds:.1f}"}
    return Finding("canary", "", True, "canary.fine", params)


def _fault(faults: Sequence[str]) -> Finding:
    return Finding("canary", "", False, "canary.fault", {"reason": "; ".join(faults)})
