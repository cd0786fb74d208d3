"""From the sound of a command to what is asked: the right one, or a question; never an act."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio

from bot.casework import READ_BACK, People, Wish
from bot.domain.command import Verb
from bot.domain.message import Incoming
from bot.domain.people import Member
from bot.domain.role import Role
from bot.domain.site import Camera
from handlers.commanding import Meant
from handlers.interpret import Interpreter
from handlers.spoken.understanding import CHANGING
from tests.support.chathouse import CONFIG, ChatHouse, chat_house, private
from tests.support.models import pulled
from tests.support.speech import SPOILT, Spoken, decoded, spoken_commands
from voice.hearing.ears import Ears, command_of
from voice.hearing.engine import Name
from voice.pronouncing import syllables

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="module"),
]

ENGINES: Mapping[str, tuple[str, int]] = {"light": ("", 15), "whisper": ("whisper", 14)}
"""Engine -> what must be installed for it, and how many of the 16 it must understand."""
VERBS: Mapping[str, Verb] = {
    "close": Verb.CLOSE,
    "escalate": Verb.ESCALATE,
    "assign": Verb.ASSIGN,
    "count": Verb.CASES,
    "reopen": Verb.REOPEN,
    "mute": Verb.MUTE,
    "false": Verb.FALSE_ALARM,
    "fire": Verb.ACKNOWLEDGE,
}
LIVE = (5, 8, 9, 12, 21, 33)
SITE = replace(
    CONFIG,
    cameras=(*CONFIG.cameras, Camera("cam-4", "yard-7", "四号摄像头")),
    members=(*CONFIG.members, Member("team-2", "二班", Role.COMMUNITY_WORKER, sites=("yard-7",))),
)


@dataclass
class Site:
    """A house with the cases that the commands name, a fire among them, and ears."""

    house: ChatHouse
    ears: Ears
    interpreter: Interpreter
    engine: str

    async def meant(self, sound: bytes) -> Meant | None:
        """What a recording asks for; None where nothing was heard or understood."""
        heard = await self.ears.hear(sound)
        if heard.refusal:
            return None
        note: Incoming = self.house.message(heard.text, "wang", chat=private(112))
        spoken = replace(note, kind="voice", spoken=True)
        return await self.interpreter.interpret(spoken, self.house.now[0])


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(ENGINES))
async def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """With one engine."""
    name = str(request.param)
    if ENGINES[name][0] and find_spec(ENGINES[name][0]) is None:
        pytest.skip(f"{name} is not installed: it comes with the extra of that name")
    folder = (await asyncio.to_thread(pulled, "whisper-base")).parent
    ears = Ears(command_of(cast(Name, name), folder), limit=120, start_limit=300)
    await ears.warm_up()
    async with chat_house(tmp_path_factory.mktemp("spoken")) as house:
        last = 0
        for number in LIVE:
            async with house.store.begin() as tx:
                for _ in range(number - last - 1):
                    await tx.next_number("case")
            hazard = "smoke_fire" if number == LIVE[-1] else "no_helmet"
            assert (await house.opens(hazard)).number == number
            last = number
        await house.says("关闭 21", "wang", chat=private(112))
        yield Site(house, ears, Interpreter(house.store, People(SITE), syllables), name)
    await ears.close()


@pytest.fixture(scope="module")
def commands(shared: Path) -> list[Spoken]:
    """Recorded commands."""
    return spoken_commands(shared / "speech")


def number_of(meant: Meant) -> tuple[int, ...]:
    """The cases that are asked about."""
    wish = meant.command.args.get(READ_BACK)
    return meant.command.cases or (wish.others if isinstance(wish, Wish) else ())


def is_right(command: Spoken, meant: Meant | None) -> bool:
    """The intent, and the number: of its case, or of its camera."""
    if meant is None or meant.refused or meant.command.verb is not VERBS[command.intent]:
        return False
    if command.intent == "mute":
        return meant.command.args["place"] == f"cam-{command.number}"
    if command.intent == "fire":
        return number_of(meant) == (LIVE[-1],)
    return command.number is None or number_of(meant) == (command.number,)


def acts(meant: Meant | None) -> bool:
    """Whether it would change something without a word."""
    if meant is None or meant.refused or meant.command.verb not in CHANGING:
        return False
    return not isinstance(meant.command.args.get(READ_BACK), Wish)


async def test_recorded_commands_are_understood(site: Site, commands: list[Spoken]) -> None:
    missed: list[str] = []
    for command in commands:
        meant = await site.meant(decoded(command.file).to_wav())
        assert not acts(meant), command
        if not is_right(command, meant):
            missed.append(f"{command}: {meant}")
    assert len(commands) - len(missed) >= ENGINES[site.engine][1], missed


LOUDEST = "white 5 dB"
"""The others vary it."""


@pytest.mark.parametrize(
    "spoilt",
    [name if name == LOUDEST else pytest.param(name, marks=pytest.mark.long) for name in SPOILT],
)
async def test_spoilt_on_the_way_nothing_is_done_without_a_word(
    site: Site, commands: list[Spoken], spoilt: str
) -> None:
    """Noise, a lost beginning, a telephone: what is asked then is asked."""
    for command in commands:
        meant = await site.meant(SPOILT[spoilt](decoded(command.file)).to_wav())
        assert not acts(meant), (command, meant)
