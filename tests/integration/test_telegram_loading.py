"""aiogram loaded with its validators built later: all of it works as if they had been built."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from pydantic import BaseModel
rebuild = BaseModel.__dict__["model_rebuild"]
from bot.channels.telegram.loading import load_aiogram
with ThreadPoolExecutor() as threads:
    for loaded in [threads.submit(load_aiogram) for _ in range(int(sys.argv[1]))]:
        loaded.result()
from aiogram import methods, types
from aiogram.types.base import TelegramObject
named = [getattr(part, name) for part in (methods, types) for name in part.__all__]
models = [model for model in named if hasattr(model, "model_rebuild")]
early = [m.__name__ for m in models if m.__pydantic_complete__ and issubclass(m, TelegramObject)]
usable = [m.__name__ for m in models if m.__pydantic_validator__.title]
kept = BaseModel.__dict__["model_rebuild"] is rebuild
print(json.dumps([len(models), len(early), len(usable), kept]))
"""


@pytest.mark.parametrize("threads", [1, 8])
async def test_every_model_of_aiogram_is_built_when_it_is_first_used(threads: int) -> None:
    """None of the 500 is left unusable, few are built before, and pydantic is left as it was.

    So too where several want it at once, as the probes of `doctor` do.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROBE, str(threads)), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    models, early, usable, kept = json.loads(out)
    assert models > 500
    assert early < 60
    assert usable == models
    assert kept
