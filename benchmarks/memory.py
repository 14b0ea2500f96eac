"""Peak memory of an offline bulk plan: it must not grow with the rows."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FEW, MANY = 10_000, 1_000_000
GOAL = 1.2

CONFIG = """
[accounts.bench]
adapter = "acme"
base_url = "http://127.0.0.1:9"
api_key = "never-used"
"""


def _write_rows(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["account", "thread_id", "text", "key"])
        for number in range(count):
            text = f"Thank you for your message about order {number}. The parcel left today."
            rows.writerow(["bench", f"thread-{number}", text, f"row-{number}"])


def _plan(folder: Path, count: int) -> tuple[float, float]:
    """Plan `count` rows without a call; peak memory of the process in MiB, and seconds."""
    rows = folder / f"{count}.csv"
    _write_rows(rows, count)
    home = folder / f"home-{count}"
    home.mkdir()
    (home / "config.toml").write_text(CONFIG, "utf-8")
    command = [str(Path(sys.executable).with_name("sellercare")), "bulk", "reply", str(rows), "--offline", "--dry-run"]
    started = time.perf_counter()
    with (folder / f"out-{count}").open("wb") as out:
        process = subprocess.Popen(
            command, env=os.environ | {"SELLERCARE_HOME": str(home)}, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the plan of {count} rows failed:\n{(folder / f'out-{count}').read_text('utf-8')[-2000:]}")
    return usage.ru_maxrss / 1024, time.perf_counter() - started


def measure() -> bool:
    """Print the table; whether the goal was met."""
    with tempfile.TemporaryDirectory() as folder:
        few, few_seconds = _plan(Path(folder), FEW)
        many, many_seconds = _plan(Path(folder), MANY)
    ratio = many / few
    print("\nPeak memory of an offline bulk plan (MiB)")
    print(f"  {FEW:>9,} rows {few:>8.1f}   {few_seconds:>6.1f} s")
    verdict = "met" if ratio <= GOAL else "MISSED"
    print(f"  {MANY:>9,} rows {many:>8.1f}   {many_seconds:>6.1f} s   {ratio:.2f}×   ≤ {GOAL} {verdict}")
    return ratio <= GOAL
