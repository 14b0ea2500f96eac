"""Acme's declaration, then its verbs in the interfaces' order."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import SecretStr

from sellercare import interfaces, models
from sellercare.adapter import Adapter, Auth, Budget, ErrorTable, FixedAuth, OAuth2, Problem, Settings
from sellercare.calls import Answer, Call, Listing, Listings, parse_json, read, write
from sellercare.errors import BadInput, Conflict
from sellercare.http.pages import CursorPages, OffsetPages
from sellercare.interfaces import Context
from sellercare.models import Decision
from sellercare.support import Support
from sellercare.translation import translated
from sellercare.writes import Write
from sellercare_adapters.acme import translate
from sellercare_adapters.acme.contracts import Name, contract_of, supports
from sellercare_adapters.acme.wire import Row
from sellercare_adapters.acme.writing import Make, Same, making, setting

M = TypeVar("M")
DECIDED = {"approve": "approved", "decline": "declined", "offer": "offered", "contest": "escalated"}


def one(ctx: Context, make: Callable[[Any], M], path: str, id: str = "") -> M:
    return translated(make, ctx.read(read(path, ids={"id": id} if id else {})), f"GET {path}")


def some(ctx: Context, make: Callable[[Any], M], path: str, **params: Any) -> list[M]:
    return translated(
        lambda page: [make(row) for row in page["rows"]], ctx.read(read(path, params=params)), f"GET {path}"
    )


def every(path: str, make: Make, query: models.Model, *, numbered: bool = False) -> Listings[Any]:
    """Acme applies all filters. Rows that are numbered come by offset, those that flow by cursor."""
    call = read(path, params=query.model_dump(mode="json", exclude_none=True))
    pages = OffsetPages(50, total="total") if numbered else CursorPages("next_cursor", "cursor", limit=50)
    return [Listing(call, "rows", make, pages, frozenset(type(query).model_fields))]


def body(command: models.Model, *without: str) -> Row:
    return command.model_dump(mode="json", exclude_none=True, exclude={*without, "attachments"})


def decide(ctx: Context, act: str, command: Decision) -> Write[models.Return]:
    if command.attachments:
        raise BadInput("Acme takes no files with a decision.", field="attachments")
    wanted = {line.id: line.quantity for line in command.lines}

    def back(line: Row) -> bool:
        asked = not wanted or line["order_line_id"] in wanted
        return not asked or bool(line["received"] >= (wanted.get(line["order_line_id"]) or line["quantity"]))

    def done(row: Row) -> bool:
        return all(map(back, row["lines"])) if act == "receive" else bool(row["state"] == DECIDED[act])

    sent = body(command, "return_id")
    return setting(ctx, "/v1/returns/{id}", command.return_id, act, sent, done, translate.return_)


def made(ctx: Context, verb: str, call: Call, *more: Any) -> Write[Any]:
    return making(ctx, contract_of(verb, ctx.settings.contract), call, *more)


def said(text: str) -> Same:
    return lambda row: bool(row["text"] == text)


def no_result(row: Row) -> None:
    """What marks and closes tell: nothing."""


class Orders(interfaces.Orders):
    def get(self, ctx: Context, order_id: str) -> models.Order:
        return one(ctx, translate.order, "/v1/orders/{id}", order_id)

    def find(self, ctx: Context, number: str) -> models.Order:
        return one(ctx, translate.order, "/v1/orders/by-number/{id}", number)

    def list(self, ctx: Context, query: models.OrderQuery) -> Listings[models.Order]:
        return every("/v1/orders", translate.order, query, numbered=True)

    def cancel(self, ctx: Context, command: models.CancelOrder) -> Write[models.Order]:
        if command.lines:
            raise BadInput("Acme cancels whole orders only.", field="lines")
        sent = {"reason": command.reason}
        thing, done = "/v1/orders/{id}", lambda row: row["state"] == "cancelled"
        return setting(ctx, thing, command.order_id, "cancel", sent, done, translate.order)


class Messages(interfaces.Messages):
    def threads(self, ctx: Context, query: models.ThreadQuery) -> Listings[models.Thread]:
        return every("/v1/threads", translate.thread, query)

    def thread(self, ctx: Context, thread_id: str) -> models.Thread:
        return one(ctx, translate.thread, "/v1/threads/{id}", thread_id)

    def messages(self, ctx: Context, thread_id: str) -> Listings[models.Message]:
        return every("/v1/messages", translate.message, models.MessageTarget(thread_id=thread_id))

    def allowed(self, ctx: Context, target: models.MessageTarget) -> Sequence[models.MessageOption]:
        return some(ctx, translate.message_option, "/v1/message-options", **target.model_dump(exclude_none=True))

    def download(self, ctx: Context, attachment: models.Attachment) -> Call:
        return read("/v1/files/{id}", ids={"id": attachment.id}, expect="bytes")

    def reply(self, ctx: Context, command: models.Reply) -> Write[models.Message]:
        sent = body(command, "thread_id")
        call = write("POST", "/v1/threads/{id}/messages", ids={"id": command.thread_id}, json=sent, group="messages")
        look = read("/v1/messages", params={"thread_id": command.thread_id, "author": "seller", "limit": 100})
        untold = models.Message(id="", thread_id=command.thread_id, author=models.Party.SELLER, text=command.text)
        return made(
            ctx, "messages.reply", call, translate.message, look, said(command.text), untold, command.attachments
        )

    def start(self, ctx: Context, command: models.StartThread) -> Write[models.Message]:
        sent = body(command, "order_id")
        call = write("POST", "/v1/orders/{id}/threads", ids={"id": command.order_id}, json=sent, group="messages")
        look = read("/v1/messages", params={"order_id": command.order_id, "author": "seller", "limit": 100})
        untold = models.Message(id="", thread_id="", author=models.Party.SELLER, order_id=command.order_id)
        same = said(command.text or "")
        return made(ctx, "messages.start", call, translate.message, look, same, untold, command.attachments)

    def mark_read(self, ctx: Context, command: models.MarkRead) -> Write[None]:
        sent = body(command, "thread_id")
        return setting(ctx, "/v1/threads/{id}", command.thread_id, "read", sent, lambda row: row["read"], no_result)

    def close(self, ctx: Context, command: models.CloseThread) -> Write[None]:
        return setting(ctx, "/v1/threads/{id}", command.thread_id, "close", {}, lambda row: row["closed"], no_result)


class Returns(interfaces.Returns):
    def list(self, ctx: Context, query: models.ReturnQuery) -> Listings[models.Return]:
        return every("/v1/returns", translate.return_, query, numbered=True)

    def get(self, ctx: Context, return_id: str) -> models.Return:
        return one(ctx, translate.return_, "/v1/returns/{id}", return_id)

    def allowed(self, ctx: Context, return_id: str) -> Sequence[models.ReturnAction]:
        return some(ctx, translate.action, "/v1/return-actions", return_id=return_id)

    def open(self, ctx: Context, command: models.OpenReturn) -> Write[models.Return]:
        look = read("/v1/returns", params={"order_id": command.order_id, "opened_by": "seller", "limit": 100})
        wanted = sorted((line.id, line.quantity) for line in command.lines)
        untold = models.Return(id="", kind=command.kind, order_id=command.order_id)

        def same(row: Row) -> bool:
            return bool(sorted((line["order_line_id"], line["quantity"]) for line in row["lines"]) == wanted)

        call = write("POST", "/v1/returns", json=body(command))
        return made(ctx, "returns.open", call, translate.return_, look, same, untold)

    def approve(self, ctx: Context, command: Decision) -> Write[models.Return]:
        return decide(ctx, "approve", command)

    def decline(self, ctx: Context, command: Decision) -> Write[models.Return]:
        return decide(ctx, "decline", command)

    def receive(self, ctx: Context, command: Decision) -> Write[models.Return]:
        return decide(ctx, "receive", command)

    def offer(self, ctx: Context, command: Decision) -> Write[models.Return]:
        return decide(ctx, "offer", command)

    def contest(self, ctx: Context, command: Decision) -> Write[models.Return]:
        return decide(ctx, "contest", command)


class Refunds(interfaces.Refunds):
    def list(self, ctx: Context, query: models.RefundQuery) -> Listings[models.Refund]:
        return every("/v1/refunds", translate.refund, query)

    def get(self, ctx: Context, refund_id: str) -> models.Refund:
        return one(ctx, translate.refund, "/v1/refunds/{id}", refund_id)

    def quote(self, ctx: Context, target: models.RefundTarget) -> Sequence[models.RefundOption]:
        return some(ctx, translate.refund_option, "/v1/refund-options", **target.model_dump(exclude_none=True))

    def issue(self, ctx: Context, command: models.IssueRefund) -> Write[models.Refund]:
        assert command.option is not None  # the core has chosen one
        order_id, payment_id = command.option.order_id, command.option.native["payment_id"]
        amount = None if command.lines else command.amount or command.option.most
        sent = body(command, "option", "option_id") | {"order_id": order_id, "payment_id": payment_id}
        sent |= {"amount": amount.model_dump(mode="json")} if amount else {}
        asked = {line.id: line for line in command.lines}

        def same(row: Row) -> bool:
            refund = translate.refund(row)
            parts = {part.order_line_id or "": part for part in refund.lines}
            return amount in (None, refund.amount) and parts.keys() == asked.keys() and all(
                line.quantity in (None, parts[id].quantity) and line.amount in (None, parts[id].amount)
                for id, line in asked.items()
            )  # fmt: skip

        call, look = (
            write("POST", "/v1/refunds", json=sent),
            read("/v1/refunds", params={"order_id": order_id, "limit": 100}),
        )
        untold = models.Refund(id="", order_id=order_id, amount=amount)
        return made(ctx, "refunds.issue", call, translate.refund, look, same, untold)


class Reviews(interfaces.Reviews):
    def list(self, ctx: Context, query: models.ReviewQuery) -> Listings[models.Review]:
        return every("/v1/reviews", translate.review, query, numbered=True)

    def summary(self, ctx: Context, subject_id: str | None) -> models.ReviewSummary:
        return one(ctx, translate.review_summary, "/v1/review-summaries/{id}", subject_id or "seller")

    def reply(self, ctx: Context, command: models.ReplyToReview) -> Write[models.Review]:
        sent, done = body(command, "review_id"), lambda row: row["reply"] and row["reply"]["text"] == command.text
        return setting(ctx, "/v1/reviews/{id}", command.review_id, "reply", sent, done, translate.review)

    def request(self, ctx: Context, command: models.RequestReview) -> Write[None]:
        thing, act = "/v1/orders/{id}", "review-request"
        return setting(ctx, thing, command.order_id, act, {}, lambda row: row["review_requested"], no_result)

    def dispute(self, ctx: Context, command: models.DisputeReview) -> Write[models.Review]:
        sent, done = body(command, "review_id"), lambda row: row["removal_asked"]
        return setting(ctx, "/v1/reviews/{id}", command.review_id, "removal", sent, done, translate.review)


class Scores(interfaces.Scores):
    def current(self, ctx: Context) -> models.Score:
        return one(ctx, translate.score, "/v1/scores/current")

    def history(self, ctx: Context, query: models.ScoreQuery) -> Listings[models.Score]:
        return every("/v1/scores", translate.score, query)


class Events(interfaces.Events):
    def handle(self, ctx: Context, request: models.EventRequest, keys: Mapping[str, str]) -> models.Handled:
        """Acme signs the body with HMAC-SHA256 under the key `signing`; anything else is not from Acme."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        signature = hmac.new(keys["signing"].encode(), request.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"sha256={signature}".encode(), headers.get("x-acme-signature", "").encode()):
            return models.Handled(trust=models.Trust.UNSIGNED, status=401)
        events = translated(lambda body: tuple(map(translate.event, body["events"])), parse_json(request.body), "event")
        return models.Handled(events=events, trust=models.Trust.SIGNED, status=204)


class Account(interfaces.Account):
    def check(self, ctx: Context) -> models.AccountCheck:
        return one(ctx, translate.account, "/v1/me")


class AcmeSettings(Settings):
    """Sign in by `api_key`, or by an app with tokens. `contract` is how writes behave, as agreed with Acme."""

    api_key: SecretStr = SecretStr("")
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    access_token: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")
    contract: Name = "mixed"


class AcmeAdapter(Adapter):
    """The reference platform."""

    name = "acme"
    title = "Acme"
    kind = "reference"
    proof = "The platform is ours: its face is its description, and every promise is tested on it."
    settings = AcmeSettings
    budgets = (
        Budget(rate=10, burst=10, source="docs/adapters/acme.md, Limits, 2026-01-01"),
        Budget(rate=5, burst=5, group="messages", source="docs/adapters/acme.md, Limits, 2026-01-01"),
    )
    errors: ClassVar[ErrorTable] = {"state": Conflict}
    request_id_header = "X-Request-Id"
    supports = supports("mixed")
    orders, messages, returns, refunds = Orders(), Messages(), Returns(), Refunds()
    reviews, scores, events, account = Reviews(), Scores(), Events(), Account()

    @staticmethod
    def auth(settings: AcmeSettings) -> Auth:
        """A fixed key, or OAuth 2 with refresh tokens that work once."""
        if key := settings.api_key.get_secret_value():
            return FixedAuth({"X-Api-Key": key})
        return OAuth2(
            f"{settings.base_url}/oauth/token",
            settings.client_id,
            settings.client_secret.get_secret_value(),
            given_access=settings.access_token.get_secret_value(),
            given_refresh=settings.refresh_token.get_secret_value(),
        )

    @staticmethod
    def problem(answer: Answer) -> Problem:
        """Acme's error document is the three fields of a Problem."""
        return Problem(**answer.json()["error"])

    @staticmethod
    def live_supports(ctx: Context) -> Mapping[str, Support]:
        """What the account's own contract says."""
        return supports(ctx.settings.contract)
