"""Listing and translating 20,000 ratings, against loops without translation."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
import requests
import urllib3

from benchmarks.static_server import MEDIA_TYPE, PAGES, PER_PAGE, running
from benchmarks.timing import Times, interleaved, show

if TYPE_CHECKING:
    from sellercare.shop import Shop

OURS = "sellercare: Review models"
PLAIN = "requests + .json(): dicts"
TOTAL = PAGES * PER_PAGE


class NeverWaits:
    """A clock on which waiting takes no time: the platform's rate limit is counted, but not waited for."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The machine's time, and all the waiting that was skipped."""
        return datetime.now(UTC) + self._ahead

    def sleep(self, seconds: float) -> None:
        """Go ahead at once."""
        self._ahead += timedelta(seconds=seconds)


def connected(base: str) -> Shop:
    """The shop that is listed. A program connects once: its store is opened then, and not for each listing."""
    import sellercare

    return sellercare.connect(
        "allegro",
        store="sqlite://",
        clock=NeverWaits(),
        base_url=base,
        client_id="benchmark",
        client_secret="benchmark",
        access_token="benchmark",
        user_agent="Benchmark/1.0 (+https://example.com/benchmark)",
    )


def sellercare_models(shop: Shop) -> int:
    """Every rating as a frozen, validated model, through the public API: budget, paging, translation, filters."""
    return sum(1 for _ in shop.reviews.list())


def plain_requests(base: str) -> int:
    """What anybody would write first."""
    rows = 0
    with requests.Session() as session:
        session.headers["Accept"] = MEDIA_TYPE
        for page in range(PAGES):
            params = {"limit": PER_PAGE, "offset": page * PER_PAGE}
            answer = session.get(f"{base}/sale/user-ratings", params=params, timeout=30)
            answer.raise_for_status()
            rows += len(answer.json()["ratings"])
    return rows


def urllib3_orjson(base: str) -> int:
    """The limit: the smallest client and the fastest parser, nothing else."""
    return _urllib3(base, orjson.loads)


def urllib3_msgspec(base: str) -> int:
    """The same with the parser that sellercare uses, without exact decimals."""
    return _urllib3(base, msgspec.json.decode)


def _urllib3(base: str, parse: Callable[[bytes], Any]) -> int:
    rows = 0
    with urllib3.PoolManager() as pool:
        for page in range(PAGES):
            answer = pool.request("GET", f"{base}/sale/user-ratings?limit={PER_PAGE}&offset={page * PER_PAGE}")
            rows += len(parse(answer.data)["ratings"])
    return rows


def woocommerce_client(base: str) -> int:
    """A published client library of a storefront, on the same bytes: it returns dicts."""
    from woocommerce import API

    client = API(url=base, consumer_key="key", consumer_secret="secret", version="wc/v3", timeout=30)
    rows = 0
    for page in range(1, PAGES + 1):
        answer = client.get("products/reviews", params={"per_page": PER_PAGE, "page": page})
        rows += len(answer.json()["ratings"])
    return rows


def measure(rounds: int = 11) -> bool:
    """Print the table; whether the goal was met."""
    with running() as base, connected(base) as shop, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loops = {
            PLAIN: plain_requests,
            OURS: lambda _: sellercare_models(shop),
            "urllib3 + orjson: dicts (the limit)": urllib3_orjson,
            "urllib3 + msgspec: dicts": urllib3_msgspec,
            "woocommerce client: dicts": woocommerce_client,
        }
        for name, loop in loops.items():
            if (count := loop(base)) != TOTAL:
                raise SystemExit(f"{name} read {count} of {TOTAL} ratings: nothing to compare")
        times: dict[str, Times] = interleaved({name: partial(loop, base) for name, loop in loops.items()}, rounds)
    return show(f"Listing {TOTAL:,} ratings in {PAGES} pages (seconds)", times, base=PLAIN, goals={OURS: 1.3})


def _all_pages(parse: Callable[[bytes], object], page: bytes) -> None:
    for _ in range(PAGES):
        parse(page)


def parsing() -> bool:
    """Print what parsing alone costs: the bytes of all pages, by parser."""
    from benchmarks.static_server import rating
    from sellercare.calls import parse_json

    page = json.dumps({"ratings": [rating(number) for number in range(PER_PAGE)]}).encode()
    parsers: dict[str, Callable[[bytes], object]] = {
        "json": json.loads,
        "sellercare (msgspec, exact decimals)": parse_json,
        "orjson": orjson.loads,
    }
    times = interleaved({name: partial(_all_pages, parse, page) for name, parse in parsers.items()}, 7)
    return show("Parsing alone, the same bytes (seconds)", times, base="json", goals={})
