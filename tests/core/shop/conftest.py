"""A platform that needs no network: it offers what the test puts into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest

import sellercare
from sellercare import registry
from sellercare.adapter import Adapter, Settings
from sellercare.calls import write
from sellercare.interfaces import VERBS, Context, Messages, Orders, Refunds, Returns
from sellercare.models import (
    CancelOrder,
    Decision,
    IssueRefund,
    Message,
    MessageOption,
    MessageTarget,
    Order,
    Refund,
    RefundOption,
    RefundTarget,
    Reply,
    Return,
    ReturnAction,
)
from sellercare.shop import Shop
from sellercare.simulator.clock import FakeClock
from sellercare.support import (
    Evidence,
    MovesMoney,
    Readback,
    Repeat,
    WriteContract,
    impossible,
    native,
    not_yet,
)
from sellercare.writes import Step, Write


def contract(money: MovesMoney = MovesMoney.NO) -> WriteContract:
    return WriteContract(Repeat.ACTS_AGAIN, Readback.NONE, None, Evidence.ID, money=money)


class TinySettings(Settings):
    base_url: str = "http://127.0.0.1:1"
    secret: str = ""


class TinyOrders(Orders):
    def cancel(self, ctx: Context, command: CancelOrder) -> Write[Order]:
        step = Step("cancel", lambda kept: write("POST", "/cancel", json={"reason": command.reason}), commits=True)
        return Write((step,), lambda kept: Order(id=command.order_id))


class TinyMessages(Messages):
    options: ClassVar[list[MessageOption]] = []

    def allowed(self, ctx: Context, target: MessageTarget) -> Sequence[MessageOption]:
        return self.options

    def reply(self, ctx: Context, command: Reply) -> Write[Message]:
        step = Step("send", lambda kept: write("POST", "/messages", json={"text": command.text}), commits=True)
        return Write((step,), lambda kept: Message(id=kept["send"]["id"], thread_id=command.thread_id))


class TinyReturns(Returns):
    actions: ClassVar[list[ReturnAction]] = []

    def allowed(self, ctx: Context, return_id: str) -> Sequence[ReturnAction]:
        return self.actions

    def approve(self, ctx: Context, command: Decision) -> Write[Return]:
        step = Step("approve", lambda kept: write("POST", "/approve"), commits=True)
        return Write((step,), lambda kept: Return(id=command.return_id))


class TinyRefunds(Refunds):
    options: ClassVar[list[RefundOption]] = []

    def quote(self, ctx: Context, target: RefundTarget) -> Sequence[RefundOption]:
        return self.options

    def issue(self, ctx: Context, command: IssueRefund) -> Write[Refund]:
        step = Step("pay", lambda kept: write("POST", "/refunds"), commits=True)
        return Write((step,), lambda kept: Refund(id=kept["pay"]["id"]))


_NO: dict[str, Any] = {verb: impossible("tiny has no such thing", by_hand="the till") for verb in VERBS}


class TinyAdapter(Adapter):
    name = "tiny"
    title = "Tiny"
    kind = "reference"
    proof = "nothing: it is for tests"
    settings = TinySettings
    supports: ClassVar[Any] = _NO | {
        "messages.allowed": native(),
        "orders.cancel": native(
            contract=contract(),
            wants={"reason": "Tiny wants a reason."},
            refuses={"lines": "Tiny cancels whole orders."},
            reasons={"STOCK": "out of stock", "BUYER": "the buyer asked for it"},
        ),
        "messages.reply": native(contract=contract(), refuses={"answers": "Tiny knows no single messages."}),
        "messages.threads": not_yet("nobody wrote it"),
        "returns.allowed": native(),
        "returns.approve": native(contract=contract(MovesMoney.MAYBE)),
        "refunds.quote": native(),
        "refunds.issue": native(contract=contract(MovesMoney.YES)),
    }
    orders = TinyOrders()
    messages = TinyMessages()
    returns = TinyReturns()
    refunds = TinyRefunds()


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(TinyMessages, "options", [])
    monkeypatch.setattr(TinyReturns, "actions", [])
    monkeypatch.setattr(TinyRefunds, "options", [])
    with (
        registry.registered("tiny", TinyAdapter),
        sellercare.connect("tiny", store="sqlite://", clock=FakeClock(), patience=0.5) as shop,
    ):
        yield shop
