"""One chat desk over one database for all tests of a module; every test opens cases of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.chathouse import ChatHouse, chat_house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ChatHouse]:
    """The desk at work."""
    async with chat_house(tmp_path_factory.mktemp("chat")) as running:
        yield running
