"""`python -m sellercare.simulator.torture --seeds N`: the proof of "exactly once", from the command line."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence

from sellercare.simulator.torture.judge import Verdict
from sellercare.simulator.torture.mutations import MUTATIONS
from sellercare.simulator.torture.report import table
from sellercare.simulator.torture.runs import torture
from sellercare.simulator.torture.sharing import mutated, share

_SHARE = 25


def main(arguments: Sequence[str] | None = None) -> int:
    """Run seeds and print what was found; 1 if the promise was broken."""
    wanted = _parser().parse_args(arguments)
    began = time.perf_counter()
    if wanted.seed is not None:
        return _replay(wanted.seed, wanted.verbose, wanted.without)
    seeds = range(wanted.start, wanted.start + wanted.seeds)
    total = Verdict()
    for verdict in _verdicts(seeds, wanted.workers, wanted.without):
        total.add(verdict)
        if sys.stderr.isatty():
            print(f"\r{total.seeds} of {len(seeds)} seeds ", end="", file=sys.stderr, flush=True)
    print(table(total, time.perf_counter() - began))
    return 0 if total.kept else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sellercare.simulator.torture", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, metavar="N", help="how many seeds to try (200)")
    parser.add_argument("--start", type=int, default=0, metavar="S", help="the first of them (0)")
    parser.add_argument("--workers", type=int, default=1, metavar="W", help="processes that share the seeds (1)")
    parser.add_argument("--seed", type=int, metavar="X", help="run this one twice, and see that it goes the same way")
    parser.add_argument("--verbose", action="store_true", help="with --seed: tell every step of it")
    parser.add_argument("--without", choices=sorted(MUTATIONS), help="switch off a part of the promise")
    return parser


def _replay(seed: int, verbose: bool, without: str | None) -> int:
    with mutated(without), torture() as running:
        verdict, trace = running.run(seed, print if verbose else None)
        _, again = running.run(seed)
    print(table(verdict))
    print(f"trace {trace}, and again {again}")
    return 0 if verdict.kept and trace == again else 1


def _verdicts(seeds: range, workers: int, without: str | None) -> Iterator[Verdict]:
    shares = [(seeds[n : n + _SHARE], without) for n in range(0, len(seeds), _SHARE)]
    if workers < 2:
        with mutated(without), torture() as running:
            for seed in seeds:
                yield running.run(seed)[0]
        return
    with multiprocessing.get_context("spawn").Pool(min(workers, os.cpu_count() or 1)) as pool:
        for verdicts in pool.imap(share, shares):
            yield from verdicts


if __name__ == "__main__":
    sys.exit(main())
