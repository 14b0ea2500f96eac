"""`sellercare demo`: a tour on two simulated marketplaces, each behind a real socket on this machine."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from sellercare.cli.output import heading

if TYPE_CHECKING:
    from sellercare.bulk.accounts import Accounts
    from sellercare.simulator import Face, World
    from sellercare.store import Store

SPEED = 40
"""How many times as fast as the machine's the simulated clock runs."""

_QUESTIONS = (
    "Where is my parcel?",
    "Can I exchange it for a blue one?",
    "The lid does not close. What now?",
    "Could I have an invoice, please?",
    "Does it come with a plug for 230 V?",
    "One of the two is missing.",
)
_ANSWERS = (
    "It left our warehouse this morning and should be with you tomorrow.",
    "Of course. Send it back in the same box, the blue one leaves today.",
    "Sorry about that! A new lid is on its way, keep the old one.",
    "The invoice is in your account now, under Documents.",
    "Yes, it does, and with one for 110 V as well.",
    "We are sorry. The second one leaves today, at our cost.",
)


@dataclass(frozen=True)
class _Place:
    """One simulated marketplace and the seller's account there."""

    account: str
    face: Face

    @property
    def world(self) -> World:
        return self.face.world


@dataclass(frozen=True)
class _Tour:
    """What the stops of the tour share."""

    folder: Path
    store: Store
    accounts: Accounts
    acme: _Place
    allegro: _Place

    @property
    def places(self) -> tuple[_Place, _Place]:
        return self.acme, self.allegro

    @property
    def file(self) -> Path:
        return self.folder / "replies.csv"


@click.command()
def demo() -> None:
    """A tour on simulated marketplaces; nothing real is touched.

    Two accounts with buyers who wait, a file of answers with mistakes in it, a network that loses answers, one
    return from request to refund, and the seller's score. It takes a few seconds and leaves nothing behind.
    """
    with _opened() as tour:
        _say(
            "Two marketplaces run on this machine, simulated: Acme, which is invented, and Allegro, after its own",
            f"description. Nothing real is touched. Their clock, and ours, runs {SPEED} times as fast as yours.",
        )
        _what_waits(tour)
        _write_file(tour)
        _plan_and_send(tour)
        _once_more(tour)
        _one_return(tour)
        _score(tour)
        _what_next()


@contextmanager
def _opened() -> Iterator[_Tour]:
    """Worlds, servers, accounts and a store, all gone at the end."""
    from sellercare import registry
    from sellercare.bulk.accounts import Accounts
    from sellercare.config import Config
    from sellercare.shop import connect
    from sellercare.simulator import FastClock, World, serve
    from sellercare.simulator.faces import face_of, reached_at
    from sellercare.store import Store

    clock = FastClock(SPEED)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="sellercare-demo-")))
        places, tables = [], {}
        for seed, (name, currency) in enumerate((("acme", "EUR"), ("allegro", "PLN")), 1):
            adapter = registry.load(name)
            face = face_of(adapter)(World(seed, clock, currency=currency))
            address = stack.enter_context(serve(face))
            tables[f"my-{name}"] = {"adapter": name} | reached_at(adapter, face, address)
            places.append(_Place(f"my-{name}", face))
        config = Config(folder, {"accounts": tables})
        store = Store.open(f"sqlite:///{folder / 'store.db'}", clock=clock)
        stack.callback(store.close)
        accounts = Accounts(list(tables), lambda name: connect(name, config=config, store=store, clock=clock))
        _fill(*places)
        yield _Tour(folder, store, accounts, *places)


def _fill(acme: _Place, allegro: _Place) -> None:
    """Buyers who wait, some who do not, a return and a score."""
    for place, count in ((acme, 12), (allegro, 6)):
        world = place.world
        for n in range(count):
            thread = world.thread(world.order(days_ago=3 + n % 5))
            world.message(thread, _QUESTIONS[n % len(_QUESTIONS)], minutes_ago=30 + 47 * n)
        for n in range(3):
            thread = world.thread(world.order(days_ago=12))
            world.message(thread, "Thank you!", minutes_ago=3000 + 90 * n)
            world.message(thread, "You are welcome.", author="seller", minutes_ago=2900 + 90 * n)
    acme.world.return_(acme.world.order(lines=[acme.world.line("Tea set", "48.00")]), reason="damaged")
    metrics: list[dict[str, Any]] = [
        {"code": "answer_hours", "name": "Hours to the first answer", "value": 9, "unit": "hours", "target": 24}
        | {"comparator": "at_most", "level": "good"},
        {"code": "return_share", "name": "Share of orders sent back", "value": "0.041", "unit": "fraction"}
        | {"target": "0.05", "comparator": "at_most", "level": "warning"},
    ]
    acme.world.score_day(value=461, grade="good", metrics=metrics)


def _what_waits(tour: _Tour) -> None:
    _stop("What waits for an answer", "sellercare messages list --all --awaiting-reply")
    for place in tour.places:
        shop = tour.accounts.shop(place.account)
        threads = list(shop.messages.threads(awaiting_reply=True))
        for thread in threads[:3]:
            who = thread.buyer.name or thread.buyer.login or "(withheld)"
            last = next(iter(shop.messages.messages(thread.id)))
            click.echo(f"  {place.account:<11} {thread.id:<38} {who:<15} {last.text}")
        click.echo(f"  {place.account:<11} … {len(threads)} buyers wait in all")


def _write_file(tour: _Tour) -> None:
    """The seller's file: an answer for everybody who waits, and the mistakes that files have."""
    rows: list[dict[str, str]] = []
    for place in tour.places:
        threads = tour.accounts.shop(place.account).messages.threads(awaiting_reply=True)
        rows += [
            {"account": place.account, "thread_id": thread.id, "text": _ANSWERS[n % len(_ANSWERS)]}
            for n, thread in enumerate(threads)
        ]
    first = rows[0]
    rows[4:4] = [
        first | {"thread_id": "1.15E+18"},
        first | {"thread_id": "thr_0000000000"},
    ]
    rows[9:9] = [first | {"text": ""}, first | {"text": "See https://my-own-shop.example for a better price!"}]
    rows.append(dict(first))
    settled = next(id for id, thread in tour.acme.world.data.threads.items() if not thread.awaiting_reply)
    rows.append(first | {"thread_id": settled, "text": _ANSWERS[1]})
    with tour.file.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["account", "thread_id", "text"])
        writer.writeheader()
        writer.writerows(rows)


def _plan_and_send(tour: _Tour) -> None:
    from sellercare.simulator import Fault

    _stop("A file of answers, and what would become of it", "sellercare bulk reply replies.csv --all --skip-bad")
    _say("The file has an answer for each of them, and six rows such as people make. The plan comes first:")
    job_id = _planned(tour)
    acme, allegro = tour.acme.face.faults, tour.allegro.face.faults
    acme.add(Fault("lost_answer", "POST */messages", times=None, probability=0.35))
    acme.add(Fault("rate_limited", "POST */messages", times=2, after=3, seconds=2))
    allegro.add(Fault("lost_answer", "POST /messaging/threads/*", times=2))
    allegro.add(Fault("rate_limited", "POST /messaging/threads/*", after=3, seconds=3))
    _stop("Sent over a bad network")
    _say(
        "Now the network breaks some connections after the marketplace has acted, and some calls come too early",
        "for the marketplace (429). Rows with mistakes stay out.",
    )
    _sent(tour, job_id)
    lost = sum(place.face.faults.injected["lost_answer"] for place in tour.places)
    early = sum(status == 429 for place in tour.places for _, status in place.face.log)
    acts = sum(place.world.count("message") for place in tour.places)
    twice = sum(len(place.world.twice()) for place in tour.places)
    _say(
        f"{lost} answers of the marketplaces were lost on the way, and {early} calls were told to wait. What was lost",
        f"was looked up there first. The marketplaces count {acts} messages; buyers written to twice: {twice}.",
    )


def _planned(tour: _Tour) -> str:
    from sellercare.bulk.files import open_rows
    from sellercare.bulk.foresight import Foresight
    from sellercare.bulk.plan import Order, make_plan
    from sellercare.bulk.report import summary
    from sellercare.cli import bulk_view as view

    with open_rows(tour.file) as rows, view.bar("Planning", None) as watch:
        job = make_plan(tour.store, tour.accounts, rows, Order("messages.reply", skip_bad=True), watch)
    view.show_plan(tour.store, summary(tour.store, job.id), Foresight())
    return str(job.id)


def _sent(tour: _Tour, job_id: str) -> None:
    from sellercare.cli import bulk_view as view

    view.send(tour.store, tour.accounts, job_id, yes=True, workers=4, report=None, as_json=False)


def _once_more(tour: _Tour) -> None:
    _stop("The same file again", "sellercare bulk reply replies.csv --all --skip-bad")
    before = sum(place.world.count("message") for place in tour.places)
    _sent(tour, _planned(tour))
    after = sum(place.world.count("message") for place in tour.places)
    _say(f"The marketplaces count {after - before} new messages: what was answered is not answered again.")


def _one_return(tour: _Tour) -> None:
    from sellercare.simulator import Fault

    shop = tour.accounts.shop(tour.acme.account)
    found = next(iter(shop.returns.list()))
    _stop("One return, from request to refund", f"sellercare returns approve {found.id}")
    click.echo(f"  {found.number}: {found.lines[0].title}, {found.asked}, {found.reason}: {found.state.value}")
    click.echo(f"  approved: {shop.returns.approve(found.id).state.value}")
    click.echo(f"  received: {shop.returns.receive(found.id).state.value}")
    tour.acme.face.faults.add(Fault("lost_answer", "POST *refunds"))
    for option in shop.refunds.quote(return_id=found.id):
        click.echo(f"  may be paid back: up to {option.most}, {option.title}")
    refund = shop.refunds.issue(return_id=found.id, key=f"refund-{found.number}")
    click.echo(f"  refunded: {refund.amount}, {refund.state.value}")
    shop.refunds.issue(return_id=found.id, key=f"refund-{found.number}")
    times = tour.acme.world.count("refund")
    _say(f"That answer was lost, too, and the refund asked for a second time under its key. Paid: {times} time.")


def _score(tour: _Tour) -> None:
    score = tour.accounts.shop(tour.acme.account).scores.current()
    _stop("How the marketplace judges the seller", f"sellercare scores --account {tour.acme.account}")
    click.echo(f"  {score.on}: {score.value} of {score.most}, {score.level.value}")
    for metric in score.metrics:
        bound = {"at_most": "at most", "at_least": "at least"}.get(metric.comparator.value, "target")
        click.echo(f"  {metric.name}: {metric.value} ({bound} {metric.target}), {metric.level.value}")


def _what_next() -> None:
    _stop("What to type next")
    for command, what in (
        ("sellercare adapters", "what each platform can do, and why not"),
        ("sellercare accounts add", "sign in with an account of yours"),
        ("sellercare messages list", "see who waits there"),
        ("sellercare bulk reply FILE --dry-run", "a plan for your own file; nothing is sent"),
    ):
        click.echo(f"  {command:<38} {what}")


def _stop(title: str, command: str = "") -> None:
    """One stop of the tour, with the command that does it."""
    click.echo("\n" + heading(title))
    if command:
        click.secho(f"  $ {command}", dim=True)


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(line)


__all__ = ["demo"]
