"""One seed: a small world, a journal, two processes that work on the same wishes, and everything that goes wrong."""

from __future__ import annotations

import importlib
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sellercare import registry
from sellercare.adapter import Adapter
from sellercare.errors import SellercareError
from sellercare.shop import Shop
from sellercare.shop.settling import FOLLOWED
from sellercare.simulator.clock import START
from sellercare.simulator.face import Face
from sellercare.simulator.faces import face_of
from sellercare.simulator.faults import Faults
from sellercare.simulator.torture import bulk, trouble
from sellercare.simulator.torture.judge import Evidence, Verdict, judge
from sellercare.simulator.torture.machines import ACCOUNT, PausingStore, seeded, settings_of, shop_of
from sellercare.simulator.torture.scheduler import Process, Scheduler, VirtualClock, Worker
from sellercare.simulator.torture.wishes import Wish, furnished, wishes_for
from sellercare.simulator.world import World
from sellercare.store.records import Intent, IntentState

PLACES = (
    ("acme", "mixed"),
    ("acme", "keyed"),
    ("acme", "marker"),
    ("acme", "difference"),
    ("acme", "late"),
    ("acme", "refuses_repeats"),
    ("acme", "blind"),
    ("allegro", ""),
)
"""The platforms and contracts that seeds take in turn."""

_AFTER = 600.0
"""Where the workers begin: what people did before is some minutes old then."""

_ROUNDS = 4

_OLD = 16
"""So many seeds in each thirty-two want what the torture began with: what they found once, they would find again."""

_LONGEST_SETTLEMENT = 4000.0
"""Seconds within which a refund is paid, or called off."""


class Torture:
    """Runs seeds, one after the other, over one pair of stores."""

    def __init__(self, folder: Path) -> None:
        self._stores = PausingStore.pair(folder)
        self._adapters: dict[str, type[Adapter]] = {}

    def adapter(self, name: str) -> type[Adapter]:
        """An installed adapter."""
        if name not in self._adapters:
            self._adapters[name] = registry.load(name)
        return self._adapters[name]

    def run(self, seed: int, tell: Callable[[str], None] | None = None) -> tuple[Verdict, str]:
        """Run one seed: the verdict, and the hash of the way that it took."""
        name, contract = PLACES[seed % len(PLACES)]
        run = _Run(self.adapter(name), contract, seed, self._stores, tell)
        with seeded(seed, run.scheduler):
            return run.verdict(), run.scheduler.trace

    def close(self) -> None:
        """Close the stores."""
        for store in self._stores:
            store.close()


@contextmanager
def torture() -> Iterator[Torture]:
    """A torture in a folder that goes away with it."""
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="sellercare-torture-", dir=shared if shared.is_dir() else None))
    made = Torture(folder)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


class _Run:
    """One seed's run."""

    def __init__(
        self,
        adapter: type[Adapter],
        contract: str,
        seed: int,
        stores: tuple[PausingStore, PausingStore],
        tell: Callable[[str], None] | None,
    ) -> None:
        self.rng = rng = random.Random(seed)
        self.seed, self.adapter, self.contract, self.stores = seed, adapter, contract, stores
        deaths = rng.choice((0.0, 0.004, 0.02))
        stalls = rng.choice((0.0, 0.0, 0.01, 0.04))
        self.scheduler = Scheduler(random.Random(rng.random()), deaths=deaths, most_deaths=4, stalls=stalls)
        self.scheduler.tell = tell
        self.scheduler.on_death = self._raise_again
        for store in stores:
            store.empty()
            store.clock.scheduler, store.clock.apart = self.scheduler, 0.0
        stores[1].clock.apart = rng.choice((0.0, rng.uniform(-20, 20)))
        self.world = World(seed, VirtualClock(self.scheduler), currency="PLN" if adapter.name == "allegro" else "EUR")
        options: dict[str, Any] = {"contract": contract} if contract else {}
        self.face: Face = face_of(adapter)(self.world, Faults(seed=seed), **options)
        self.all_kinds = seed % (2 * _OLD) >= _OLD
        self.desk = furnished(adapter, self.world, rng, self._shown, all_kinds=self.all_kinds)
        self.wishes = wishes_for(adapter, self.desk, rng, rng.randint(1, 6), all_kinds=self.all_kinds)
        if self.all_kinds:
            self.world.settle_after = rng.choice((self.world.settle_after, 45.0, _LONGEST_SETTLEMENT))
        self.crowded = self.all_kinds and rng.random() < 0.5
        self.settings = settings_of(adapter, self.face)
        self.patience = rng.choice((3.0, 10.0, 60.0))
        self.processes: dict[Process, tuple[int, Shop]] = {}
        self.jobs = bulk.planned(stores[0], self.wishes) if rng.random() < 0.4 else []
        self.raised_again = 0

    def _shown(self, world_id: str) -> str:
        if self.adapter.name != "allegro":
            return world_id
        as_uuid: Callable[[str], str] = importlib.import_module("sellercare_adapters.allegro.face_base").as_uuid
        return as_uuid(world_id)

    # --- the run ------------------------------------------------------------------------------------------------

    def verdict(self) -> Verdict:
        """Let it all happen, then judge."""
        self.scheduler.now = _AFTER / 2
        trouble.earlier(self.desk, self.wishes, self.rng)
        self.scheduler.now = _AFTER
        trouble.set_up(self.face, self.rng, late_lists=self.contract == "late")
        trouble.meanwhile(self.desk, self.wishes, self.rng)
        for number in range(len(self.stores)):
            self._begin(number)
        self.scheduler.run()
        self._settle()
        return self._judged()

    def _begin(self, number: int) -> None:
        """A process with one or two workers; some wishes are given to several workers, in a crowd all to all."""
        if number == 1 and self.rng.random() < 0.15:
            return
        process = self._process(number, self.patience)
        if self.crowded:
            for letter in "ab":
                work = partial(self._apply if self.jobs else self._work, process, list(self.wishes))
                self.scheduler.start(f"{process.name}{letter}", process, work)
            return
        for letter in "ab"[: self.rng.choice((1, 1, 2))]:
            mine = [wish for wish in self.wishes if self.rng.random() < 0.8]
            if self.rng.random() < 0.5:
                self.rng.shuffle(mine)
            pause = self.rng.choice((0.0, 0.0, 20.0))
            work = partial(self._apply, process, mine) if self.jobs else partial(self._work, process, mine, pause)
            self.scheduler.start(f"{process.name}{letter}", process, work, after=self.rng.choice((0.0, 0.0, 5.0)))

    def _process(self, number: int, patience: float) -> Process:
        process = Process(f"p{number}")
        shop = shop_of(self.adapter, self.face, self.stores[number], self.settings, patience)
        self.processes[process] = (number, shop)
        return process

    def _work(self, process: Process, wishes: Sequence[Wish], pause: float = 0.0) -> None:
        _, shop = self.processes[process]
        try:
            for wish in wishes:
                self._want(shop, wish)
                if pause:
                    self.scheduler.sleep(pause)
        finally:
            shop.http.close()

    def _apply(self, process: Process, wishes: Sequence[Wish]) -> None:
        """The bulk runs, and by itself what there is no bulk run of."""
        number, shop = self.processes[process]
        try:
            bulk.apply(self.stores[number], shop, self.jobs, self.scheduler)
            for wish in wishes:
                if not bulk.in_bulk(wish):
                    self._want(shop, wish)
        finally:
            shop.http.close()

    def _want(self, shop: Shop, wish: Wish) -> None:
        self.scheduler.note(f"wants {wish.key} {wish.verb} {wish.sign}")
        try:
            outcome = shop.write(wish.verb, wish.command, key=wish.key, who="torture")
            word = f"{outcome.state} {type(outcome.error).__name__ if outcome.error else ''}"
        except SellercareError as error:
            word = f"{type(error).__name__}: {error.message}"
        self.scheduler.note(f"{wish.key}: {word}")

    def _raise_again(self, worker: Worker, whole: bool) -> None:
        """Somebody starts what died again, now or later."""
        after = self.rng.choice((0.5, 30.0, 200.0))
        number, _ = self.processes[worker.process]
        self.raised_again += 1
        process = worker.process
        if whole:
            process = self._process(number, self.patience)
        again = list(self.wishes)
        work = partial(self._apply, process, again) if self.jobs else partial(self._work, process, again, 0.0)
        self.scheduler.start(f"{process.name}r{self.raised_again}", process, work, after=after)

    def _settle(self) -> None:
        """Nothing goes wrong any more; a patient process asks for everything again, until nothing is open."""
        trouble.spent(self.face)
        self.stores[0].tokens.forget(ACCOUNT)  # a lost renewal has used up the grant: the seller signs in again
        self.settings = settings_of(self.adapter, self.face)
        self.scheduler.deaths_left, self.scheduler.stalls = 0, 0.0
        pauses = [self.rng.choice((400.0, 3600.0, 2 * 86_400.0)), *([3600.0] * (_ROUNDS - 1))]
        asked: list[Wish] = self.wishes
        for number, pause in enumerate(pauses):
            self.scheduler.now += pause
            self.world.settle()
            process = self._process(number % 2, 600.0)
            if self.jobs:  # resumed first: what was claimed by the dead is free by now
                self.scheduler.start(f"{process.name}j", process, partial(self._apply, process, ()))
                self.scheduler.run()
                process = self._process(number % 2, 600.0)
            self.scheduler.start(f"{process.name}s", process, partial(self._work, process, asked, 0.0))
            self.scheduler.run()
            settled = {key for key, intent in self._intents().items() if intent.state is IntentState.CONFIRMED}
            asked = [wish for wish in self.wishes if (wish.verb, wish.key) not in settled]
            if not asked:
                break
        self.scheduler.now += 3600.0
        self.world.settle()
        if self.all_kinds:
            self._follow_refunds()

    def _follow_refunds(self) -> None:
        """What became of the money is asked for, until it can change no more. The platform calls some refunds off."""
        for refund in list(self.world.data.refunds.values()):
            if self.rng.random() < 0.3:
                after = self.rng.uniform(0, _LONGEST_SETTLEMENT)
                self.world.settle_refund(refund, "failed", after=after)
        for number in range(2):
            process = self._process(number, 600.0)
            self.scheduler.start(f"{process.name}f", process, partial(self._follow, process))
            self.scheduler.run()
            self.scheduler.now += 2 * _LONGEST_SETTLEMENT
            self.world.settle()
        process = self._process(0, 600.0)
        self.scheduler.start(f"{process.name}f", process, partial(self._follow, process))
        self.scheduler.run()

    def _follow(self, process: Process) -> None:
        _, shop = self.processes[process]
        try:
            for intent in self._intents().values():
                if intent.verb == FOLLOWED and intent.state is IntentState.CONFIRMED:
                    self.scheduler.note(f"{intent.key} follows {shop.follow(intent.id)}")
        finally:
            shop.http.close()

    def _judged(self) -> Verdict:
        intents = self._intents()
        _, shop = next(iter(self.processes.values()))
        contracts = {verb: answer.contract for verb, answer in shop.supports().items() if answer.contract is not None}
        evidence = Evidence(
            name=f"{self.adapter.name} {self.contract}".strip(),
            seed=self.seed,
            world=self.world,
            wishes=self.wishes,
            intents=intents,
            contracts=contracts,
            began=_AFTER,
            until=START + timedelta(seconds=self.scheduler.now),
            refunds={self._shown(id_): each.state for id_, each in self.world.data.refunds.items()}
            if self.all_kinds
            else None,
        )
        for act in self.world.acts:
            self.scheduler.note(f"{act}")
        verdict = judge(evidence)
        for said in bulk.untrue(self.stores[0], self.jobs, intents):
            verdict.losses += 1
            verdict.found.append(f"seed {self.seed}: {said}")
        verdict.points = self.scheduler.points
        verdict.injected.update(self.face.faults.injected)
        verdict.injected["stall"] += self.scheduler.stalled
        verdict.injected.update(f"death of a {kind}" for kind in self.scheduler.died)
        for key, intent in sorted(intents.items()):
            self.scheduler.note(f"{key} {intent.state} {intent.settlement} {intent.attempts} {intent.native_id}")
        return verdict

    def _intents(self) -> dict[tuple[str, str], Intent]:
        return {(each.verb, each.key): each for each in self.stores[0].intents.list()}
