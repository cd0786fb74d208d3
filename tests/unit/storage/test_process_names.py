"""What a process is called: the same after a restart, and no two the same at a time."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from storage import slots
from storage.slots import AlreadyRunning, process_name

ROOT = Path(__file__).resolve().parents[3]
POSTGRES = "postgres://localhost/loudhailer"
NAMED = """
import asyncio, sys
from pathlib import Path
from storage.slots import process_name

async def main():
    async with process_name(sys.argv[1], Path(sys.argv[2])) as name:
        print(name, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@asynccontextmanager
async def another(url: str, folder: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Another process and its name; killed on leaving."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", NAMED, url, str(folder), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip(), process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_processes_at_the_same_time_have_different_names(tmp_path: Path) -> None:
    """Two that run on the same folder, and this one."""
    async with (
        another(POSTGRES, tmp_path) as (one, _),
        another(POSTGRES, tmp_path) as (two, _),
        process_name(POSTGRES, tmp_path) as own,
    ):
        assert len({one, two, own} - {""}) == 3


async def test_a_killed_process_started_anew_has_its_name_again(tmp_path: Path) -> None:
    """The system lets go of the lock; the name stays in the folder."""
    async with another(POSTGRES, tmp_path) as (one, _):
        assert one
    async with another(POSTGRES, tmp_path) as (again, _):
        assert again == one


async def test_two_installations_have_no_name_in_common(tmp_path: Path) -> None:
    """Each folder has names of its own."""
    async with (
        process_name(POSTGRES, tmp_path / "a") as one,
        process_name(POSTGRES, tmp_path / "b") as two,
    ):
        assert one != two


async def test_an_sqlite_database_serves_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second is refused with a line that says why; after the first it may."""
    monkeypatch.setattr(slots, "_PATIENCE_S", 0.3)
    url = f"sqlite:///{tmp_path}/loudhailer.db"
    async with another(url, tmp_path) as (one, _):
        with pytest.raises(AlreadyRunning, match="another process runs on this database"):
            async with process_name(url, tmp_path):
                pass
    async with process_name(url, tmp_path) as own:
        assert own == one
