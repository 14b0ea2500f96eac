"""The tables. One store holds intents and their steps, tokens, rate budgets, jobs and their rows.

Times are seconds since 1970 in UTC, as floats: they are compared in SQL by every database alike. JSON is text.
`PERSONAL` names the columns with personal data.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

intents = Table(
    "intents",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(200), nullable=False),
    Column("verb", String(60), nullable=False),
    Column("key", String(300), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("target", String(300), nullable=False),
    Column("content", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("before", Text),
    Column("native_id", String(300)),
    Column("error", Text),
    Column("settlement", String(12), nullable=False, server_default=""),
    Column("who", String(200), nullable=False, server_default=""),
    Column("why", String(300), nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("owner", String(80)),
    Column("owned_until", Float),
    Column("created_at", Float, nullable=False),
    Column("sent_at", Float),
    Column("decided_at", Float),
    Column("purged_at", Float),
    UniqueConstraint("account", "verb", "key", name="one_intent_a_key"),
    Index("intents_by_state", "state", "account"),
    Index("intents_by_target", "account", "target"),
    Index("intents_by_decision", "account", "decided_at"),
)

steps = Table(
    "steps",
    metadata,
    Column("intent_id", String(36), ForeignKey("intents.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("kept", Text),
    Column("sent_at", Float),
    Column("done_at", Float),
)

stakes = Table(
    "stakes",
    metadata,
    Column("intent_id", String(36), ForeignKey("intents.id", ondelete="CASCADE"), primary_key=True),
    Column("account", String(200), nullable=False),
    Column("run", String(200), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("counted_at", Float, nullable=False),
    Index("stakes_by_day", "account", "currency", "counted_at"),
    Index("stakes_by_run", "account", "run"),
)
"""What intents move, or may move later, in ten-thousandths of the currency: what limits are counted on."""

approvals = Table(
    "approvals",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("verb", String(60), primary_key=True),
    Column("key", String(300), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("currency", String(3)),
    Column("amount", BigInteger),
    Column("who", String(200), nullable=False),
    Column("approved_at", Float, nullable=False),
)
"""Who let a write go above a limit, by the write's key. It holds for this content, up to this amount."""

words = Table(
    "words",
    metadata,
    Column("intent_id", String(36), ForeignKey("intents.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("landed", Boolean, nullable=False),
    Column("native_id", String(300)),
    Column("who", String(200), nullable=False),
    Column("said_at", Float, nullable=False),
)
"""What people said about unknown outcomes, in order: nothing else moves one without proof."""

tokens = Table(
    "tokens",
    metadata,
    Column("credential", String(200), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("owner", String(80)),
    Column("owned_until", Float),
    Column("stored_at", Float, nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    Column("scope", String(300), primary_key=True),
    Column("next_at", Float, nullable=False),
    Column("rate", Float, nullable=False, server_default="0"),
    Column("full_at", Float, nullable=False, server_default="0"),
    Column("taken", Float, nullable=False, server_default="0"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("verb", String(60), nullable=False),
    Column("source", String(500), nullable=False),
    Column("state", String(12), nullable=False),
    Column("offline", Boolean, nullable=False),
    Column("options", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
)

rows = Table(
    "rows",
    metadata,
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("account", String(200), nullable=False),
    Column("target", String(300), nullable=False),
    Column("key", String(300)),
    Column("state", String(12), nullable=False),
    Column("content", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("currency", String(3)),
    Column("amount", String(40)),
    Column("intent_id", String(36)),
    Column("shift", String(36)),
    Column("waits_for", String(12), nullable=False, server_default=""),
    Column("approved_by", String(200)),
    UniqueConstraint("job_id", "account", "key", name="one_row_a_key"),
    Index("rows_by_state", "job_id", "state", "n"),
    # Few rows are in hand at a time, so this index stays small however many there are.
    Index("rows_in_hand", "shift", sqlite_where=text("shift IS NOT NULL"), postgresql_where=text("shift IS NOT NULL")),
)

shifts = Table(
    "shifts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("until", Float, nullable=False),
    Column("resting", Boolean, nullable=False),
)

looks = Table(
    "looks",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("thing", String(300), primary_key=True),
    Column("begun_at", Float, nullable=False),
    Column("kept_at", Float),
    Column("kind", String(200), nullable=False, server_default=""),
    Column("body", LargeBinary),
    Index("looks_by_moment", "account", "begun_at"),
)
"""Looks that changed something at a platform, with the newest answer as it came. See `sellercare.looks`."""

PERSONAL = {
    intents: ("content", "before", "error"),
    steps: ("kept",),
    rows: ("content", "note"),
    looks: ("body",),
}
"""Where personal data is: texts to buyers and from them, amounts, what platforms answered. It is nowhere else.

What is left without these columns is who wrote what kind of thing when, by which key, to which id of the platform, and
what became of it. `sellercare journal purge` empties them.
"""
