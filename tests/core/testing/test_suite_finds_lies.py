"""The suite can fail: an adapter that lies about one thing is found out by the test that is about it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from sellercare import models
from sellercare.adapter import Budget, Settings
from sellercare.calls import Listing, Rows, read
from sellercare.errors import BadAnswer, RateLimited
from sellercare.http.pages import OnePage
from sellercare.naming import by_name
from sellercare.shapes import listed, one
from sellercare.simulator.face import Reply, Request, route
from sellercare.support import MovesMoney, Readback, Repeat, impossible
from sellercare.translation import translated
from sellercare_adapters.acme import adapter as acme
from sellercare_adapters.acme.face import AcmeFace

from .liars import Judge, contract, lying, orders


def messages(**methods: Any) -> Any:
    """Acme with other methods for messages."""
    return lying(messages=type("Messages", (acme.Messages,), methods)())


def worse(method: str, change: Callable[[Any], Any]) -> Any:
    """Acme's way of writing, with each step changed."""
    honest = getattr(acme.Messages, method)

    def verb(self: Any, ctx: Any, command: Any) -> Any:
        write = honest(self, ctx, command)
        return replace(write, steps=tuple(change(step) for step in write.steps))

    return messages(**{method: verb})


def order(**changes: Callable[[Any], Any]) -> Any:
    """A translation of orders in which some fields are changed."""

    def translate(row: Any) -> models.Order:
        honest = by_name(models.Order, row)
        return honest.model_construct(**dict(honest) | {name: change(honest) for name, change in changes.items()})

    return orders(get=one(acme.ORDER, translate), list=listed("/v1/orders", "rows", translate, acme.NUMBERED))


def _strict(row: Any) -> models.Order:
    states = {"delivered": models.OrderState.DELIVERED, "paid": models.OrderState.PAID}
    return by_name(models.Order, row, state=states[row["status" if "status" in row else "state"]])


def _eager(self: Any, ctx: Any, query: Any) -> Any:
    ctx.read(read("/v1/orders"))
    return [Listing(read("/v1/orders"), "rows", lambda row: by_name(models.Order, row), acme.NUMBERED)]


def _unfiltered(self: Any, ctx: Any, query: Any) -> Any:
    call, filters = read("/v1/orders"), frozenset({"updated_since"})
    return [Listing(call, "rows", lambda row: by_name(models.Order, row), acme.NUMBERED, filters)]


def _crashing(self: Any, ctx: Any, order_id: str) -> models.Order:
    return by_name(models.Order, ctx.read(read(acme.ORDER, ids={"id": order_id})))


def _at(path: str) -> Any:
    def get(self: Any, ctx: Any, order_id: str) -> models.Order:
        row = ctx.read(read(acme.ORDER, ids={"id": order_id}))
        try:
            return translated(lambda found: by_name(models.Order, found), row)
        except BadAnswer:
            raise BadAnswer("There is something wrong with the order.", path=path) from None

    return get


def _first_page(self: Any, ctx: Any, query: Any) -> Any:
    return [Listing(read("/v1/orders"), "rows", lambda row: by_name(models.Order, row), OnePage())]


def _anonymous(row: Any) -> models.Message:
    return by_name(models.Message, row).model_copy(update={"id": None})


def _a_few(self: Any, ctx: Any, query: Any) -> Any:
    def few() -> Any:
        return ctx.read(read("/v1/orders"))["rows"][:3]

    return [Rows(few, lambda row: by_name(models.Order, row))]


def _nothing(self: Any, ctx: Any, query: Any) -> Any:
    return []


class OpenSettings(Settings):
    """A key that is no SecretStr."""

    api_key: str = ""
    access_token: str = ""


class PayingFace(AcmeFace):
    """A platform where agreeing to a return pays it back."""

    @route("POST", "/v1/returns/{id}/approve")
    def approve(self, request: Request, id: str) -> Reply:
        back = self.find("returns", id)
        self.world.pay_back(self.world.data.orders[back.order_id], back.asked)
        return self.decide(request, id, "approve")


class SilentFace(AcmeFace):
    """A platform that does not log what it does."""

    def handle(self, request: Request) -> Reply:
        acts = len(self.world.acts)
        reply = super().handle(request)
        del self.world.acts[acts:]
        return reply


class WordyFace(AcmeFace):
    """A platform that says in words of its own that it is too much."""

    def too_many(self, wait: float) -> Reply:
        return self.error(400, "slow_down")


class ForgetfulFace(AcmeFace):
    """A platform that changes something when somebody reads."""

    @route("GET", "/v1/threads/{id}")
    def one(self, request: Request, id: str) -> Reply:
        self.world.act("thread.read", id)
        return super().one(request, id)


AT_ONCE = timedelta(0)
REPLY, REFUND = "messages.reply", "refunds.issue"
LIES: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "a repeat is called harmless": (
        "test_a_repeat_does_what_the_contract_says",
        (REPLY,),
        {"adapter": contract(REPLY, repeat=Repeat.HARMLESS)},
    ),
    "a repeat is called refused": (
        "test_a_repeat_does_what_the_contract_says",
        (REPLY,),
        {"adapter": contract(REPLY, repeat=Repeat.REFUSED)},
    ),
    "what was done is never found": (
        "test_a_lost_answer_is_found_as_the_contract_says",
        (REPLY,),
        {"adapter": worse("reply", lambda step: replace(step, find=lambda search: None))},
    ),
    "a read-back is said to be impossible": (
        "test_a_lost_answer_is_found_as_the_contract_says",
        (REPLY,),
        {"adapter": contract(REPLY, readback=Readback.NONE)},
    ),
    "absence is proof at once": (
        "test_a_write_is_never_done_twice",
        (REPLY, "acts_late"),
        {"adapter": contract(REPLY, absent_after=AT_ONCE)},
    ),
    "everything is taken for ours": (
        "test_absence_proves_what_the_contract_says",
        (REPLY,),
        {
            "adapter": worse(
                "reply", lambda step: replace(step, find=lambda search: SimpleNamespace(id="x", kept={"id": "x"}))
            )
        },
    ),
    "an id is promised and not kept": (
        "test_a_good_answer_is_the_evidence_that_the_contract_says",
        (REPLY,),
        {"adapter": worse("reply", lambda step: replace(step, native_id=lambda kept: None))},
    ),
    "money moves where none should": (
        "test_money_moves_where_the_contract_says_and_nowhere_else",
        ("returns.approve",),
        {"face": PayingFace},
    ),
    "a refund moves no money": (
        "test_money_moves_where_the_contract_says_and_nowhere_else",
        (REFUND,),
        {"adapter": contract(REFUND, money=MovesMoney.LATER)},
    ),
    "a verb that moves money says no": (
        "test_emulations_and_contracts_say_what_a_seller_must_know",
        (),
        {"adapter": contract(REFUND, money=MovesMoney.NO)},
    ),
    "nobody is told where to look": (
        "test_emulations_and_contracts_say_what_a_seller_must_know",
        (),
        {"adapter": contract(REPLY, by_hand="")},
    ),
    "a listing finds nothing": (
        "test_a_read_that_is_offered_works",
        ("orders.list",),
        {"adapter": orders(list=_nothing)},
    ),
    "a read does something": ("test_a_read_that_is_offered_works", ("messages.thread",), {"face": ForgetfulFace}),
    "a platform does not say what it does": ("test_a_write_that_is_offered_works", (REPLY,), {"face": SilentFace}),
    "a verb gives something else": (
        "test_a_read_that_is_offered_works",
        ("scores.current",),
        {"adapter": lying(scores=type("Scores", (acme.Scores,), {"current": lambda self, ctx: "fine"})())},
    ),
    "a time is naive": (
        "test_times_are_aware_and_in_utc",
        ("orders.get",),
        {"adapter": order(created_at=lambda honest: honest.created_at.replace(tzinfo=None))},
    ),
    "an amount is a fraction of a cent": (
        "test_money_is_exact_and_positive",
        ("orders.get",),
        {"adapter": order(total=lambda honest: honest.total.model_copy(update={"amount": honest.total.amount / 3}))},
    ),
    "the total is wrong": (
        "test_an_order_is_told_as_it_is",
        (),
        {"adapter": order(total=lambda honest: honest.lines[0].price)},
    ),
    "what is raw is thrown away": (
        "test_what_the_platform_said_is_kept",
        ("orders.get",),
        {"adapter": order(raw=lambda honest: None)},
    ),
    "an id is padded": (
        "test_what_the_platform_said_is_kept",
        ("orders.get",),
        {"adapter": order(buyer=lambda honest: models.Buyer(id=f"{honest.buyer.id} "))},
    ),
    "an id is empty": (
        "test_what_the_platform_said_is_kept",
        ("orders.get",),
        {"adapter": order(buyer=lambda honest: models.Buyer(id=""))},
    ),
    "messages have no ids": (
        "test_what_the_platform_said_is_kept",
        ("messages.messages",),
        {"adapter": messages(messages=listed("/v1/threads/{id}/messages", "rows", _anonymous, acme.FLOWING))},
    ),
    "a new word is an error": (
        "test_a_word_never_seen_is_no_error",
        ("orders.get",),
        {"adapter": orders(get=one(acme.ORDER, _strict))},
    ),
    "a strange answer is a crash": (
        "test_a_strange_answer_is_said_with_its_place",
        ("orders.get",),
        {"adapter": orders(get=_crashing)},
    ),
    "a strange answer has no place": (
        "test_a_strange_answer_is_said_with_its_place",
        ("orders.get",),
        {"adapter": orders(get=_at("$"))},
    ),
    "a strange answer is always at the same place": (
        "test_a_strange_answer_is_said_with_its_place",
        ("orders.get",),
        {"adapter": orders(get=_at("$.answer"))},
    ),
    "a list is fetched before anybody looks": (
        "test_a_list_is_lazy",
        ("orders.list",),
        {"adapter": orders(list=_eager)},
    ),
    "a list leaves old orders out in silence": (
        "test_a_list_that_leaves_something_out_says_so",
        ("orders.list",),
        {"adapter": orders(list=_a_few)},
    ),
    "a filter is claimed and ignored": ("test_filters_hold", ("orders.list",), {"adapter": orders(list=_unfiltered)}),
    "only the first page is read": ("test_pages_go_on_to_the_end", (), {"adapter": orders(list=_first_page)}),
    "the limits are too high": (
        "test_calls_stay_within_the_limits",
        (),
        {"adapter": lying(budgets=(Budget(1000, 1000, source="a guess"),))},
    ),
    "the limits are too high, and the platform says so in its own words": (
        "test_calls_stay_within_the_limits",
        (),
        {
            "adapter": lying(budgets=(Budget(1000, 1000, source="a guess"),), errors={"slow_down": RateLimited}),
            "face": WordyFace,
        },
    ),
    "a limit has no source": (
        "test_limits_and_rules_have_sources",
        (),
        {"adapter": lying(budgets=(Budget(1),))},
    ),
    "a key is no secret": ("test_settings_are_safe", (), {"adapter": lying(settings=OpenSettings)}),
    "a refund never settles": (
        "test_a_refund_settles_when_the_contract_says",
        (REFUND,),
        {
            "adapter": lying(
                refunds=type(
                    "Refunds",
                    (acme.Refunds,),
                    {
                        "get": one(
                            "/v1/refunds/{id}",
                            lambda row: by_name(models.Refund, row, state=models.RefundState.PENDING),
                        )
                    },
                )()
            )
        },
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_found_out(judge: Judge, lie: str) -> None:
    test, args, changed = LIES[lie]
    judge(test, *args)  # the honest adapter passes
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        judge(test, *args, **changed)


def test_a_verb_that_is_missing_cannot_even_be_declared() -> None:
    with pytest.raises(TypeError, match="has no method"):
        lying(scores=object.__new__(type("Scores", (acme.interfaces.Scores,), {})))


def test_an_honest_no_needs_a_reason(judge: Judge) -> None:
    curt = lying(
        supports={"scores.current": impossible("no"), "scores.history": impossible("no")},
        scores=acme.interfaces.Scores(),
    )
    with pytest.raises(AssertionError, match="no reason"):
        judge("test_a_verb_that_is_not_offered_says_why", "scores.current", adapter=curt)


def test_a_secret_that_is_logged_is_found(judge: Judge) -> None:
    def headers(settings: Any, call: Any, locale: str) -> dict[str, str]:
        logging.getLogger("somebody").warning("calling with %s", settings.api_key.get_secret_value())
        return {}

    with pytest.raises(AssertionError, match="a secret is told in a log"):
        judge("test_no_secret_is_told", adapter=_quiet(headers=staticmethod(headers)))


def _quiet(**changes: Any) -> Any:
    """Acme without what needs an event to be pushed."""
    supports = {"events.handle": impossible("nobody pushes anything here")}
    return lying(supports=supports, events=acme.interfaces.Events(), **changes)


def test_an_honest_adapter_tells_no_secret(judge: Judge) -> None:
    judge("test_no_secret_is_told", adapter=_quiet())
