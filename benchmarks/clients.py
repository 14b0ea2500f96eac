"""Listing through an adapter, as typed models, against each platform's best-known client library, which gives dicts.

The pages are those of the simulated platform, made once and then served from memory by another process: over TLS, as
all these platforms do, which is what the goal is for; and once more without it, where little but Python is left.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from urllib3.response import HTTPResponse

from benchmarks import recorded_server
from benchmarks.listing import NeverWaits
from benchmarks.timing import interleaved, show

if TYPE_CHECKING:
    from sellercare.shop import Shop
    from sellercare.simulator import World

GOAL = 1.3


@dataclass(frozen=True)
class Platform:
    """One platform: how its world is filled, what is listed, and the same by its client library."""

    name: str
    things: int
    fill: Callable[[World, int], object]
    listed: Callable[[Shop], Any]
    client: str
    by_client: Callable[[str], int]
    currency: str = "EUR"


def _pages(platform: Platform) -> list[tuple[str, dict[str, str], bytes]]:
    """What the simulated platform answers to our own listing, page by page."""
    from sellercare.simulator import FakeClock, InProcess, World

    clock = FakeClock()
    world = World(7, clock, currency=platform.currency)
    for number in range(platform.things):
        platform.fill(world, number)
    pages: list[tuple[str, dict[str, str], bytes]] = []
    taking = False

    class Recording(InProcess):
        def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
            response = super().send(request, *args, **more)
            if taking:
                body = request.body.encode() if isinstance(request.body, str) else request.body or b""
                mark = recorded_server.mark_of(body or str(request.path_url).encode())
                answered = response.raw.read()
                pages.append((mark, dict(response.headers), answered))
                response.raw = HTTPResponse(io.BytesIO(answered), headers=response.headers, preload_content=False)
            return response

    with _connected(platform, world, Recording) as shop:
        shop.account.check()
        taking = True
        if (count := sum(1 for _ in platform.listed(shop))) != platform.things:
            raise SystemExit(f"{platform.name}: {count} of {platform.things} were listed by the simulated platform")
    return pages


def _connected(platform: Platform, world: World, transport: Any = None, base: str = "") -> Shop:
    """A shop at the simulated platform, or one with the same settings at the static server."""
    from sellercare import registry
    from sellercare.http import TokenSet
    from sellercare.shop import connect
    from sellercare.simulator.faces import face_of, reached_at

    adapter = registry.load(platform.name)
    face: Any = face_of(adapter)(world)
    settings: dict[str, Any] = dict(reached_at(adapter, face, base or "http://platform.test"))
    shop = connect(
        platform.name,
        store="sqlite://",
        clock=NeverWaits() if base else world.clock,
        transport=transport(face) if transport else None,
        patience=7 * 86_400.0,
        **settings,
    )
    if base:  # the static server gives no tokens
        shop.store.tokens.save(shop.credential, TokenSet("benchmark"))
    return shop


# --- the client libraries --------------------------------------------------------------------------------------------


def _woocommerce(base: str) -> int:
    from woocommerce import API

    client = API(url=base, consumer_key="ck", consumer_secret="cs", version="wc/v3", timeout=30)
    rows, page, pages = 0, 1, 1
    while page <= pages:
        answer = client.get("orders", params={"per_page": 100, "page": page})
        pages = int(answer.headers["X-WP-TotalPages"])
        rows += len(answer.json())
        page += 1
    return rows


def _shopify(base: str) -> int:
    import shopify

    from sellercare_adapters.shopify import documents

    shopify.ShopifyResource.site = f"{base}/admin/api/{documents.VERSION}"
    client, rows, after = shopify.GraphQL(), 0, None
    while True:
        variables = {
            "first": documents.ORDERS_IN_LIST,
            "after": after,
            "query": None,
            "lines": documents.LINES_IN_LIST,
            "parcels": documents.PARCELS_IN_LIST,
        }
        connection = json.loads(client.execute(documents.ORDERS, variables))["data"]["orders"]
        rows += len(connection["nodes"])
        if not connection["pageInfo"]["hasNextPage"]:
            return rows
        after = connection["pageInfo"]["endCursor"]


def _amazon(base: str) -> int:
    from sp_api.api import OrdersV20260101

    class Token:
        """A token that is there already: what is measured is the listing."""

        access_token = "Atza|benchmark"

        def __init__(self, **_more: Any) -> None:
            pass

        def get_auth(self) -> Token:
            return self

    names = ("refresh_token", "lwa_app_id", "lwa_client_secret")
    client = OrdersV20260101(credentials=dict.fromkeys(names, "x"), auth_token_client_class=Token)
    client.endpoint = base
    rows, token = 0, None
    while True:
        more: dict[str, Any] = {"paginationToken": token} if token else {}
        answer = client.search_orders(lastUpdatedAfter="2024-11-22T00:00:00Z", maxResultsPerPage=100, **more)
        rows += len(answer.payload["orders"])
        token = (answer.pagination or {}).get("nextToken")
        if not token:
            return rows


def _amazon_order(world: World, number: int) -> object:
    lines = [world.line("Kettle", "50.00", 2, id=f"{60407000000000 + number}")]
    return world.order(lines=lines, state="shipped", id=f"903-{1000000 + number}-0812628")


PLATFORMS = (
    Platform(
        "woocommerce",
        1000,
        lambda world, number: world.order(state="delivered"),
        lambda shop: shop.orders.list(),
        "woocommerce",
        _woocommerce,
    ),
    Platform(
        "shopify",
        400,
        lambda world, number: world.order(state="delivered"),
        lambda shop: shop.orders.list(),
        "ShopifyAPI",
        _shopify,
    ),
    Platform("amazon", 1000, _amazon_order, lambda shop: shop.orders.list(), "python-amazon-sp-api", _amazon, "USD"),
)


def measure(rounds: int = 7) -> bool:
    """Print two tables a platform; whether all goals were met."""
    met = True
    for platform in PLATFORMS:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            path = Path(folder) / "pages.jsonl"
            # A page that was refused for its cost is asked for again: the last answer is the page.
            pages = list({page[0]: page for page in _pages(platform)}.values())
            recorded_server.write(path, pages)
            title = f"{platform.name}: {platform.things:,} rows in {len(pages)} pages"
            with _certified(Path(folder)) as certificate, recorded_server.running(path, certificate) as base:
                met &= _compared(platform, base, rounds, f"{title} (seconds)", {"sellercare: models": GOAL})
            with recorded_server.running(path) as base:
                _compared(platform, base, rounds, f"{title}, without TLS (seconds)", {})
    return met


def _compared(platform: Platform, base: str, rounds: int, title: str, goals: Mapping[str, float]) -> bool:
    from sellercare.simulator import FakeClock, World

    world = World(7, FakeClock(), currency=platform.currency)
    client = f"{platform.client}: dicts"
    with _connected(platform, world, base=base) as shop:
        loops: dict[str, Callable[[], int]] = {
            client: partial(platform.by_client, base),
            "sellercare: models": partial(_count, platform, shop),
        }
        for name, loop in loops.items():
            if (count := loop()) != platform.things:
                raise SystemExit(f"{name} read {count} of {platform.things}: nothing to compare")
        return show(title, interleaved(loops, rounds), base=client, goals=goals)


@contextmanager
def _certified(folder: Path) -> Iterator[Path]:
    """A server's certificate; its authority is trusted by all of this process, the way each library is told."""
    import certifi
    import trustme

    authority, certificate = trustme.CA(), folder / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    trusted = folder / "authority.pem"
    # Beside the authorities of the web, as in life: some clients read them anew for each call.
    trusted.write_bytes(Path(certifi.where()).read_bytes() + authority.cert_pem.bytes())
    before = {name: os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")}
    os.environ.update(dict.fromkeys(before, str(trusted)))
    try:
        yield certificate
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _count(platform: Platform, shop: Shop) -> int:
    return sum(1 for _ in platform.listed(shop))
