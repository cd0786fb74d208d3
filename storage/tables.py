"""The tables.  Times are epoch milliseconds in BIGINT columns, so that both engines compare them as
numbers; chat and message ids are text; every default that a later migration adds is a `db_default`.

An index names columns only (never a foreign key's field name, which PostgreSQL would refuse): the
tables are linked by case number, without foreign keys, because rows of a case are pruned apart.
A model's docstring becomes a comment in SQL that tortoise splits at semicolons: it must hold none.
`makemigrations` forgets `generated=False`, which is to be added by hand.
"""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class CounterRow(Model):
    """Numbers that count by one and are never used again: cases, work orders of a site."""

    name = fields.CharField(max_length=64, primary_key=True)
    value = fields.IntField(db_default=0)

    class Meta:
        table = "counter"


class CaseRow(Model):
    """One case: the fields of `bot.domain.case.Case`, and the head of its audit chain."""

    number = fields.IntField(primary_key=True, generated=False)
    site = fields.CharField(max_length=32)
    hazard = fields.CharField(max_length=32)
    severity = fields.IntField()
    place_key = fields.CharField(max_length=400)
    live_key = fields.CharField(max_length=400, null=True, unique=True)
    camera = fields.CharField(max_length=32, null=True)
    zone = fields.CharField(max_length=32, null=True)
    state = fields.CharField(max_length=16)
    outcome = fields.CharField(max_length=16, null=True)
    seq = fields.IntField()
    version = fields.IntField()
    opened_at = fields.BigIntField()
    received_at = fields.BigIntField()
    first_seen = fields.BigIntField()
    last_seen = fields.BigIntField()
    count = fields.IntField()
    people = fields.IntField()
    subjects: Any = fields.JSONField()
    gone_at = fields.BigIntField(null=True)
    level = fields.IntField()
    acknowledged_by = fields.CharField(max_length=32, null=True)
    acknowledged_at = fields.BigIntField(null=True)
    arrived_by = fields.CharField(max_length=32, null=True)
    arrived_at = fields.BigIntField(null=True)
    rectified_by = fields.CharField(max_length=32, null=True)
    rectified_at = fields.BigIntField(null=True)
    state_before = fields.CharField(max_length=16, null=True)
    closed_at = fields.BigIntField(null=True)
    assigned_to = fields.CharField(max_length=32, null=True)
    reviewed_by = fields.CharField(max_length=32, null=True)
    reported_by = fields.CharField(max_length=32, null=True)
    work_order = fields.CharField(max_length=64, null=True)
    acknowledge_due = fields.BigIntField(null=True)
    rectify_due = fields.BigIntField(null=True)
    note = fields.TextField()
    trial = fields.BooleanField()
    spoken = fields.IntField()
    sounded_at = fields.BigIntField(null=True)
    source = fields.CharField(max_length=100, null=True)
    confirmed_by = fields.CharField(max_length=32, null=True)
    last_event = fields.CharField(max_length=16, null=True)
    last_actor = fields.CharField(max_length=32, null=True)
    last_name = fields.CharField(max_length=100, null=True)
    last_at = fields.BigIntField(null=True)
    last_before = fields.CharField(max_length=16, null=True)
    last_undo: Any = fields.JSONField(null=True)
    audit_head = fields.CharField(max_length=64, db_default="")
    audit_count = fields.IntField(db_default=0)
    audit_sealed = fields.IntField(db_default=0)

    class Meta:
        table = "hazard_case"
        indexes = (
            Index(fields=("place_key", "number")),
            Index(fields=("state", "site")),
            Index(fields=("last_actor", "last_at")),
            Index(fields=("camera", "state")),
        )


class AuditEntryRow(Model):
    """One link of a case's hash chain.  `private` may be erased, its salted digest stays.

    `data`, `facts` and `private` are JSON kept letter by letter, because their digests are."""

    id = fields.BigIntField(primary_key=True)
    case = fields.IntField()
    n = fields.IntField()
    at = fields.BigIntField()
    event = fields.CharField(max_length=32)
    actor = fields.CharField(max_length=64)
    data = fields.TextField()
    facts = fields.TextField(null=True)
    private = fields.TextField(null=True)
    salt = fields.CharField(max_length=32, null=True)
    private_digest = fields.CharField(max_length=64, null=True)
    previous = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "audit_entry"
        unique_together = (("case", "n"),)


class CheckpointRow(Model):
    """One link of the chain over all chains: the heads that have moved since the one before.

    `heads` is JSON kept letter by letter: [[case, number of its last entry, hash of it], ...]."""

    n = fields.IntField(primary_key=True, generated=False)
    at = fields.BigIntField()
    cases = fields.IntField()
    heads = fields.TextField()
    previous = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "checkpoint"


class SnapshotRow(Model):
    """A picture of a case, by its content.  `erased_at`: its file was let go of by rule."""

    id = fields.BigIntField(primary_key=True)
    case = fields.IntField(db_index=True)
    kind = fields.CharField(max_length=16)
    sha256 = fields.CharField(max_length=64)
    at = fields.BigIntField()
    by = fields.CharField(max_length=32, null=True)
    erased_at = fields.BigIntField(null=True)

    class Meta:
        table = "snapshot"
        indexes = (Index(fields=("sha256",)), Index(fields=("erased_at", "at")))


class ReportRow(Model):
    """A report that was answered: the same id is answered the same again."""

    key = fields.CharField(max_length=300, primary_key=True)
    content = fields.CharField(max_length=64)
    answer: Any = fields.JSONField()
    case = fields.IntField(null=True, db_index=True)
    at = fields.BigIntField(db_index=True)

    class Meta:
        table = "report"


class CommandRow(Model):
    """A command that was carried out or refused: the id makes it happen once."""

    id = fields.CharField(max_length=400, primary_key=True)
    actor = fields.CharField(max_length=64)
    verb = fields.CharField(max_length=16)
    cases: Any = fields.JSONField()
    answer: Any = fields.JSONField()
    at = fields.BigIntField(db_index=True)

    class Meta:
        table = "command"


class InboxItemRow(Model):
    """What came in, before anything is made of it.  `state`: waiting, done, dead.

    What has the same `queue` is handled in its order: a chat, but a cry for help has its own.
    """

    id = fields.BigIntField(primary_key=True)
    platform_id = fields.CharField(max_length=400, unique=True)
    queue = fields.CharField(max_length=400)
    part = fields.SmallIntField(db_default=0)
    body: Any = fields.JSONField()
    state = fields.CharField(max_length=8)
    attempts = fields.IntField(db_default=0)
    received_at = fields.BigIntField(db_index=True)
    finished_at = fields.BigIntField(null=True)
    error = fields.TextField(null=True)

    class Meta:
        table = "inbox"
        indexes = (Index(fields=("state", "id")),)


class OutboxItemRow(Model):
    """What is to be delivered.  `due` is NULL once finished, so the index stays small.

    `inflight` is set by the claim and cleared with the outcome: still set at the next claim, the
    process died in between, and the try may have been delivered (`unsure`).
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=16)
    target = fields.CharField(max_length=200)
    part = fields.SmallIntField(db_default=0)
    lane = fields.CharField(max_length=16)
    rank = fields.IntField()
    case = fields.IntField(null=True, db_index=True)
    stream = fields.CharField(max_length=200, null=True)
    dedupe_key = fields.CharField(max_length=200, null=True, unique=True)
    payload: Any = fields.JSONField()
    state = fields.CharField(max_length=16)
    due = fields.BigIntField(null=True, db_index=True)
    attempts = fields.IntField(db_default=0)
    inflight = fields.BooleanField(db_default=False)
    unsure = fields.BooleanField(db_default=False)
    outcome: Any = fields.JSONField(null=True)
    created_at = fields.BigIntField()
    finished_at = fields.BigIntField(null=True)

    class Meta:
        table = "outbox"
        indexes = (Index(fields=("stream", "due")), Index(fields=("finished_at",)))


class CopyRow(Model):
    """One message that shows a case or a digest, and how new what it shows is."""

    id = fields.BigIntField(primary_key=True)
    case = fields.IntField(null=True, db_index=True)
    digest = fields.BigIntField(null=True, db_index=True)
    channel = fields.CharField(max_length=16)
    chat = fields.CharField(max_length=100)
    topic = fields.CharField(max_length=32, null=True)
    part = fields.SmallIntField(db_default=0)
    private = fields.BooleanField(db_default=False)
    message_id = fields.CharField(max_length=64)
    has_picture = fields.BooleanField()
    shown = fields.IntField()
    wanted = fields.IntField()
    lost = fields.BooleanField(db_default=False)
    repeated = fields.BooleanField(db_default=False)

    class Meta:
        table = "copy"
        unique_together = (("channel", "chat", "message_id"),)


class DigestRow(Model):
    """Cases that share a message in a chat.  `revision` counts what has changed in it."""

    id = fields.BigIntField(primary_key=True)
    target = fields.CharField(max_length=200)
    private = fields.BooleanField(db_default=False)
    opened_at = fields.BigIntField()
    joined_at = fields.BigIntField()
    revision = fields.IntField(db_default=0)

    class Meta:
        table = "digest"
        indexes = (Index(fields=("target", "id")),)


class DigestLineRow(Model):
    """A case in a digest."""

    id = fields.BigIntField(primary_key=True)
    digest = fields.BigIntField()
    case = fields.IntField(db_index=True)

    class Meta:
        table = "digest_line"
        unique_together = (("digest", "case"),)


class QuestionRow(Model):
    """A command that waits for its person's word."""

    id = fields.BigIntField(primary_key=True)
    chat = fields.CharField(max_length=200)
    member = fields.CharField(max_length=32)
    body: Any = fields.JSONField()
    asked_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    answered_at = fields.BigIntField(null=True)

    class Meta:
        table = "question"
        indexes = (Index(fields=("chat", "member", "id")),)


class TimerRow(Model):
    """A clock that runs on a case."""

    id = fields.BigIntField(primary_key=True)
    case = fields.IntField()
    kind = fields.CharField(max_length=16)
    due = fields.BigIntField(db_index=True)

    class Meta:
        table = "timer"
        unique_together = (("case", "kind"),)


class LearnedRow(Model):
    """What the program learns: linked accounts, migrated chats, languages, mutes."""

    kind = fields.CharField(max_length=32)
    key = fields.CharField(max_length=200)
    id = fields.CharField(max_length=240, primary_key=True)
    value: Any = fields.JSONField()

    class Meta:
        table = "learned"
        indexes = (Index(fields=("kind",)),)


class LeaseRow(Model):
    """What one process of several has.  `epoch` rises whenever the lease is taken."""

    name = fields.CharField(max_length=120, primary_key=True)
    holder = fields.CharField(max_length=120)
    epoch = fields.BigIntField()
    until = fields.BigIntField()

    class Meta:
        table = "lease"
