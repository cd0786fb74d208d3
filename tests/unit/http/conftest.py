"""A server for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.http_house import House, running_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with running_house() as running:
        yield running
