"""A store that the first version of the tables made, with rows in every table, and everything that it promised.

The dumps in `frozen` were written once and are never changed. They hold a made-up seller with two accounts at Acme:
`shop` (what it has made is found again by difference) and `blind` (nothing can be read back), on 2 March 2026.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, func, select, text
from sqlalchemy.engine import Connection, Engine

import sellercare
from sellercare.bulk.foresight import foresee
from sellercare.bulk.plan import KINDS
from sellercare.bulk.report import summary
from sellercare.errors import AlreadyDone, KeyConflict, OutcomeUnknown
from sellercare.journal.fingerprint import fingerprint
from sellercare.models import Decision, IssueRefund, Message, Model, Money, Refund, Reply, ReplyToReview
from sellercare.shop import Shop
from sellercare.simulator import FakeClock
from sellercare.store import Store, migrations
from sellercare.store.connections import engine_for
from sellercare.store.jobs import RowState, WaitsFor
from sellercare.store.limits import Limits
from sellercare.store.looks import Looks
from sellercare.store.migrations import NEWEST, versions
from sellercare.store.places import parse_url
from sellercare.store.records import IntentState
from sellercare.store.stakes import Stake

from .test_migrations import shape

FROZEN = Path(__file__).parent / "frozen"

SAID = Reply(thread_id="thread-1", text="It's on its way – tomorrow.")
PLANNED, APPLIED, IN_HAND, APPROVED = (f"20260302-0000000{n}" for n in range(1, 5))


class Silence:
    """A way to the platform that nobody may take."""

    def send(self, request: Any, *args: Any, **more: Any) -> Any:
        pytest.fail(f"{request.method} {request.path_url} left, and nothing may")

    def close(self) -> None:
        """Nothing is open."""


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An engine on the database that the first version left."""
    place = parse_url(url)
    if place.get_backend_name() == "sqlite":
        file = Path(str(place.database))
        file.parent.mkdir(mode=0o700)
        with sqlite3.connect(file) as plain:
            plain.executescript((FROZEN / "v0001.sqlite.sql").read_text("utf-8"))
        plain.close()
        file.chmod(0o600)
    made = engine_for(place, purpose="write", lock_timeout=5)
    if place.get_backend_name() == "postgresql":
        with made.begin() as connection:
            connection.exec_driver_sql((FROZEN / "v0001.postgresql.sql").read_text("utf-8"))
    yield made
    made.dispose()


@pytest.fixture
def clock() -> FakeClock:
    """An hour after the last thing that happened in the dump."""
    return FakeClock(datetime(2026, 3, 2, 13, 0, tzinfo=UTC))


@pytest.fixture
def old(engine: Engine, open_store: Callable[[], Store]) -> Store:
    """That store, opened by this version."""
    return open_store()


@pytest.fixture
def shop(old: Store, clock: FakeClock) -> Callable[[str, str], Shop]:
    def connect(name: str, contract: str) -> Shop:
        return sellercare.connect(
            "acme",
            account=name,
            store=old,
            clock=clock,
            transport=Silence(),
            base_url="http://acme.test",
            api_key="made-up",
            contract=contract,
        )

    return connect


def rows_of(connection: Connection) -> dict[str, int]:
    found = MetaData()
    found.reflect(connection)
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in found.tables.items()
    }


def test_the_first_migration_makes_what_was_frozen(engine: Engine, url: str, tmp_path: Path) -> None:
    """Whoever changes it, and not the next one, breaks the stores of those who have it."""
    with engine.connect() as connection:
        frozen = shape(connection)
        tables = ", ".join(f'"{name}"' for name in frozen)
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"DROP TABLE {tables} CASCADE"))
            assert _first(connection) == frozen
            connection.rollback()
            return
    empty = engine_for(parse_url(f"sqlite:///{tmp_path / 'empty.db'}"), purpose="write", lock_timeout=5)
    with empty.connect() as connection:
        assert _first(connection) == frozen
        connection.rollback()
    empty.dispose()


def _first(connection: Connection) -> dict[str, Any]:
    config = Config(attributes={"connection": connection, "version_table": versions.name})
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "0001")
    return shape(connection)


def test_no_row_is_lost(engine: Engine, open_store: Callable[[], Store]) -> None:
    with engine.connect() as connection:
        before = rows_of(connection)
    assert min(before.values()) > 0
    store = open_store()
    with store.reading() as connection:
        after = rows_of(connection)
        assert connection.execute(select(versions.c.version_num)).scalar_one() == NEWEST
    assert before.items() <= after.items()


@pytest.mark.parametrize(
    ("verb", "asked", "key"),
    [
        ("messages.reply", SAID, "said"),
        ("refunds.issue", IssueRefund(order_id="order-paid", amount=eur("12.50"), reason="goodwill"), "paid"),
        ("refunds.issue", IssueRefund(order_id="order-pending", amount=eur("7.25")), "pending"),
        ("refunds.issue", IssueRefund(order_id="order-large", amount=eur("60")), "large"),
        ("returns.approve", Decision(return_id="return-1"), "decided"),
        ("reviews.reply", ReplyToReview(review_id="review-1", text="We are sorry."), "answered"),
    ],
)
def test_what_was_confirmed_is_told_again_and_sends_nothing(
    shop: Callable[[str, str], Shop], verb: str, asked: Model, key: str
) -> None:
    outcome = shop("shop", "difference").write(verb, asked, key=key)
    assert (outcome.state, outcome.repeated) == ("confirmed", True)
    assert outcome.model is not None
    assert not isinstance(outcome.error, AlreadyDone)
    if isinstance(outcome.model, Message):
        assert outcome.model.text == SAID.text
    if isinstance(outcome.model, Refund):
        assert outcome.model.amount == asked.amount  # type: ignore[attr-defined]


def test_a_field_that_a_later_version_adds_leaves_all_keys_what_they_are() -> None:
    class LaterReply(Reply):
        urgency: str | None = None

    later = LaterReply.model_validate(SAID.model_dump())
    assert fingerprint("messages.reply", later) == fingerprint("messages.reply", SAID)
    urgent = later.model_copy(update={"urgency": "high"})
    assert fingerprint("messages.reply", urgent) != fingerprint("messages.reply", SAID)


def test_a_key_is_refused_to_another_content(shop: Callable[[str, str], Shop]) -> None:
    with pytest.raises(KeyConflict) as conflict:
        shop("shop", "difference").write("messages.reply", SAID.model_copy(update={"text": "Another."}), key="said")
    assert conflict.value.before["text"] == SAID.text


@pytest.mark.parametrize("key", ["lost", "cut-off"])
def test_what_is_unknown_stays_unknown_and_sends_nothing(shop: Callable[[str, str], Shop], key: str) -> None:
    """The lease of the one that was cut off by a power cut has run out since; it may only be read back."""
    name = key.removesuffix("-off")
    asked = Reply(thread_id=f"thread-{name}", text=f"Hello {name}")
    outcome = shop("blind", "blind").write("messages.reply", asked, key=key)
    assert outcome.state == "unknown"
    assert isinstance(outcome.error, OutcomeUnknown)


def test_a_persons_word_is_kept(old: Store, shop: Callable[[str, str], Shop]) -> None:
    landed, absent = (old.intents.find("blind", "messages.reply", key) for key in ("landed", "absent"))
    assert landed is not None
    assert absent is not None
    assert (landed.state, absent.state) == (IntentState.CONFIRMED, IntentState.READY)
    word, other = old.words.last(landed.id), old.words.last(absent.id)
    assert word is not None
    assert other is not None
    assert (word.landed, word.who, other.landed, other.who) == (True, "anna", False, "ben")
    asked = Reply(thread_id="thread-landed", text="Hello landed")
    assert shop("blind", "blind").write("messages.reply", asked, key="landed").model.id == "msg-seen"


def test_what_was_refused_says_why(old: Store) -> None:
    refused = old.intents.find("shop", "messages.reply", "refused")
    assert refused is not None
    assert refused.state is IntentState.REFUSED
    assert refused.error["native_code"] == "state"  # type: ignore[index, call-overload]


def test_settlements_limits_and_approvals_hold(old: Store, clock: FakeClock) -> None:
    settled = {key: old.intents.find("shop", "refunds.issue", key) for key in ("paid", "pending")}
    assert [each.settlement for each in settled.values() if each] == ["done", "pending"]
    assert old.stakes.taken("shop", "EUR", "easter") == {"run": Decimal("19.75"), "day": Decimal("79.75")}
    clock.advance(hours=24)
    assert old.stakes.taken("shop", "EUR", "easter") == {"run": Decimal("19.75"), "day": Decimal(0)}
    large = old.intents.find("shop", "refunds.issue", "large")
    assert large is not None
    limits = Limits.of(refund=[eur("50")])
    stake = Stake("shop", "refunds.issue", "large", large.fingerprint, eur("60"), limits)
    approval = old.stakes.approval(stake)
    assert approval is not None
    assert approval.who == "anna"
    assert old.stakes.above(stake) is None


def test_jobs_and_their_rows_stand_where_they_stood(old: Store) -> None:
    assert {job.id for job in old.jobs.list()} == {PLANNED, APPLIED, IN_HAND, APPROVED}
    counts = {
        job_id: Counter({state.value: count for state, count in summary(old, job_id).counts.items()})
        for job_id in (PLANNED, APPLIED, IN_HAND, APPROVED)
    }
    assert counts == {
        PLANNED: {"ready": 2, "held": 1, "rejected": 1},
        APPLIED: {"confirmed": 3, "unknown": 1},
        IN_HAND: {"ready": 1},
        APPROVED: {"ready": 1},
    }
    (held,) = old.jobs.waiting(PLANNED)
    assert (held.line, held.waits_for, held.amount) == (3, WaitsFor.APPROVAL, Decimal("55.00"))
    (approved,) = old.jobs.rows(APPROVED)
    assert approved.approved_by == "anna"
    told = [each for each in old.jobs.told(APPLIED) if each.row.state is RowState.CONFIRMED]
    assert all(each.native_id and each.attempts == 1 and each.sent_at for each in told)


def test_what_is_planned_can_still_be_read_as_what_would_be_sent(old: Store) -> None:
    for job in old.jobs.list():
        for row in old.jobs.rows(job.id, RowState.READY, RowState.HELD, RowState.UNKNOWN):
            assert KINDS[job.verb].whole(row) is not None
    foreseen = foresee(old, old.jobs.get(PLANNED), lambda _: Limits.of(run=[eur("6")]))
    assert [(each.money, each.limit, each.first_line) for each in foreseen.sums] == [(eur("13"), "run", 4)]


def test_tokens_looks_and_budgets_are_as_they_were(old: Store, clock: FakeClock) -> None:
    tokens = old.tokens.load("seller")
    assert tokens is not None
    assert (tokens.access, tokens.refresh) == ("made-up-access", "made-up-refresh")
    assert (tokens.expires_at, tokens.scopes) == (datetime(2026, 3, 2, 12, tzinfo=UTC), ("read", "write"))
    kept, begun = (Looks(old, "shop").last(thing) for thing in ("thing-1", "thing-2"))
    assert kept is not None
    assert kept.answer is not None
    assert kept.answer.body == "<ä>kept</ä>".encode()
    assert begun is not None
    assert begun.answer is None
    with old.counting() as counters:
        assert counters.read("acme:account:shop:default:10/10").next_at > (clock.now() - timedelta(days=1)).timestamp()
