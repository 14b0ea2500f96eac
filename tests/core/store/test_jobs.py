"""Jobs and rows in the store: batches, twins, streaming."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sellercare.store import Store
from sellercare.store.jobs import Change, JobRow, Jobs, JobState, RowState


def row(n: int, key: str | None = None, account: str = "acme", **more: object) -> JobRow:
    return JobRow(n, n + 1, account, f"t{n}", key, RowState.READY, {"n": n}, **more)  # type: ignore[arg-type]


@pytest.fixture
def jobs(store: Store) -> Jobs:
    return store.jobs


@pytest.fixture
def job(jobs: Jobs) -> str:
    return jobs.create(verb="messages.reply", source="x.csv", offline=True, options={"a": 1}).id


def test_a_job_is_found_by_the_beginning_of_its_id(jobs: Jobs, job: str) -> None:
    assert jobs.get(job[:-3]).id == job
    assert jobs.get(job).state is JobState.PLANNING
    jobs.create(verb="messages.reply", source="y.csv", offline=True, options={})
    for unknown in ("", "nothing", job[:8], "%"):
        with pytest.raises(KeyError):
            jobs.get(unknown)


def test_rows_come_back_as_they_went_in_a_chunk_at_a_time(jobs: Jobs, job: str) -> None:
    rows = [row(n, f"k{n}", currency="EUR", amount=Decimal("1.10")) for n in range(1, 26)]
    assert jobs.add(job, rows) == {}
    assert list(jobs.rows(job, chunk=10)) == rows
    assert [each.n for each in jobs.rows(job, RowState.READY, after=20, chunk=2)] == [21, 22, 23, 24, 25]
    assert list(jobs.rows(job, RowState.HELD)) == []
    assert jobs.money(job, RowState.READY) == {("acme", "EUR"): Decimal("27.50")}


def test_the_index_finds_twins_within_a_batch_and_across(jobs: Jobs, job: str) -> None:
    assert jobs.add(job, [row(1, "a"), row(2, "b"), row(3, "a"), row(4), row(5)]) == {3: 2}
    assert jobs.add(job, [row(6, "b"), row(7, "b", account="other"), row(8, "c")]) == {6: 3}
    assert [each.n for each in jobs.rows(job)] == [1, 2, 4, 5, 7, 8]


def test_results_are_kept_with_what_the_journal_knows(jobs: Jobs, job: str) -> None:
    jobs.add(job, [row(1, "a"), row(2, "b")])
    jobs.finish(job, [Change(1, RowState.CONFIRMED, "", "intent-1"), Change(2, RowState.HELD, "why")])
    jobs.finish(job, [Change(1, RowState.CONFIRMED, "later")])
    first, second = jobs.told(job)
    assert (first.row.state, first.row.intent_id, first.row.note) == (RowState.CONFIRMED, "intent-1", "later")
    assert (second.row.state, second.row.note, second.native_id) == (RowState.HELD, "why", None)
    assert jobs.counts(job) == {("acme", RowState.CONFIRMED): 1, ("acme", RowState.HELD): 1}


def test_a_key_that_was_made_late_is_held_against_the_others(jobs: Jobs, job: str) -> None:
    jobs.add(job, [row(1, "a"), row(2, "planned-1")])
    assert jobs.complete(job, row(2, "a")) == 2
    assert jobs.complete(job, row(2, "b")) is None
    assert [each.key for each in jobs.rows(job)] == ["a", "b"]


def test_a_removed_job_leaves_no_rows(jobs: Jobs, job: str, store: Store) -> None:
    jobs.add(job, [row(1)])
    jobs.remove(job)
    assert list(jobs.list()) == []
    with store.reading() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM rows").scalar() == 0
