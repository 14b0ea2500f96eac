"""Against what is published of Rakuten France: sample payloads, and the services' paths, versions and roots.

There is no schema. So a request may have only the parameters that a sample's own `request` repeats, an answer of the
face only the elements that a sample has, and the samples themselves are read by the adapter. What does not fit is
listed, one line each with its reason; a line that nothing needs any more fails too.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.response import HTTPResponse

import sellercare
from sellercare.errors import BadAnswer, BadInput, NotFound, RateLimited, SellercareError
from sellercare.markup import parse_xml, to_xml
from sellercare.models import Money, OrderState, Party, ReturnKind, ReturnState, ThreadKind
from sellercare.simulator import FakeClock
from sellercare_adapters.rakuten_fr import wire

from .published import ALSO, SAMPLES, UNUSED, names

pytestmark = pytest.mark.contract

NO_SAMPLE = {"refusesale": "no answer of it was published; the adapter reads nothing in it"}

UNKNOWN_PARAMETERS = {
    ("getoperations", "lastoperationdate"): "the dossier names it, the sample is of a first page",
}
UNKNOWN_ELEMENTS: dict[str, str] = {}
"""What the face answers and no sample has."""


@pytest.fixture(scope="module")
def folder(specs: Callable[[str], Path]) -> Path:
    return specs("rakuten-fr")


@pytest.fixture(scope="module")
def sample(folder: Path) -> Callable[[str], bytes]:
    """The published answer of a service."""
    return lambda service: (folder / "samples" / f"{SAMPLES[service]}.xml").read_bytes()


class Recorder(BaseAdapter):
    """A transport that notes each request's parameters, and the elements of its answer."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner
        self.asked: set[tuple[str, str]] = set()
        self.told: dict[str, set[str]] = {}
        self.errors: set[str] = set()

    def send(self, request: Any, **more: Any) -> Any:
        response = self.inner.send(request, **more)
        url = urlsplit(request.url)
        query = parse_qs(url.query, keep_blank_values=True)
        action = query["action"][0]
        assert request.method == "GET"
        assert (url.path, query["version"]) == (wire.SERVICES[action].path, [wire.SERVICES[action].version])
        self.asked |= {(action, name) for name in query if name not in ("action", "version", "login", "pwd")}
        body = response.content
        document = parse_xml(body)
        where = self.errors if "errorresponse" in document else self.told.setdefault(action, set())
        where |= set(names(document))
        response.raw = HTTPResponse(io.BytesIO(body), headers=response.headers, preload_content=False)
        response._content_consumed, response._content = False, False
        return response

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def tour(make_seller: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """All that the adapter asks, good and bad, and all that the face answers."""
    seller = make_seller()
    line = seller.shop.http._wire
    recorder = Recorder(line._transport)
    monkeypatch.setattr(line, "_transport", recorder)
    seller.shop.http.close()
    shop, world = seller.shop, seller.world
    first, second, new = seller.sold(), seller.sold("5.00"), seller.sold(state="open")
    seller.asks(first)
    seller.rakuten_asks(first)
    world.return_(first.order, kind="claim", note="abîmé")
    first.line.extra["sellerscore"] = "4"
    world.review(4, order=first.order)
    for listing in (shop.orders.list, shop.messages.threads, shop.returns.list, shop.reviews.list):
        assert list(listing())
    shop.account.check()
    shop.messages.allowed(order_id=first.id)
    shop.messages.thread(first.id)
    assert list(shop.messages.messages(first.id))
    shop.returns.get(first.id)
    shop.messages.reply(first.id, "Bonjour", key="a")
    shop.messages.reply(f"{first.id}-rakuten", "Bonjour", key="b")
    product = first.sold()["advertid"]
    shop.reviews.summary(product)
    _seller_summary(shop, offered_product=product)
    shop.orders.cancel(second.id, reason="Plus en stock", key="c", consent=True)
    shop.orders.cancel(new.id, reason="Plus en stock", key="d", consent=True)
    for _ in range(60):
        world.pay_back(first.order, world.money("1.00"))
    refunds = list(shop.refunds.list())
    shop.refunds.get(refunds[0].id)
    with pytest.raises(SellercareError):
        shop.orders.get("42")
    return recorder


class TestServices:
    def test_paths_versions_and_roots_are_those_in_use(self, folder: Path) -> None:
        known = json.loads((folder / "versions.json").read_text())
        assert wire.OPERATIONS.name in known["actions"]
        for name, service in wire.SERVICES.items():
            told = known["actions"][name]
            assert (service.path, service.version) == (told["path"], told["use"])
            assert service.root == (told["root"] or "")
        assert known["host"] == "https://ws.fr.shopping.rakuten.com"

    def test_each_service_is_used_or_has_a_reason(self, folder: Path) -> None:
        known = set(json.loads((folder / "versions.json").read_text())["actions"])
        assert known == wire.SERVICES.keys() | UNUSED.keys()
        assert not wire.SERVICES.keys() & UNUSED.keys()
        assert wire.SERVICES.keys() == SAMPLES.keys() | NO_SAMPLE.keys()


def _seller_summary(shop: Any, **settings: str) -> Any:
    """The seller's totals, with other settings."""
    return shop.adapter.reviews.summary(
        replace(shop.context(), settings=shop.settings.model_copy(update=settings)), None
    )


def _repeated(sample: bytes, folder: Path, action: str) -> set[str]:
    """The parameters that the samples of a service repeat."""
    others = [(folder / "samples" / f"{ALSO[action]}.xml").read_bytes()] if action in ALSO else []
    return {name for each in (sample, *others) for name in parse_xml(each)[wire.SERVICES[action].root]["request"]}


class TestBothSides:
    def test_requests_have_only_parameters_that_samples_repeat(self, tour: Recorder, sample: Any, folder: Path) -> None:
        strange = {
            (action, name)
            for action, name in tour.asked
            if action in SAMPLES and name not in _repeated(sample(action), folder, action)
        }
        assert strange == UNKNOWN_PARAMETERS.keys()

    def test_every_service_was_called(self, tour: Recorder) -> None:
        assert tour.told.keys() == wire.SERVICES.keys()

    def test_answers_of_the_face_have_only_elements_of_samples(self, tour: Recorder, sample: Any, folder: Path) -> None:
        strange = set()
        for action, told in tour.told.items():
            if action in SAMPLES:
                published = set(names(parse_xml(sample(action))))
                if action in ALSO:
                    published |= set(names(parse_xml((folder / "samples" / f"{ALSO[action]}.xml").read_bytes())))
                # The face repeats what was asked, which the other test looks at.
                strange |= {path for path in told - published if ".request" not in path and "@" not in path}
        error = set(names(parse_xml((folder / "samples" / "error_quota_exceeded.xml").read_bytes())))
        strange |= {path for path in tour.errors - error if "@" not in path}
        assert strange == UNKNOWN_ELEMENTS.keys()

    def test_the_face_leaves_out_nothing_that_the_adapter_reads(self, tour: Recorder) -> None:
        """What tells one thing from another, and what money is."""
        told = set().union(*tour.told.values())
        for path in (
            ".getitemtodolistresult.response.items.item.causes.cause",
            ".getiteminfosresult.response.item.message.senddate",
            ".getiteminfosresult.response.item.mail.mailid",
            ".getiteminfosresult.response.item.claim.amicable",
            ".getiteminfosresult.response.item.availableactions.action.actioncode",
            ".getcurrentsalesresult.response.nexttoken",
            ".getcompensationdetailsresult.response.compensationdetails.cancelleditempayment.item.itemsaleprice.amount",
        ):
            assert path in told


class Replays(BaseAdapter):
    """A transport that answers every service with its published sample, or with what a test made of it."""

    def __init__(self, sample: Callable[[str], bytes]) -> None:
        super().__init__()
        self.sample = sample
        self.instead: dict[str, bytes] = {}

    def send(self, request: Any, **more: Any) -> Any:
        action = parse_qs(urlsplit(request.url).query)["action"][0]
        body = self.instead.get(action) or self.sample(action)
        response = requests.Response()
        response.status_code, response.url, response.request = 200, request.url, request
        # The samples were typed from the documentation, in UTF-8; a live answer says ISO-8859-1, and is.
        response.headers = CaseInsensitiveDict({"Content-Type": "text/xml"})
        response.raw = HTTPResponse(io.BytesIO(body), headers={}, status=200, preload_content=False)
        return response

    def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture
def replayed(sample: Callable[[str], bytes]) -> Iterator[Any]:
    """A shop that talks to the samples, and the transport between."""
    transport = Replays(sample)
    with sellercare.connect(
        "rakuten-fr",
        store="sqlite://",
        clock=FakeClock(),
        transport=transport,
        login="Vendeur",
        token="s3cret-token",
        patience=0.0,
    ) as shop:
        yield shop, transport


class TestSamples:
    """Expected values are read in the samples by eye."""

    def test_what_is_to_be_done(self, replayed: Any) -> None:
        buyer, service = replayed[0].messages.threads()
        assert (buyer.id, buyer.return_id, buyer.awaiting_reply) == ("159177464", "159177464", True)
        assert (service.id, service.kind) == ("159177464-rakuten", ThreadKind.PLATFORM)
        (claim,) = replayed[0].returns.list()
        assert (claim.id, claim.kind, claim.order_id) == ("159177464", ReturnKind.CLAIM, "159177464")

    def test_a_newer_version_of_the_service_is_told(self, replayed: Any) -> None:
        shop, transport = replayed
        found = parse_xml(transport.sample("getitemtodolist"))
        for newest, told in (("2011-09-01", 1), ("2027-01-31", 2)):
            answer = _put(found, ["getitemtodolistresult", "response", "lastversion"], newest)
            transport.instead["getitemtodolist"] = to_xml(*next(iter(answer.items())))
            notes = shop.account.check().notes
            assert len(notes) == told
            assert (newest in notes[-1]) is (told == 2)

    def test_an_item_with_a_claim(self, replayed: Any) -> None:
        claim = replayed[0].returns.get("1518036652")
        assert claim.state is ReturnState.REQUESTED
        assert (claim.reason, claim.native_state) == ("DAMAGED", "NEW")
        assert claim.note is not None
        assert claim.note.startswith("article   abimé, pouvez vous")
        # 11:46 in Paris in February
        assert claim.created_at == datetime(2011, 2, 15, 10, 46, tzinfo=UTC)

    def test_messages_of_the_item(self, replayed: Any) -> None:
        buyer, seller = replayed[0].messages.messages("1518036652")
        assert (buyer.author, buyer.native_delivery) == (Party.BUYER, "UNREAD")
        assert buyer.text == "Merci   d'avance pour votre aide !"
        assert buyer.created_at == datetime(2011, 2, 15, 10, 47, tzinfo=UTC)
        # The seller's login is written in another case here than in the settings.
        assert (seller.author, seller.native_delivery) == (Party.SELLER, "SENT")
        assert buyer.id.startswith("1518036652-201102151147-")

    def test_mails_of_the_item(self, replayed: Any) -> None:
        theirs, mine = replayed[0].messages.messages("1518036652-rakuten")
        assert (theirs.id, theirs.author) == ("2906185099", Party.PLATFORM)
        assert (mine.id, mine.author) == ("2906818102", Party.SELLER)
        assert theirs.text.startswith("Bonjour   vendeur,\nL'acheteur")

    def test_what_the_item_offers(self, replayed: Any) -> None:
        buyer, service = replayed[0].messages.allowed(order_id="1518036652")
        assert (buyer.id, buyer.title, buyer.why_not) == ("buyer", "Contacter   acheteur1", None)
        # Its name of 2011 is contactpriceministeraboutitem.
        assert (service.id, service.why_not) == ("rakuten", None)

    def test_the_conversation(self, replayed: Any) -> None:
        thread = replayed[0].messages.thread("1518036652")
        assert thread.awaiting_reply is False
        assert thread.buyer.login == "Acheteur1"
        assert thread.updated_at == datetime(2011, 2, 15, 10, 50, tzinfo=UTC)

    def test_sales(self, replayed: Any) -> None:
        new, current, preordered = replayed[0].orders.list()
        assert preordered == current, "both questions are answered by one sample"
        assert (new.id, new.number, new.state) == ("260306083", "123456/260306083", OrderState.OPEN)
        assert new.lines[0].price == Money(amount=Decimal("23.9"), currency="EUR")
        assert (current.id, current.state, current.native_state) == ("123456789", OrderState.PAID, "ACCEPTED")
        assert current.buyer.login == "purchasebuyerlogin"
        assert current.created_at == datetime(2014, 3, 1, 8, 54, tzinfo=UTC)
        assert list(replayed[0].reviews.list()) == []

    def test_a_cancelled_item_in_a_payment(self, replayed: Any) -> None:
        refund = replayed[0].refunds.get("550000-114343000")
        # 11.76 for the item and 6.40 for its delivery; the seller lost 16.37, for commission came back
        assert refund.amount == Money(amount=Decimal("18.16"), currency="EUR")
        assert (refund.order_id, len(refund.lines)) == ("114343000", 2)
        assert refund.raw["item"]["totalcancellationamount"]["amount"] == "16.37"
        assert refund.created_at == datetime(2003, 11, 1, 8, 0, tzinfo=UTC)

    def test_payments_to_the_seller(self, replayed: Any) -> None:
        one, another = replayed[0].refunds.list()
        assert {one.id, another.id} == {"000655-114343000", "994582-114343000"}

    def test_a_product_without_the_token(self, replayed: Any) -> None:
        summary = replayed[0].reviews.summary("121518297")
        assert (summary.average, summary.count) == (Decimal("4.5"), 2)
        assert "p4ssw0rd" not in repr(summary.raw)
        assert summary.raw["references"] == {"barcode": "9782756025544"}

    def test_a_sellers_average_beside_an_offer(self, replayed: Any, folder: Path) -> None:
        shop, transport = replayed
        transport.instead["listing"] = (folder / "samples" / "listing_scope_pricing_trimmed.xml").read_bytes()
        summary = _seller_summary(shop, offered_product="159845271", login="SELLER2")
        assert (summary.subject, summary.subject_id) == ("seller", "seller2")
        assert (summary.average, summary.count) == (Decimal("4.72"), None)
        assert summary.raw["salescount"] == "3300"
        with pytest.raises(NotFound, match="no offer of seller9"):
            _seller_summary(shop, offered_product="159845271", login="seller9")
        with pytest.raises(BadInput, match="beside an offer"):
            shop.reviews.summary()

    def test_writes(self, replayed: Any) -> None:
        shop, _ = replayed
        assert shop.messages.reply("1510313528", "message", key="a").author is Party.SELLER
        assert shop.messages.reply("151031130-rakuten", "message", key="b").thread_id == "151031130-rakuten"
        cancelled = shop.orders.cancel("1510361129", reason="je souhaite annuler", key="c", consent=True)
        assert cancelled.state is OrderState.CANCELLED

    def test_the_quota(self, replayed: Any, folder: Path) -> None:
        shop, transport = replayed
        transport.instead["getitemtodolist"] = (folder / "samples" / "error_quota_exceeded.xml").read_bytes()
        with pytest.raises(RateLimited):
            list(shop.messages.threads())

    def test_all_samples_can_be_read(self, folder: Path) -> None:
        """One has blanks in its namespace, one text between elements, one no declaration, one is in ISO-8859-1."""
        for path in sorted((folder / "samples").glob("*.xml")):
            assert len(parse_xml(path.read_bytes())) == 1


READS: dict[str, Callable[[Any], Any]] = {
    "getitemtodolist": lambda shop: [list(shop.messages.threads()), list(shop.returns.list()), shop.account.check()],
    "getiteminfos": lambda shop: [
        shop.messages.thread("1"),
        list(shop.messages.messages("1")),
        list(shop.messages.messages("1-rakuten")),
        shop.messages.allowed(order_id="1"),
        shop.returns.get("1"),
    ],
    "getcurrentsales": lambda shop: [list(shop.orders.list()), list(shop.reviews.list())],
    "getcompensationdetails": lambda shop: [list(shop.refunds.list()), shop.refunds.get("550000-114343000")],
    "listing": lambda shop: shop.reviews.summary("121518297"),
}


@pytest.mark.parametrize("service", sorted(READS))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_sample_with_something_strange_in_it_gives_a_model_or_a_place(
    service: str, replayed: Any, sample: Any, data: st.DataObject
) -> None:
    shop, transport = replayed
    document = parse_xml(sample(service))
    path = data.draw(st.sampled_from(sorted(set(names(document)))))
    strange = data.draw(st.sampled_from([None, "", "?", "-1", "NEVER_SEEN", {"a": "b"}, ["x", "y"]]))
    transport.instead[service] = to_xml(*next(iter(_put(document, path.split(".")[1:], strange).items())))
    try:
        READS[service](shop)
    except SellercareError as error:
        if isinstance(error, BadAnswer) and not error.path:
            pytest.fail(f"{path} as {strange!r}: no place is told in {error}")


def _put(value: Any, path: list[str], new: Any) -> Any:
    """A document with another value at a path, in all rows of lists on the way."""
    if isinstance(value, list):
        return [_put(each, path, new) for each in value]
    name, *rest = path
    if not isinstance(value, dict) or name not in value:
        return value
    return {**value, name: _put(value[name], rest, new) if rest else new}
