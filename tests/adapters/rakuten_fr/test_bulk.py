"""Bulk answers at Rakuten France: a look marks messages as read and costs from an hourly quota, so it is made once."""

from __future__ import annotations

import io
from typing import Any

import pytest

from sellercare.bulk.accounts import Accounts
from sellercare.bulk.apply import apply
from sellercare.bulk.files import open_rows
from sellercare.bulk.plan import Order, make_plan
from sellercare.store.jobs import Job, RowState

LOOK, TELL = "getiteminfos", "contactuseraboutitem"


class Desk:
    """A seller with a file of answers."""

    def __init__(self, seller: Any) -> None:
        self.seller, self.shop = seller, seller.shop
        self.accounts = Accounts([self.shop.account_name], lambda name: self.shop)

    def plan(self, text: str, **order: Any) -> Job:
        with open_rows(io.BytesIO(text.encode())) as rows:
            return make_plan(self.shop.store, self.accounts, rows, Order("messages.reply", **{"workers": 1} | order))

    def states(self, job: Job) -> list[RowState]:
        return [row.state for row in self.shop.store.jobs.rows(job.id)]


@pytest.fixture
def desk(rakuten: Any) -> Desk:
    return Desk(rakuten)


@pytest.mark.parametrize("workers", [1, 4])
def test_a_plan_looks_at_each_item_once(desk: Desk, workers: int) -> None:
    items = [desk.seller.sold() for _ in range(3)]
    for item in items:
        desk.seller.asks(item)
    rows = "".join(f"{item.id},Bonjour {{{{ buyer.login }}}}\n" for item in items)
    job = desk.plan(f"thread_id,template\n{rows}", workers=workers)
    assert desk.states(job) == [RowState.READY] * 3
    assert desk.seller.calls.count(LOOK) == 3


def test_each_answer_is_sent_after_one_more_look(desk: Desk) -> None:
    item = desk.seller.sold()
    desk.seller.asks(item)
    job = desk.plan(f"thread_id,text\n{item.id},Il part demain.\n")
    before = len(desk.seller.calls)
    apply(desk.shop.store, desk.accounts, job)
    assert desk.states(job) == [RowState.CONFIRMED]
    assert desk.seller.calls[before:] == [LOOK, TELL]
    assert desk.seller.said(item) == ["Il part demain."]


def test_a_plan_offline_looks_at_nothing(desk: Desk) -> None:
    item = desk.seller.sold()
    desk.seller.asks(item)
    desk.plan(f"thread_id,text\n{item.id},Il part demain.\n", offline=True)
    assert desk.seller.calls == []
    assert item.causes == ["UNREAD_MESSAGE_FROM_BUYER"]


def test_what_is_only_planned_still_waits(desk: Desk) -> None:
    item = desk.seller.sold()
    desk.seller.asks(item)
    desk.plan(f"thread_id,text\n{item.id},Il part demain.\n")
    assert item.causes == []
    assert [thread.id for thread in desk.shop.messages.threads(awaiting_reply=True)] == [item.id]


def test_a_later_look_is_a_new_one(desk: Desk) -> None:
    item = desk.seller.sold()
    with desk.shop.http.looking_once():
        desk.shop.messages.thread(item.id)
        with desk.shop.http.looking_once():
            desk.shop.messages.thread(item.id)
        desk.shop.messages.thread(item.id)
    desk.shop.messages.thread(item.id)
    assert desk.seller.calls == [LOOK] * 3
