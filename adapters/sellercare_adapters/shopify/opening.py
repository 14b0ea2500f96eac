"""Opening a return: order lines become lines of parcels, and reasons ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sellercare.calls import Answer, Call, Json
from sellercare.errors import BadInput, NotAllowedNow
from sellercare.finding import in_rows
from sellercare.graphql import payload_of
from sellercare.interfaces import Context
from sellercare.models import LineQuantity, OpenReturn, Return
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.shopify import documents, ids, reading, translate
from sellercare_adapters.shopify.documents import ADMIN
from sellercare_adapters.shopify.writing import KEEP_RETURN, id_of, result_of, with_lines

NOTE_LENGTH = 255

Left = Mapping[str, tuple[str, int]]
"""What may still come back: by id of the parcel's line, the order's line and the pieces."""


def pieces(quantity: Decimal, line_id: str) -> int:
    """A number of pieces; BadInput for a part of one."""
    if quantity != quantity.to_integral_value():
        raise BadInput(f"Line {line_id}: Shopify counts whole pieces, not {quantity}.", field="lines")
    return int(quantity)


def opening(ctx: Context, command: OpenReturn) -> Write[Return]:
    """A return that is approved from the start (`returnCreate`), for pieces that were sent."""
    _check(command)
    order_id = ids.checked(command.order_id, ids.ORDER, "order_id")
    returnable = ADMIN.query(documents.RETURNABLE, {"id": order_id}, **reading.ONE)

    def chosen(answer: Answer) -> Json:
        row = payload_of("data.returnableFulfillments")(answer)
        left = translated(_left, row, answer.where, "$.data.returnableFulfillments")
        return [{"fulfillmentLineItemId": gid, "quantity": count} for gid, count in _chosen(left, command.lines)]

    steps = [Step("returnable", lambda kept: returnable, chosen)]
    if command.reason is not None:
        reasons = ADMIN.query(documents.REASONS, {}, **reading.ONE)
        steps.append(Step("reason", lambda kept: reasons, lambda answer: _reason(answer, command.reason or "")))

    def call(kept: Kept) -> Call:
        more = {"returnReasonDefinitionId": kept["reason"]} if "reason" in kept else {}
        if command.note:
            more["returnReasonNote"] = command.note
        lines = [{**line, **more} for line in kept["returnable"]]
        variables = with_lines({"input": {"orderId": order_id, "returnLineItems": lines}})
        return ADMIN.mutation(documents.RETURN_CREATE, variables, group="returns.open", cost=20)

    def rows() -> list[Any]:
        variables = {"id": order_id, "lines": documents.RETURN_LINES_IN_LIST}
        return reading.every(ctx, documents.RETURNS_OF_ORDER, "order.returns", variables, 5, make=_checked)

    def find(search: Search) -> Found | None:
        newest = sorted(rows(), key=lambda row: str(row["createdAt"]), reverse=True)
        wanted = {each["fulfillmentLineItemId"]: each["quantity"] for each in search.kept["returnable"]}
        return in_rows(newest, search, lambda row: _shown(row) == wanted, made_at=lambda row: str(row["createdAt"]))

    create = Step("create", call, KEEP_RETURN["returnCreate"], commits=True, find=find, native_id=id_of)
    return Write((*steps, create), result_of("create"), lambda: [row["id"] for row in rows()])


def _check(command: OpenReturn) -> None:
    if len(command.note or "") > NOTE_LENGTH:
        raise BadInput(f"A note has {NOTE_LENGTH} characters at most.", field="note")
    for line in command.lines:
        if line.amount is not None:
            raise BadInput("A return is opened for pieces, not for an amount.", field="lines")


def _checked(row: Any) -> Any:
    """The row of a return, known to have what a return has."""
    translate.return_(row)
    return row


def _shown(row: Any) -> dict[str | None, int]:
    """A return's pieces by line of a parcel."""
    return {
        (each.get("fulfillmentLineItem") or {}).get("id"): each["quantity"] for each in row["returnLineItems"]["nodes"]
    }


def _left(row: Any) -> Left:
    parcels = [each["returnableFulfillmentLineItems"] for each in row["nodes"]]
    if any(each["pageInfo"]["hasNextPage"] for each in (row, *parcels)):
        raise NotAllowedNow(
            "This order has more than 10 parcels, or 25 lines in one: not all can be seen in one look.",
            next_step="Open the return in Shopify's admin.",
        )
    lines = [line for parcel in parcels for line in parcel["nodes"]]
    left = {
        each["fulfillmentLineItem"]["id"]: (each["fulfillmentLineItem"]["lineItem"]["id"], each["quantity"])
        for each in lines
    }
    if not left:
        raise NotAllowedNow("Nothing of this order can come back: nothing was sent, or all of it came back already.")
    return left


def _chosen(left: Left, wanted: Sequence[LineQuantity]) -> Iterator[tuple[str, int]]:
    """Pieces by line of a parcel. A line of the order may have gone out in several parcels: they are taken in turn."""
    for line in wanted:
        parcels = [gid for gid, (sold, _) in left.items() if line.id in (gid, sold)]
        if not parcels:
            raise BadInput(
                f"There is no line {line.id!r} that can come back.",
                field="lines",
                next_step=f"Lines that can: {', '.join(sorted({sold for sold, _ in left.values()}))}.",
            )
        there = sum(left[gid][1] for gid in parcels)
        missing = there if line.quantity is None else pieces(line.quantity, line.id)
        if missing > there:
            raise NotAllowedNow(f"Of line {line.id} {there} pieces can come back, not {missing}.")
        for gid in parcels:
            taken = min(missing, left[gid][1])
            if taken:
                yield gid, taken
            missing -= taken


def _reason(answer: Answer, wanted: str) -> Json:
    """The id of the reason with this handle (`arrived-late`)."""
    rows = payload_of("data.returnReasonDefinitions.nodes")(answer)
    known = translated(lambda rows: [(row["handle"], row["id"], row["deleted"]) for row in rows], rows, answer.where)
    for handle, gid, _ in known:
        if wanted in (handle, gid):
            return gid
    handles = sorted(handle for handle, _, deleted in known if not deleted)
    raise BadInput(f"{wanted!r} is no reason here.", field="reason", next_step=f"Choose one: {', '.join(handles)}.")
