"""The suite holds things against each other: handed in and sent, told in a list and alone, today and tomorrow."""

from __future__ import annotations

import itertools
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from sellercare import models
from sellercare.calls import Listing, read
from sellercare.http.pages import OnePage
from sellercare.naming import by_name
from sellercare.shapes import listed, one
from sellercare.simulator.face import Reply, Request, route
from sellercare.support import Readback
from sellercare_adapters.acme import adapter as acme
from sellercare_adapters.acme.face import AcmeFace

from .liars import Judge, contract, lying, orders

REPLY, REFUND, CLOSE = "messages.reply", "refunds.issue", "messages.close"
NUMBERS = itertools.count()


def messages(**methods: Any) -> Any:
    """Acme with other methods for messages."""
    return lying(messages=type("Messages", (acme.Messages,), methods)())


def without(group: str, verb: str, **fields: Any) -> Any:
    """Acme, whose verb forgets what was handed in: these fields become as given."""
    kind = type(getattr(acme.AcmeAdapter, group))

    def forgetting(self: Any, ctx: Any, command: Any) -> Any:
        return getattr(kind, verb)(self, ctx, command.model_copy(update=fields))

    return lying(**{group: type("Forgetting", (kind,), {verb: forgetting})()})


def replying(**changes: Any) -> Any:
    """Acme's way of answering, with something else in the write. A change of `find` is of its last step."""
    find, kept = changes.pop("find", None), changes

    def reply(self: Any, ctx: Any, command: Any) -> Any:
        write = acme.Messages.reply(self, ctx, command)
        steps = (*write.steps[:-1], replace(write.steps[-1], find=find(ctx, command))) if find else write.steps
        return replace(write, steps=steps, **{name: change(ctx, write) for name, change in kept.items()})

    return messages(reply=reply)


def told(model: type[models.Model], **changes: Any) -> Any:
    """A translation with something else in some fields."""

    def translate(row: Any) -> Any:
        honest = by_name(model, row)
        return honest.model_copy(update={name: change(honest) for name, change in changes.items()})

    return translate


def any_of_the_sellers(ctx: Any, command: Any) -> Any:
    """Looks for an answer, and takes any."""
    from sellercare.finding import in_rows

    call = read("/v1/threads/{id}/messages", ids={"id": command.thread_id}, params={"by": "seller"})
    return lambda search: in_rows(ctx.read(call)["rows"], search, lambda row: True)


def stopping_early(self: Any, ctx: Any, query: Any) -> Any:
    """Takes rows for the newest first that are the oldest first."""
    plain = Listing(read("/v1/orders"), "rows", told(models.Order), acme.NUMBERED, newest_first="updated_at")
    return [replace(plain, together=lambda rows: rows[::-1])]


def never_changing(self: Any, ctx: Any, query: Any) -> Any:
    asked = query.model_dump(mode="json", exclude_none=True)
    shown = told(models.Order, updated_at=lambda honest: honest.created_at)
    return [Listing(read("/v1/orders", params=asked), "rows", shown, acme.NUMBERED, frozenset({"updated_since"}))]


def generous(self: Any, ctx: Any, target: Any) -> Any:
    honest = acme.Refunds.quote(self, ctx, target)
    more = {"most": models.Money(amount=Decimal(9999), currency="EUR")}
    return [option.model_copy(update=more) for option in honest]


def first_page(self: Any, ctx: Any, query: Any) -> Any:
    return [Listing(read("/v1/threads"), "rows", told(models.Thread), OnePage())]


def unfiltered(self: Any, ctx: Any, query: Any) -> Any:
    """Claims a filter, and shows no order in the list, so that nobody sees it."""
    return [Listing(read("/v1/threads"), "rows", told(models.Thread, order_id=none), acme.FLOWING, frozenset(FILTERS))]


def none(honest: Any) -> None:
    return None


FILTERS = ("order_id",)


def dearer(honest: models.Order) -> tuple[models.OrderLine, ...]:
    first = honest.lines[0]
    assert first.price is not None
    more = first.price.model_copy(update={"amount": first.price.amount + 1})
    return (first.model_copy(update={"price": more}), *honest.lines[1:])


def in_euros(honest: models.Order) -> models.Money | None:
    return honest.total.model_copy(update={"currency": "EUR"}) if honest.total else None


class ClosingFace(AcmeFace):
    """A platform that closes what is marked as read."""

    @route("POST", "/v1/threads/{id}/read")
    def read_(self, request: Request, id: str) -> Reply:
        self.find("threads", id).closed = True
        self.world.act("thread.read", id)
        return Reply(204)


THREAD = "/v1/threads/{id}"
LIES: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "files are dropped": (
        "test_what_is_given_is_sent_or_refused",
        (REPLY,),
        {"adapter": without("messages", "reply", attachments=())},
    ),
    "an addressee is dropped": (
        "test_what_is_given_is_sent_or_refused",
        (REPLY,),
        {"adapter": without("messages", "reply", to=models.Party.BUYER)},
    ),
    "the text is always the same": (
        "test_what_is_given_is_sent_or_refused",
        (REPLY,),
        {"adapter": without("messages", "reply", text="Hello.")},
    ),
    "the reason of a cancellation is dropped": (
        "test_what_is_given_is_sent_or_refused",
        ("orders.cancel",),
        {"adapter": without("orders", "cancel", reason=None)},
    ),
    "the note of a decision is dropped": (
        "test_what_is_given_is_sent_or_refused",
        ("returns.decline",),
        {"adapter": without("returns", "decline", note=None)},
    ),
    "the amount of a refund is dropped": (
        "test_what_is_given_is_sent_or_refused",
        (REFUND,),
        {"adapter": without("refunds", "issue", amount=None)},
    ),
    "the note of a refund is dropped": (
        "test_what_is_given_is_sent_or_refused",
        (REFUND,),
        {"adapter": without("refunds", "issue", note=None)},
    ),
    "lines are dropped, and all is received": (
        "test_what_is_given_is_sent_or_refused",
        ("returns.receive",),
        {"adapter": without("returns", "receive", lines=())},
    ),
    "the parcel of a return is dropped": (
        "test_what_is_given_is_sent_or_refused",
        ("returns.approve",),
        {"adapter": without("returns", "approve", parcel=None)},
    ),
    "an answer by hand is taken for ours": (
        "test_somebody_elses_answer_is_not_taken_for_ours",
        (REPLY, "after"),
        {"adapter": replying(find=any_of_the_sellers)},
    ),
    "an earlier answer is taken for ours": (
        "test_somebody_elses_answer_is_not_taken_for_ours",
        (REPLY, "before"),
        {"adapter": replying(before=lambda ctx, write: list)},
    ),
    "a result is made up anew": (
        "test_a_write_that_is_offered_works",
        (REPLY,),
        {
            "adapter": replying(
                result=lambda ctx, write: (
                    lambda kept: write.result(kept).model_copy(update={"id": f"msg_{next(NUMBERS)}"})
                )
            )
        },
    ),
    "a result costs a call": (
        "test_a_write_that_is_offered_works",
        (REPLY,),
        {
            "adapter": replying(
                result=lambda ctx, write: lambda kept: (ctx.read(read("/v1/orders")), write.result(kept))[1]
            )
        },
    ),
    "a thing is another one alone": (
        "test_a_thing_is_the_same_alone_as_in_its_list",
        ("orders.list",),
        {"adapter": orders(get=one(acme.ORDER, told(models.Order, updated_at=lambda honest: honest.created_at)))},
    ),
    "a list is not in the order that it is said to be in": (
        "test_what_has_changed_is_listed",
        ("orders.list",),
        {"adapter": orders(list=stopping_early)},
    ),
    "a filter is claimed for what the list does not tell": (
        "test_filters_hold",
        ("messages.threads",),
        {"adapter": messages(threads=unfiltered)},
    ),
    "an order is named by another id": (
        "test_things_name_their_order",
        ("messages.thread",),
        {"adapter": messages(thread=one(THREAD, told(models.Thread, order_id=lambda honest: honest.id)))},
    ),
    "a time of changes is that of the beginning": (
        "test_what_has_changed_is_listed",
        ("orders.list",),
        {"adapter": orders(list=never_changing)},
    ),
    "more may be paid back than was paid": (
        "test_no_more_is_quoted_than_was_paid",
        (),
        {"adapter": lying(refunds=type("Refunds", (acme.Refunds,), {"quote": generous})())},
    ),
    "ids are made up": (
        "test_ids_are_the_same_tomorrow",
        ("messages.thread",),
        {"adapter": messages(thread=one(THREAD, told(models.Thread, id=lambda honest: f"t{next(NUMBERS)}")))},
    ),
    "a currency is written down": (
        "test_a_currency_is_taken_from_the_answer",
        ("orders.get",),
        {"adapter": orders(get=one(acme.ORDER, told(models.Order, total=in_euros)))},
    ),
    "only the first page of conversations is read": (
        "test_pages_of_every_list_go_on",
        ("messages.threads",),
        {"adapter": messages(threads=first_page)},
    ),
    "a price is another one": (
        "test_an_order_is_told_as_it_is",
        (),
        {"adapter": orders(get=one(acme.ORDER, told(models.Order, lines=dearer)))},
    ),
    "a closed conversation is open": (
        "test_a_conversation_is_closed",
        (),
        {"adapter": messages(thread=one(THREAD, told(models.Thread, closed=lambda honest: not honest.closed)))},
    ),
    "what is marked as read is closed": ("test_a_conversation_is_marked_as_read", (), {"face": ClosingFace}),
    "it is found by a key that there is not": (
        "test_emulations_and_contracts_say_what_a_seller_must_know",
        (),
        {"adapter": contract(REPLY, readback=Readback.BY_KEY)},
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_found_out(judge: Judge, lie: str) -> None:
    test, args, changed = LIES[lie]
    judge(test, *args)  # the honest adapter passes
    with pytest.raises(AssertionError):
        judge(test, *args, **changed)


def test_a_platform_may_tell_each_piece_as_a_line(judge: Judge) -> None:
    def pieces(honest: models.Order) -> tuple[models.OrderLine, ...]:
        one_each = [[line.model_copy(update={"quantity": 1})] * int(line.quantity) for line in honest.lines]
        return tuple(line for each in one_each for line in each)

    judge("test_an_order_is_told_as_it_is", adapter=orders(get=one(acme.ORDER, told(models.Order, lines=pieces))))


@pytest.mark.parametrize("author", [models.Party.BUYER, models.Party.SELLER])
def test_the_marketplaces_own_people_are_neither_side(judge: Judge, author: models.Party) -> None:
    parties = (models.Party.BUYER, models.Party.SELLER, models.Party.PLATFORM)
    threads = listed("/v1/threads", "rows", told(models.Thread, parties=lambda honest: parties), acme.FLOWING)
    judge("test_the_marketplace_writes_too", adapter=messages(threads=threads))
    wrong = told(models.Message, author=lambda honest: author)
    shown = listed("/v1/threads/{id}/messages", "rows", wrong, acme.FLOWING)
    with pytest.raises(AssertionError, match="the marketplace wrote"):
        judge("test_the_marketplace_writes_too", adapter=messages(threads=threads, messages=shown))
