"""What a bulk run shows: its plan, its progress, and what it came to. Shared by `bulk` and `jobs`."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sellercare.cli.bulk_progress import following
from sellercare.cli.bulk_waits import Waits, beneath, duration
from sellercare.cli.errors import DONE, FAILED, UNKNOWN, Interrupted, NotConfirmed, WhileSending, exit_code, show
from sellercare.cli.output import heading, note
from sellercare.cli.text import clean, json_line
from sellercare.errors import BadInput, Changed, SellercareError
from sellercare.store.limits import WHAT
from sellercare.waiting import told_to

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from sellercare.bulk.accounts import Accounts
    from sellercare.bulk.apply import Applied
    from sellercare.bulk.foresight import Foreseen, Foresight
    from sellercare.bulk.report import Summary
    from sellercare.store import Store
    from sellercare.store.jobs import JobRow, RowState

SHOWN = 20
"""Rows with a problem that are listed before the rest is only counted."""

_NOUNS = {
    "messages.reply": ("reply", "replies"),
    "refunds.issue": ("refund", "refunds"),
    "returns.decide": ("decision", "decisions"),
    "reviews.reply": ("answer", "answers"),
}


_SOON = 600.0
"""Seconds for which a plan is what it was; see `sellercare.bulk.sending`."""


def things(verb: str, count: int) -> str:
    """`1 reply`, `400 replies`."""
    one, many = _NOUNS.get(verb, ("row", "rows"))
    return f"{count:,} {one if count == 1 else many}"


def show_plan(store: Store, found: Summary, foreseen: Foresight) -> None:
    """The plan for people: what is ready, held, rejected, the money and its limits, what follows, and the time."""
    job = found.job
    click.echo(heading(f"Plan {job.id}: {things(job.verb, found.rows)} from {clean(job.source)}"))
    show_counts(found)
    if found.money:
        click.echo(f"  money to pay back: {', '.join(map(str, found.money.values()))}")
    show_money(foreseen)
    for sentence, count in found.consequences.items():
        click.echo(f"  {clean(sentence)} ({things(job.verb, count)})")
    slowest = max(found.pace, key=lambda pace: pace["seconds"], default=None)
    if slowest is not None and slowest["seconds"] >= 1:
        click.echo(f"  takes {duration(slowest['seconds'])} at least: {clean(slowest['says'])}")
    if found.seconds > _SOON:
        tell_looking(found)
    if job.offline:
        click.echo("  offline: nothing was asked at the marketplace; threads, orders and limits are checked when sent")
    show_troubles(store, found, planned=True)


def show_money(foreseen: Foresight) -> None:
    """What each account puts at stake, if there are several sums, and where a limit will be met."""
    for each in foreseen.sums:
        if len(foreseen.sums) > 1 or each.limit:
            rows = f"{each.rows:,} {'row' if each.rows == 1 else 'rows'}"
            click.echo(f"  at stake for {clean(each.account)}: {each.money} in {rows}")
        if each.limit:
            for line in _limit_met(each):
                click.echo(f"    {line}")
    if foreseen.untold and foreseen.limited:
        click.echo(f"  {foreseen.untold:,} more may move money; how much is known when they are sent")


def _limit_met(each: Foreseen) -> tuple[str, str]:
    taken = f", {each.taken} of it taken already" if each.taken and each.taken.amount else ""
    waiting = f"{each.waiting:,} {'row' if each.waiting == 1 else 'rows'} ({each.waiting_money})"
    return (
        f"more than the limit of {each.most} {WHAT[each.limit]}{taken}:",
        f"from line {each.first_line} on, {waiting} will wait for an approval",
    )


def tell_looking(found: Summary) -> None:
    """What it costs to find out, when the plan is applied later, whether the world has changed since."""
    look = found.job.options.get("look", {})
    if look.get("changes"):
        note(f"To compare rows with the world of then {look['changes']}: it is not done unless you say --compare.")
    elif look.get("costs"):
        note(f"Later than in ten minutes each row is compared first ({look['costs']}); --no-compare leaves that out.")


def tell_rows(found: Summary) -> None:
    """Where the rows can be read one by one before they are sent: texts that a template has made, sums."""
    from sellercare.store.jobs import RowState

    if found.count(RowState.READY):
        note(f"`sellercare jobs show {found.job.id} --state ready` shows what each row says and pays.")


def show_counts(found: Summary) -> None:
    """One line for each account with its rows by state."""
    width = max((len(name) for name in found.accounts), default=0)
    for name, counts in found.accounts.items():
        parts = ", ".join(f"{count:,} {state.value}" for state, count in counts.items())
        click.echo(f"  {clean(name or '(no account)').ljust(width)}  {parts}")


def show_troubles(store: Store, found: Summary, *, planned: bool) -> None:
    """The first rows that will not be, or were not, sent as they are, each with its line and reason."""
    from sellercare.store.jobs import RowState

    states = [RowState.HELD, RowState.REFUSED, RowState.UNKNOWN]
    if planned or found.job.offline:
        states.insert(0, RowState.REJECTED)
    for state in states:
        count = found.count(state)
        if count:
            _list(state.value, store.jobs.rows(found.job.id, state, chunk=SHOWN))
        if count > SHOWN:
            click.echo(f"  and {count - SHOWN:,} more: sellercare jobs show {found.job.id} --state {state.value}")
    noted = store.jobs.noted(found.job.id, RowState.READY, limit=SHOWN)
    if noted:
        _list("ready, but look at" if planned else "not sent yet", noted)


def _list(title: str, rows: Iterable[JobRow]) -> None:
    click.echo(heading(f"{title}:"))
    for row in islice(rows, SHOWN):
        click.echo(f"  line {row.line}  {clean(row.note)}")


def print_rows(store: Store, job_id: str, *states: RowState) -> None:
    """All rows (or those in these states), one JSON object a line."""
    from sellercare.bulk.report import lines

    for line in lines(store, job_id, *states):
        click.echo(json_line({"type": "row"} | line))


@contextmanager
def bar(title: str, total: int | None) -> Iterator[Callable[[RowState], None]]:
    """A progress bar on standard error with counts by outcome, rate, time left and what is waited for; nothing where
    nobody looks."""
    if not sys.stderr.isatty():
        yield lambda state: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    waits = Waits()
    progress = Progress(*columns, console=Console(stderr=True))
    with beneath(progress, partial(waits.sentence, None, name_accounts=False)), told_to(partial(waits.told, "")):
        counter = _Counter(progress, progress.add_task(title, total=total, counts="", speed=""))
        try:
            yield counter.count
        finally:
            counter.show()


class _Counter:
    """Counts rows for the bar, and moves it ten times a second at most."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._counts: Counter[str] = Counter()
        self._began = self._shown = time.monotonic()

    def count(self, state: RowState) -> None:
        """One more row."""
        self._counts[state.value] += 1
        if time.monotonic() - self._shown > 0.1:
            self.show()

    def show(self) -> None:
        """Move the bar to where we are."""
        self._shown = time.monotonic()
        done = sum(self._counts.values())
        rate = done / max(self._shown - self._began, 0.001)
        counts = " ".join(f"{name} {count}" for name, count in self._counts.items())
        self._progress.update(self._task, completed=done, counts=counts, speed=f"{rate:.1f}/s")


def send(
    store: Store,
    accounts: Accounts,
    job_id: str,
    *,
    yes: bool,
    workers: int,
    report: Path | None,
    as_json: bool,
    compare: bool | None = None,
) -> int:
    """Ask, send, and tell what it came to. The plan was shown already. Returns the exit code."""
    from sellercare.bulk.apply import TO_DO, apply
    from sellercare.bulk.report import summary
    from sellercare.bulk.sending import Compare

    before = summary(store, job_id)
    todo = before.count(*TO_DO)
    if todo and not yes:
        _ask(before, todo)
    if as_json and (as_they_are := [state for state in before.counts if state not in TO_DO]):
        print_rows(store, job_id, *as_they_are)
    if not todo:
        return _told(store, job_id, None, report, as_json=as_json)
    with _explained(job_id):
        how = {None: Compare.AUTO, True: Compare.ALWAYS, False: Compare.NEVER}[compare]
        with following(store, before, todo, as_json=as_json) as watch:
            applied = apply(store, accounts, before.job, workers=workers, watch=watch, compare=how)
        return _told(store, job_id, applied, report, as_json=as_json)


def _told(store: Store, job_id: str, applied: Applied | None, report: Path | None, *, as_json: bool) -> int:
    """Tell what it came to. Returns the exit code."""
    from sellercare.bulk.report import summary, write
    from sellercare.store.jobs import RowState

    after = summary(store, job_id)
    if report is not None:
        try:
            write(store, job_id, report)
        except BadInput as error:  # what was sent was sent
            error.changed = Changed.YES if applied is not None and applied.sent else Changed.NO
            raise
    if as_json:
        print_rows(store, job_id, RowState.READY)
        sent = applied.sent if applied else 0
        click.echo(json_line({"type": "result", "sent": sent, "interrupted": _interrupted(applied)} | after.plain()))
    else:
        _show_result(store, after, applied, report)
    return _code(store, after, applied, as_json=as_json)


@contextmanager
def _explained(job_id: str) -> Iterator[None]:
    """What ends a run in the middle leaves open what was on its way: say so, and how to go on."""
    again = f"Go on with `sellercare jobs resume {job_id}`: what was on its way is looked up, nothing is sent twice."
    try:
        yield
    except (SellercareError, click.exceptions.Exit):
        raise
    except BrokenPipeError:
        raise Interrupted(
            "Nobody reads the output any more, so the run was stopped.", changed=Changed.UNKNOWN, next_step=again
        ) from None
    except KeyboardInterrupt:
        raise Interrupted(
            "Stopped by you, before what was on its way had finished.", changed=Changed.UNKNOWN, next_step=again
        ) from None
    except Exception as error:
        raise WhileSending(again) from error


def _ask(found: Summary, todo: int) -> None:
    money = f", {', '.join(map(str, found.money.values()))}" if found.money else ""
    tell_rows(found)
    if not click.confirm(f"Send {things(found.job.verb, todo)}{money}?", err=True):
        raise NotConfirmed(
            "You said no.", next_step=f"The plan stays: `sellercare jobs resume {found.job.id}` sends it."
        )


def _show_result(store: Store, found: Summary, applied: Applied | None, report: Path | None) -> None:
    sent = applied.sent if applied else 0
    click.echo(heading(f"{things(found.job.verb, sent)} sent." if sent else "Nothing was sent."))
    show_counts(found)
    if found.moved:
        click.echo(f"  money paid back: {', '.join(map(str, found.moved.values()))}")
    if found.settlements:
        parts = ", ".join(f"{count:,} {name}" for name, count in found.settlements.items())
        click.echo(f"  settlement: {parts}; `sellercare jobs settle --follow {found.job.id}` asks again")
    if found.unknown_money:
        click.echo(f"  money of unknown outcome: {', '.join(map(str, found.unknown_money.values()))}")
    show_troubles(store, found, planned=False)
    if report is not None:
        note(f"The report is in {report}.")


def _interrupted(applied: Applied | None) -> bool:
    return applied is not None and applied.interrupted


def _code(store: Store, found: Summary, applied: Applied | None, *, as_json: bool) -> int:
    from sellercare.bulk.report import worst
    from sellercare.store.jobs import RowState

    job_id = found.job.id
    left = found.count(RowState.READY)
    waiting = sum(1 for _ in islice(store.jobs.waiting(job_id), SHOWN + 1))
    if waiting:
        some = f"{waiting}" if waiting <= SHOWN else f"more than {SHOWN}"
        note(f"{some} held: look at them; `sellercare jobs approve {job_id}` lets them go.")
    if applied is not None and applied.interrupted:
        raise Interrupted(
            f"Stopped by you. What was on its way has finished and is recorded; {things(found.job.verb, left)} left.",
            changed=Changed.YES if applied.sent else Changed.UNKNOWN if found.count(RowState.UNKNOWN) else Changed.NO,
            next_step=f"Go on with `sellercare jobs resume {job_id}`; nothing is sent twice.",
        )
    if applied is not None and applied.cancelled:
        note("Somebody has cancelled this run: what was on its way has finished, the rest is not sent.")
    codes = []
    for account, error in (applied.stopped if applied else {}).items():
        show(error, account=account, as_json=as_json)
        codes.append(exit_code(error))
    if left:
        note(f"{things(found.job.verb, left)} left: `sellercare jobs resume {job_id}` goes on, nothing is sent twice.")
    state = worst(found)
    if state is RowState.UNKNOWN:
        note("Of some it is not known whether the marketplace acted. They are never sent again without proof.")
        note(f"Look at them there; `sellercare jobs resume {job_id}` looks them up once more,")
        note(f"and `sellercare jobs settle {job_id}:LINE --landed` (or --not-landed) says what you have seen.")
        return UNKNOWN
    if codes:
        return codes[0] if len(set(codes)) == 1 else FAILED
    return DONE if state is None else FAILED


def refuse_bad(found: Summary, *, as_json: bool) -> int:
    """Say that nothing is sent while rows are bad. Returns the exit code."""
    from sellercare.store.jobs import RowState

    bad = found.count(RowState.REJECTED)
    show(
        BadInput(
            f"{bad:,} of {found.rows:,} rows {'is' if bad == 1 else 'are'} bad, so nothing was sent.",
            next_step="Correct the file and run it again, or leave bad rows out with --skip-bad.",
        ),
        as_json=as_json,
    )
    return FAILED


__all__ = [
    "bar",
    "duration",
    "print_rows",
    "refuse_bad",
    "send",
    "show_plan",
    "show_troubles",
    "tell_looking",
    "tell_rows",
    "things",
]
