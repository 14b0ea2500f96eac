"""Receiving: pieces that are back are processed, without money, and put where they belong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sellercare.calls import Answer, Call, Json
from sellercare.errors import NotAllowedNow, OutcomeUnknown
from sellercare.graphql import payload_of
from sellercare.interfaces import Context
from sellercare.models import Decision, DecisionPart, Return, ReturnAction, ReturnVerb
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.shopify import documents, ids, reading
from sellercare_adapters.shopify.documents import ADMIN
from sellercare_adapters.shopify.lines import chosen_lines
from sellercare_adapters.shopify.writing import KEEP_RETURN, id_of, result_of, with_lines

DISPOSITIONS = {
    "restocked": ("RESTOCKED", "goods are back and go into stock"),
    "not-restocked": ("NOT_RESTOCKED", "goods are back and do not go into stock"),
    "missing": ("MISSING", "goods never came"),
}
"""The variants that say what becomes of the goods, with Shopify's word."""

_TAKES = (DecisionPart.LINES, DecisionPart.NOTE)
_NO_MONEY = "It pays nothing: pay back with `refunds issue` on this return."


def receive_actions(ctx: Context, row: Any) -> Iterator[ReturnAction]:
    """The ways to receive what is left of an open return."""
    if any(each["processableQuantity"] > 0 for each in row["returnLineItems"]["nodes"]):
        yield ReturnAction(
            verb=ReturnVerb.RECEIVE,
            title="goods are back; stock stays as it is",
            takes=_TAKES,
            consequences=f"{_NO_MONEY} The pieces count in the shop's reports from now on.",
        )
        for variant, (native, title) in DISPOSITIONS.items():
            if native != "RESTOCKED" or ctx.settings.location_id:
                yield ReturnAction(
                    verb=ReturnVerb.RECEIVE, variant=variant, title=title, takes=_TAKES, consequences=_NO_MONEY
                )


def receive(ctx: Context, command: Decision) -> Write[Return]:
    """Process the named lines, or all that is left."""
    return_id = ids.checked(command.return_id, ids.RETURN, "return_id")
    return _process(ctx, return_id, command)


def _process(ctx: Context, return_id: str, command: Decision) -> Write[Return]:
    look = ADMIN.query(documents.RETURN, with_lines({"id": return_id}), **reading.ONE)

    def chosen(answer: Answer) -> Json:
        row = payload_of("data.return")(answer)
        return translated(lambda row: chosen_lines(row, command.lines, "processableQuantity"), row, answer.where)

    steps = [Step("lines", lambda kept: look, chosen)]
    if command.variant is not None:
        reverse = ADMIN.query(documents.REVERSE_LINES, {"id": return_id}, **reading.ONE)
        steps.append(Step("goods", lambda kept: reverse, _goods))

    def call(kept: Kept) -> Call:
        asked: dict[str, Any] = {
            "returnId": return_id,
            "notifyCustomer": ctx.settings.notify_buyers,
            "returnLineItems": [_input(ctx, each, kept.get("goods"), command.variant) for each in kept["lines"]],
        }
        if command.note:
            asked["note"] = command.note
        variables = with_lines({"input": asked})
        return ADMIN.mutation(documents.RETURN_PROCESS, variables, group="returns", cost=20)

    def find(search: Search) -> Found | None:
        return found_processed(ctx, return_id, search)

    keep = KEEP_RETURN["returnProcess"]
    process = Step("process", call, keep, commits=True, find=find, native_id=id_of)
    return Write((*steps, process), result_of("process"))


def found_processed(ctx: Context, return_id: str, search: Search) -> Found | None:
    """Whether the chosen pieces were processed since they were chosen: all, none, or nobody can tell."""
    row = reading.return_row(ctx, return_id)
    now = {each["id"]: each["processedQuantity"] for each in row["returnLineItems"]["nodes"]}
    chosen = search.kept["lines"]
    if all(now.get(each["id"]) == each["processed"] + each["quantity"] for each in chosen):
        return Found(return_id, row)
    if all(now.get(each["id"]) == each["processed"] for each in chosen):
        return None
    raise OutcomeUnknown("other pieces were processed than were asked for: somebody else may have done it")


def _goods(answer: Answer) -> Json:
    """What is expected back, by line of a parcel: the id that dispositions name, and the pieces without one."""
    orders = payload_of("data.return.reverseFulfillmentOrders")(answer)

    def read(orders: Any) -> Json:
        inner = [each["lineItems"] for each in orders["nodes"]]
        if any(each["pageInfo"]["hasNextPage"] for each in (orders, *inner)):
            raise NotAllowedNow("More goods are expected back than can be seen in one look.")
        return [
            {
                "id": line["id"],
                "fulfilled": (line["fulfillmentLineItem"] or {}).get("id"),
                "left": line["totalQuantity"] - sum(each["quantity"] for each in line["dispositions"]),
            }
            for each in inner
            for line in each["nodes"]
        ]

    return translated(read, orders, answer.where)


def _input(ctx: Context, line: Any, goods: Any, variant: str | None) -> dict[str, Any]:
    asked = {"id": line["id"], "quantity": line["quantity"]}
    if variant is None:
        return asked
    return asked | {"dispositions": list(_dispositions(ctx, line, goods, variant))}


def _dispositions(ctx: Context, line: Any, goods: Any, variant: str) -> Iterator[dict[str, Any]]:
    missing = line["quantity"]
    for each in goods:
        taken = min(missing, each["left"]) if each["fulfilled"] == line["fulfilled"] else 0
        if taken > 0:
            place = {"locationId": ctx.settings.location_id} if variant == "restocked" else {}
            yield {
                "reverseFulfillmentOrderLineItemId": each["id"],
                "quantity": taken,
                "dispositionType": DISPOSITIONS[variant][0],
                **place,
            }
            missing -= taken
    if missing:
        raise NotAllowedNow(
            f"Of line {line['id']} {missing} pieces are not expected back, so nothing can be said about where they go.",
            next_step="Receive them without a variant.",
        )
