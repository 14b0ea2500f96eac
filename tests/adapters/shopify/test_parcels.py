"""Parcels that bring returns back to simulated Shopify: read, page behind page, and told by the seller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sellercare.errors import BadInput, Invalid, NotAllowedNow, NothingSent, OutcomeUnknown
from sellercare.models import Decision, Parcel, Upload
from sellercare.simulator import Fault, Reply, things
from sellercare_adapters.shopify import contracts
from sellercare_adapters.shopify.face_ids import gid
from sellercare_adapters.shopify.face_parcels import Delivery, order_id

from .conftest import line_id, return_id, sent

CREATE = "mutation reverseDeliveryCreateWithShipping"
NUMBER = "RR123456785DE"
PAGE = "https://example.com/track/RR123456785DE"


def given(platform: Any) -> Any:
    """The variables of the last parcel that was told of."""
    return [each["variables"] for name, each in platform.face.heard if name == CREATE][-1]


def expected(line: Any, quantity: int) -> dict[str, Any]:
    """Pieces as Shopify takes them."""
    return {
        "reverseFulfillmentOrderLineItemId": gid("ReverseFulfillmentOrderLineItem", line.id),
        "quantity": quantity,
    }


@pytest.fixture
def back(world: Any, order: Any) -> Any:
    """Two kettles that are expected back."""
    return world.return_(order, state="approved", quantity=2)


@pytest.fixture
def two_places(world: Any) -> Any:
    """A kettle and a mug that come back to places of their own."""
    order = world.order(lines=[world.line("Kettle", "20.00"), world.line("Mug", "5.00")])
    made = world.return_(order, state="approved")
    made.lines = [things.ReturnLine(f"rl-{number}", line.id) for number, line in enumerate(order.lines)]
    made.extra["places"] = {"rl-1": "north"}
    return made


def tell(platform: Any, back: Any, key: str = "a", **more: Any) -> Any:
    """Tell of a parcel."""
    more = {"parcel": Parcel(number=NUMBER)} | more
    return platform.shop.returns.approve(return_id(back), variant="parcel", key=key, **more)


# --- read ------------------------------------------------------------------------------------------------------------


def test_a_return_tells_its_parcels_in_a_list_too(platform: Any, back: Any) -> None:
    back.parcels = [things.Parcel("DHL", "00340434161094000000"), Delivery(None, NUMBER, "d", PAGE)]
    parcels = (Parcel(carrier="DHL", number="00340434161094000000"), Parcel(number=NUMBER, url=PAGE))
    assert platform.shop.returns.get(return_id(back)).parcels == parcels
    (row,) = platform.shop.returns.list()
    assert row.parcels == parcels


def test_a_label_alone_is_no_parcel_yet(platform: Any, back: Any) -> None:
    back.parcels = [Delivery(id="d", label_only=True)]
    assert platform.shop.returns.get(return_id(back)).parcels == ()


def test_a_parcel_to_two_places_is_told_once(platform: Any, two_places: Any) -> None:
    two_places.parcels = [Delivery(None, NUMBER, f"d-{place}", None, place) for place in ("", "north")]
    assert platform.shop.returns.get(return_id(two_places)).parcels == (Parcel(number=NUMBER),)


def test_none_is_dropped_however_many_there_are(platform: Any, world: Any) -> None:
    """Seven places, and 23 parcels to the last of them: all are asked for. A list shows the first ones and says so."""
    order = world.order(lines=[world.line(f"Thing {number}", "1.00") for number in range(7)])
    back = world.return_(order, state="approved")
    back.lines = [things.ReturnLine(f"rl-{number}", line.id) for number, line in enumerate(order.lines)]
    back.extra["places"] = {f"rl-{number}": f"place-{number}" for number in range(7)}
    back.parcels = [Delivery(None, f"A{number}", f"a-{number}", None, f"place-{number}") for number in range(6)]
    back.parcels += [Delivery(None, f"B{number}", f"b-{number}", None, "place-6") for number in range(23)]
    found = platform.shop.returns.get(return_id(back))
    assert {each.number for each in found.parcels} == {each.number for each in back.parcels}
    assert len(found.raw["reverseFulfillmentOrders"]["nodes"]) == 7
    asked = [name for name, _ in platform.face.heard]
    assert asked == ["query return", "query return", *["query reverseFulfillmentOrder"] * 2]
    listing = platform.shop.returns.list()
    assert [each.number for row in listing for each in row.parcels] == ["A0", "A1"]
    assert "the first three to each of the first two places" in listing.capped


def test_a_return_without_more_pages_costs_one_call(platform: Any, back: Any) -> None:
    back.parcels = [things.Parcel("DHL", str(number)) for number in range(5)]
    assert len(platform.shop.returns.get(return_id(back)).parcels) == 5
    assert sent(platform, "query") == ["query return"]


def test_a_decision_answers_with_the_parcels(platform: Any, back: Any) -> None:
    back.parcels = [things.Parcel("DHL", "1")]
    assert platform.shop.returns.receive(return_id(back), key="a").parcels == (Parcel(carrier="DHL", number="1"),)


# --- told ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notify", [False, True])
def test_a_parcel_is_told_with_all_its_pieces(make_shop: Callable[..., Any], back: Any, notify: bool) -> None:
    """Trap 7: Shopify tells the buyer unless it is told not to."""
    platform = make_shop(notify_buyers=notify)
    done = tell(platform, back, parcel=Parcel(number=NUMBER, url=PAGE))
    assert given(platform) == {
        "place": gid("ReverseFulfillmentOrder", back.id),
        "lines": [expected(back.lines[0], 2)],
        "tracking": {"number": NUMBER, "url": PAGE},
        "notify": notify,
    }
    assert (done.state, done.parcels) == ("approved", (Parcel(number=NUMBER, url=PAGE),))
    assert platform.shop.returns.get(return_id(back)).parcels == done.parcels
    assert tell(platform, back, parcel=Parcel(number=NUMBER, url=PAGE)).parcels == done.parcels  # the same key
    assert len(back.parcels) == 1


def test_what_shopify_makes_of_a_number_is_told(platform: Any, back: Any) -> None:
    """It names the carrier and the page where it knows them, and leaves both empty where it does not."""
    (told,) = tell(platform, back, parcel=Parcel(number="1Z999")).parcels
    assert told == Parcel(carrier="UPS", number="1Z999", url="https://www.ups.com/track?tracknum=1Z999")


def test_pieces_in_a_parcel_are_not_put_into_another(platform: Any, order: Any, back: Any) -> None:
    one = [{"id": line_id(order.lines[0]), "quantity": 1}]
    tell(platform, back, lines=one)
    both = [{"id": line_id(order.lines[0]), "quantity": 2}]
    with pytest.raises(NotAllowedNow, match="1 pieces"):
        tell(platform, back, "b", lines=both)
    tell(platform, back, "c", parcel=Parcel(number="2"))
    assert given(platform)["lines"] == [expected(back.lines[0], 1)]
    with pytest.raises(NotAllowedNow, match="in a parcel already"):
        tell(platform, back, "d", parcel=Parcel(number="3"))
    assert len(sent(platform)) == 2


def test_pieces_that_are_back_are_in_no_parcel(make_shop: Callable[..., Any], order: Any, back: Any) -> None:
    platform = make_shop()
    one = [{"id": line_id(order.lines[0]), "quantity": 1}]
    platform.shop.returns.receive(return_id(back), lines=one, key="in")
    tell(platform, back)
    assert given(platform)["lines"] == [expected(back.lines[0], 1)]


def test_pieces_of_which_it_is_said_where_they_went_are_in_no_parcel(platform: Any, back: Any) -> None:
    """Somebody disposed of one in Shopify's admin; it is not processed by that."""
    back.extra["disposed"] = {back.lines[0].id: 1}
    tell(platform, back)
    assert given(platform)["lines"] == [expected(back.lines[0], 1)]


def test_a_place_that_is_closed_expects_nothing(platform: Any, two_places: Any) -> None:
    two_places.extra["reverse"] = {"": "CLOSED"}
    with pytest.raises(NotAllowedNow, match="Nothing of that"):
        tell(platform, two_places, lines=[{"id": gid("ReturnLineItem", "rl-0")}])
    tell(platform, two_places, "b")
    assert given(platform)["lines"] == [expected(two_places.lines[1], 1)]


def test_more_places_than_one_look_shows_are_not_told_past(platform: Any, world: Any) -> None:
    order = world.order(lines=[world.line(f"Thing {number}", "1.00") for number in range(6)])
    back = world.return_(order, state="approved")
    back.lines = [things.ReturnLine(f"rl-{number}", line.id) for number, line in enumerate(order.lines)]
    back.extra["places"] = {line.id: line.id for line in back.lines}
    with pytest.raises(NotAllowedNow, match="More goods"):
        tell(platform, back, lines=[{"id": gid("ReturnLineItem", "rl-0")}])
    assert sent(platform) == []


def test_a_parcel_goes_to_one_place(platform: Any, world: Any, two_places: Any) -> None:
    with pytest.raises(BadInput, match="2 places"):
        tell(platform, two_places)
    mug = two_places.lines[1]
    tell(platform, two_places, "b", lines=[{"id": gid("ReturnLineItem", mug.id)}])
    assert (given(platform)["place"], given(platform)["lines"]) == (order_id(two_places, "north"), [expected(mug, 1)])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"parcel": Parcel(carrier="DHL", number=NUMBER)}, "no carrier"),
        ({"parcel": Parcel(carrier="DHL")}, "no carrier"),
        ({"parcel": None}, "number"),
        ({"parcel": Parcel(number=NUMBER, url="track RR1")}, "no address"),
        ({"parcel": Parcel(number=NUMBER, url="ftp://example.com/RR1")}, "no address"),
        ({"parcel": Parcel(number=NUMBER, url="https://[")}, "no address"),
        ({"note": "on its way"}, "no place for a note"),
        ({"attachments": [Upload.of("label.pdf", "application/pdf", b"%PDF")]}, "no place for files"),
        ({"lines": [{"id": "gid://shopify/LineItem/1"}]}, "no line"),
    ],
)
def test_what_shopify_has_no_place_for_is_refused(platform: Any, back: Any, more: Any, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        tell(platform, back, **more)
    assert sent(platform) == []


def test_a_parcel_is_told_only_where_it_is_named(platform: Any, world: Any, order: Any, back: Any) -> None:
    """`approve` of a request takes no parcel, and never becomes another decision by itself."""
    for target in (back, world.return_(world.order())):
        with pytest.raises(BadInput):
            platform.shop.returns.approve(return_id(target), parcel=Parcel(number=NUMBER), key="a")
    assert sent(platform) == []


@pytest.mark.parametrize("why", ["received", "no place is open", "requested", "closed"])
def test_nothing_is_offered_where_nothing_is_expected(platform: Any, world: Any, back: Any, why: str) -> None:
    if why == "received":
        platform.shop.returns.receive(return_id(back), key="in")
    elif why == "no place is open":
        back.extra["reverse"] = {"": "CLOSED"}
    else:
        back.state = why
    assert "parcel" not in {each.variant for each in platform.shop.returns.allowed(return_id(back))}
    with pytest.raises(NothingSent):
        tell(platform, back, "b")


def test_an_unverified_line_cannot_be_named(platform: Any, back: Any) -> None:
    back.extra["unverified"] = True
    with pytest.raises(NotAllowedNow, match="no line of the order"):
        tell(platform, back, lines=[{"id": gid("ReturnLineItem", back.lines[0].id)}])
    tell(platform, back, "b")
    assert given(platform)["lines"] == [expected(back.lines[0], 2)]


def test_more_parcels_than_one_look_shows_are_not_told_past(platform: Any, back: Any) -> None:
    back.parcels = [Delivery(None, str(number), f"d-{number}") for number in range(11)]
    with pytest.raises(NotAllowedNow, match="more parcels"):
        tell(platform, back)
    assert sent(platform) == []


def test_a_refusal_without_a_code_proves_that_nothing_happened(platform: Any, back: Any) -> None:
    """As a live shop of 2026-07 answers: `code` is null, and the words say which line has too many pieces."""
    platform.face.meanwhile = lambda: setattr(back.lines[0], "quantity", 1)
    with pytest.raises(Invalid, match="cannot deliver more items than are returned") as caught:
        tell(platform, back)
    assert (caught.value.changed, back.parcels) == ("no", [])


def test_a_value_that_the_schema_does_not_take_proves_that_nothing_happened(platform: Any, back: Any) -> None:
    """As a live shop of 2026-07 answers: an error with a code, and no data. Nothing was executed."""
    error = {
        "message": "Variable $tracking of type ReverseDeliveryTrackingInput was provided invalid value for url",
        "extensions": {"code": "INVALID_VARIABLE", "problems": [{"path": ["url"]}]},
    }
    plain = platform.face.graphql

    def graphql(request: Any) -> Reply:
        return Reply.of({"errors": [error]}) if "DeliveryCreate" in request.json()["query"] else plain(request)

    platform.face.graphql = graphql
    with pytest.raises(Invalid) as caught:
        tell(platform, back)
    assert (caught.value.native_code, caught.value.changed) == ("INVALID_VARIABLE", "no")


@pytest.mark.parametrize(
    ("variant", "contract"),
    [
        (None, contracts.DECIDE),
        ("reopen", contracts.DECIDE),
        ("exchange", contracts.DECIDE),
        ("parcel", contracts.TELL_PARCEL),
    ],
)
def test_each_way_to_approve_has_its_own_contract(platform: Any, back: Any, variant: Any, contract: Any) -> None:
    command = Decision(return_id=return_id(back), variant=variant, parcel=Parcel(number=NUMBER))
    assert platform.shop.adapter.returns.approve(platform.shop.context(), command).contract is contract
    assert platform.shop.supports("returns.approve").contract == contracts.TELL_PARCEL  # it promises least


# --- lost ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body", "acts_late", "never_arrived"])
def test_a_lost_parcel_is_found_by_what_is_new(platform: Any, world: Any, back: Any, kind: Any) -> None:
    back.parcels = [Delivery(None, NUMBER, "earlier")]
    platform.face.faults.add(Fault(kind, on=CREATE, seconds=30.0))
    tell(platform, back, parcel=Parcel(number=NUMBER, url=PAGE))
    assert world.count("return.parcel") == 1
    assert [each.url for each in back.parcels[1:]] == [PAGE]


def test_the_carrier_that_shopify_names_does_not_hide_a_parcel(platform: Any, world: Any, back: Any) -> None:
    platform.face.faults.add(Fault("lost_answer", on=CREATE))
    (told,) = tell(platform, back, parcel=Parcel(number="1Z999")).parcels
    assert (told.carrier, world.count("return.parcel")) == ("UPS", 1)


@pytest.mark.parametrize(
    "other",
    [Delivery(None, "another", "d", PAGE), Delivery(None, NUMBER, "d", "https://example.com/x"), None],
    ids=["number", "page", "pieces"],
)
def test_another_parcel_that_somebody_told_meanwhile_leaves_it_unknown(platform: Any, back: Any, other: Any) -> None:
    """It may be ours, altered: nothing is sent again."""
    other = other or Delivery(None, NUMBER, "d", PAGE, "", {back.lines[0].id: 1})
    other.pieces = other.pieces or {back.lines[0].id: 2}
    platform.face.meanwhile = lambda: back.parcels.append(other)
    platform.face.faults.add(Fault("never_arrived", on=CREATE))
    with pytest.raises(OutcomeUnknown):
        tell(platform, back, parcel=Parcel(number=NUMBER, url=PAGE))
    assert sent(platform) == [CREATE]


def test_a_parcel_to_another_place_is_not_taken_for_ours(platform: Any, two_places: Any) -> None:
    kettle = [{"id": gid("ReturnLineItem", two_places.lines[0].id)}]
    elsewhere = Delivery(None, NUMBER, "d", None, "north", {"rl-1": 1})
    platform.face.meanwhile = lambda: two_places.parcels.append(elsewhere)
    platform.face.faults.add(Fault("never_arrived", on=CREATE))
    tell(platform, two_places, lines=kettle)
    assert len(two_places.parcels) == 2


# --- points ----------------------------------------------------------------------------------------------------------


def test_no_operation_about_parcels_asks_for_too_many_points(platform: Any, two_places: Any) -> None:
    tell(platform, two_places, lines=[{"id": gid("ReturnLineItem", "rl-0")}])
    two_places.parcels += [Delivery(None, str(number), f"d-{number}") for number in range(6)]
    platform.shop.returns.get(return_id(two_places))
    list(platform.shop.returns.list())
    costs = dict(platform.face.costs)
    assert {"Return", "ReturnsOfOrder", "ReverseLines", "ReverseOrders", "Deliveries", "DeliveryCreate"} <= costs.keys()
    assert max(costs.values()) < 1000
