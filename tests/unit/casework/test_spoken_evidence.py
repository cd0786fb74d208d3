"""What was said by voice is kept on the cases that it concerned, in the chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.casework.heard import HEARD
from bot.domain.command import Verb
from storage.evidence import EvidenceFolder
from storage.pictures import RecordingFolder
from storage.sql import Sql
from tests.support.workshop import Workshop

WAV = b"RIFF of what was said"


async def said(folder: Path, words: str = "关闭一号") -> dict[str, Any]:
    """The argument of a command that was spoken."""
    kept = await RecordingFolder(folder / "recordings").put(WAV)
    heard = {"recording": kept, "seconds": 1.2, "language": "zh", "score": -0.3}
    return {HEARD: {**heard, "transcript": words}}


async def test_the_words_and_the_recording_are_on_the_case(shop: Workshop, tmp_path: Path) -> None:
    """The words in the private part of an entry, the recording by its SHA-256."""
    await shop.report()
    args = await said(tmp_path)
    await shop.act(Verb.CLOSE, reason="已整改", args=args)
    (kept,) = [one for one in await shop.store.snapshots(1) if one.kind == "recording"]
    assert (kept.sha256, kept.by) == (args[HEARD]["recording"], "li")
    (row,) = [row for row in await shop.store.history(1) if row.entry.event == "heard"]
    assert row.entry.private == {"transcript": "关闭一号"}
    assert "transcript" not in row.entry.data
    assert row.entry.data["recording"] == kept.sha256
    assert row.entry.data["verb"] == "close"
    assert await shop.store.verify_audit(pictures=EvidenceFolder(tmp_path)) == (1, [])


@pytest.mark.parametrize("statement", [
    "UPDATE audit_entry SET private = replace(private, '关闭', '确认') WHERE event = 'heard'",
    "DELETE FROM snapshot WHERE kind = 'recording'",
])  # fmt: skip
async def test_whoever_changes_it_afterwards_is_found_out(
    shop: Workshop, tmp_path: Path, statement: str
) -> None:
    """Other words, or no recording."""
    await shop.report()
    await shop.act(Verb.CLOSE, reason="已整改", args=await said(tmp_path))
    await Sql(shop.database.writer).change(statement)
    _, faults = await shop.store.verify_audit(pictures=EvidenceFolder(tmp_path))
    assert faults


async def test_a_refused_attempt_is_kept_too(shop: Workshop, tmp_path: Path) -> None:
    """Who tried to do what they may not, and what they said."""
    await shop.report(hazard="fall")
    answer = await shop.act(Verb.CLOSE, reason="没事", args=await said(tmp_path))
    assert not answer.ok
    assert "heard" in [row.entry.event for row in await shop.store.history(1)]


async def test_the_same_command_twice_leaves_it_once(shop: Workshop, tmp_path: Path) -> None:
    """A note that is handled again after a crash."""
    await shop.report()
    args = await said(tmp_path)
    await shop.act(Verb.ACKNOWLEDGE, id="same", args=args)
    await shop.act(Verb.ACKNOWLEDGE, id="same", args=args)
    history = [row.entry.event for row in await shop.store.history(1)]
    assert history.count("heard") == 1
