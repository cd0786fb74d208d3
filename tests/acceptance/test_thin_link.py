"""The whole program behind a line of 256 kbit/s, 800 ms there and back, 5 % loss, with a gap.

The figures are those of `tests/benchmarks/bench_thin.py`; here is a short form with wide limits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.benchmarks.bench_delivery import a_photo
from tests.support.botapi import BotApiServer, Chat, Message
from tests.support.program import Program
from tests.support.thinlink import Link, ThinLine, thin_link
from tests.support.thinreports import emergency, key_for, site_file

WORDS_S, PHOTO_S = 12.0, 45.0
"""Four times what is promised: a machine that tests has other things to do as well."""


@dataclass
class Yard:
    """A program behind the line, and the server before it."""

    link: Link
    server: BotApiServer
    group: Chat
    program: Program
    key: str
    session: ClientSession

    async def report(self, n: int, hazard: str = "fall") -> int:
        """Number `n`, with a picture of 380 KB; its case."""
        given = (self.session, self.program.url, self.key, n, a_photo())
        return await emergency(*given, hazard=hazard)

    def cards(self, case: int) -> list[Message]:
        """The messages that show a case; a second one where the first was uncertain."""
        found = self.server.messages(self.group)
        return [m for m in found if f"#{case}" in m.words.splitlines()[0]]

    async def arrives(self, case: int) -> None:
        """Its words, then a small photo."""
        (card, *_) = await self.server.wait_until(lambda: self.cards(case), WORDS_S)
        assert card.history[0].picture is None
        shown = lambda: next((m.photo for m in self.cards(case) if m.photo), None)  # noqa: E731
        assert len(await self.server.wait_until(shown, PHOTO_S)) < 80_000


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    """Told by its site file that the line is thin."""
    try:
        async with (
            thin_link(ThinLine()) as link,
            BotApiServer(host=link.outside) as server,
            ClientSession() as session,
        ):
            group = server.group(-1001, "Yard")
            settings = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}
            program = Program(tmp_path, site_file("thin"), HTTP_HOST=link.inside, **settings)
            program.launcher = link.launcher
            await program.start()
            try:
                key = await key_for(program)
                await server.wait_until(lambda: server.calls_of("getUpdates"), 60)
                yield Yard(link, server, group, program, key, session)
            finally:
                await program.kill()
    except OSError as error:
        pytest.skip(f"no thin line here: {error}")


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_words_then_a_small_photo_and_nothing_twice(yard: Yard) -> None:
    """Pictures of general cases hold up no emergency; after a gap it is there within seconds."""
    for n in range(3):
        await yard.report(n, hazard="no_helmet" if n else "smoke_fire")
    await yard.arrives(await yard.report(3))
    yard.link.is_cut = True
    lost = await yard.report(4)
    await asyncio.sleep(20)
    assert not yard.cards(lost)
    yard.link.is_cut = False
    await yard.arrives(lost)
    for case in range(1, 6):
        _, *repeats = yard.cards(case)
        assert all("可能重复" in card.history[0].words for card in repeats), "not marked"
