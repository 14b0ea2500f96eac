"""Messages: notes to the customer of an order, which go out by mail and are never answered here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sellercare.calls import Json, Listing, Listings, read, write
from sellercare.errors import BadInput
from sellercare.finding import in_rows
from sellercare.http.pages import OnePage
from sellercare.interfaces import Context, Messages
from sellercare.models import (
    Message,
    MessageOption,
    MessageTarget,
    Reply,
    StartThread,
    Thread,
    ThreadKind,
    ThreadQuery,
)
from sellercare.translation import translated
from sellercare.writes import Found, Search, Step, Write
from sellercare_adapters.woocommerce import reading, translate, wire
from sellercare_adapters.woocommerce.orders import changed_since
from sellercare_adapters.woocommerce.reading import NOTES, ORDER, ORDERS, PAGES
from sellercare_adapters.woocommerce.words import same_words

OPTION = "note"
MOST_BYTES = 65_535
"""A note is a comment of WordPress, whose text column takes so many bytes of UTF-8."""

_MAIL_FAILED = 'Email "Customer note" failed to send'


class WooCommerceMessages(Messages):
    """Notes to customers. Every order is a thread, with the order's id."""

    def threads(self, ctx: Context, query: ThreadQuery) -> Listings[Thread]:
        """One thread an order, last changed order first. Nobody waits in them: buyers answer by mail."""
        if query.awaiting_reply:
            return []
        params = changed_since(query.updated_since)
        if query.order_id is not None:
            params |= {"include": reading.number(query.order_id, "order_id")}
        applied = frozenset({"order_id"})
        return [Listing(read(ORDERS, params=params), "", translate.thread, PAGES, applied, newest_first="updated_at")]

    def thread(self, ctx: Context, thread_id: str) -> Thread:
        """The thread of an order."""
        return translated(translate.thread, reading.order(ctx, thread_id, "thread_id"), f"GET {ORDER}")

    def messages(self, ctx: Context, thread_id: str) -> Listings[Message]:
        """The notes to the customer, newest first, then what the buyer wrote at the checkout."""
        where = reading.number(thread_id, "thread_id")
        return [
            Listing(
                read(NOTES, ids={"id": where}, params={"type": "any"}),
                "",
                partial(translate.note, order_id=where),
                OnePage(),
                together=with_failures,
            ),
            Listing(
                read(ORDERS, params={"include": where}),
                "",
                translate.checkout_note,
                PAGES,
                together=lambda rows: [row for row in rows if row.get("customer_note")],
            ),
        ]

    def allowed(self, ctx: Context, target: MessageTarget) -> Sequence[MessageOption]:
        """A note, for an order that is there."""
        order_id = target.thread_id or target.order_id or ""
        reading.order(ctx, order_id, "thread_id" if target.thread_id else "order_id")
        return [
            MessageOption(
                id=OPTION,
                title="a note to the customer, sent by mail",
                kind=ThreadKind.NOTE,
                max_length=MOST_BYTES,
                max_attachments=0,
            )
        ]

    def reply(self, ctx: Context, command: Reply) -> Write[Message]:
        """Add a note to the customer."""
        return _note(ctx, reading.number(command.thread_id, "thread_id"), command.text)

    def start(self, ctx: Context, command: StartThread) -> Write[Message]:
        """Add a note to the customer: an order's thread needs no beginning."""
        return _note(ctx, reading.number(command.order_id, "order_id"), command.text or "")


def with_failures(rows: list[wire.Note]) -> list[wire.Note]:
    """The notes to the customer alone, each with the shop's word that its mail failed, which stands right above it.

    Rows are newest first. The words are those of a shop in English.
    """
    shown: list[wire.Note] = []
    failed = ""
    for row in rows:
        if row["customer_note"]:
            shown.append({**row, "failed": failed} if failed else row)
            failed = ""
        elif row["note"].startswith(_MAIL_FAILED):
            failed = row["note"]
    return shown


def _note(ctx: Context, order_id: str, text: str) -> Write[Message]:
    if len(text.encode()) > MOST_BYTES:
        raise BadInput(f"The text has {len(text.encode())} bytes; a note takes {MOST_BYTES}.", field="text")
    where = {"id": order_id}

    def rows() -> list[wire.Note]:
        found: list[wire.Note] = ctx.read(read(NOTES, ids=where, params={"type": "customer"}))
        return found

    def before() -> Json:
        return translated(lambda found: [str(row["id"]) for row in found], rows(), f"GET {NOTES}")

    def find(search: Search) -> Found | None:
        found = translated(lambda all_: [{**row, "id": str(row["id"])} for row in all_], rows(), f"GET {NOTES}")
        return in_rows(
            found,
            search,
            lambda row: same_words(row["note"], text),
            made_at=lambda row: f"{row['date_created_gmt']}Z",
        )

    body = {"note": text, "customer_note": True, "added_by_user": True}
    call = write("POST", NOTES, ids=where, json=body, group="messages")
    step = Step("note", lambda kept: call, commits=True, find=find, native_id=lambda row: str(row["id"]))
    return Write((step,), lambda kept: translate.note(kept["note"], order_id), before)
