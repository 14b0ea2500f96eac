"""Whatever Allegro answers: a model, or a BadAnswer that names the place. Nothing else, ever.

Answers are made from the description's own response schemas: as described; then spoiled, with fields that are
missing, null, of another type, or with words nobody has seen. Allegro's own examples must become models.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from sellercare.calls import Answer, Call, to_json
from sellercare.errors import BadAnswer, NotAllowedNow, SellercareError
from sellercare.http.pages import walk
from sellercare.interfaces import Context
from sellercare.models import (
    Decision,
    DisputeReview,
    IssueRefund,
    MarkRead,
    MessageTarget,
    Money,
    OrderQuery,
    RefundLine,
    RefundOption,
    RefundQuery,
    RefundTarget,
    Reply,
    ReplyToReview,
    ReturnQuery,
    ReviewQuery,
    ScoreQuery,
    StartThread,
    ThreadQuery,
)
from sellercare.simulator import FakeClock
from sellercare.translation import translated
from sellercare.writes import Search
from sellercare_adapters.allegro import AllegroAdapter as Adapter

pytestmark = pytest.mark.contract

ID = "94092826-f0e2-47ca-b8d1-94fd7cb82c33"
ISSUE = f"issue:{ID}"
PLN = Money(amount="10.00", currency="PLN")
REPAIR = Decision(return_id=ISSUE, variant="ACCEPTED_REPAIR", note="x")
OPTION = RefundOption(
    id="o",
    title="o",
    through="payment",
    order_id=ID,
    most=PLN,
    lines=(RefundLine(order_line_id=ID, quantity=1, amount=PLN),),
    native={"payment": ID, "reason": "REFUND"},
)


# --- answers from schemas ------------------------------------------------------------------------------------------


class Maker:
    """Makes values from schemas. `full`: every optional field is there, nothing is null."""

    def __init__(self, description: Any, seed: int, *, full: bool = False) -> None:
        self.resolve = description.resolve
        self.random = random.Random(seed)
        self.full = full

    def value(self, schema: dict[str, Any], name: str = "") -> Any:
        schema = self.resolve(schema)
        if schema.get("nullable") and not self.full and self.random.random() < 0.3:
            return None
        if "enum" in schema:
            return self.random.choice([word for word in schema["enum"] if word is not None])
        if "properties" in schema or schema.get("type") == "object":
            return self._object(schema)
        kind = schema.get("type")
        if kind == "array":
            return [self.value(schema["items"]) for _ in range(self.random.randint(1 if self.full else 0, 3))]
        if kind in ("integer", "number"):
            return self.random.randint(max(1, schema.get("minimum", 1)), schema.get("maximum", 50))
        if kind == "boolean":
            return self.random.random() < 0.5
        return self._text(schema, name)

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        required = schema.get("required", ())
        return {
            name: self.value(part, name)
            for name, part in schema.get("properties", {}).items()
            if self.full or name in required or self.random.random() < 0.7
        }

    def _text(self, schema: dict[str, Any], name: str) -> str:
        example, form = str(schema.get("example", "")), schema.get("format", "")
        if name == "amount":
            return f"{self.random.randint(0, 99999) / 100:.2f}"
        if name == "currency":
            return "PLN"  # all of one order is in one currency
        if form == "date" or name == "resultFor":
            return "2026-02-28"
        if form == "date-time" or name.endswith(("At", "Date", "DateTime", "possibleTo")):
            return self.random.choice(["2025-06-10T12:12:12.019Z", "2025-06-10T14:12:12+02:00", "2025-06-10T12:12:12Z"])
        if form == "uuid" or (name == "id" and self.full):
            return ID
        if name in ("recommendedPercentage", "averageScore"):
            return example
        return example or "".join(self.random.choice("aż Ł'\"<{}%0123\n") for _ in range(self.random.randint(0, 12)))


def spoil(value: Any, chance: random.Random, depth: int = 0) -> Any:
    """The value with something wrong in it, somewhere."""
    if isinstance(value, dict) and value and (depth == 0 or chance.random() < 0.8):
        name = chance.choice(sorted(value))
        if chance.random() < 0.25:
            return {key: each for key, each in value.items() if key != name}
        return value | {name: spoil(value[name], chance, depth + 1)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], spoil(value[place], chance, depth + 1), *value[place + 1 :]]
    return chance.choice(
        [None, "", "NEVER_SEEN", "1.15E+18", -1, 10**30, 0.5, True, [], {}, [[]], {"id": None}, "\x00"]
    )


# --- where the answers go ------------------------------------------------------------------------------------------


class Canned:
    """Answers each read with what was made for its operation; other operations as described, in full."""

    def __init__(self, description: Any, answers: dict[str, Any]) -> None:
        self.description = description
        self.answers = answers

    def read(self, call: Call) -> Answer:
        name = f"{call.method} {call.path}"
        if name not in self.answers:
            self.answers[name] = Maker(self.description, 1, full=True).value(schema_of(self.description, name))
        return Answer(200, {}, to_json(self.answers[name]), where=name)


def schema_of(description: Any, operation: str) -> dict[str, Any]:
    """The schema of an operation's good answer, in the media type that the adapter asks for."""
    method, _, path = operation.partition(" ")
    responses = description.document["paths"][path][method.lower()]["responses"]
    content = next(each for code, each in responses.items() if code.startswith("2"))["content"]
    schema: dict[str, Any] = next(iter(content.values()))["schema"]
    return schema


def rows(listings: Any) -> Callable[[Context], list[Any]]:
    def run(ctx: Context) -> list[Any]:
        found = []
        for listing in listings(ctx):
            for row in walk(ctx.http, listing):
                found.append(listing.detail.fetch(row) if listing.detail else row)
        return found

    return run


def result(write: Any, step: str) -> Callable[[Context], Any]:
    """A write's result, from the answer to its committing step."""

    def run(ctx: Context) -> Any:
        made = write(ctx)
        call = next(each for each in made.steps if each.name == step)
        answers = ctx.http.answers
        operation = next(name for name in answers if not name.startswith("GET"))
        kept = call.keep(Answer(200, {}, to_json(answers[operation]), where=operation))
        rating = {"rating": ctx.http.read(Call("read", "GET", "/sale/user-ratings/{ratingId}")).json()}
        return translated(made.result, {step: kept} | rating)

    return run


def lost(write: Any, step: str) -> Callable[[Context], Any]:
    """What a write looks at before it is sent, and what is looked for after its answer was lost."""

    def run(ctx: Context) -> Any:
        made = write(ctx)
        before = made.before() if made.before else None
        search = Search(before, {"order": {"login": "Client:46968690"}}, ctx.clock.now())
        return next(each for each in made.steps if each.name == step).find(search)

    return run


a = Adapter
OPERATIONS: dict[str, list[Callable[[Context], Any]]] = {
    "GET /messaging/threads": [
        rows(lambda ctx: a.messages.threads(ctx, ThreadQuery())[:1]),
        lost(lambda ctx: a.messages.start(ctx, StartThread(order_id=ID, text="x")), "send"),
    ],
    "GET /messaging/threads/{threadId}": [
        lambda ctx: a.messages.thread(ctx, "t"),
        lost(lambda ctx: a.messages.mark_read(ctx, MarkRead(thread_id="t")), "mark"),
    ],
    "GET /messaging/threads/{threadId}/messages": [
        rows(lambda ctx: a.messages.messages(ctx, "t")),
        lambda ctx: a.messages.thread(ctx, "t"),
        lost(lambda ctx: a.messages.reply(ctx, Reply(thread_id="t", text="x")), "send"),
        lost(lambda ctx: a.messages.start(ctx, StartThread(order_id=ID, text="x")), "send"),
    ],
    "POST /messaging/threads/{threadId}/messages": [
        result(lambda ctx: a.messages.reply(ctx, Reply(thread_id="t", text="x")), "send")
    ],
    "PUT /messaging/threads/{threadId}/read": [
        result(lambda ctx: a.messages.mark_read(ctx, MarkRead(thread_id="t")), "mark")
    ],
    "GET /sale/issues": [
        rows(lambda ctx: a.returns.list(ctx, ReturnQuery())[1:]),
        rows(lambda ctx: a.messages.threads(ctx, ThreadQuery())[1:]),
        lambda ctx: a.messages.allowed(ctx, MessageTarget(order_id=ID)),
    ],
    "GET /sale/issues/{issueId}": [
        lambda ctx: a.returns.get(ctx, ISSUE),
        lambda ctx: a.returns.allowed(ctx, ISSUE),
        lambda ctx: a.messages.thread(ctx, ISSUE),
        lambda ctx: a.messages.allowed(ctx, MessageTarget(thread_id=ISSUE)),
        lost(lambda ctx: a.returns.offer(ctx, REPAIR), "decide"),
    ],
    "GET /sale/issues/{issueId}/chat": [
        rows(lambda ctx: a.messages.messages(ctx, ISSUE)),
        lost(lambda ctx: a.messages.reply(ctx, Reply(thread_id=ISSUE, text="x")), "send"),
    ],
    "POST /sale/issues/{issueId}/message": [
        result(lambda ctx: a.messages.reply(ctx, Reply(thread_id=ISSUE, text="x")), "send")
    ],
    "GET /order/customer-returns": [rows(lambda ctx: a.returns.list(ctx, ReturnQuery())[:1])],
    "GET /order/customer-returns/{customerReturnId}": [
        lambda ctx: a.returns.get(ctx, "r"),
        lambda ctx: a.returns.allowed(ctx, "r"),
        lambda ctx: a.refunds.quote(ctx, RefundTarget(return_id="r")),
        lost(lambda ctx: a.returns.decline(ctx, Decision(return_id="r", reason="ITEM_FIXED")), "decide"),
    ],
    "POST /order/customer-returns/{customerReturnId}/rejection": [
        result(lambda ctx: a.returns.decline(ctx, Decision(return_id="r", reason="ITEM_FIXED")), "decide")
    ],
    "GET /order/checkout-forms": [rows(lambda ctx: a.orders.list(ctx, OrderQuery()))],
    "GET /order/checkout-forms/{id}": [
        lambda ctx: a.orders.get(ctx, ID),
        lambda ctx: a.refunds.quote(ctx, RefundTarget(order_id=ID)),
        lost(lambda ctx: a.messages.start(ctx, StartThread(order_id=ID, text="x")), "send"),
    ],
    "GET /payments/refunds": [
        rows(lambda ctx: a.refunds.list(ctx, RefundQuery())),
        lambda ctx: a.refunds.get(ctx, ID),
        lambda ctx: a.refunds.quote(ctx, RefundTarget(order_id=ID)),
    ],
    "POST /payments/refunds": [
        result(lambda ctx: a.refunds.issue(ctx, IssueRefund(order_id=ID, option=OPTION, lines=())), "refund")
    ],
    "GET /sale/user-ratings": [rows(lambda ctx: a.reviews.list(ctx, ReviewQuery()))],
    "GET /sale/user-ratings/{ratingId}": [
        lost(lambda ctx: a.reviews.reply(ctx, ReplyToReview(review_id="r", text="x", replace=True)), "put"),
        lost(lambda ctx: a.reviews.dispute(ctx, DisputeReview(review_id="r", text="x")), "put"),
    ],
    "PUT /sale/user-ratings/{ratingId}/answer": [
        result(lambda ctx: a.reviews.reply(ctx, ReplyToReview(review_id="r", text="x")), "put")
    ],
    "PUT /sale/user-ratings/{ratingId}/removal": [
        result(lambda ctx: a.reviews.dispute(ctx, DisputeReview(review_id="r", text="x")), "put")
    ],
    "GET /users/{userId}/ratings-summary": [lambda ctx: a.reviews.summary(ctx, None)],
    "GET /sale/offers/{offerId}/rating": [lambda ctx: a.reviews.summary(ctx, "1")],
    "GET /sale/quality": [
        lambda ctx: a.scores.current(ctx),
        rows(lambda ctx: a.scores.history(ctx, ScoreQuery())),
    ],
    "GET /me": [lambda ctx: a.account.check(ctx)],
}


def context(description: Any, operation: str, answer: Any) -> Context:
    clock = FakeClock(datetime(2026, 3, 2, tzinfo=UTC))
    return Context(Canned(description, {operation: answer}), None, "", clock, key=ID)


def outcome(run: Callable[[Context], Any], ctx: Context) -> str:
    """`model`, `refused` for a refusal of our own, or the path that a BadAnswer names. Anything else fails."""
    try:
        run(ctx)
    except BadAnswer as error:
        return error.path
    except SellercareError:
        return "refused"
    return "model"


def hammer(description: Any, operation: str, times: int) -> None:
    seen = []
    for seed in range(times):
        maker = Maker(description, seed, full=seed % 4 == 0)
        answer = maker.value(schema_of(description, operation))
        if seed % 2:
            for _ in range(maker.random.randint(1, 3)):
                answer = spoil(answer, maker.random)
        seen += [outcome(run, context(description, operation, answer)) for run in OPERATIONS[operation]]
    assert "model" in seen, "no answer at all became a model, so nothing was tried"
    assert all(each in ("model", "refused") or each.startswith("$") for each in seen)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_answer_becomes_a_model_or_an_error_that_names_the_place(description: Any, operation: str) -> None:
    hammer(description, operation, 36)


@pytest.mark.deep
@pytest.mark.parametrize("operation", OPERATIONS)
def test_many_answers_become_a_model_or_an_error_that_names_the_place(description: Any, operation: str) -> None:
    hammer(description, operation, 600)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_full_answer_as_described_becomes_a_model(description: Any, operation: str) -> None:
    for seed in range(5):
        answer = Maker(description, seed, full=True).value(schema_of(description, operation))
        for run in OPERATIONS[operation]:
            # An order that was paid outside Allegro cannot be paid back: that is no trouble with the answer.
            with suppress(NotAllowedNow):
                run(context(description, operation, answer))


# --- Allegro's own examples ----------------------------------------------------------------------------------------


def examples(description: Any) -> list[tuple[str, Any]]:
    """The inline examples of good answers, by operation."""
    found = []
    for operation in OPERATIONS:
        method, _, path = operation.partition(" ")
        responses = description.document["paths"][path][method.lower()]["responses"]
        for code, response in responses.items():
            for content in response.get("content", {}).values() if code.startswith("2") else ():
                found += [(operation, each["value"]) for each in content.get("examples", {}).values()]
    return found


def test_allegros_own_examples_become_models(description: Any) -> None:
    tried = examples(description)
    assert {operation for operation, _ in tried} >= {"GET /sale/issues", "GET /sale/issues/{issueId}/chat"}
    for operation, answer in tried:
        for run in OPERATIONS[operation]:
            run(context(description, operation, answer))


def test_the_example_of_a_claim_says_what_it_says(description: Any) -> None:
    claim = dict(examples(description))["GET /sale/issues/{issueId}"]
    assert claim["type"] == "CLAIM"
    found = Adapter.returns.get(context(description, "GET /sale/issues/{issueId}", claim), ISSUE)
    assert (found.id, found.kind, found.state) == ("issue:73cc3981-bc7e-45b2-911a-a0156871f18f", "claim", "requested")
    assert found.due == datetime(2025, 6, 25, 12, 12, 12, 19000, tzinfo=UTC)
    assert found.asked == Money(amount="50.00", currency="PLN")
    assert (found.number, found.wants, found.order_id) == (
        "1/2025",
        ("PARTIAL_REFUND",),
        "fb6f7b9a-b882-4edf-b994-9dffa6c38530",
    )
    assert found.reason == "RECEIVED_ITEMS_NOT_MATCHING_DESCRIPTION"
    thread = Adapter.messages.thread(context(description, "GET /sale/issues/{issueId}", claim), ISSUE)
    assert (thread.kind, thread.awaiting_reply, thread.return_id) == ("claim_chat", True, found.id)


def test_the_example_of_a_chat_says_what_it_says(description: Any) -> None:
    chat = dict(examples(description))["GET /sale/issues/{issueId}/chat"]
    ctx = context(description, "GET /sale/issues/{issueId}/chat", chat)
    (message,) = rows(lambda ctx: Adapter.messages.messages(ctx, ISSUE))(ctx)
    assert (message.id, message.author, message.thread_id) == ("92162836-6599-4b6f-a71e-b27392770b53", "buyer", ISSUE)
    assert message.text == "Proszę o wyjaśnienie problemu."
    assert [file.filename for file in message.attachments] == ["problem.jpg"]
