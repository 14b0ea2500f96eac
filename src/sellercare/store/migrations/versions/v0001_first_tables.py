"""The first tables: intents, steps, tokens, budgets, jobs, rows, shifts, looks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "intents",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("verb", sa.String(60), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("target", sa.String(300), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("native_id", sa.String(300)),
        sa.Column("error", sa.Text),
        sa.Column("settlement", sa.String(12), nullable=False, server_default=""),
        sa.Column("who", sa.String(200), nullable=False, server_default=""),
        sa.Column("why", sa.String(300), nullable=False, server_default=""),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("owner", sa.String(80)),
        sa.Column("owned_until", sa.Float),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("sent_at", sa.Float),
        sa.Column("decided_at", sa.Float),
        sa.Column("purged_at", sa.Float),
        sa.UniqueConstraint("account", "verb", "key", name="one_intent_a_key"),
    )
    op.create_index("intents_by_state", "intents", ["state", "account"])
    op.create_index("intents_by_target", "intents", ["account", "target"])
    op.create_index("intents_by_decision", "intents", ["account", "decided_at"])
    op.create_table(
        "steps",
        sa.Column("intent_id", sa.String(36), sa.ForeignKey("intents.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("kept", sa.Text),
        sa.Column("sent_at", sa.Float),
        sa.Column("done_at", sa.Float),
    )
    op.create_table(
        "stakes",
        sa.Column("intent_id", sa.String(36), sa.ForeignKey("intents.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("run", sa.String(200), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("counted_at", sa.Float, nullable=False),
    )
    op.create_index("stakes_by_day", "stakes", ["account", "currency", "counted_at"])
    op.create_index("stakes_by_run", "stakes", ["account", "run"])
    op.create_table(
        "approvals",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("verb", sa.String(60), primary_key=True),
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3)),
        sa.Column("amount", sa.BigInteger),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("approved_at", sa.Float, nullable=False),
    )
    op.create_table(
        "words",
        sa.Column("intent_id", sa.String(36), sa.ForeignKey("intents.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("landed", sa.Boolean, nullable=False),
        sa.Column("native_id", sa.String(300)),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("said_at", sa.Float, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("credential", sa.String(200), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(80)),
        sa.Column("owned_until", sa.Float),
        sa.Column("stored_at", sa.Float, nullable=False),
    )
    op.create_table(
        "budgets",
        sa.Column("scope", sa.String(300), primary_key=True),
        sa.Column("next_at", sa.Float, nullable=False),
        sa.Column("rate", sa.Float, nullable=False, server_default="0"),
        sa.Column("full_at", sa.Float, nullable=False, server_default="0"),
        sa.Column("taken", sa.Float, nullable=False, server_default="0"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("verb", sa.String(60), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("offline", sa.Boolean, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )
    op.create_table(
        "rows",
        sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("target", sa.String(300), nullable=False),
        sa.Column("key", sa.String(300)),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("currency", sa.String(3)),
        sa.Column("amount", sa.String(40)),
        sa.Column("intent_id", sa.String(36)),
        sa.Column("shift", sa.String(36)),
        sa.Column("waits_for", sa.String(12), nullable=False, server_default=""),
        sa.Column("approved_by", sa.String(200)),
        sa.UniqueConstraint("job_id", "account", "key", name="one_row_a_key"),
    )
    op.create_index("rows_by_state", "rows", ["job_id", "state", "n"])
    in_hand = sa.text("shift IS NOT NULL")
    op.create_index("rows_in_hand", "rows", ["shift"], sqlite_where=in_hand, postgresql_where=in_hand)
    op.create_table(
        "shifts",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("resting", sa.Boolean, nullable=False),
    )
    op.create_table(
        "looks",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("thing", sa.String(300), primary_key=True),
        sa.Column("begun_at", sa.Float, nullable=False),
        sa.Column("kept_at", sa.Float),
        sa.Column("kind", sa.String(200), nullable=False, server_default=""),
        sa.Column("body", sa.LargeBinary),
    )
    op.create_index("looks_by_moment", "looks", ["account", "begun_at"])
