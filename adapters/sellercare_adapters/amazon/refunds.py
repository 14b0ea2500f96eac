"""Refunds: sent as a feed, found in the finances. No key of Amazon's own protects them, so ours has to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sellercare.calls import Call, Listing, Listings, read
from sellercare.errors import BadInput, NotAllowedNow, NotFound
from sellercare.http.pages import CursorPages, walk
from sellercare.http.windows import DateWindows
from sellercare.interfaces import Context, Refunds
from sellercare.models import (
    Granularity,
    IssueRefund,
    Money,
    Refund,
    RefundLine,
    RefundOption,
    RefundQuery,
    RefundState,
    RefundTarget,
)
from sellercare.translation import instant, translated
from sellercare.writes import Kept, Write
from sellercare_adapters.amazon import ids, translate, wire, words
from sellercare_adapters.amazon.adjustment import adjustment, verdict
from sellercare_adapters.amazon.feeds import ADJUSTMENT, DOCUMENTS, FEEDS, feed_call, feed_steps
from sellercare_adapters.amazon.reading import order_row
from sellercare_adapters.amazon.refundable import Part, as_line, currency_of, parts_of, shares
from sellercare_adapters.amazon.reports import document, stamp
from sellercare_adapters.amazon.search import look_before, lost_refund
from sellercare_adapters.amazon.sites import marketplace

TRANSACTIONS = "/finances/2024-06-19/transactions"

_LONGEST = timedelta(days=179)
_TOO_FRESH = timedelta(minutes=3)
_PAGES = CursorPages("payload.nextToken", "nextToken")
_CONSEQUENCES = (
    "Amazon takes refunds as a feed: accepted is not paid, and hours may pass. What can be paid is the order's total "
    "less the refunds that the finances show; those of the last 48 hours may be missing there. An amount without lines "
    "is taken from the items in their order, then from shipping and the rest."
)


def refunds_of(ctx: Context, order_id: str) -> list[wire.Transaction]:
    """The refunds of an order that the finances show."""
    params = {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": order_id}
    call = read(TRANSACTIONS, params=params, group="finances")
    return list(walk(ctx.http, Listing(call, "payload.transactions", lambda row: row, _PAGES, together=_refunds)))


def _refunds(rows: Iterable[wire.Transaction]) -> list[wire.Transaction]:
    return [row for row in rows if translate.is_refund(row)]


class AmazonRefunds(Refunds):
    """Refunds."""

    def list(self, ctx: Context, query: RefundQuery) -> Listings[Refund]:
        """Refunds of an order, or all since a time (without one, since half a year)."""
        capped = "Refunds of the last 48 hours may be missing."
        if query.order_id is not None:
            params = {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": query.order_id}
            call, applied = read(TRANSACTIONS, params=params, group="finances"), {"order_id"}
            return [_listing(call, _PAGES, applied, capped)]
        until = ctx.clock.now() - _TOO_FRESH
        since = min(query.created_since or until - _LONGEST, until - timedelta(seconds=1))
        windows = DateWindows(
            _PAGES, since, until, _LONGEST, lambda a, b: {"postedAfter": stamp(a), "postedBefore": stamp(b)}
        )
        capped += "" if query.created_since else " Those before half a year are left out."
        return [_listing(read(TRANSACTIONS, group="finances"), windows, {"created_since"}, capped)]

    def get(self, ctx: Context, refund_id: str) -> Refund:
        """One refund, by the feed that sent it or as the finances show it."""
        sent = ids.FeedRefund.of(refund_id)
        if sent is not None:
            return _of_feed(ctx, sent, refund_id)
        order_id, _, transaction = refund_id.rpartition("/")
        rows = refunds_of(ctx, order_id) if order_id else []
        for row in rows:
            if row.get("transactionId") == transaction:
                return translated(translate.refund, row, f"GET {TRANSACTIONS}")
        raise NotFound(f"Amazon's finances show no refund {refund_id}.", next_step="They may lag by 48 hours.")

    def quote(self, ctx: Context, target: RefundTarget) -> Sequence[RefundOption]:
        """What the order cost, less the refunds that the finances show. Orders that Amazon ships it also refunds."""
        if target.order_id is None:
            raise BadInput(
                "Amazon refunds orders, not returns: name the order.",
                field="order_id",
                next_step="The return says which order it belongs to.",
            )
        marketplace(ctx)
        order_id, row = target.order_id, order_row(ctx, target.order_id)

        def option(row: wire.Order) -> tuple[RefundOption, ...]:
            fulfillment = row.get("fulfillment") or {}
            if fulfillment.get("fulfilledBy") == "AMAZON":
                raise NotAllowedNow("Amazon fulfils this order, and refunds it itself.")
            currency, parts = currency_of(row), parts_of(row)
            if currency is None or not parts or fulfillment.get("fulfillmentStatus") == "CANCELLED":
                return ()
            left = sum((part.total for part in parts), Decimal(0))
            for earlier in refunds_of(ctx, order_id):
                amount = translate.paid_back(earlier)
                left -= amount.amount if amount and amount.currency == currency else Decimal(0)
            return (_option(order_id, parts, Money(amount=left, currency=currency)),) if left > 0 else ()

        return translated(option, row, "GET /orders/{orderId}", "$.order")

    def issue(self, ctx: Context, command: IssueRefund) -> Write[Refund]:
        """Put the document into Amazon's storage, then commit it as a feed: only that pays."""
        option, place = command.chosen, marketplace(ctx)
        order_id = option.order_id or ""
        lines = shares(option, command.amount, command.lines)
        amount = Money(amount=sum((_sum(line) for line in lines), Decimal(0)), currency=option.most.currency)
        reason = command.reason or "GeneralAdjustment"
        body = adjustment(
            seller_id=ctx.settings.seller_id,
            order_id=order_id,
            marker=f"sc{ctx.key.replace('-', '')[:16]}",
            reason=reason,
            lines=lines,
            taxes={line.order_line_id or "": _taxes(option, line) for line in option.lines},
            site=ctx.site,
        )

        def refund(kept: Kept) -> Refund:
            found = kept["feed"]
            if "transactionId" in found:
                return translate.refund(found)
            sent = ids.FeedRefund(found["feedId"], order_id, amount)
            return Refund(
                id=str(sent),
                order_id=order_id,
                amount=amount,
                lines=tuple(lines),
                reason=reason,
                state=RefundState.PENDING,
                native_state="IN_QUEUE",
                raw=found,
            )

        steps = feed_steps(
            ADJUSTMENT,
            place,
            lambda kept: body,
            find=lambda search: lost_refund(ctx, order_id, amount, search, refunds_of(ctx, order_id)),
            native_id=lambda kept: refund({"feed": kept}).id,
        )
        return Write(steps, refund, lambda: look_before(ctx, refunds_of(ctx, order_id)))


def _listing(call: Call, pages: Any, applied: set[str], capped: str) -> Listing[Any, Refund]:
    return Listing(
        call,
        items="payload.transactions",
        translate=translate.refund,
        pages=pages,
        applied=frozenset(applied),
        capped=capped,
        together=_refunds,
    )


def _option(order_id: str, parts: Sequence[Part], left: Money) -> RefundOption:
    return RefundOption(
        id="order",
        title="pay back through the order adjustment feed",
        through="order",
        order_id=order_id,
        granularity=(Granularity.AMOUNT, Granularity.LINES),
        most=left,
        lines=tuple(as_line(part, left.currency) for part in parts),
        reasons=words.REFUND_REASONS,
        consequences=_CONSEQUENCES,
        native={f"tax:{part.line_id}": str(part.tax) for part in parts if part.tax},
    )


def _taxes(option: RefundOption, line: RefundLine) -> tuple[Decimal, Decimal]:
    """The tax in a line that was sold, and all of the line."""
    return Decimal(option.native.get(f"tax:{line.order_line_id}", "0")), _sum(line) or Decimal(1)


def _sum(line: RefundLine) -> Decimal:
    return line.amount.amount if line.amount else Decimal(0)


def _of_feed(ctx: Context, sent: ids.FeedRefund, refund_id: str) -> Refund:
    """What became of a feed: under way, not taken, taken, or paid (the finances show it)."""
    path = FEEDS + "/{feedId}"
    feed: wire.Feed = ctx.read(feed_call(sent.feed_id))
    status = translated(lambda row: row["processingStatus"], feed, f"GET {path}")
    state, native, why = RefundState.PENDING, status, None
    if status in ("FATAL", "CANCELLED"):
        state = RefundState.FAILED
    elif status == "DONE" and feed.get("resultFeedDocumentId"):
        taken, why = verdict(document(ctx, DOCUMENTS + "/{feedDocumentId}", feed, "feeds.result"))
        if taken is None:
            state = RefundState.UNKNOWN
        elif not taken:
            state, native = RefundState.FAILED, "REFUSED"
        else:
            native = "ACCEPTED"
            state = RefundState.DONE if _shown(ctx, sent, feed) else state
    elif status not in ("IN_QUEUE", "IN_PROGRESS", "DONE"):
        state = RefundState.UNKNOWN
    return Refund(
        id=refund_id,
        order_id=sent.order_id,
        amount=sent.amount,
        note=why or None,
        state=state,
        native_state=native,
        created_at=translated(lambda row: instant(row["createdTime"]), feed, f"GET {path}"),
        raw=feed,
    )


def _shown(ctx: Context, sent: ids.FeedRefund, feed: Mapping[str, Any]) -> bool:
    """Whether the finances show a refund of this order and amount since the feed was made."""
    if sent.order_id is None or sent.amount is None:
        return False

    def same(rows: Sequence[wire.Transaction]) -> bool:
        begun = instant(feed["createdTime"])
        return any(
            translate.paid_back(row) == sent.amount and instant(row["postedDate"]) >= begun - _TOO_FRESH for row in rows
        )

    return translated(same, refunds_of(ctx, sent.order_id), f"GET {TRANSACTIONS}")
