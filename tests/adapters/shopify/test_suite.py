"""The conformance suite on simulated Shopify."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from sellercare.models import EventRequest, LineQuantity, Parcel
from sellercare.simulator import things
from sellercare.testing.described import Specs
from sellercare.testing.description import Description, load
from sellercare.testing.moves import Move
from sellercare.testing.suite import AdapterSuite, Site
from sellercare.testing.workshop import Exchange
from sellercare_adapters.shopify.face import ShopifyFace
from sellercare_adapters.shopify.face_exchanges import Swap
from sellercare_adapters.shopify.face_ids import gid

_HOOKS = "webhooks are set up once, in the app's own configuration"


class TestShopify(AdapterSuite):
    adapter = "shopify"
    settings = {"chargebacks": True, "location_id": "gid://shopify/Location/1"}  # noqa: RUF012  # as in the base class
    face_options = {"job_seconds": 0.0}  # noqa: RUF012  # as in the base class

    unused = {  # noqa: RUF012  # as in the base class
        "mutation metafieldsSet": "the shop's own data at things: no common verb",
        "mutation orderInvoiceSend": "a bill by mail, not an answer to a buyer: it is no inbox",
        "mutation orderUpdate": "the order's note, tags and addresses: no common verb",
        "mutation removeFromReturn": "takes lines out of a return: a decision is about a whole return here",
        "mutation returnRefund": "deprecated since 2025-07 in favour of returnProcess",
        "mutation returnRequest": "asks on the buyer's behalf; a seller opens a return that is approved (returnCreate)",
        "mutation reverseDeliveryShippingUpdate": "changes what was told of a parcel: a decision names none by its id",
        "query reverseDelivery": "parcels are asked for with their return, and by the place that they go to",
        "mutation reverseFulfillmentOrderDispose": "disposes of goods without processing them; returnProcess does both",
        "mutation storeCreditAccountCredit": "a gift to a customer, without an order: no refund, and no common verb",
        "mutation tags*": "tags: no common verb",
        "* webhookSubscription*": _HOOKS,
        "query customer": "the buyer comes with the order",
        "query disputeEvidence": "comes with its dispute",
        "query node": "things are asked for by their own fields, several refunds by `nodes`",
        "query orderByIdentifier": "wants a metafield, not the order's name, by which orders are searched for",
        "query returnCalculate": "what a return would cost the buyer before it is opened: no common verb",
        "query returnableFulfillment": "all of an order are asked for at once",
    }

    def described(self, specs: Specs) -> Description:
        return load(specs("shopify") / "admin-2026-10-after-sales.graphql")

    def signed_in(self, face: ShopifyFace) -> dict[str, str]:
        """An app's tokens in place of one that never expires."""
        return face.sign_in()

    def event(self, at: Site) -> tuple[EventRequest, dict[str, str]]:
        """A webhook about a refund."""
        headers, body = at.face.push("refunds/create", "Refund", self.a_refund(at).id)
        keys = {"client_secret": at.face.client_secret}
        return EventRequest(method="POST", url="https://my.example/hooks", headers=headers, body=body), keys

    def order_id(self, at: Site, order: things.Order) -> str:
        """Told without a look at the list."""
        return gid("Order", order.id)

    def return_id(self, at: Site, return_: things.Return) -> str:
        """Also told without one; chargebacks are numbered by themselves."""
        return gid("ShopifyPaymentsDispute" if return_.kind == "chargeback" else "Return", return_.id)

    def two_pieces(self, at: Site) -> tuple[things.Return, list[LineQuantity]]:
        """An approved return of two pieces, and one of them."""
        order = self.an_order(at)
        back = at.world.return_(order, state="approved", quantity=2)
        return back, [LineQuantity(id=gid("LineItem", order.lines[0].id), quantity=Decimal(1))]

    def do_returns_approve(self, at: Site) -> Move:
        """Tell of a parcel with one of two pieces: the same again is a parcel with the other piece. It is the way whose
        contract the verb declares; agreeing to a request is in test_returns."""
        back, one = self.two_pieces(at)
        parcel = Parcel(number="RR123456785", url="https://example.com/RR123456785")
        approve, return_id = at.shop.returns.approve, gid("Return", back.id)
        return lambda key: approve(return_id, variant="parcel", lines=one, parcel=parcel, key=key)

    def do_returns_receive(self, at: Site) -> Move:
        """One of two pieces: the same again is the other piece."""
        back, one = self.two_pieces(at)
        return lambda key: at.shop.returns.receive(gid("Return", back.id), lines=one, key=key)

    def do_refunds_issue(self, at: Site) -> Move:
        """Through a return, for one of two pieces: the way without a key, which is the contract that the verb declares.
        The way under a key, through the order, is in test_money."""
        back, one = self.two_pieces(at)
        return lambda key: at.shop.refunds.issue(return_id=gid("Return", back.id), lines=one, key=key)

    def tour(self) -> Iterator[Exchange]:
        """The ways of doing things that the suite's own moves do not take."""
        yield from super().tour()
        at = self.site()
        order = self.an_order(at)
        order_id, line = gid("Order", order.id), gid("LineItem", order.lines[0].id)
        at.shop.refunds.issue(order_id=order_id, amount=at.world.money("1.00"), key="sum")
        at.shop.refunds.issue(order_id=order_id, lines=[{"id": line, "quantity": 1}], note="one", key="one")
        abroad = self.an_order(at)
        abroad.extra["duties"] = {"duty": "0.50"}
        duty = [{"id": gid("Duty", "duty")}]
        at.shop.refunds.issue(order_id=gid("Order", abroad.id), lines=duty, key="customs")
        at.shop.returns.approve(gid("Return", at.world.return_(self.an_order(at)).id), key="yes")
        opened = at.shop.returns.open(order_id, [{"id": line}], reason="defective", note="broken", key="open")
        at.shop.returns.decline(opened.id, variant="cancel", key="cancel")
        for number, variant in enumerate(("restocked", "not-restocked", "missing")):
            back, one = self.two_pieces(at)
            at.shop.returns.receive(gid("Return", back.id), lines=one, variant=variant, note="ok", key=f"in-{number}")
        at.shop.returns.approve(gid("Return", back.id), variant="parcel", parcel=Parcel(number="1Z1"), key="parcel")
        at.shop.returns.decline(gid("Return", back.id), variant="close", key="close")
        at.shop.returns.approve(gid("Return", back.id), variant="reopen", key="reopen")
        yield from at.wire.exchanges
        yield from self.tour_of_store_credit()
        yield from self.tour_of_exchanges()

    def tour_of_store_credit(self) -> Iterator[Exchange]:
        """A shop that gives nothing else: an order, a return and a cancelled order become store credit."""
        at = self.site()
        at.face.credit_days = 365
        at.shop.settings = at.shop.settings.model_copy(update={"store_credit": "only"})
        order_id = gid("Order", self.an_order(at).id)
        at.shop.refunds.issue(order_id=order_id, amount=at.world.money("1.00"), key="credit")
        back, one = self.two_pieces(at)
        at.shop.refunds.issue(return_id=gid("Return", back.id), lines=one, key="credit-2")
        at.shop.orders.cancel(gid("Order", self.an_order(at, state="paid").id), consent=True, key="credit-3")
        yield from at.wire.exchanges

    def tour_of_exchanges(self) -> Iterator[Exchange]:
        """A return with fees, of which a part is exchanged: paid back, and the goods let out."""
        at = self.site()
        back, one = self.two_pieces(at)
        back.extra |= {"swaps": [Swap("mug", "Mug", Decimal("0.50"))], "shipping_fee": "0.20", "restocking": 5}
        return_id = gid("Return", back.id)
        at.shop.refunds.issue(return_id=return_id, lines=one, key="pay")
        at.shop.returns.approve(return_id, variant="exchange", key="out")
        yield from at.wire.exchanges


def test_the_page_says_why_of_each_operation_that_is_not_used() -> None:
    page = (Path(__file__).parents[3] / "docs/adapters/shopify.md").read_text("utf-8")
    names = [key.split()[1].rstrip("*").lower() for key in TestShopify.unused]
    table = page.partition("### What Shopify has and is not used here")[2].partition("\n## ")[0].lower()
    missing = [name for name in names if name not in table.replace("webhook subscriptions", "webhooksubscription")]
    assert missing == []
