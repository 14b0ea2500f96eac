"""A person's word about an unknown outcome, and settlement that is followed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import sellercare
from sellercare.calls import Answer, Call, write
from sellercare.errors import BadInput, InProgress, OutcomeUnknown, Unavailable
from sellercare.interfaces import Context
from sellercare.models import Message, Money, Reply
from sellercare.shop import Shop
from sellercare.simulator import FakeClock, Fault, InProcess, World
from sellercare.store import Store
from sellercare.store.records import IntentState
from sellercare.support import WriteContract
from sellercare.writes import Step, Write
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


class _Undone:
    """A platform that notes what is taken back there."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.breaks = False

    def write(self, call: Call, contract: WriteContract) -> Answer:
        if self.breaks:
            raise Unavailable("It cannot answer now.")
        self.calls.append(call.path)
        return Answer(204, {}, b"")


@pytest.fixture
def begun(tiny: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[Shop, str, _Undone]:
    """An answer of unknown outcome, whose file was put there before."""

    def reply(_: object, ctx: Context, command: Reply) -> Write[Message]:
        file = Step("file", lambda kept: write("POST", "/files"), undo=lambda kept: write("DELETE", "/files/f1"))
        send = Step("send", lambda kept: write("POST", "/messages"), commits=True)
        return Write((file, send), lambda kept: Message(id=None, thread_id=command.thread_id))

    platform = _Undone()
    monkeypatch.setattr(type(tiny.adapter.messages), "reply", reply)
    monkeypatch.setattr(tiny.http, "write", platform.write)
    command = Reply(thread_id="t1", text="hello")
    intents, named = tiny.store.intents, {"account": tiny.account_name, "verb": "messages.reply", "key": "k"}
    intent = intents.begin(**named, fingerprint="f", target=command.target, content=command.model_dump(mode="json"))
    assert intents.take(intent.id, "me", 60, alone=False)
    intents.step_done(intent.id, "file", "me", {"id": "f1"})
    intents.sending(intent.id, "send", commits=True, owner="me", seconds=60)
    intents.decide(intent.id, "me", IntentState.UNKNOWN, None)
    return tiny, intent.id, platform


def test_what_was_begun_is_taken_back_once(begun: tuple[Shop, str, _Undone]) -> None:
    shop, intent_id, platform = begun
    assert shop.settle(intent_id, landed=False).state is IntentState.READY
    assert (platform.calls, shop.store.intents.steps(intent_id)) == (["/files/f1"], {})


def test_nothing_is_taken_back_while_a_worker_looks_it_up(begun: tuple[Shop, str, _Undone]) -> None:
    shop, intent_id, platform = begun
    assert shop.store.intents.take(intent_id, "a worker", 60, alone=False)
    with pytest.raises(InProgress):
        shop.settle(intent_id, landed=False)
    assert platform.calls == []
    assert shop.store.intents.get(intent_id).owner == "a worker"


def test_what_cannot_be_taken_back_stays_unknown_and_can_be_said_again(begun: tuple[Shop, str, _Undone]) -> None:
    shop, intent_id, platform = begun
    platform.breaks = True
    with pytest.raises(Unavailable):
        shop.settle(intent_id, landed=False)
    intent = shop.store.intents.get(intent_id)
    assert (intent.state, intent.owner) == (IntentState.UNKNOWN, None)
    platform.breaks = False
    assert shop.settle(intent_id, landed=False).state is IntentState.READY
