"""Returns and claims: listed, looked at, received, called off. Opening one is in `opening`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, Listings, read, write
from sellercare.errors import BadInput, NotAllowedNow
from sellercare.http.pages import OffsetPages
from sellercare.interfaces import Context, Returns
from sellercare.models import (
    Decision,
    DecisionPart,
    OpenReturn,
    Return,
    ReturnAction,
    ReturnKind,
    ReturnQuery,
    ReturnState,
    ReturnVerb,
)
from sellercare.translation import at_path, translated
from sellercare.writes import Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.medusa import reading, translate, wire
from sellercare_adapters.medusa.opening import CLAIM, RETURN, Form, opening, wait_until_quiet, whole

DAMAGED = "damaged"
"""The variant of `receive` for goods that do not go back into stock."""

WITH_LABEL = "with-label"
"""The variant of `decline` that calls off the return label first."""

_OPEN_STATES = ("requested", "partially_received")


class MedusaReturns(Returns):
    """Returns and claims of the shop."""

    def list(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Returns, then claims, each last changed first."""
        listings: list[Listing[Any, Return]] = []
        if query.kind in (None, ReturnKind.RETURN):
            listings.append(_listing(RETURN, query))
        if query.kind in (None, ReturnKind.CLAIM):
            listings.append(_listing(CLAIM, query))
        return listings

    def get(self, ctx: Context, return_id: str) -> Return:
        """One return (`return_…`) or claim (`claim_…`)."""
        form = CLAIM if reading.is_claim(return_id) else RETURN
        row = reading.one(ctx, form.one, form.name, return_id, form.fields)
        return translated(form.translate, row, f"GET {form.one}", f"$.{form.name}")

    def allowed(self, ctx: Context, return_id: str) -> Sequence[ReturnAction]:
        """What the state of the return or claim allows. A draft and a finished one allow nothing."""
        if reading.is_claim(return_id):
            return () if reading.claim(ctx, return_id)["canceled_at"] else (_call_off(()),)
        row = reading.return_(ctx, return_id)
        if row["status"] not in _OPEN_STATES:
            return ()
        actions = [
            _receipt("goods are back and go into stock", None, _IN_ONE_GO),
            _receipt("goods are back and damaged: not into stock", DAMAGED, ""),
        ]
        if not _received(row):
            actions.append(_call_off(_labels(row)))
        return tuple(actions)

    def open(self, ctx: Context, command: OpenReturn) -> Write[Return]:
        """Open a return, or a claim for money back."""
        return opening(ctx, command)

    def decline(self, ctx: Context, command: Decision) -> Write[Return]:
        """Call a return or claim off. Medusa knows no refusal and no reason: it becomes cancelled."""
        form = CLAIM if reading.is_claim(command.return_id) else RETURN
        ids = {"id": command.return_id}
        steps: list[Step] = []
        if command.variant == WITH_LABEL:
            # A label that is cancelled already is cancelled again: harmless, and the steps stay the same ones.
            labels = reading.return_(ctx, command.return_id).get("fulfillments") or ()
            steps = [_cancel_label(each["id"]) for each in sorted(labels, key=lambda each: each["id"])]
        body = {"no_notification": not ctx.settings.notify_buyers}
        call = write("POST", f"{form.one}/cancel", ids=ids, json=body)

        def look() -> Any:
            return reading.one(ctx, form.one, form.name, command.return_id, form.fields)

        def before() -> Json:
            row = look()
            if row["canceled_at"]:
                raise NotAllowedNow(f"{command.return_id} is cancelled already.")
            if form is RETURN:
                _check_decline(row, command)
            return None

        def find(search: Search) -> Found | None:
            row = look()
            return Found(command.return_id, row) if row["canceled_at"] else None

        def result(kept: Kept) -> Return:
            if kept["cancel"]:
                return form.translate(kept["cancel"])
            kind = ReturnKind.CLAIM if form is CLAIM else ReturnKind.RETURN
            return Return(id=command.return_id, kind=kind, state=ReturnState.CANCELLED, native_state="canceled")

        step = Step(
            "cancel", lambda kept: call, nothing, commits=True, find=find, native_id=lambda kept: command.return_id
        )
        return Write((*steps, step), result, before)

    def receive(self, ctx: Context, command: Decision) -> Write[Return]:
        """Confirm that goods are back: the named lines, or all that are missing. Pays nothing."""
        if reading.is_claim(command.return_id):
            raise BadInput("Nothing comes back with a claim; there is nothing to receive.", field="return_id")
        row = reading.return_(ctx, command.return_id)
        steps = [_begin_receiving(ctx, command)]
        location = None if row.get("location_id") else _location(ctx)
        if location is not None:
            steps.append(_place(ctx, command.return_id, location))
        steps += [_receive_lines(ctx, command), _confirm_receiving(ctx, command)]

        def before() -> Json:
            now = reading.return_(ctx, command.return_id)
            _check_receive(now, command)
            reading.refuse_while_changing(ctx, now["order_id"], "and Medusa keeps only one at a time")
            if not now.get("location_id") and location is None:
                raise NotAllowedNow(
                    "The shop has several stock locations, and the return names none.",
                    next_step="Set return_location_id in the account's settings.",
                )
            return None

        def result(kept: Kept) -> Return:
            return translate.return_(kept["confirm"])

        return Write(tuple(steps), result, before)


_IN_ONE_GO = (
    "Receive all pieces of a line at once: after a second part of the same line Medusa shows only that part as "
    "received, and the return stays partly received."
)


def _listing(form: Form, query: ReturnQuery) -> Listing[Any, Return]:
    params: dict[str, Any] = {"fields": form.fields, "order": "-updated_at"}
    if query.order_id is not None:
        params["order_id"] = query.order_id
    if query.updated_since is not None:
        params["updated_at[$gte]"] = query.updated_since.astimezone(UTC).isoformat()
    applied = frozenset({"order_id", "updated_since", "kind"})
    pages = OffsetPages(limit=100, total="count")
    return Listing(read(form.path, params=params), f"{form.name}s", form.translate, pages, applied)


def _call_off(labels: Sequence[wire.Fulfillment]) -> ReturnAction:
    if not labels:
        return ReturnAction(verb=ReturnVerb.DECLINE, title="call it off")
    return ReturnAction(
        verb=ReturnVerb.DECLINE,
        variant=WITH_LABEL,
        title="call it off, and its label",
        consequences="The return label is cancelled too; the buyer can no longer use it.",
    )


def _labels(row: wire.Return) -> Sequence[wire.Fulfillment]:
    return [each for each in row.get("fulfillments") or () if each["canceled_at"] is None]


def _received(row: wire.Return) -> bool:
    return any(translate.number(item, "received_quantity") > 0 for item in row["items"])


def _check_decline(row: wire.Return, command: Decision) -> None:
    if _received(row):
        raise NotAllowedNow(f"Goods of {command.return_id} are back already; Medusa does not call it off any more.")
    if _labels(row) and command.variant != WITH_LABEL:
        raise NotAllowedNow(
            f"{command.return_id} has a label, and Medusa wants it cancelled first.",
            next_step=f"Choose the variant {WITH_LABEL!r}, which does.",
        )


def _cancel_label(label_id: str) -> Step:
    call = write("POST", "/admin/fulfillments/{id}/cancel", ids={"id": label_id}, json={})
    return Step(f"cancel label {label_id}", lambda kept: call, nothing)


def _receipt(title: str, variant: str | None, consequences: str) -> ReturnAction:
    takes = (DecisionPart.LINES, DecisionPart.NOTE)
    return ReturnAction(verb=ReturnVerb.RECEIVE, variant=variant, title=title, takes=takes, consequences=consequences)


def _missing(row: Mapping[str, Any]) -> dict[str, str]:
    """How many pieces of each order line are not back yet, as text."""
    return {
        item["item_id"]: str(translate.number(item, "quantity") - translate.number(item, "received_quantity"))
        for item in row["items"]
    }


def _check_receive(row: wire.Return, command: Decision) -> None:
    if row["status"] not in _OPEN_STATES:
        raise NotAllowedNow(f"{command.return_id} is {row['status']}; only a requested return is received.")
    missing = {line: Decimal(left) for line, left in _missing(row).items()}
    for line in command.lines:
        if line.id not in missing:
            raise BadInput(
                f"The return has no line {line.id!r}.", field="lines", next_step=f"Its lines: {', '.join(missing)}."
            )
        if line.quantity is not None and line.quantity > missing[line.id]:
            raise NotAllowedNow(f"Line {line.id} waits for {missing[line.id]} pieces, not {line.quantity}.")
    if not any(left > 0 for left in missing.values()):
        raise NotAllowedNow(f"{command.return_id} waits for nothing more.")


def _location(ctx: Context) -> str | None:
    """Where the goods go into stock: the account's setting, or the shop's only location."""
    if ctx.settings.return_location_id:
        reading.check_location(ctx)
        return str(ctx.settings.return_location_id)
    found = reading.rows(ctx, "/admin/stock-locations", "stock_locations", {"limit": 2, "fields": "id"})
    return str(found[0]["id"]) if len(found) == 1 else None


def _begin_receiving(ctx: Context, command: Decision) -> Step:
    path = "/admin/returns/{id}/receive"
    ids = {"id": command.return_id}
    call = write("POST", path, ids=ids, json={"internal_note": translate.marked(command.note, ctx.key)})

    def kept_of(row: Mapping[str, Any]) -> Json:
        return {"order_id": row["order_id"], "missing": _missing(row)}

    def keep(answer: Answer) -> Json:
        return translated(kept_of, at_path(answer.json(), "return", answer.where), answer.where)

    def find(search: Search) -> Found | None:
        row = reading.return_(ctx, command.return_id)
        change = _mine(ctx, row["order_id"])
        if change is None:
            wait_until_quiet(ctx, search)
            return None
        return Found(change["id"], kept_of(row))

    return Step("begin", lambda kept: call, keep, undo=lambda kept: write("DELETE", path, ids=ids), find=find)


def _mine(ctx: Context, order_id: str) -> wire.OrderChange | None:
    """The change in which we receive: the one with our mark in its note."""
    mark = translate.marked(None, ctx.key)
    return next((each for each in reading.changes(ctx, order_id) if mark in (each["internal_note"] or "")), None)


def _place(ctx: Context, return_id: str, location_id: str) -> Step:
    """A return that a buyer asked for names no stock location, and Medusa cannot confirm it then (500, half done).
    A location can only be set while receiving is open."""
    call = write("POST", "/admin/returns/{id}", ids={"id": return_id}, json={"location_id": location_id})
    return Step("place", lambda kept: call, nothing)


def _receive_lines(ctx: Context, command: Decision) -> Step:
    action = "RECEIVE_DAMAGED_RETURN_ITEM" if command.variant == DAMAGED else "RECEIVE_RETURN_ITEM"
    path = "dismiss-items" if command.variant == DAMAGED else "receive-items"

    def call(kept: Kept) -> Call:
        missing = {line: Decimal(left) for line, left in kept["begin"]["missing"].items()}
        wanted = {line.id: line.quantity or missing[line.id] for line in command.lines} or missing
        items = [{"id": line, "quantity": whole(quantity)} for line, quantity in wanted.items() if quantity > 0]
        return write("POST", f"/admin/returns/{{id}}/{path}", ids={"id": command.return_id}, json={"items": items})

    def find(search: Search) -> Found | None:
        change = _mine(ctx, search.kept["begin"]["order_id"])
        if change and any(each["action"] == action for each in change["actions"]):
            return Found(change["id"], None)
        wait_until_quiet(ctx, search)
        return None

    return Step("lines", call, nothing, find=find)


def _confirm_receiving(ctx: Context, command: Decision) -> Step:
    path = "/admin/returns/{id}/receive/confirm"
    body = {"no_notification": not ctx.settings.notify_buyers}
    call = write("POST", path, ids={"id": command.return_id}, json=body, params={"fields": wire.RETURN_FIELDS})

    def keep(answer: Answer) -> Json:
        return at_path(answer.json(), "return", answer.where)

    def find(search: Search) -> Found | None:
        change = _mine(ctx, search.kept["begin"]["order_id"])
        if change is None or change["status"] != "confirmed":
            return None
        return Found(command.return_id, reading.return_(ctx, command.return_id))

    return Step("confirm", lambda kept: call, keep, commits=True, find=find, native_id=lambda kept: command.return_id)
