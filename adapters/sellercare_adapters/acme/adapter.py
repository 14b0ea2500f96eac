"""Acme's declaration, and its verbs in the interfaces' order. Every verb is native."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from sellercare import interfaces, models
from sellercare.adapter import Adapter, Auth, Budget, FixedAuth, OAuth2, Problem, Settings
from sellercare.calls import Answer, Call, parse_json, read
from sellercare.errors import Conflict
from sellercare.http.pages import CursorPages, OffsetPages
from sellercare.interfaces import Context
from sellercare.shapes import listed, one, several
from sellercare.support import Proof, Support
from sellercare.translation import translated
from sellercare_adapters.acme import translate
from sellercare_adapters.acme.contracts import Name, supports
from sellercare_adapters.acme.wire import Row
from sellercare_adapters.acme.writing import makes, sets

ORDER, THREAD, RETURN, REVIEW = "/v1/orders/{id}", "/v1/threads/{id}", "/v1/returns/{id}", "/v1/reviews/{id}"
FLOWING, NUMBERED = CursorPages("next_cursor", "cursor", limit=50), OffsetPages(50, total="total")
LIMITS = "docs/adapters/acme.md, Limits, 2026-01-01"


def decides(act: str, state: str) -> Any:
    return sets(RETURN, act, models.Return, lambda row, asked: row["state"] == state)


def received(row: Row, command: models.Decision) -> bool:
    wanted = {line.id: line.quantity for line in command.lines}
    lines = [line for line in row["lines"] if not wanted or line["order_line_id"] in wanted]
    return all(line["received"] >= (wanted.get(line["order_line_id"]) or line["quantity"]) for line in lines)


class Orders(interfaces.Orders):
    get = one(ORDER, models.Order)
    find = one("/v1/orders/by-number/{id}", models.Order)
    list = listed("/v1/orders", "rows", models.Order, NUMBERED)
    cancel = sets(ORDER, "cancel", models.Order, lambda row, asked: row["state"] == "cancelled")


class Messages(interfaces.Messages):
    threads = listed("/v1/threads", "rows", models.Thread, FLOWING)
    thread = one(THREAD, models.Thread)
    messages = listed("/v1/threads/{id}/messages", "rows", models.Message, FLOWING)
    allowed = several("/v1/message-options", "rows", models.MessageOption)
    reply = makes("messages.reply", "/v1/threads/{id}/messages", models.Message)
    start = makes("messages.start", "/v1/orders/{id}/messages", models.Message)
    mark_read = sets(THREAD, "read", None, lambda row, asked: row["read"])
    close = sets(THREAD, "close", None, lambda row, asked: row["closed"])

    def download(self, ctx: Context, attachment: models.Attachment) -> Call:
        return read("/v1/files/{id}", ids={"id": attachment.id}, expect="bytes")


class Returns(interfaces.Returns):
    list = listed("/v1/returns", "rows", models.Return, NUMBERED)
    get = one(RETURN, models.Return)
    allowed = several("/v1/returns/{id}/actions", "rows", models.ReturnAction)
    open = makes("returns.open", "/v1/orders/{id}/returns", models.Return)
    approve, decline = decides("approve", "approved"), decides("decline", "declined")
    receive = sets(RETURN, "receive", models.Return, received)
    offer, contest = decides("offer", "offered"), decides("contest", "escalated")


class Refunds(interfaces.Refunds):
    list = listed("/v1/refunds", "rows", models.Refund, FLOWING)
    get = one("/v1/refunds/{id}", models.Refund)
    quote = several("/v1/refund-options", "rows", models.RefundOption)
    issue = makes("refunds.issue", "/v1/orders/{id}/refunds", models.Refund)


class Reviews(interfaces.Reviews):
    list = listed("/v1/reviews", "rows", translate.review, NUMBERED)
    summary = one("/v1/review-summaries/{id}", models.ReviewSummary, unnamed="seller")
    reply = sets(REVIEW, "reply", translate.review, lambda row, asked: (row["reply"] or {}).get("text") == asked.text)
    request = sets(ORDER, "review-request", None, lambda row, asked: row["review_requested"])
    dispute = sets(REVIEW, "removal", translate.review, lambda row, asked: row["removal_asked"])


class Scores(interfaces.Scores):
    current = one("/v1/scores/current", models.Score)
    history = listed("/v1/scores", "rows", models.Score, FLOWING)


class Events(interfaces.Events):
    def handle(self, ctx: Context, request: models.EventRequest, keys: Mapping[str, str]) -> models.Handled:
        """Acme signs the body with HMAC-SHA256 under the key `signing`; anything else is not from Acme."""
        given = {name.lower(): value for name, value in request.headers.items()}.get("x-acme-signature", "")
        secret = keys.get("signing", "").encode()
        signature = "sha256=" + hmac.new(secret, request.body, hashlib.sha256).hexdigest()
        if not (secret and hmac.compare_digest(signature.encode(), given.encode())):
            return models.Handled(trust=models.Trust.UNSIGNED, status=401)
        events = translated(lambda body: [translate.event(row) for row in body["events"]], parse_json(request.body))
        return models.Handled(events=tuple(events), trust=models.Trust.SIGNED, status=204)


class Account(interfaces.Account):
    check = one("/v1/me", models.AccountCheck)


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

    name, title, kind = "acme", "Acme", "reference"
    proof = "The platform is ours: its face is its description, and every promise is tested on it."
    proved_by = Proof.OURS
    settings = AcmeSettings
    budgets = Budget(10, 10, source=LIMITS), Budget(5, 5, group="messages", source=LIMITS)
    errors = {"state": Conflict}  # noqa: RUF012  # as in the base class
    request_id_header = "X-Request-Id"
    supports = supports("mixed")
    orders, messages, returns, refunds = Orders(), Messages(), Returns(), Refunds()
    reviews, scores, events, account = Reviews(), Scores(), Events(), Account()

    @staticmethod
    def auth(settings: Any) -> Auth:
        """A fixed key, or OAuth 2 with refresh tokens that work once."""
        if settings.api_key.get_secret_value():
            return FixedAuth({"X-Api-Key": settings.api_key.get_secret_value()})
        url, secret = f"{settings.base_url}/oauth/token", settings.client_secret.get_secret_value()
        access, refresh = settings.access_token.get_secret_value(), settings.refresh_token.get_secret_value()
        return OAuth2(url, settings.client_id, secret, given_access=access, given_refresh=refresh)

    @staticmethod
    def problem(answer: Answer) -> Problem:
        """Acme's error document has the three fields of a Problem."""
        return Problem(**answer.json()["error"])

    @staticmethod
    def live_supports(ctx: Context) -> Mapping[str, Support]:
        return supports(ctx.settings.contract)
