"""A process that asks for new tokens; a test starts two of them on one store.

The platform is a folder: `current` holds the refresh token that it accepts, `uses` a line for each use of one. A used
token is dead, as at Allegro. Whoever renews waits until the other process waits for the lease, or renews as well: so
a lease that does not hold is always seen.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from sellercare.errors import SignInNeeded
from sellercare.http.protocols import TokenSet
from sellercare.store import Store


class TellingClock:
    """The machine's clock; it leaves a file when somebody waits."""

    def __init__(self, sign: Path) -> None:
        self.sign = sign

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        self.sign.touch()
        time.sleep(seconds)


def main(url: str, platform: Path, me: str, other: str) -> None:
    def renew(stale: TokenSet) -> TokenSet:
        with (platform / "uses").open("a") as uses:
            uses.write(f"{me} {stale.refresh}\n")
        (platform / f"{me}-renews").touch()
        until = time.monotonic() + 20
        while not any((platform / f"{other}-{did}").exists() for did in ("waits", "renews")):
            if time.monotonic() > until:
                raise TimeoutError("the other process never came")
            time.sleep(0.005)
        current = platform / "current"
        if current.read_text() != stale.refresh:
            raise SignInNeeded("this refresh token was used before")
        current.write_text("refresh-2")
        return TokenSet("access-2", "refresh-2")

    with Store.open(url, clock=TellingClock(platform / f"{me}-waits")) as store:
        found = store.tokens.refresh("seller", TokenSet("access-1", "refresh-1"), renew)
    print(found.access, found.refresh)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4])
