"""What became of it: the journal's word for each write, held against the world's own log.

Writes that want the same under several keys are judged together, for nobody can tell their acts apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sellercare.simulator.clock import START
from sellercare.simulator.things import Act
from sellercare.simulator.torture.wishes import Sign, Wish, sign_of
from sellercare.simulator.world import World
from sellercare.store.records import Intent, IntentState
from sellercare.support import Readback, Repeat, WriteContract


@dataclass
class Verdict:
    """The sum of one run, or of many. Everything in `found` breaks the promise."""

    seeds: int = 0
    points: int = 0
    wanted: int = 0
    acted: int = 0
    confirmed: int = 0
    refused: int = 0
    held: int = 0
    by_hand: int = 0
    duplicates: int = 0
    losses: int = 0
    false_refusals: int = 0
    unjust_unknowns: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)
    verbs: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether the promise was kept."""
        return not (self.duplicates or self.losses or self.false_refusals or self.unjust_unknowns)

    def add(self, other: Verdict) -> None:
        """Add another run."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.unknown.update(other.unknown)
        self.settled.update(other.settled)
        self.verbs.update(other.verbs)
        self.injected.update(other.injected)
        self.found += other.found


_COUNTS = (
    "seeds",
    "points",
    "wanted",
    "acted",
    "confirmed",
    "refused",
    "held",
    "by_hand",
    "duplicates",
    "losses",
    "false_refusals",
    "unjust_unknowns",
)


@dataclass
class Evidence:
    """What a run leaves to be judged. `began` is when its workers did, by the world's clock, in seconds.

    `refunds` has what became of the money, by the platform's ids; None where nobody followed it.
    """

    name: str
    seed: int
    world: World
    wishes: Sequence[Wish]
    intents: Mapping[tuple[str, str], Intent]
    contracts: Mapping[str, WriteContract]
    began: float
    until: datetime
    refunds: Mapping[str, str] | None = None


def judge(evidence: Evidence) -> Verdict:
    """Count what was done twice, what was lost, and what is open without need."""
    verdict = Verdict(seeds=1, wanted=len(evidence.wishes))
    acts: dict[Sign, list[Act]] = defaultdict(list)
    for act in evidence.world.acts:
        acts[sign_of(act)].append(act)
    groups: dict[Sign, list[Wish]] = defaultdict(list)
    for wish in evidence.wishes:
        groups[wish.sign].append(wish)
    for sign, group in groups.items():
        _judge_group(evidence, verdict, sign, group, acts[sign])
    if evidence.refunds is not None:
        _judge_settlements(evidence, verdict, evidence.refunds)
    return verdict


def _judge_settlements(evidence: Evidence, verdict: Verdict, refunds: Mapping[str, str]) -> None:
    """What the journal says of the money, against what became of it. A refund without an id cannot be asked for."""
    for intent in evidence.intents.values():
        if intent.verb != "refunds.issue" or intent.state is not IntentState.CONFIRMED:
            continue
        if intent.native_id is None:
            verdict.settled["nobody can ask"] += 1
            continue
        became = refunds.get(intent.native_id, "not there")
        verdict.settled[became] += 1
        if intent.settlement != became:
            said = f"{intent.key} is settled as {intent.settlement or 'nothing'}, and the money is {became}"
            verdict.found.append(f"seed {evidence.seed} ({evidence.name}): {said}")
            verdict.losses += 1


def _judge_group(evidence: Evidence, verdict: Verdict, sign: Sign, group: list[Wish], acts: list[Act]) -> None:
    states = Counter(_state(evidence, wish) for wish in group)
    by_us = _felt(evidence, group[0], [act for act in acts if act.by == "api"])
    # A state that is set is set for all who want it, whenever that was.
    by_state = evidence.contracts[group[0].verb].readback is Readback.BY_STATE
    since = START + timedelta(seconds=0 if by_state else evidence.began - 60)
    by_hand = sum(act.by == "person" and act.at >= since for act in acts)
    verdict.acted += by_us
    verdict.verbs[group[0].verb] += by_us
    verdict.confirmed += states["confirmed"]
    verdict.refused += states["refused"]
    verdict.held += states["held"]

    def found(what: str, count: int) -> None:
        verdict.found.append(f"seed {evidence.seed} ({evidence.name}): {what} {sign}: {dict(states)}, {by_us} acts")
        setattr(verdict, what, getattr(verdict, what) + count)

    if by_us > len(group):
        found("duplicates", by_us - len(group))
    elif by_us > states["confirmed"] + states["unknown"] + states["open"]:
        found("false_refusals", by_us - states["confirmed"] - states["unknown"])
    missing = (min(1, states["confirmed"]) if by_state else states["confirmed"]) - by_us
    if missing > (by_hand if _may_be_anybodys(evidence, group[0]) else 0):
        found("losses", missing)
    elif missing > 0:
        verdict.by_hand += missing
    if states["open"]:
        found("losses", states["open"])
    for wish in group:
        if _state(evidence, wish) == "unknown":
            verdict.unknown[f"{evidence.name} {wish.verb}"] += 1
            if not _may_stay_open(evidence, wish):
                found("unjust_unknowns", 1)


def _state(evidence: Evidence, wish: Wish) -> str:
    """The journal's word. `held`: it never left, and the last word is that it may not; `open`: it has no end."""
    intent = evidence.intents.get((wish.verb, wish.key))
    if intent is None:
        return "held"
    if intent.state is IntentState.READY:
        return "held" if intent.sent_at is None or intent.error is not None else "open"
    return "open" if intent.state is IntentState.SENDING else intent.state.value


def _felt(evidence: Evidence, wish: Wish, acts: list[Act]) -> int:
    """How often the buyer felt it. The same text put over itself is one answer, not two."""
    if evidence.contracts[wish.verb].repeat is not Repeat.HARMLESS or wish.verb != "reviews.reply":
        return len(acts)
    on_it = [sign_of(act) for act in evidence.world.acts if act.kind == wish.sign[0] and act.target == wish.sign[1]]
    changes = [sign for n, sign in enumerate(on_it) if n == 0 or sign != on_it[n - 1]]
    return min(len(acts), changes.count(wish.sign))


def _may_be_anybodys(evidence: Evidence, wish: Wish) -> bool:
    """Whether the platform cannot tell our act from the same by hand."""
    return evidence.contracts[wish.verb].readback in (Readback.BY_DIFFERENCE, Readback.BY_STATE)


def _may_stay_open(evidence: Evidence, wish: Wish) -> bool:
    """Whether the contract gives no way to settle it, or the world shows what nobody can attribute."""
    contract = evidence.contracts[wish.verb]
    intent = evidence.intents[(wish.verb, wish.key)]
    if contract.key is not None and contract.key.remembered is not None:
        return intent.sent_at is not None and evidence.until > intent.sent_at + contract.key.remembered
    if contract.key is not None:
        return False
    if contract.readback is Readback.NONE or contract.absent_after is None:
        return True
    if contract.readback is Readback.BY_MARKER:
        return False
    return _strange(evidence, wish)


def _strange(evidence: Evidence, wish: Wish) -> bool:
    """Whether something is there that no confirmed write has made."""
    world = evidence.world
    if wish.verb != "returns.open" and wish.verb.startswith(("returns.", "reviews.", "orders.")):
        return sum(act.target == wish.about for act in world.acts) > 0
    claimed = {intent.native_id for intent in evidence.intents.values() if intent.state is IntentState.CONFIRMED}
    order = world.data.threads[wish.about].order_id if wish.about in world.data.threads else wish.about
    since = START + timedelta(seconds=evidence.began - 600)
    if wish.verb == "refunds.issue":
        made = [(each.id, each.created_at) for each in world.data.refunds.values() if each.order_id == order]
    elif wish.verb == "returns.open":
        made = [(each.id, each.created_at) for each in world.data.returns.values() if each.extra.get("by") == "seller"]
    else:
        said = [each for thread in world.data.threads.values() for each in thread.messages]
        made = [(each.id, each.created_at) for each in said if each.author == "seller" and each.order_id == order]
    return any(id_ not in claimed and at >= since for id_, at in made)
