"""Telling Shopify of a parcel that goods come back in (`reverseDeliveryCreateWithShipping`).

Goods of a return are expected at one place or several, each a reverse fulfillment order; a parcel goes to one of them.
Shopify takes a number and a page, and names the carrier by itself or not at all. A list of no pieces would mean all of
them, those that were processed too, so pieces are always named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sellercare.calls import Answer, Call, Json
from sellercare.errors import BadInput, NotAllowedNow, OutcomeUnknown
from sellercare.graphql import payload_of
from sellercare.interfaces import Context
from sellercare.models import Decision, DecisionPart, Return, ReturnAction, ReturnVerb
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.shopify import contracts, documents, reading, translate
from sellercare_adapters.shopify.documents import ADMIN
from sellercare_adapters.shopify.lines import chosen_lines
from sellercare_adapters.shopify.writing import id_of, with_lines

PARCEL = "parcel"
"""The variant of `approve` that tells of a parcel."""

_PAGE = re.compile(r"https?://[\w.-]+(:\d+)?([/?#]\S*)?")
_IN_ADMIN = "Tell of it in Shopify's admin."


def parcel_actions(row: Any) -> Iterator[ReturnAction]:
    """Telling of a parcel, while something is expected back."""
    expected = any(each["status"] == "OPEN" for each in row["reverseFulfillmentOrders"]["nodes"])
    if expected and any(each["processableQuantity"] > 0 for each in row["returnLineItems"]["nodes"]):
        yield ReturnAction(
            verb=ReturnVerb.APPROVE,
            variant=PARCEL,
            by_name=True,
            title="tell which parcel goods come back in, by its number",
            takes=(DecisionPart.LINES, DecisionPart.PARCEL),
            consequences=(
                "With `notify_buyers` Shopify sends the buyer instructions for the way back, if the order has an "
                "e-mail address. It does not say that the parcel was sent."
            ),
        )


def tell(ctx: Context, return_id: str, command: Decision) -> Write[Return]:
    """A parcel with the named pieces, or with all that are in none; found again by what is new."""
    tracking = _tracking(command)
    look = ADMIN.query(documents.RETURN, with_lines({"id": return_id}), **reading.ONE)
    expected = ADMIN.query(documents.REVERSE_LINES, {"id": return_id}, **reading.ONE)

    def chosen(answer: Answer) -> Json:
        row = payload_of("data.return")(answer)
        lines = translated(lambda row: chosen_lines(row, command.lines, "processableQuantity"), row, answer.where)
        if command.lines and any(each["fulfilled"] is None for each in lines):
            raise NotAllowedNow("A line that hangs on no line of the order cannot be named here.", next_step=_IN_ADMIN)
        return {"row": row, "lines": lines}

    def told(kept: Kept) -> Call:
        variables = {"id": _place(kept)["id"], "first": documents.DELIVERIES_AT_ONCE}
        return ADMIN.query(documents.DELIVERIES, variables, **reading.ONE)

    def call(kept: Kept) -> Call:
        variables = {
            "place": _place(kept)["id"],
            "lines": _pieces(kept, named=bool(command.lines)),
            "tracking": tracking,
            "notify": ctx.settings.notify_buyers,
        }
        return ADMIN.mutation(documents.DELIVERY_CREATE, variables, group="returns", cost=20)

    def find(search: Search) -> Found | None:
        rows = reading.parcels_to(ctx, _place(search.kept)["id"])
        known = search.taken | set(search.before)
        wanted = {
            each["reverseFulfillmentOrderLineItemId"]: each["quantity"]
            for each in _pieces(search.kept, named=bool(command.lines))
        }
        new = [row for row in rows if row["id"] not in known]
        ours = [row for row in new if _is_told_so(row, tracking) and _packed([row]) == wanted]
        if ours:
            return Found(ours[0]["id"], ours[0])
        if new:
            raise OutcomeUnknown("another parcel is there that was not asked for: it may be ours, altered")
        return None

    create = Step(
        "parcel",
        call,
        payload_of("data.reverseDeliveryCreateWithShipping.reverseDelivery"),
        commits=True,
        find=find,
        native_id=id_of,
    )
    steps = (
        Step("return", lambda kept: look, chosen),
        Step("expected", lambda kept: expected, _expected),
        Step("told", told, _told),
        create,
    )
    return Write(
        steps, _result, lambda: [each["id"] for each in reading.parcels(ctx, return_id)], contract=contracts.TELL_PARCEL
    )


def _tracking(command: Decision) -> dict[str, str]:
    """What Shopify takes of a parcel. Raises BadInput for what it has no place for, or would not take."""
    parcel = command.parcel
    if parcel is not None and parcel.carrier:
        raise BadInput(
            "Shopify takes no carrier of a parcel: it names the carrier by itself, where it knows it.",
            field="parcel",
            next_step="Give the number alone, or the number and the page where the parcel is followed.",
        )
    if parcel is None or not parcel.number:
        raise BadInput("The number of the parcel is missing.", field="parcel")
    if parcel.url is None:
        return {"number": parcel.number}
    if not _PAGE.fullmatch(parcel.url):
        raise BadInput("The page of the parcel is no address on the web.", field="parcel")
    return {"number": parcel.number, "url": parcel.url}


def _expected(answer: Answer) -> Json:
    """The places that still expect goods, and the pieces by line: all but those of which it is said where they went."""
    page = payload_of("data.return.reverseFulfillmentOrders")(answer)

    def read(page: Any) -> Json:
        if any(each["pageInfo"]["hasNextPage"] for each in (page, *(each["lineItems"] for each in page["nodes"]))):
            raise NotAllowedNow("More goods are expected back than can be seen in one look.", next_step=_IN_ADMIN)
        return [
            {"id": each["id"], "lines": list(map(_line, each["lineItems"]["nodes"]))}
            for each in page["nodes"]
            if each["status"] == "OPEN"
        ]

    return translated(read, page, answer.where, "$.data.return.reverseFulfillmentOrders")


def _line(row: Any) -> Json:
    left = row["totalQuantity"] - sum(each["quantity"] for each in row["dispositions"])
    return {"id": row["id"], "fulfilled": (row["fulfillmentLineItem"] or {}).get("id"), "left": left}


def _place(kept: Kept) -> Any:
    """The one place that the chosen goods come back to."""
    chosen = {each["fulfilled"] for each in kept["return"]["lines"]}
    places = [
        place
        for place in kept["expected"]
        if any(line["left"] > 0 and line["fulfilled"] in chosen for line in place["lines"])
    ]
    if not places:
        raise NotAllowedNow("Nothing of that is expected back.")
    if len(places) > 1:
        raise BadInput(
            f"These goods go to {len(places)} places, and a parcel goes to one.",
            field="lines",
            next_step="Name the lines that are in this parcel.",
        )
    return places[0]


def _told(answer: Answer) -> Json:
    """How many pieces of each line are in a parcel already."""
    page = payload_of("data.reverseFulfillmentOrder.reverseDeliveries")(answer)

    def read(page: Any) -> Json:
        inner = [each["reverseDeliveryLineItems"] for each in page["nodes"]]
        if any(each["pageInfo"]["hasNextPage"] for each in (page, *inner)):
            raise NotAllowedNow("There are more parcels than can be seen in one look.", next_step=_IN_ADMIN)
        return _packed(page["nodes"])

    return translated(read, page, answer.where, "$.data.reverseFulfillmentOrder.reverseDeliveries")


def _packed(rows: Any) -> dict[str, int]:
    """The pieces in some parcels, by line."""
    packed: dict[str, int] = {}
    for row in rows:
        for each in row["reverseDeliveryLineItems"]["nodes"]:
            line = each["reverseFulfillmentOrderLineItem"]["id"]
            packed[line] = packed.get(line, 0) + each["quantity"]
    return packed


def _pieces(kept: Kept, *, named: bool) -> list[dict[str, Any]]:
    """The chosen pieces that are in no parcel yet, line by line. Lines that were named are wanted whole."""
    lines = [{**line, "left": line["left"] - kept["told"].get(line["id"], 0)} for line in _place(kept)["lines"]]
    taken: dict[str, int] = {}
    for wanted in kept["return"]["lines"]:
        missing = wanted["quantity"]
        for line in lines:
            share = min(missing, line["left"]) if line["fulfilled"] == wanted["fulfilled"] else 0
            if share > 0:
                taken[line["id"]] = taken.get(line["id"], 0) + share
                line["left"] -= share
                missing -= share
        if missing and named:
            raise NotAllowedNow(
                f"Of line {wanted['id']} {missing} pieces fewer are expected back and in no parcel yet.",
                next_step=f"Name fewer. {_IN_ADMIN}",
            )
    if not taken:
        raise NotAllowedNow(
            "All that is expected back is in a parcel already.", next_step="Change its number in Shopify's admin."
        )
    return [{"reverseFulfillmentOrderLineItemId": line, "quantity": count} for line, count in taken.items()]


def _is_told_so(row: Any, tracking: dict[str, str]) -> bool:
    """Whether a parcel has the number, and the page, that were given."""
    shown = (row["deliverable"] or {}).get("tracking") or {}
    return all(shown.get(part) == value for part, value in tracking.items())


def _result(kept: Kept) -> Return:
    """The return as it was just before, with the parcel."""
    found = translate.return_(kept["return"]["row"])
    parcels = (*found.parcels, *translate.parcels([kept["parcel"]]))
    return found.model_copy(update={"parcels": tuple(dict.fromkeys(parcels))})
