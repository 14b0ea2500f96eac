"""Opening a return or a claim: begin, name the lines, add a label, request. Only the last step counts for the buyer.

Medusa keeps one open change an order. A change that was begun and not requested blocks the order, so it is dropped
again when a later step is refused. What was begun carries our key in its metadata and is found by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sellercare.calls import Answer, Call, Json, write
from sellercare.errors import BadInput, NotAllowedNow, NotFound, Unavailable
from sellercare.interfaces import Context
from sellercare.models import LineQuantity, OpenReturn, Return, ReturnKind
from sellercare.translation import at_path, translated
from sellercare.writes import Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.medusa import reading, translate, wire
from sellercare_adapters.medusa.contracts import QUIET

CLAIM_REASONS = ("missing_item", "wrong_item", "production_failure", "other")
"""What a line of a claim may be complained about for (2.21, its own list)."""

METADATA = "sellercare"
"""The name under which our key stands in the metadata of what we began."""


@dataclass(frozen=True, slots=True)
class Form:
    """What differs between returns and claims: names and addresses."""

    name: str
    path: str
    lines: str
    action: str
    fields: str
    translate: Callable[[Any], Return]

    @property
    def one(self) -> str:
        """The address of one."""
        return f"{self.path}/{{id}}"


RETURN = Form(
    "return", "/admin/returns", "request-items", "RETURN_ITEM", wire.RETURN_FIELDS + ",+metadata", translate.return_
)
CLAIM = Form("claim", "/admin/claims", "claim-items", "WRITE_OFF_ITEM", wire.CLAIM_FIELDS, translate.claim)


def opening(ctx: Context, command: OpenReturn) -> Write[Return]:
    """The steps of opening a return or a claim."""
    form = _form(command)
    reason = _claim_reason(command) if form is CLAIM else _return_reason(ctx, command)
    steps = [_begin(ctx, form, command), _lines(ctx, form, command, reason)]
    if command.return_shipping is not None:
        steps.append(_label(ctx, form, command))
    steps.append(_request(ctx, form))

    def before() -> Json:
        row = reading.order(ctx, command.order_id)
        translated(lambda order: _check(order, command, form), row, "GET /admin/orders/{id}")
        if command.return_shipping is not None:
            _check_label(ctx, command.return_shipping)
        if form is RETURN:
            reading.check_location(ctx)
        reading.refuse_while_changing(ctx, command.order_id, "and Medusa keeps only one at a time")
        return None

    def result(kept: Kept) -> Return:
        return form.translate(kept["request"])

    return Write(tuple(steps), result, before)


def _form(command: OpenReturn) -> Form:
    if command.kind is ReturnKind.RETURN:
        return RETURN
    if command.kind is not ReturnKind.CLAIM:
        raise BadInput(f"Medusa has no {command.kind.value}; it has returns and claims.", field="kind")
    if command.variant not in (None, "refund"):
        raise BadInput(
            "Only claims of the variant 'refund' are opened here.",
            field="variant",
            next_step="Open a claim with replacement goods in Medusa's admin.",
        )
    if command.return_shipping is not None:
        raise BadInput("A claim for money back has no return label.", field="return_shipping")
    return CLAIM


def _claim_reason(command: OpenReturn) -> str | None:
    if command.reason is not None and command.reason not in CLAIM_REASONS:
        raise _no_reason(command.reason, CLAIM_REASONS)
    return command.reason


def _return_reason(ctx: Context, command: OpenReturn) -> str | None:
    """The id of a return reason that was named by its id or its value."""
    if command.reason is None:
        return None
    params = {"limit": 100, "fields": "id,value,label"}
    reasons = reading.rows(ctx, "/admin/return-reasons", "return_reasons", params)
    for each in reasons:
        if command.reason in (each["id"], each["value"]):
            return str(each["id"])
    raise _no_reason(command.reason, [each["value"] for each in reasons])


def _no_reason(reason: str, known: Sequence[str]) -> BadInput:
    return BadInput(f"{reason!r} is no reason here.", field="reason", next_step=f"Choose one: {', '.join(known)}.")


def _check(order: wire.Order, command: OpenReturn, form: Form) -> None:
    """Raise what Medusa would refuse anyway, before anything is begun."""
    if order["status"] == "canceled":
        raise NotAllowedNow(f"Order {command.order_id} is cancelled.")
    left = {item["id"]: translate.left_to_return(item) for item in order.get("items") or ()}
    for line in command.lines:
        if line.id not in left:
            listed = ", ".join(left)
            raise BadInput(f"The order has no line {line.id!r}.", field="lines", next_step=f"Its lines: {listed}.")
        if form is RETURN and (line.quantity or Decimal(1)) > left[line.id]:
            raise NotAllowedNow(
                f"Line {line.id} has {left[line.id]} pieces that can come back: shipped, and not on their way yet."
            )


def _check_label(ctx: Context, option_id: str) -> None:
    """Raise BadInput for what is no return label: Medusa answers 500 to an unknown one, and takes one for parcels."""
    try:
        option = reading.one(ctx, "/admin/shipping-options/{id}", "shipping_option", option_id, "id,name,*rules")
    except NotFound:
        raise BadInput(f"The shop has no shipping option {option_id!r}.", field="return_shipping") from None
    if not any(rule["attribute"] == "is_return" and str(rule["value"]) == "true" for rule in option["rules"]):
        raise BadInput(
            f"{option['name']!r} is a shipping option for parcels, not for returns.", field="return_shipping"
        )


def _begin(ctx: Context, form: Form, command: OpenReturn) -> Step:
    body: dict[str, Any] = {"order_id": command.order_id, "metadata": {METADATA: ctx.key}}
    if command.note:
        body["internal_note"] = command.note
    if form is CLAIM:
        body["type"] = "refund"
    else:
        body["no_notification"] = not ctx.settings.notify_buyers
        if ctx.settings.return_location_id:
            body["location_id"] = ctx.settings.return_location_id
    call = write("POST", form.path, json=body)

    def keep(answer: Answer) -> Json:
        payload = answer.json()
        return _begun(at_path(payload, form.name, answer.where), at_path(payload, "order", answer.where))

    def find(search: Search) -> Found | None:
        params = {"order_id": command.order_id, "limit": 100, "order": "-created_at", "fields": "+metadata"}
        for row in reading.rows(ctx, form.path, f"{form.name}s", params):
            if (row["metadata"] or {}).get(METADATA) == ctx.key:
                return Found(row["id"], _begun(row, reading.order(ctx, command.order_id)))
        wait_until_quiet(ctx, search)
        return None

    def undo(kept: Kept) -> Call:
        return write("DELETE", f"{form.one}/request", ids={"id": kept["begin"]["id"]})

    return Step("begin", lambda kept: call, keep=keep, undo=undo, find=find)


def _begun(row: Mapping[str, Any], order: wire.Order) -> Json:
    """What later steps need: the id, and how many pieces each line has that can come back."""
    left = {item["id"]: str(translate.left_to_return(item)) for item in order.get("items") or ()}
    return {"id": row["id"], "order_id": row["order_id"], "left": left}


def _lines(ctx: Context, form: Form, command: OpenReturn, reason: str | None) -> Step:
    def item(line: LineQuantity, left: Mapping[str, str]) -> Json:
        body: dict[str, Any] = {"id": line.id, "quantity": whole(line.quantity or Decimal(left[line.id]))}
        if reason is not None:
            body["reason" if form is CLAIM else "reason_id"] = reason
        return body

    def call(kept: Kept) -> Call:
        begun = kept["begin"]
        items = [item(line, begun["left"]) for line in command.lines]
        return write("POST", f"{form.one}/{form.lines}", ids={"id": begun["id"]}, json={"items": items})

    return Step("lines", call, keep=nothing, find=_action_finder(ctx, form, form.action))


def _label(ctx: Context, form: Form, command: OpenReturn) -> Step:
    def call(kept: Kept) -> Call:
        body = {"shipping_option_id": command.return_shipping}
        return write("POST", f"{form.one}/shipping-method", ids={"id": kept["begin"]["id"]}, json=body)

    return Step("label", call, keep=nothing, find=_action_finder(ctx, form, "SHIPPING_ADD"))


def _action_finder(ctx: Context, form: Form, action: str) -> Callable[[Search], Found | None]:
    """A step in the middle shows itself only as an action in the order's open change."""

    def find(search: Search) -> Found | None:
        begun = search.kept["begin"]
        for change in reading.changes(ctx, begun["order_id"]):
            mine = (change["claim_id"] if form is CLAIM else change["return_id"]) == begun["id"]
            if mine and any(each["action"] == action for each in change["actions"]):
                return Found(begun["id"], None)
        wait_until_quiet(ctx, search)
        return None

    return find


def _request(ctx: Context, form: Form) -> Step:
    path = f"{form.one}/request"

    def call(kept: Kept) -> Call:
        body = {"no_notification": not ctx.settings.notify_buyers}
        return write("POST", path, ids={"id": kept["begin"]["id"]}, json=body, params={"fields": form.fields})

    def keep(answer: Answer) -> Json:
        return at_path(answer.json(), form.name, answer.where)

    def find(search: Search) -> Found | None:
        begun = search.kept["begin"]
        for change in reading.changes(ctx, begun["order_id"]):
            mine = (change["claim_id"] if form is CLAIM else change["return_id"]) == begun["id"]
            if mine and change["status"] == "confirmed":
                return Found(begun["id"], reading.one(ctx, form.one, form.name, begun["id"], form.fields))
        return None

    return Step("request", call, keep=keep, commits=True, find=find, native_id=lambda kept: str(kept["id"]))


def whole(quantity: Decimal) -> Decimal | int:
    """A number of pieces as Medusa writes it: 2, not 2.0."""
    return int(quantity) if quantity == quantity.to_integral_value() else quantity


def wait_until_quiet(ctx: Context, search: Search) -> None:
    """Raise Unavailable while a step in the middle may still be at work in the server: a second one would add up."""
    if ctx.clock.now() - search.sent_at < QUIET:
        raise Unavailable("it may still be at work in the server")
