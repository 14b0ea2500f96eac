"""Scores, from eBay's seller standards and customer-service metrics, and the account itself."""

from __future__ import annotations

from typing import Any

from sellercare.calls import Call, read
from sellercare.errors import Conflict, Forbidden, Unauthorized
from sellercare.interfaces import Account, Context, Scores
from sellercare.models import AccountCheck, Metric, Score
from sellercare.translation import translated
from sellercare_adapters.ebay import translate, words
from sellercare_adapters.ebay.postorder import look

_PROFILES = "/sell/analytics/v1/seller_standards_profile"
_SERVICE = "/sell/analytics/v1/customer_service_metric/{type}/{cycle}"
_KINDS = ("ITEM_NOT_AS_DESCRIBED", "ITEM_NOT_RECEIVED")

_SCOPE = "https://api.ebay.com/oauth/api_scope/"
SCOPES = (
    "https://api.ebay.com/oauth/api_scope",
    f"{_SCOPE}commerce.message",
    f"{_SCOPE}commerce.feedback",
    f"{_SCOPE}sell.fulfillment",
    f"{_SCOPE}sell.finances",
    f"{_SCOPE}sell.payment.dispute",
    f"{_SCOPE}sell.analytics.readonly",
)
"""What the adapter's calls need. A scope that is added later wants a new consent."""

_WRITING = {f"{_SCOPE}sell.finances": "without it no order can be paid back"}


class EbayScores(Scores):
    """The seller's standing."""

    def current(self, ctx: Context) -> Score:
        """The standing of the default program, with the rates of the account's marketplace. Costs three calls."""
        payload = ctx.read(read(_PROFILES, group="scores"))
        found = translated(_current, payload, f"GET {_PROFILES}")
        if found is None:
            return Score(raw=payload)
        metrics = [metric for kind in _KINDS for metric in _service(ctx, kind)]
        return found.model_copy(update={"metrics": (*found.metrics, *metrics)})


def _current(payload: Any) -> Score | None:
    """The current profile of the default program; None where eBay has none."""
    rows = [row for row in payload.get("standardsProfiles") or [] if _cycle(row) == "CURRENT"]
    own = [row for row in rows if row.get("defaultProgram")] or rows
    return translate.score(own[0]) if own else None


def _cycle(row: Any) -> str:
    return str((row.get("cycle") or {}).get("cycleType"))


def _service(ctx: Context, kind: str) -> list[Metric]:
    """The rates of one kind. 204 and 409 say that eBay has none for this seller: that is no error."""
    call = read(
        _SERVICE,
        ids={"type": kind, "cycle": "CURRENT"},
        params={"evaluation_marketplace_id": ctx.site},
        group="scores.service",
    )
    try:
        answer = ctx.http.read(call)
    except Conflict:
        return []
    if answer.status == 204:
        return []
    return translated(lambda row: translate.service_metrics(row, kind), answer.json(), f"GET {_SERVICE}")


def _probes(ctx: Context) -> list[tuple[Call, str, str]]:
    """A call that a scope opens, and what stops without it. Scopes for writing cannot be tried without writing."""
    page = {"limit": 1, "offset": 0}
    inbox = {"conversation_type": "FROM_MEMBERS", **page}
    feedback = {"user_id": ctx.settings.username, "feedback_type": "FEEDBACK_RECEIVED", "limit": 25}
    return [
        (read("/commerce/message/v1/conversation", params=inbox, group="messages"), "commerce.message", "messages"),
        (read("/commerce/feedback/v1/feedback", params=feedback, group="reviews"), "commerce.feedback", "reviews"),
        (read("/sell/fulfillment/v1/order", params=page, group="orders"), "sell.fulfillment", "orders and refunds"),
        (
            read("/sell/fulfillment/v1/payment_dispute_summary", params=page, base="apiz", group="disputes"),
            "sell.payment.dispute",
            "payment disputes",
        ),
        (read(_PROFILES, group="scores"), "sell.analytics.readonly", "scores"),
        (look(ctx, "/return/search", params={"limit": 1}, group="postorder.return"), "", "returns"),
    ]


class EbayAccount(Account):
    """The account."""

    def check(self, ctx: Context) -> AccountCheck:
        """Which scopes are missing, whether refunds are signed, and until when the token holds; costs six calls."""
        tried = [(call, scope, what, _shut(ctx, call)) for call, scope, what in _probes(ctx)]
        shut = [
            f"{f'{_SCOPE}{scope}' if scope else 'Post-Order'}: without it there are no {what}"
            for _, scope, what, forbidden in tried
            if forbidden
        ]
        granted = ctx.granted()
        if granted.scopes:
            shut += [f"{scope}: {what}" for scope, what in _WRITING.items() if scope not in granted.scopes]
        if ctx.site in words.MUST_SIGN and not ctx.settings.signing_key.get_secret_value():
            shut.append("signing_key: sellers in the EU and the UK cannot pay back or decide without a signature")
        notes = () if granted.scopes else ("eBay named no scopes: those for writing cannot be tried without writing.",)
        return AccountCheck(
            ok=not shut,
            seller_id=ctx.settings.user_id or None,
            name=ctx.settings.username,
            scopes=granted.scopes,
            sites=(ctx.site,),
            expires_at=granted.expires_at,
            missing=tuple(shut),
            notes=notes,
            raw={call.path: "forbidden" if forbidden else "open" for call, _, _, forbidden in tried},
        )


def _shut(ctx: Context, call: Call) -> bool:
    """Whether eBay forbids a call. An invalid token is no missing scope, except at Post-Order."""
    try:
        ctx.http.read(call)
    except Forbidden:
        return True
    except Unauthorized:
        if call.base != "postorder":
            raise
        return True
    return False
