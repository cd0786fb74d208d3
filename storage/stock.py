"""Pictures, clips and recordings as files that are counted and let go, in a thread of their own."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from bot.ports import Shelved, Space
from storage.shelves import SHARDS, Shelves

RESERVE = 8 * 1024 * 1024
T = TypeVar("T")


class FileStock:
    """See `bot.ports.Stock`: what lies in a data folder, and the disk below it."""

    shards = SHARDS

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir
        self._reserve = data_dir / "reserve"
        self._shelves = [
            Shelves(data_dir / "pictures", ".jpg"),
            Shelves(data_dir / "clips", ".mp4"),
            Shelves(data_dir / "recordings", ".wav"),
        ]
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stock")

    async def space(self) -> Space:
        return await self._in_thread(self._space)

    async def shard(self, number: int) -> list[Shelved]:
        return await self._in_thread(
            lambda: [file for shelves in self._shelves for file in shelves.shard(number)]
        )

    async def erase(self, picture: str, before: int) -> int:
        return await self._in_thread(
            lambda: sum(shelves.erase(picture, before) for shelves in self._shelves)
        )

    async def tidy(self, number: int, before: int) -> int:
        return await self._in_thread(
            lambda: sum(shelves.tidy(number, before) for shelves in self._shelves)
        )

    async def keep_reserve(self) -> None:
        await self._in_thread(self._keep)

    async def give_reserve(self) -> bool:
        return await self._in_thread(self._give)

    def close(self) -> None:
        """Let go of the thread; one that hangs in a dead disk is left behind."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _space(self) -> Space:
        usage = shutil.disk_usage(self._folder)
        return Space(usage.total, usage.free)

    def _keep(self) -> None:
        size = min(RESERVE, self._space().total // 100)
        with self._reserve.open("ab") as file:
            if file.tell() < size:
                os.posix_fallocate(file.fileno(), 0, size)

    def _give(self) -> bool:
        try:
            if not self._reserve.stat().st_size:
                return False
            self._reserve.unlink()
        except FileNotFoundError:
            return False
        return True

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
