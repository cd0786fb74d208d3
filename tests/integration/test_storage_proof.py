"""What somebody with the database and the disk in hand can change, and how it comes to light."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.command import Verb
from bot.domain.message import Picture
from bot.domain.report import Shot
from bot.ports import Checkpoint, Entry
from storage.audit import ERASED
from storage.sql import Sql
from tests.support.workshop import WANG, Workshop, workshop

JPEG = b"\xff\xd8\xff a picture"
OTHER = "a" * 64


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    """Three cases with pictures, notes and cards; the first two are closed, with reasons."""
    async with workshop(database_url, tmp_path) as opened:
        for number, zone in enumerate(("a", "b", "c"), start=1):
            sha = await opened.pictures.put(JPEG + zone.encode())
            shot = Shot(Picture(JPEG, sha, 8, 8))
            await opened.report(id=f"r{number}", zone=zone, shot=shot, note=f"看图 {number}")
        await opened.deliver()
        for number in (1, 2):
            await opened.act(Verb.CLOSE, number, WANG, reason=f"原因 {number}")
        await opened.deliver()
        yield opened


async def faults(shop: Workshop, *, files: bool = True, witness: str | None = None) -> list[str]:
    """What a verification finds, in a line each."""
    pictures = shop.pictures if files else None
    _, found = await shop.store.verify_audit(pictures=pictures, witness=witness)
    return [f"{fault.case}: {fault.message}" for fault in found]


async def change(shop: Workshop, *statements: str) -> None:
    """As somebody with access to the database would."""
    for statement in statements:
        await Sql(shop.database.writer).change(statement)


async def checkpoint(shop: Workshop) -> Checkpoint:
    """The one of this evening."""
    async with shop.store.begin() as tx:
        taken = await tx.take_checkpoint(shop.now)
    assert taken is not None
    return taken


async def test_what_nobody_touched_holds(shop: Workshop) -> None:
    """Cases, pictures, files and deliveries, before and after checkpoints."""
    assert await faults(shop) == []
    first = await checkpoint(shop)
    await shop.act(Verb.REOPEN, 1, WANG)
    await shop.deliver()
    second = await checkpoint(shop)
    assert await faults(shop, witness=first.witness) == []
    assert await faults(shop, witness=second.witness.upper().replace("-", " ")) == []
    assert (first.n, second.n, second.cases) == (1, 2, 3)


TAMPERED = {
    "erased without a rule": (
        'UPDATE snapshot SET erased_at = 5 WHERE "case" = 1',
        ["1: no entry tells that the annotated picture "],
    ),
    "nonsense": (
        """UPDATE audit_entry SET facts = '{"pictures": 5}' WHERE "case" = 1 AND n = 1""",
        ["1: its evidence cannot be read: TypeError("],
    ),
    "an erasing that cannot be read": (
        """UPDATE audit_entry SET data = '{"pictures": [[]], "entries": 3}', event = 'erased'
            WHERE "case" = 1 AND n = 2""",
        ["1: its evidence cannot be read: TypeError("],
    ),
    "state": (
        "UPDATE hazard_case SET state = 'open', outcome = 'false_alarm' WHERE number = 1",
        ["1: state is 'open', its entries say 'closed'", "1: outcome is 'false_alarm'"],
    ),
    "place": (
        "UPDATE hazard_case SET site = 'far', hazard = 'fall' WHERE number = 1",
        ["1: site is 'far'", "1: hazard is 'fall', its entries say 'no_helmet'"],
    ),
    "times": (
        "UPDATE hazard_case SET opened_at = 1, first_seen = 1, closed_at = 2 WHERE number = 1",
        ["1: opened_at is 1", "1: first_seen is 1", "1: closed_at is 2"],
    ),
    "people": ("UPDATE hazard_case SET reviewed_by = 'li' WHERE number = 1", ["1: reviewed_by"]),
    "note": ("UPDATE hazard_case SET note = '' WHERE number = 1", ["1: its note is not"]),
    "reasons": (
        'UPDATE audit_entry SET private = NULL WHERE "case" = 1',
        ["1: its private part is gone"],
    ),
    "one snapshot": (
        'DELETE FROM snapshot WHERE "case" = 1',
        ["1: the annotated picture"],
    ),
    "another snapshot": (
        f"UPDATE snapshot SET sha256 = '{OTHER}' WHERE \"case\" = 1",
        ["1: the annotated picture", f"1: no entry tells of the annotated picture {OTHER}"],
    ),
    "the deliveries": (
        """UPDATE outbox SET outcome = '{"outcome":"delivered","message":"1"}' WHERE "case" = 1""",
        ["1: delivery "],
    ),
    "the state of a delivery": (
        "UPDATE outbox SET state = 'dead' WHERE \"case\" = 1 AND kind = 'card'",
        ["1: delivery "],
    ),
    "a case": (
        "DELETE FROM hazard_case WHERE number = 1",
        ["0: case 1 is missing", "1: there are"],
    ),
    "the counter": (
        "UPDATE counter SET value = 900 WHERE name = 'case'",
        ["0: the cases 4 to 900"],
    ),
    "a case that never was": (
        "UPDATE counter SET value = 2 WHERE name = 'case'",
        ["3: its number was never given out"],
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_a_hand_in_the_tables_is_found_out(shop: Workshop, what: str) -> None:
    """And named: which case, and what of it."""
    statement, expected = TAMPERED[what]
    await change(shop, statement)
    found = await faults(shop)
    for line in expected:
        assert any(one.startswith(line) for one in found), found
    assert not any(one.startswith("2:") for one in found)


async def test_pictures_that_were_exchanged_or_taken_away(shop: Workshop) -> None:
    """Their names are what they hold; `files=False` saves the reading."""
    first, second, _ = [(await shop.store.snapshots(n))[0].sha256 for n in (1, 2, 3)]
    shop.pictures.path(first).write_bytes(b"\xff\xd8\xff evil")
    shop.pictures.path(second).unlink()
    assert await faults(shop) == [
        f"1: the annotated picture {first} was changed",
        f"2: the annotated picture {second} is missing",
    ]
    assert await faults(shop, files=False) == []


async def test_what_was_erased_by_rule_is_not_missed(shop: Workshop) -> None:
    """An entry tells of it: pictures, their rows, and people's words."""
    sha = (await shop.store.snapshots(1))[0].sha256
    shop.pictures.path(sha).unlink()
    await change(shop, 'DELETE FROM snapshot WHERE "case" = 1')
    private = [row.n for row in await shop.store.history(1) if row.entry.private]
    await change(shop, 'UPDATE audit_entry SET private = NULL, salt = NULL WHERE "case" = 1')
    async with shop.store.begin() as tx:
        case = await tx.case(1)
        assert case is not None
        await tx.save_case(replace(case, note=""))
        data = {"pictures": [sha], "entries": private}
        await tx.add_entry(1, Entry(shop.now, ERASED, "system", data))
    assert await faults(shop) == []


CUT = """DELETE FROM audit_entry WHERE "case" = 1
    AND n = (SELECT audit_count FROM hazard_case WHERE number = 1)"""
MOVED_BACK = """UPDATE hazard_case SET audit_count = audit_count - 1, state = 'open',
    outcome = NULL, closed_at = NULL, audit_sealed = audit_count - 1,
    audit_head = (SELECT hash FROM audit_entry WHERE "case" = 1 ORDER BY n DESC LIMIT 1)
    WHERE number = 1"""
WHOLE_CASE = (
    *(f'DELETE FROM {table} WHERE "case" = 3' for table in ("audit_entry", "snapshot", "copy")),
    'DELETE FROM outbox WHERE "case" = 3',
    "DELETE FROM hazard_case WHERE number = 3",
    "UPDATE counter SET value = 2 WHERE name = 'case'",
)


@pytest.mark.parametrize("statements", [(CUT, MOVED_BACK), WHOLE_CASE], ids=["head", "case"])
async def test_heads_that_were_moved_back_are_found_by_a_checkpoint(
    shop: Workshop, statements: tuple[str, ...]
) -> None:
    """The newest entries, or a whole case, taken away with all that remembers them."""
    await checkpoint(shop)
    await change(shop, *statements)
    assert any("checkpoint 1 sealed" in line for line in await faults(shop))


async def test_a_history_written_anew_is_found_by_its_witness(shop: Workshop) -> None:
    """Who rewrites the checkpoints too cannot rewrite what the admins' chat was told."""
    told = await checkpoint(shop)
    await change(shop, "DELETE FROM checkpoint", *WHOLE_CASE)
    await change(shop, "UPDATE hazard_case SET audit_sealed = 0")
    anew = await checkpoint(shop)
    assert await faults(shop) == []
    assert await faults(shop, witness=anew.witness) == []
    (fault,) = await faults(shop, witness=told.witness)
    assert f"no checkpoint has the hash {told.witness}" in fault


@pytest.mark.parametrize("witness", ["", "-", "3f9a", "zzzz-zzzz-zzzz", "%"])
async def test_what_is_no_witness_proves_nothing(shop: Workshop, witness: str) -> None:
    """A few letters would fit by chance."""
    await checkpoint(shop)
    assert len(await faults(shop, witness=witness)) == 1


async def test_checkpoints_that_were_changed(shop: Workshop) -> None:
    """Each follows the one before, and the cases remember how far they were sealed."""
    await checkpoint(shop)
    await shop.act(Verb.REOPEN, 1, WANG)
    await checkpoint(shop)
    await change(shop, "UPDATE checkpoint SET at = at + 1 WHERE n = 1")
    assert await faults(shop) == ["0: checkpoint 1 was changed after it was taken"]
    await change(shop, "DELETE FROM checkpoint WHERE n = 1")
    assert "0: checkpoint 1 is missing" in await faults(shop)
    assert "2: no checkpoint sealed as much of it as it remembers" in await faults(shop)


async def test_where_nothing_has_moved_there_is_nothing_to_seal(shop: Workshop) -> None:
    """No checkpoint of a quiet day."""
    taken = await checkpoint(shop)
    async with shop.store.begin() as tx:
        assert await tx.take_checkpoint(shop.now) is None
    assert await shop.store.latest_checkpoint() == taken
