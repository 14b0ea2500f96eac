"""The conformance suite on simulated Rakuten France."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from sellercare.markup import parse_xml
from sellercare.models import MessageOption
from sellercare.simulator import things
from sellercare.support import Proof
from sellercare.testing.described import Replay
from sellercare.testing.moves import Look, Move
from sellercare.testing.suite import AdapterSuite, Site
from sellercare.testing.workshop import Exchange

from .published import SAMPLES, UNUSED, names

REPLAYS = {
    "messages.threads": ("getitemtodolist", "getitemtodolist"),
    "returns.list": ("getitemtodolist", "getitemtodolist"),
    "account.check": ("getitemtodolist", "getitemtodolist"),
    "messages.thread": ("getiteminfos", "getiteminfos"),
    "messages.messages": ("getiteminfos", "getiteminfos"),
    "messages.allowed": ("getiteminfos", "getiteminfos"),
    "returns.get": ("getiteminfos", "getiteminfos"),
    "orders.list": ("getcurrentsales", "getcurrentsales"),
}
"""Which verb a sample is read by: the service, and the sample's name. The others are in test_contract."""


class Published:
    """What is published, as far as it can be held against a call: names of parameters, and of elements of answers."""

    title = "sample payloads of the seller web services, 2010 to 2022"
    no_answers = "Rakuten publishes no schema that can be had, and samples show what came, not what may come"

    def __init__(self, folder: Path) -> None:
        known = json.loads((folder / "versions.json").read_text("utf-8"))["actions"]
        self.operations = frozenset(f"GET {told['path']}/{name}" for name, told in known.items())
        self._samples = {name: (folder / "samples" / f"{file}.xml").read_bytes() for name, file in SAMPLES.items()}

    def operations_of(self, exchange: Exchange) -> frozenset[str]:
        """The service of a call."""
        return frozenset({exchange.call}) & self.operations

    def complaints(self, exchange: Exchange) -> list[str]:
        """Parameters that the sample does not repeat, and elements that it does not have."""
        service = exchange.call.rpartition("/")[2]
        if exchange.call not in self.operations:
            return [f"{exchange.call}: not described"]
        if service not in self._samples or b"<errorresponse" in exchange.body or not exchange.body:
            return []
        root, sample = next(iter(parse_xml(self._samples[service]).items()))
        query = parse_qs(urlsplit(exchange.request.url or "").query)
        told = [name for name in query if name not in ("action", "login", "pwd") and name not in sample["request"]]
        published = set(names({root: sample}))
        said = [path for path in names(parse_xml(exchange.body)) if ".request" not in path and "@" not in path]
        return [f"{service}: no parameter {name}" for name in told] + [
            f"{service}: no element {path}" for path in said if path not in published
        ]

    def proof_of(self, exchange: Exchange) -> Proof:
        """Samples, where there is one of the service: of the others only the names and versions are known."""
        return Proof.SAMPLES if exchange.call.rpartition("/")[2] in self._samples else Proof.DOSSIER


class TestRakutenFr(AdapterSuite):
    adapter = "rakuten-fr"
    review_subject = "product"
    unused: ClassVar[dict[str, str]] = {f"GET /sales_ws/{name}": why for name, why in UNUSED.items()}

    def described(self, specs: Callable[[str], Path]) -> Any:
        """The samples."""
        return Published(specs("rakuten-fr"))

    def replays(self, specs: Callable[[str], Path]) -> Iterator[Replay]:
        """The samples that need no certain id."""
        for verb, (service, file) in REPLAYS.items():
            body = (specs("rakuten-fr") / "samples" / f"{file}.xml").read_bytes()
            yield Replay(verb, f"GET /sales_ws/{service}", body, file)

    def tour(self) -> Iterator[Exchange]:
        """And a new sale that is refused, and an answer to customer service."""
        yield from super().tour()
        at = self.workshop.site()
        new = self.an_order(at, state="open")
        order = self.an_order(at)
        at.shop.orders.cancel(self.order_id(at, new), reason="Plus en stock", consent=True, key="refused")
        at.shop.messages.start(self.order_id(at, order), option="rakuten", text=self.text, key="rakuten")
        yield from at.wire.exchanges

    def an_order(self, at: Site, *, state: str = "delivered") -> things.Order:
        """One sold item is one order here."""
        return at.world.order(lines=[at.world.line("Kettle", self.price)], state=state)

    def a_return(self, at: Site, *, kind: str = "claim", state: str = "requested") -> things.Return:
        """Only claims are seen."""
        return at.world.return_(self.an_order(at), kind="claim", state=state)

    def a_review(self, at: Site) -> things.Review:
        """A rated sale, and a review of its product."""
        order = self.an_order(at)
        order.lines[0].extra["sellerscore"] = "2"
        return at.world.review(2, "Came late.", order=order)

    def order_id(self, at: Site, order: things.Order) -> str:
        """`itemid`."""
        return str(at.face.items.of(order)[0].id)

    def thread_id(self, at: Site, thread: things.Thread) -> str:
        """The conversation of an item is called as the item."""
        return self.order_id(at, at.world.data.orders[thread.order_id or ""])

    def return_id(self, at: Site, return_: things.Return) -> str:
        """So is its claim."""
        return self.order_id(at, at.world.data.orders[return_.order_id])

    def product_id(self, at: Site, order: things.Order) -> str:
        """A number."""
        return str(at.face.items.of(order)[0].sold()["advertid"])

    def cancel_reason(self, at: Site, order_id: str) -> str:
        """Rakuten wants one."""
        return "Plus en stock."

    def do_messages_reply(self, at: Site) -> Move:
        """The look that comes before a reply is made before: it marks the question as read."""
        thread_id = self.thread_id(at, at.world.data.threads[self.a_question(at).thread_id])
        at.shop.messages.thread(thread_id)
        return lambda key: at.shop.messages.reply(thread_id, self.text, key=key)

    def look_messages_messages(self, at: Site) -> Look:
        """The first look changes what later ones show (UNREAD becomes SENT), so it is made before."""
        look = super().look_messages_messages(at)
        look()
        return look

    def choose_option(self, options: Sequence[MessageOption]) -> MessageOption:
        """To the buyer."""
        return next(option for option in options if option.id == "buyer")
