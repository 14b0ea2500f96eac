"""What goes wrong in one run: faults within what the contract promises, people who act by hand, and long pauses.

A contract says after how long an absent write is proof that nothing happened. A platform that acts late, and then
shows it late, stays within that time: the two share it. Pages that lie without end (`double_page`, `missing_page`)
are left out: a read-back looks at one page, and no contract holds where that page is not true.
"""

from __future__ import annotations

import random
from dataclasses import replace

from sellercare.models import OpenReturn
from sellercare.simulator.face import Face
from sellercare.simulator.faults import Fault, FaultKind
from sellercare.simulator.torture.wishes import Desk, Wish

PROOF = {"acme": 30.0, "allegro": 300.0}
"""Within how many seconds the platforms act and show it, as their contracts say. Acme's `late` lists add their own."""

_ON_WRITES: tuple[FaultKind, ...] = (
    "acts_late",
    "acts_late",
    "lost_answer",
    "lost_answer",
    "never_arrived",
    "never_arrived",
    "error_before",
    "error_after",
    "fails_later",
    "text_altered",
    "text_moderated",
    "by_hand",
    "rate_limited",
    "cut_body",
    "html_body",
    "expired_token",
    "slow",
    "clock_skew",
)
_ON_READS: tuple[FaultKind, ...] = ("stale_read", "stale_read", "lost_answer", "error_before", "cut_body", "slow")


def set_up(face: Face, rng: random.Random, *, late_lists: bool) -> None:
    """Give the face its faults for this run."""
    time = PROOF[face.name]
    late = time if late_lists else time * rng.random()
    stale = 0.0 if late_lists else time - late
    rules = [_fault(rng, rng.choice(_ON_WRITES), writes=True, late=late, stale=stale) for _ in range(rng.randint(0, 5))]
    rules += [
        _fault(rng, rng.choice(_ON_READS), writes=False, late=late, stale=stale) for _ in range(rng.randint(0, 2))
    ]
    face.faults.rules.extend(rule for rule in rules if rule.kind != "stale_read" or stale > 0)


def _fault(rng: random.Random, kind: FaultKind, *, writes: bool, late: float, stale: float) -> Fault:
    seconds = {
        "acts_late": late * rng.choice((0.3, 0.99)),
        "stale_read": stale * 0.99,
        "slow": rng.choice((5.0, 45.0)),
        "clock_skew": rng.uniform(-300, 300),
        "rate_limited": rng.choice((1.0, 20.0)),
    }.get(kind, 30.0)
    return Fault(
        kind,
        "P*" if writes else "GET *",
        times=rng.randint(1, 4),
        probability=rng.choice((0.5, 1.0, 1.0)),
        after=rng.choice((0, 0, 0, 1, 2, 4)),
        seconds=seconds,
        status=rng.choice((502, 503, 504)),
    )


def earlier(desk: Desk, wishes: list[Wish], rng: random.Random) -> None:
    """Somebody did the same by hand, some time before the run."""
    for wish in wishes:
        if rng.random() < 0.4:
            _same_by_hand(desk, wish)


def meanwhile(desk: Desk, wishes: list[Wish], rng: random.Random) -> None:
    """People act while the run goes on: the seller by hand, in the same words or in others, and the buyer."""
    for wish in wishes:
        if rng.random() < 0.08:
            desk.world.later(rng.uniform(0, 90), lambda wish=wish: _same_by_hand(desk, wish))  # type: ignore[misc]
    for thread in desk.threads:
        if rng.random() < 0.06:
            desk.world.person_replies(thread, "I have asked the carrier.", after=rng.uniform(0, 90))
        if rng.random() < 0.3:
            desk.world.buyer_writes(thread, "Hello?", after=rng.uniform(0, 90))


def _same_by_hand(desk: Desk, wish: Wish) -> None:
    world = desk.world
    with world.person():
        if wish.verb == "messages.reply" and wish.about in world.data.threads:
            world.say(world.data.threads[wish.about], wish.sign[2])
        elif wish.verb == "refunds.issue":
            world.pay_back(world.data.orders[wish.about], wish.command.amount)  # type: ignore[attr-defined]
        elif isinstance(wish.command, OpenReturn):
            order, asked = world.data.orders[wish.about], wish.command
            lines = [(order.known_line(line.id), int(line.quantity or 0)) for line in asked.lines]
            world.open_return(order, lines, kind=asked.kind.value, reason=asked.reason, note=None)
        elif wish.verb == "orders.cancel" and world.data.orders[wish.about].state != "cancelled":
            world.cancel(world.data.orders[wish.about])


def spent(face: Face) -> None:
    """From now on nothing goes wrong any more; what is under way still happens."""
    face.faults.rules[:] = [replace(rule, times=0) for rule in face.faults.rules]
