"""Messages: the Message API, and the conversations inside returns and inquiries.

A conversation names a listing and two members, never an order. Members' names are opaque: since 2025-09-26 those of
US users may be immutable ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, Listings, Nested, read, write
from sellercare.errors import NotAllowedNow, NotFound, OutcomeUnknown
from sellercare.finding import CLOCK_SKEW
from sellercare.http.pages import OffsetPages, OnePage
from sellercare.interfaces import Context, Messages
from sellercare.models import (
    Attachment,
    CloseThread,
    MarkRead,
    Message,
    MessageOption,
    MessageTarget,
    Order,
    Party,
    Reply,
    StartThread,
    Thread,
    ThreadKind,
    ThreadQuery,
)
from sellercare.translation import at_path, instant, translated
from sellercare.writes import Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.ebay import ids, translate, wire
from sellercare_adapters.ebay.aftersales import Desk, desks
from sellercare_adapters.ebay.orders import ORDER, ORDER_GROUP, ORDERS

_LIST = "/commerce/message/v1/conversation"
_ONE = "/commerce/message/v1/conversation/{conversation_id}"
_SEND = "/commerce/message/v1/send_message"
_UPDATE = "/commerce/message/v1/update_conversation"
_PAGE = 50
_LENGTH = 2000
_GROUP = "messages"

Rows = list[wire.Message]


class EbayMessages(Messages):
    """Conversations."""

    def threads(self, ctx: Context, query: ThreadQuery) -> Listings[Thread]:
        """Conversations with members, with eBay, and in open cases; those of an order by its buyer and listings."""
        if query.order_id:
            return [_of_order(ctx, query.order_id)]
        own = [_conversations(ctx, {"conversation_type": kind}) for kind in ("FROM_MEMBERS", "FROM_EBAY")]
        return [*own, *(listing for desk in desks().values() for listing in desk.threads(ctx))]

    def thread(self, ctx: Context, thread_id: str) -> Thread:
        """One conversation. Its own answer has no listing and no count of unread messages."""
        case = _case(thread_id)
        if case is not None:
            return case[0].thread(ctx, case[1])
        talk = ids.talk_of(thread_id)
        if talk is not None:
            return translated(partial(translate.thread, me=ids.own_names(ctx)), _talk(ctx, *talk), f"GET {_LIST}")
        native, kind = ids.conversation_of(thread_id)
        rows, payload = _newest(ctx, thread_id)
        last = _last(rows)
        row: Any = {**payload, "conversationId": native, "conversationType": kind, "latestMessage": last or {}}
        return translated(partial(translate.thread, me=ids.own_names(ctx)), row, f"GET {_ONE}")

    def messages(self, ctx: Context, thread_id: str) -> Listings[Message]:
        """The messages of a conversation; the contract does not say in which order."""
        case = _case(thread_id)
        if case is not None:
            return case[0].messages(ctx, case[1])
        talk = ids.talk_of(thread_id)
        if talk is not None:
            return [Nested(_conversations(ctx, _between(*talk)), lambda found: [_messages(ctx, found.id)])]
        return [_messages(ctx, thread_id)]

    def allowed(self, ctx: Context, target: MessageTarget) -> Sequence[MessageOption]:
        """2000 characters of text; in a case, while eBay offers it; to eBay itself, nothing."""
        thread_id = target.thread_id
        if thread_id is None:
            return [_option("write to the buyer of the order")]
        case = _case(thread_id)
        if case is not None:
            desk, native = case
            return [
                MessageOption(
                    id=thread_id,
                    title="write in the case",
                    kind=ThreadKind.CLAIM_CHAT,
                    max_attachments=0,
                    why_not=desk.may_write(ctx, native),
                )
            ]
        if ids.conversation_of(thread_id)[1] == "FROM_EBAY":
            why = "eBay reads no answers to its own messages"
            return [_option("answer eBay").model_copy(update={"why_not": why, "kind": ThreadKind.PLATFORM})]
        return [_option("answer in the conversation")]

    def download(self, ctx: Context, attachment: Attachment) -> bytes:
        """A file of a return. Those of messages lie at addresses outside eBay: nothing is fetched from strangers."""
        found = ids.file_of(attachment.id)
        if found is None:
            raise NotAllowedNow("This file lies outside eBay.", next_step="Open the attachment's url.")
        kind, case, native = found
        return desks()[kind].download(ctx, case, native)

    def reply(self, ctx: Context, command: Reply) -> Write[Message]:
        """Answer in a conversation or case."""
        case = _case(command.thread_id)
        if case is not None:
            return case[0].say(ctx, case[1], command)
        talk = ids.talk_of(command.thread_id)
        if talk is not None:
            return _to_member(ctx, command.text, lambda kept: talk, ())
        native, kind = ids.conversation_of(command.thread_id)
        if kind == "FROM_EBAY":
            raise NotAllowedNow("eBay reads no answers to its own messages.")

        def find(search: Search) -> Found | None:
            return _look_for(ctx, *_newest(ctx, command.thread_id), command.text, search)

        body = {"conversationId": native, "messageText": command.text}
        return Write(
            (_sending(lambda kept: body, find),),
            lambda kept: _sent(kept["send"], command.thread_id, ctx),
            lambda: _shown(*_newest(ctx, command.thread_id)),
        )

    def start(self, ctx: Context, command: StartThread) -> Write[Message]:
        """Write to the buyer of an order, about its first listing."""
        order = Step(
            "order",
            lambda kept: read(ORDER, ids={"order_id": command.order_id}, group=ORDER_GROUP),
            keep=lambda answer: translated(_buyer_and_item, answer.json(), answer.where),
        )
        return _to_member(
            ctx, command.text or "", lambda kept: (kept["order"]["item"], kept["order"]["buyer"]), (order,)
        )

    def mark_read(self, ctx: Context, command: MarkRead) -> Write[None]:
        """Mark a conversation as read, as a whole."""

        def find(search: Search) -> Found | None:
            rows, _ = _newest(ctx, command.thread_id)
            theirs = [row for row in rows if row.get("senderUsername") not in ids.own_names(ctx)]
            return Found(command.thread_id, None) if all(row.get("readStatus") for row in theirs) else None

        return _update(command.thread_id, {"read": True}, find)

    def close(self, ctx: Context, command: CloseThread) -> Write[None]:
        """Put a conversation into the archive; the buyer sees nothing of it."""

        def find(search: Search) -> Found | None:
            _, payload = _newest(ctx, command.thread_id)
            return Found(command.thread_id, None) if payload.get("conversationStatus") == "ARCHIVE" else None

        return _update(command.thread_id, {"conversationStatus": "ARCHIVE"}, find)


def _case(thread_id: str) -> tuple[Desk, str] | None:
    """The desk and the case that a thread is inside of; None for a conversation of the Message API."""
    found = ids.case_of(thread_id)
    return (desks()[found[0]], found[1]) if found else None


def _option(title: str) -> MessageOption:
    return MessageOption(id="message", title=title, max_length=_LENGTH, max_attachments=0)


# --- listing ---------------------------------------------------------------------------------------


def _conversations(ctx: Context, params: dict[str, str]) -> Listing[Any, Thread]:
    return Listing(
        read(_LIST, params=params, group=_GROUP),
        items="conversations",
        translate=partial(translate.thread, me=ids.own_names(ctx)),
        pages=OffsetPages(limit=_PAGE, total="total"),
        applied=frozenset({"order_id"}) if "reference_id" in params else frozenset(),
    )


def _between(item: str, username: str) -> dict[str, str]:
    """The filter for conversations with a member about a listing."""
    return {
        "conversation_type": "FROM_MEMBERS",
        "other_party_username": username,
        "reference_type": "LISTING",
        "reference_id": item,
    }


def _of_order(ctx: Context, order_id: str) -> Nested[Thread]:
    """The conversations that may be about an order: with its buyer, about one of its listings."""

    def of(order: Order) -> Listings[Thread]:
        items = dict.fromkeys(line.product_id for line in order.lines if line.product_id)
        login = order.buyer.login
        return [_conversations(ctx, _between(item, login)) for item in items] if login else ()

    orders: Listing[Any, Order] = Listing(
        read(ORDERS, params={"orderIds": order_id}, group=ORDER_GROUP),
        items="orders",
        translate=translate.order,
        pages=OnePage(),
    )
    return Nested(orders, of, "eBay's conversations name no order: its buyer and listings are asked for, a call each.")


def _messages(ctx: Context, thread_id: str) -> Listing[Any, Message]:
    native, kind = ids.conversation_of(thread_id)
    return Listing(
        read(_ONE, ids={"conversation_id": native}, params={"conversation_type": kind}, group=_GROUP),
        items="messages",
        translate=partial(translate.message, thread_id=thread_id, me=ids.own_names(ctx)),
        pages=OffsetPages(limit=_PAGE, total="total"),
    )


# --- writing and finding again ---------------------------------------------------------------------


def _page(ctx: Context, thread_id: str, offset: int) -> Any:
    native, kind = ids.conversation_of(thread_id)
    params = {"conversation_type": kind, "limit": _PAGE, "offset": offset}
    return ctx.read(read(_ONE, ids={"conversation_id": native}, params=params, group=_GROUP))


def _newest(ctx: Context, thread_id: str) -> tuple[Rows, Any]:
    """Messages of both ends of a conversation, since the contract names no order, and the first page's answer."""
    first = _page(ctx, thread_id, 0)
    rows = _messages_in(first)
    total = first.get("total")
    if isinstance(total, int) and total > _PAGE:
        # Only multiples of the page's size are taken as an offset (355008).
        last = _page(ctx, thread_id, (total - 1) // _PAGE * _PAGE)
        rows += _messages_in(last)
    return rows, first


def _messages_in(payload: Any) -> Rows:
    """The messages of a page, each with its id and time."""

    def told(rows: Rows) -> Rows:
        return [row for row in rows if row["messageId"] and instant(row["createdDate"])]

    return translated(told, at_path(payload, "messages", f"GET {_ONE}"), f"GET {_ONE}", "$.messages")


def _last(rows: Rows) -> wire.Message | None:
    """The newest message; of several of one moment, the one at the end where the newest are."""
    if not rows:
        return None
    oldest_first = _made(rows[0]) < _made(rows[-1])
    return max(reversed(rows) if oldest_first else rows, key=_made)


def _made(row: wire.Message) -> str:
    return row.get("createdDate") or ""


def _shown(rows: Rows, payload: Any) -> Json:
    """What a conversation shows before something is sent."""
    return {"ids": [row["messageId"] for row in rows], "total": payload.get("total", len(rows))}


def _look_for(ctx: Context, rows: Rows, payload: Any, text: str, search: Search) -> Found | None:
    """A message of ours with this text that was not there before.

    Raises OutcomeUnknown for a new one with other words, and where not all that came since can be seen.
    """
    before = search.before or {"ids": [], "total": 0}
    known = search.taken | set(before["ids"])
    since = search.sent_at - CLOCK_SKEW

    def told(found: Rows) -> Found | None:
        new = [row for row in found if row["messageId"] not in known and instant(row["createdDate"]) >= since]
        mine = [row for row in new if row.get("senderUsername") in ids.own_names(ctx)]
        ours = [row for row in mine if _words(row.get("messageBody")) == _words(text)]
        if ours:
            return Found(ours[-1]["messageId"], ours[-1])
        if mine:
            raise OutcomeUnknown("a message came since whose words are others: it may be ours, altered")
        if len(new) < payload.get("total", len(found)) - before["total"]:
            raise OutcomeUnknown("so many messages came since that not all of them can be seen")
        return None

    return translated(told, rows, f"GET {_ONE}", "$.messages")


def _words(text: str | None) -> str:
    """A text whatever its white space."""
    return " ".join((text or "").split())


def _sending(body: Any, find: Any) -> Step:
    def call(kept: Kept) -> Call:
        return write("POST", _SEND, json=body(kept), group=_GROUP)

    return Step("send", call, _with_id, commits=True, find=find, native_id=lambda kept: str(kept["messageId"]))


def _with_id(answer: Answer) -> Json:
    """What was sent, if eBay names it; here its names have a capital N more."""

    def checked(row: Any) -> Json:
        if not isinstance(row["messageId"], str) or not row["messageId"]:
            raise ValueError("no id")
        return row

    return translated(checked, answer.json(), answer.where)


def _sent(row: Any, thread_id: str, ctx: Context) -> Message:
    """The message that was sent, from the answer to it or from the conversation."""
    named = {"senderUsername": row.get("senderUsername") or row.get("senderUserName")}
    named["recipientUsername"] = row.get("recipientUsername") or row.get("recipientUserName")
    whole: Any = {**row, **named}
    found = translate.message(whole, thread_id, ids.own_names(ctx))
    return found.model_copy(update={"author": Party.SELLER, "raw": row})


def _buyer_and_item(row: wire.Order) -> Json:
    return {"buyer": row["buyer"]["username"], "item": row["lineItems"][0]["legacyItemId"]}


def _talk(ctx: Context, item: str, username: str) -> wire.Conversation:
    """The conversation with a member about a listing. Raises NotFound."""
    payload = ctx.read(read(_LIST, params={**_between(item, username), "limit": 1, "offset": 0}, group=_GROUP))
    rows: list[wire.Conversation] = at_path(payload, "conversations", f"GET {_LIST}")
    if not rows:
        raise NotFound("eBay shows no conversation with this member about this listing.")
    return rows[0]


def _to_member(ctx: Context, text: str, who: Any, earlier: tuple[Step, ...]) -> Write[Message]:
    """A message to a member about a listing. eBay's answer names no conversation: ours is named by the two."""

    def body(kept: Kept) -> Json:
        item, username = who(kept)
        reference = {"referenceType": "LISTING", "referenceId": item}
        return {"otherPartyUsername": username, "messageText": text, "reference": reference}

    def find(search: Search) -> Found | None:
        try:
            row = _talk(ctx, *who(search.kept))
        except NotFound:
            return None
        # What this conversation showed before is not known: whether it was there was not asked.
        return _look_for(ctx, *_newest(ctx, row["conversationId"]), text, search)

    def result(kept: Kept) -> Message:
        return _sent(kept["send"], ids.talk_id(*who(kept)), ctx)

    return Write((*earlier, _sending(body, find)), result)


def _update(thread_id: str, change: dict[str, Json], find: Any) -> Write[None]:
    if ids.case_of(thread_id) is not None or ids.talk_of(thread_id) is not None:
        raise NotAllowedNow(
            "Only a conversation of eBay's inbox can be marked or put away.",
            next_step="Its id is in `messages threads`.",
        )
    native, kind = ids.conversation_of(thread_id)
    body = {"conversationId": native, "conversationType": kind, **change}
    step = Step(
        "update",
        lambda kept: write("POST", _UPDATE, json=body, group=_GROUP, expect="nothing"),
        keep=nothing,
        commits=True,
        find=find,
        native_id=lambda kept: thread_id,
    )
    return Write((step,), lambda kept: None)
