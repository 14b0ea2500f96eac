"""A person's word about an unknown outcome, and settlement that is followed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import sellercare
from sellercare.errors import BadInput, OutcomeUnknown
from sellercare.models import Money
from sellercare.shop import Shop
from sellercare.simulator import FakeClock, Fault, InProcess, World
from sellercare.store import Store
from sellercare.store.records import IntentState
from sellercare_adapters.acme.face import AcmeFace

AMOUNT = Money(amount=Decimal("5.00"), currency="EUR")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Shop, AcmeFace, FakeClock]]:
    """A platform that shows nothing of what it took, so that a lost answer stays unknown."""
    clock = FakeClock()
    face = AcmeFace(World(seed=3, clock=clock), contract="blind")
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=clock) as store:
        yield connected(store, face, clock), face, clock


def connected(store: Store, face: AcmeFace, clock: FakeClock) -> Shop:
    return sellercare.connect(
        "acme",
        store=store,
        clock=clock,
        transport=InProcess(face),
        base_url="http://acme.test",
        api_key=AcmeFace.api_key,
        contract=face.contract,
    )


def lost(shop: Shop, face: AcmeFace) -> tuple[str, str]:
    """A refund whose answer was lost: the order and the intent."""
    order = face.world.order()
    face.faults.add(Fault("never_arrived", on="POST *refunds"))
    with pytest.raises(OutcomeUnknown) as caught:
        shop.refunds.issue(order_id=order.id, amount=AMOUNT, key="k")
    return order.id, caught.value.intent_id


def test_what_did_not_land_is_sent_again_under_the_same_key_and_only_then(
    place: tuple[Shop, AcmeFace, FakeClock],
) -> None:
    shop, face, clock = place
    order_id, intent_id = lost(shop, face)
    with pytest.raises(OutcomeUnknown):
        shop.refunds.issue(order_id=order_id, amount=AMOUNT, key="k")
    assert face.world.count("refund") == 0
    settled = shop.settle(intent_id, landed=False, who="anna")
    assert settled.state is IntentState.READY
    word = shop.store.words.last(intent_id)
    assert word is not None
    assert (word.landed, word.who, word.said_at) == (False, "anna", clock.now())
    shop.write("refunds.issue", sellercare.models.IssueRefund(order_id=order_id, amount=AMOUNT), key="k")
    assert face.world.count("refund") == 1


def test_what_landed_is_confirmed_and_never_sent_again(place: tuple[Shop, AcmeFace, FakeClock]) -> None:
    shop, face, _ = place
    order_id, intent_id = lost(shop, face)
    refund = face.world.pay_back(face.world.data.orders[order_id], AMOUNT)
    face.world.acts.clear()
    settled = shop.settle(intent_id, landed=True, native_id=refund.id)
    assert (settled.state, settled.native_id, settled.settlement) == (IntentState.CONFIRMED, refund.id, "pending")
    again = shop.refunds.issue(order_id=order_id, amount=AMOUNT, key="k")
    assert (again.id, again.amount) == (refund.id, AMOUNT)
    assert face.world.count("refund") == 0


def test_only_an_unknown_write_takes_a_persons_word(place: tuple[Shop, AcmeFace, FakeClock]) -> None:
    shop, face, _ = place
    _, intent_id = lost(shop, face)
    shop.settle(intent_id, landed=True)
    with pytest.raises(BadInput, match="not unknown, it is confirmed"):
        shop.settle(intent_id, landed=False)
    with pytest.raises(KeyError):
        shop.settle("nothing", landed=True)


def test_a_refund_is_followed_until_it_is_paid_and_after_that(tmp_path: Path) -> None:
    clock = FakeClock()
    face = AcmeFace(World(seed=3, clock=clock))
    face.world.settle_after = 3600.0
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=clock) as store:
        shop = connected(store, face, clock)
        shop.refunds.issue(order_id=face.world.order().id, amount=AMOUNT, key="k")
        (intent,) = store.intents.list()
        assert (intent.settlement, shop.follow(intent.id)) == ("pending", "pending")
        face.world.advance(4000)
        assert shop.follow(intent.id) == "done"
        face.world.data.refunds[intent.native_id or ""].state = "failed"
        assert shop.follow(intent.id) == "failed"
        assert store.intents.get(intent.id).settlement == "failed"
