"""Decisions about returns in bulk: mixed in one file, each once, money only under a key."""

from __future__ import annotations

import pytest

from sellercare.errors import BadInput
from sellercare.store.jobs import RowState
from sellercare.support import MovesMoney
from sellercare_adapters.acme import AcmeAdapter

from .conftest import Seller

VERB = "returns.decide"


def test_decisions_of_all_kinds_are_taken_once(seller: Seller) -> None:
    first, second, third = (seller.world.return_() for _ in range(3))
    file = (
        "return_id,decision,reason,amount,currency\n"
        f"{first.id},approve,,,\n"
        f"{first.id},receive,,,\n"
        f"{second.id},Decline,damaged,,\n"
        f"{third.id},offer,,5.00,EUR\n"
    )
    job = seller.plan(file, VERB)
    # To receive is not offered before the return is approved.
    assert seller.states(job) == ["ready", "held", "ready", "ready"]
    seller.fault("lost_answer", "POST /v1/returns/*", times=2)
    assert seller.apply(job).sent == 3
    assert (first.state, second.state, third.state) == ("approved", "declined", "offered")
    assert sorted(act.kind for act in seller.world.acts) == ["return.approve", "return.decline", "return.offer"]
    again = seller.plan(file, VERB)
    assert seller.states(again) == ["done", "ready", "done", "done"]
    seller.apply(again)
    assert first.state == "received"
    assert seller.world.twice() == []


@pytest.mark.parametrize(
    ("cells", "state", "says"),
    [
        ("{id},refuse,", "rejected", "decision is 'refuse'; it may be approve, decline, receive, offer"),
        ("{id},,", "rejected", "decision is empty"),
        (",approve,", "rejected", "return_id is empty"),
        ("{id},decline,", "rejected", "The reason is missing"),
        ("{id},receive,", "held", "cannot be given returns.receive now"),
        ("nowhere,approve,", "rejected", "There is no return 'nowhere'"),
    ],
)
def test_decisions_that_cannot_be(seller: Seller, cells: str, state: str, says: str) -> None:
    return_ = seller.world.return_()
    row = seller.row(seller.plan("return_id,decision,reason\n" + cells.format(id=return_.id) + "\n", VERB), 2)
    assert (row.state.value, says in row.note) == (state, True), row.note


def test_the_header_must_have_a_decision(seller: Seller) -> None:
    with pytest.raises(BadInput, match="the column decision is missing"):
        seller.plan("return_id\nx\n", VERB)
    with pytest.raises(BadInput, match="did you mean 'decision'"):
        seller.plan("return_id,decison\nx,approve\n", VERB)


def test_a_decision_that_may_move_money_needs_a_key_or_a_run(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    support = AcmeAdapter.supports["returns.approve"]
    assert support.contract is not None
    moves = replace(support, contract=replace(support.contract, money=MovesMoney.MAYBE))
    monkeypatch.setattr(AcmeAdapter, "supports", AcmeAdapter.supports | {"returns.approve": moves})
    return_ = seller.world.return_()
    file = f"return_id,decision\n{return_.id},approve\n"
    assert "key is empty" in seller.row(seller.plan(file, VERB), 2).note
    named = seller.row(seller.plan(file, VERB, run="march"), 2)
    assert named.state is RowState.READY
    assert (named.key or "").startswith("march-")


def test_a_return_that_was_closed_since_the_plan_is_held(seller: Seller) -> None:
    return_ = seller.world.return_()
    job = seller.plan(f"return_id,decision\n{return_.id},approve\n", VERB)
    return_.state = "closed"
    assert seller.apply(job).sent == 0
    assert seller.row(job, 2).state is RowState.HELD


def test_an_offline_plan_asks_nothing_and_is_checked_when_applied(seller: Seller) -> None:
    return_ = seller.world.return_()
    job = seller.plan(f"return_id,decision\n{return_.id},approve\nnowhere,approve\n", VERB, offline=True)
    assert len(seller.face.log) == 0
    assert seller.states(job) == ["ready", "ready"]
    seller.apply(job)
    assert seller.states(job) == ["confirmed", "rejected"]
