"""Returns and claims at a real Medusa: opened once whatever answer is lost, and never left half open."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from medusa.seed import Shop as Staff
from medusa.seed import line_of
from proxy import Proxy

from sellercare import Shop
from sellercare.errors import BadInput, ConfigError, NotAllowedNow, Refused, Unavailable
from sellercare.models import LineQuantity, ReturnKind, ReturnState, ReturnVerb

Database = psycopg.Connection[tuple[Any, ...]]

BEGIN = r"POST /admin/returns(\?|$)"
LINES = r"POST /admin/returns/return_\w+/request-items"
LABEL = r"POST /admin/returns/return_\w+/shipping-method"
REQUEST = r"POST /admin/returns/return_\w+/request(\?|$)"
DROP = r"DELETE /admin/returns/return_\w+/request"
STEPS = {"begin": BEGIN, "lines": LINES, "label": LABEL, "request": REQUEST}

RECEIVE = {
    "begin": r"POST /admin/returns/return_\w+/receive(\?|$)",
    "lines": r"POST /admin/returns/return_\w+/receive-items",
    "confirm": r"POST /admin/returns/return_\w+/receive/confirm",
}


def mugs(order: Any, quantity: int | None = None) -> list[LineQuantity]:
    return [LineQuantity(id=line_of(order, "MUG-1"), quantity=None if quantity is None else Decimal(quantity))]


def returns_of(database: Database, order: Any) -> list[str]:
    """The states of the order's returns in Medusa's database."""
    rows = database.execute("select status from return where order_id = %s and deleted_at is null", (order["id"],))
    return [row[0] for row in rows]


def returned(database: Database, order: Any) -> list[tuple[int, int, int]]:
    """Asked for, back and damaged pieces of the order's returns in Medusa's database."""
    rows = database.execute(
        "select i.quantity, i.received_quantity, i.damaged_quantity from return_item i"
        " join return r on r.id = i.return_id where r.order_id = %s and i.deleted_at is null",
        (order["id"],),
    )
    return [(int(row[0]), int(row[1]), int(row[2])) for row in rows]


class TestOpening:
    def test_all_steps_make_one_requested_return(self, shop: Shop, staff: Staff, database: Database) -> None:
        order = staff.order()
        opened = shop.returns.open(
            order["id"], lines=mugs(order), reason="damaged", return_shipping=staff.facts.return_option_id, key="o1"
        )
        assert returns_of(database, order) == ["requested"]
        assert (opened.kind, opened.state) == (ReturnKind.RETURN, ReturnState.REQUESTED)
        (line,) = opened.lines
        assert (line.order_line_id, line.quantity, line.reason) == (line_of(order, "MUG-1"), 2, "Arrived damaged")
        again = shop.returns.open(
            order["id"], lines=mugs(order), reason="damaged", return_shipping=staff.facts.return_option_id, key="o1"
        )
        assert again.id == opened.id
        assert returns_of(database, order) == ["requested"]

    @pytest.mark.parametrize("step", STEPS)
    def test_a_lost_answer_opens_it_once(
        self, shop: Shop, staff: Staff, proxy: Proxy, database: Database, step: str
    ) -> None:
        order = staff.order()
        proxy.lose_answer(STEPS[step])
        label = staff.facts.return_option_id
        opened = shop.returns.open(order["id"], lines=mugs(order, 1), return_shipping=label, key="lost")
        assert opened.state is ReturnState.REQUESTED
        assert returns_of(database, order) == ["requested"]
        assert returned(database, order) == [(1, 0, 0)]
        assert {name: proxy.count(pattern) for name, pattern in STEPS.items()} == dict.fromkeys(STEPS, 1)
        assert shop.returns.get(opened.id).lines == opened.lines
        assert [each.id for each in shop.returns.list(order_id=order["id"])] == [opened.id]

    @pytest.mark.parametrize("step", ["begin", "lines", "label"])
    def test_a_lost_request_is_not_doubled_in_haste(
        self, connect: Callable[..., Shop], staff: Staff, proxy: Proxy, database: Database, step: str
    ) -> None:
        """A step in the middle that did not arrive looks like one that is still at work: two would add up."""
        from sellercare.simulator import FakeClock

        order, clock = staff.order(), FakeClock()
        shop, label = connect(clock=clock), staff.facts.return_option_id
        proxy.lose_request(STEPS[step])
        with pytest.raises(Unavailable, match="same key"):
            shop.returns.open(order["id"], lines=mugs(order, 1), return_shipping=label, key="slow")
        clock.sleep(180)
        shop.returns.open(order["id"], lines=mugs(order, 1), return_shipping=label, key="slow")
        assert returns_of(database, order) == ["requested"]
        assert returned(database, order) == [(1, 0, 0)]

    def test_a_refused_step_leaves_the_order_free(
        self, shop: Shop, staff: Staff, proxy: Proxy, database: Database
    ) -> None:
        """A draft that is left behind would block every later change of the order."""
        order = staff.order()
        wanted = {"value": "short lived", "label": "Short lived"}
        reason = staff.admin("POST", "/admin/return-reasons", wanted)["return_reason"]["id"]
        proxy.do_first(LINES, lambda: staff.admin("DELETE", f"/admin/return-reasons/{reason}"))
        with pytest.raises(Refused):
            shop.returns.open(order["id"], lines=mugs(order), reason="short lived", key="undone")
        assert proxy.count(DROP) == 1
        assert returns_of(database, order) == []
        assert shop.returns.open(order["id"], lines=mugs(order), key="then").state is ReturnState.REQUESTED

    def test_only_one_change_of_an_order_is_open(self, shop: Shop, staff: Staff, proxy: Proxy) -> None:
        order = staff.order()
        draft = staff.admin("POST", "/admin/returns", {"order_id": order["id"]})["return"]["id"]
        with pytest.raises(NotAllowedNow, match=draft):
            shop.returns.open(order["id"], lines=mugs(order), key="second")
        assert proxy.count(BEGIN) == 0
        assert shop.returns.get(draft).native_state == "open"
        assert shop.returns.allowed(draft) == ()

    def test_somebody_began_at_the_same_moment(self, shop: Shop, staff: Staff, proxy: Proxy) -> None:
        order = staff.order()
        proxy.do_first(BEGIN, lambda: staff.admin("POST", "/admin/returns", {"order_id": order["id"]}))
        with pytest.raises(Refused) as refused:
            shop.returns.open(order["id"], lines=mugs(order), key="race")
        # The message carries the order's id, and no code: it is told by its ending.
        assert refused.value.native_code == "open_change"
        assert proxy.count(DROP) == 0

    def test_more_than_was_shipped_is_not_begun(self, shop: Shop, staff: Staff, proxy: Proxy) -> None:
        order = staff.order()
        with pytest.raises(NotAllowedNow, match="2 pieces"):
            shop.returns.open(order["id"], lines=mugs(order, 3), key="many")
        unshipped = staff.order(shipped=False)
        with pytest.raises(NotAllowedNow, match="0 pieces"):
            shop.returns.open(unshipped["id"], lines=mugs(unshipped), key="early")
        with pytest.raises(BadInput, match="no line"):
            shop.returns.open(order["id"], lines=[LineQuantity(id="ordli_nope")], key="line")
        with pytest.raises(BadInput, match="damaged"):
            shop.returns.open(order["id"], lines=mugs(order), reason="because", key="reason")
        with pytest.raises(BadInput, match="so_nope"):
            shop.returns.open(order["id"], lines=mugs(order), return_shipping="so_nope", key="label")
        parcels = staff.facts.shipping_option_id
        with pytest.raises(BadInput, match="not for returns"):
            shop.returns.open(order["id"], lines=mugs(order), return_shipping=parcels, key="parcels")
        assert proxy.count(BEGIN) == 0

    def test_a_stock_location_that_is_not_there(self, connect: Callable[..., Shop], staff: Staff, proxy: Proxy) -> None:
        order = staff.order()
        shop = connect(return_location_id="sloc_nope")
        with pytest.raises(ConfigError, match="sloc_nope"):
            shop.returns.open(order["id"], lines=mugs(order), key="nowhere")
        assert proxy.count(BEGIN) == 0

    @pytest.mark.parametrize(("settings", "silent"), [({}, True), ({"notify_buyers": True}, False)])
    def test_buyers_are_only_told_where_the_settings_say_so(
        self, connect: Callable[..., Shop], staff: Staff, proxy: Proxy, settings: dict[str, bool], silent: bool
    ) -> None:
        order = staff.order()
        shop = connect(**settings)
        opened = shop.returns.open(order["id"], lines=mugs(order), key="mail")
        shop.returns.decline(opened.id, key="mail")
        sent = [json.loads(each.body) for each in proxy.seen if "no_notification" in each.body]
        assert [each["no_notification"] for each in sent] == [silent] * 3


class TestReceiving:
    def test_goods_are_back(self, shop: Shop, staff: Staff, database: Database) -> None:
        order = staff.order()
        opened = shop.returns.open(order["id"], lines=mugs(order), key="r")
        received = shop.returns.receive(opened.id, key="r")
        assert received.state is ReturnState.RECEIVED
        assert returned(database, order) == [(2, 2, 0)]
        assert shop.returns.allowed(opened.id) == ()
        with pytest.raises(NotAllowedNow):
            shop.returns.decline(opened.id, key="late")

    def test_a_part_of_them_is_back(self, shop: Shop, staff: Staff, database: Database) -> None:
        order = staff.order()
        opened = shop.returns.open(order["id"], lines=mugs(order), key="p")
        part = shop.returns.receive(opened.id, lines=mugs(order, 1), key="p")
        assert part.state is ReturnState.PARTLY_RECEIVED
        assert returned(database, order) == [(2, 1, 0)]
        with pytest.raises(NotAllowedNow, match="waits for 1"):
            shop.returns.receive(opened.id, lines=mugs(order, 2), key="too many")

    def test_damaged_goods_do_not_go_into_stock(self, shop: Shop, staff: Staff, database: Database) -> None:
        order = staff.order()
        opened = shop.returns.open(order["id"], lines=mugs(order), key="d")
        stock = "select stocked_quantity from inventory_level l join inventory_item i on i.id = l.inventory_item_id"
        before = database.execute(f"{stock} where i.sku = 'MUG-1'").fetchone()
        received = shop.returns.receive(opened.id, variant="damaged", key="d")
        assert received.state is ReturnState.RECEIVED
        assert returned(database, order) == [(2, 2, 2)]
        assert database.execute(f"{stock} where i.sku = 'MUG-1'").fetchone() == before

    def test_a_return_that_a_buyer_asked_for_gets_a_place(self, shop: Shop, staff: Staff, database: Database) -> None:
        """It names no stock location, and Medusa answers 500 when such a one is confirmed."""
        order = staff.order()
        asked = staff.buyer_returns(order, "MUG-1", 2)
        seen = shop.returns.get(asked)
        assert (seen.state, seen.native_ids) == (ReturnState.REQUESTED, {})
        assert shop.returns.receive(asked, key="buyer").native_ids["location_id"] == staff.facts.location_id
        assert returned(database, order) == [(2, 2, 0)]

    @pytest.mark.parametrize("step", RECEIVE)
    def test_a_lost_answer_receives_it_once(
        self, shop: Shop, staff: Staff, proxy: Proxy, database: Database, step: str
    ) -> None:
        order = staff.order()
        opened = shop.returns.open(order["id"], lines=mugs(order), key="x")
        proxy.lose_answer(RECEIVE[step])
        assert shop.returns.receive(opened.id, lines=mugs(order, 1), key="x").state is ReturnState.PARTLY_RECEIVED
        assert returned(database, order) == [(2, 1, 0)]
        assert {name: proxy.count(pattern) for name, pattern in RECEIVE.items()} == dict.fromkeys(RECEIVE, 1)

    def test_a_refused_step_leaves_the_order_free(
        self, shop: Shop, staff: Staff, proxy: Proxy, database: Database
    ) -> None:
        order = staff.order()
        opened = shop.returns.open(order["id"], lines=mugs(order), key="u")
        by_hand = f"/admin/returns/{opened.id}"

        def receive_by_hand() -> None:
            staff.admin("DELETE", f"{by_hand}/receive")
            staff.admin("POST", f"{by_hand}/receive", {})
            staff.admin("POST", f"{by_hand}/receive-items", {"items": [{"id": line_of(order, "MUG-1"), "quantity": 2}]})

        proxy.do_first(RECEIVE["lines"], receive_by_hand)
        with pytest.raises(Refused):
            shop.returns.receive(opened.id, key="u")
        assert proxy.count(r"DELETE /admin/returns/return_\w+/receive") == 1
        assert shop.returns.receive(opened.id, key="u2").state is ReturnState.RECEIVED
        assert returned(database, order) == [(2, 2, 0)]


class TestDeclining:
    def test_the_label_is_called_off_first(self, shop: Shop, staff: Staff, database: Database) -> None:
        order = staff.order()
        asked = staff.buyer_returns(order, "SCARF-1")
        decline = [each for each in shop.returns.allowed(asked) if each.verb is ReturnVerb.DECLINE]
        assert [each.variant for each in decline] == ["with-label"]
        assert "label" in decline[0].consequences
        assert shop.returns.decline(asked, key="no").state is ReturnState.CANCELLED
        assert returns_of(database, order) == ["canceled"]

    def test_a_lost_answer_is_found_again(self, shop: Shop, staff: Staff, proxy: Proxy, database: Database) -> None:
        order = staff.order()
        asked = staff.buyer_returns(order, "SCARF-1")
        proxy.lose_answer(r"POST /admin/fulfillments/ful_\w+/cancel")
        proxy.lose_answer(r"POST /admin/returns/return_\w+/cancel")
        declined = shop.returns.decline(asked, key="no")
        assert (declined.state, declined.order_id) == (ReturnState.CANCELLED, order["id"])
        assert returns_of(database, order) == ["canceled"]
        assert shop.returns.allowed(asked) == ()


class TestClaims:
    def test_a_claim_is_opened_listed_and_called_off(self, shop: Shop, staff: Staff) -> None:
        order = staff.order()
        claim = shop.returns.open(order["id"], lines=mugs(order, 1), kind="claim", reason="wrong_item", key="c")
        assert (claim.kind, claim.native_kind, claim.state) == (ReturnKind.CLAIM, "refund", ReturnState.APPROVED)
        assert [(line.quantity, line.reason) for line in claim.lines] == [(1, "wrong_item")]
        assert [each.id for each in shop.returns.list(order_id=order["id"], kind="claim")] == [claim.id]
        assert list(shop.returns.list(order_id=order["id"], kind="return")) == []
        assert shop.returns.get(claim.id) == claim.model_copy(update={"raw": shop.returns.get(claim.id).raw})
        assert shop.returns.decline(claim.id, key="c").state is ReturnState.CANCELLED
        assert shop.returns.get(claim.id).state is ReturnState.CANCELLED

    @pytest.mark.parametrize(
        "step", [r"POST /admin/claims(\?|$)", r"/claims/claim_\w+/claim-items", r"/claims/claim_\w+/request(\?|$)"]
    )
    def test_a_lost_answer_opens_it_once(
        self, shop: Shop, staff: Staff, proxy: Proxy, database: Database, step: str
    ) -> None:
        order = staff.order()
        proxy.lose_answer(step)
        claim = shop.returns.open(order["id"], lines=mugs(order, 1), kind="claim", key="c")
        query = "select c.id, i.quantity from order_claim c join order_claim_item i on i.claim_id = c.id"
        rows = database.execute(f"{query} where c.order_id = %s and c.deleted_at is null", (order["id"],)).fetchall()
        assert [(row[0], int(row[1])) for row in rows] == [(claim.id, 1)]
        assert proxy.count(r"POST /admin/claims") == 3

    def test_what_a_claim_cannot_be(self, shop: Shop, staff: Staff, proxy: Proxy) -> None:
        order = staff.order()
        for more in ({"variant": "replace"}, {"reason": "ugly"}, {"return_shipping": "so_1"}):
            with pytest.raises(BadInput):
                shop.returns.open(order["id"], lines=mugs(order), kind="claim", key=str(more), **more)
        with pytest.raises(BadInput, match="has no dispute"):
            shop.returns.open(order["id"], lines=mugs(order), kind="dispute", key="dispute")
        assert proxy.count(r"POST") == 0
