"""`python -m benchmarks [listing] [starting] …`: all parts, or those named. Ends with 1 if a goal is missed.

`million` takes the better part of an hour, and runs only where it is named.
"""

from __future__ import annotations

import os
import platform
import sys

from benchmarks import accounts, clients, durable, limits, listing, memory, million, starting

PARTS = {
    "listing": lambda: listing.measure() & listing.parsing(),
    "starting": starting.measure,
    "memory": memory.measure,
    "limits": limits.measure,
    "durable": durable.measure,
    "accounts": accounts.measure,
    "clients": clients.measure,
    "million": million.measure,
}
USUAL = tuple(name for name in PARTS if name != "million")


def main(names: list[str]) -> int:
    """Run the named parts and print their tables."""
    unknown = sorted(set(names) - PARTS.keys())
    if unknown:
        raise SystemExit(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    met = [PARTS[name]() for name in names or USUAL]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
