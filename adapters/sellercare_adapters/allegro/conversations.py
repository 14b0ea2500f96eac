"""Messages: the message center, and the chats of disputes and claims."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sellercare.calls import Call, Detail, Json, Listing, Listings, read, write
from sellercare.errors import ConfigError, NotAllowedNow
from sellercare.http.pages import OffsetPages, OnePage
from sellercare.interfaces import Context, Messages
from sellercare.models import (
    Attachment,
    CloseThread,
    MarkRead,
    Message,
    MessageOption,
    MessageTarget,
    Reply,
    StartThread,
    Thread,
    ThreadKind,
    ThreadQuery,
    Upload,
)
from sellercare.translation import at_path, translated
from sellercare.writes import Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.allegro import chats, ids, translate, wire, words
from sellercare_adapters.allegro.media import with_id
from sellercare_adapters.allegro.orders import checkout_form

_MESSAGE_LENGTH = 2000
_CHAT_LENGTH = 20000
_FILE_BYTES = 5_242_880


def issue_row(ctx: Context, issue: str) -> wire.Issue:
    """A dispute or claim as Allegro sends it."""
    row: wire.Issue = ctx.read(read("/sale/issues/{issueId}", ids={"issueId": issue}))
    return row


def with_last_message(ctx: Context, thread: Thread) -> Thread:
    """A thread with who has the word, and the order of its newest message that names one. Costs a call, or two.

    A message of ours that was blocked is no answer: the buyer never sees it.
    """

    def told(rows: list[wire.Message]) -> tuple[bool | None, str | None]:
        heard = [row for row in rows if row["author"]["isInterlocutor"] or row["status"] != "BLOCKED"]
        orders = [order for row in rows if (order := translate.order_named(row))]
        return (heard[-1]["author"]["isInterlocutor"] if heard else None), (orders[-1] if orders else None)

    rows = chats.newest_messages(ctx, thread.id, thread.updated_at)
    awaiting, order_id = translated(told, rows, f"GET {chats.MESSAGES}", "$.messages")
    return thread.model_copy(update={"awaiting_reply": awaiting, "order_id": order_id})


class AllegroMessages(Messages):
    """Conversations."""

    def threads(self, ctx: Context, query: ThreadQuery) -> Listings[Thread]:
        """The threads of the message center, newest first, then the chats of disputes and claims."""
        by_order = {"checkoutForm.id": query.order_id} if query.order_id else {}
        return [
            Listing(
                read("/messaging/threads"),
                items="threads",
                translate=translate.thread,
                pages=OffsetPages(limit=chats.PAGE, max_offset=15_000_000),
                newest_first="updated_at",
                capped="Allegro lists no more than 15,000,000 threads.",
                detail=Detail(
                    fills=frozenset({"awaiting_reply", "order_id"}),
                    fetch=partial(with_last_message, ctx),
                    costs="Allegro's list tells neither who wrote last nor about which order: one more call a thread.",
                ),
            ),
            Listing(
                read("/sale/issues", params=by_order),
                items="issues",
                translate=translate.issue_thread,
                pages=OffsetPages(limit=100),
                applied=frozenset({"order_id"}),
            ),
        ]

    def thread(self, ctx: Context, thread_id: str) -> Thread:
        """One conversation, with `awaiting_reply`."""
        issue = ids.issue_of(thread_id)
        if issue is not None:
            return translated(translate.issue_thread, issue_row(ctx, issue), "GET /sale/issues/{issueId}")
        row = ctx.read(read("/messaging/threads/{threadId}", ids={"threadId": thread_id}))
        return with_last_message(ctx, translated(translate.thread, row, "GET /messaging/threads/{threadId}"))

    def messages(self, ctx: Context, thread_id: str) -> Listings[Message]:
        """The messages of a conversation; the description does not say in which order."""
        issue = ids.issue_of(thread_id)
        if issue is not None:
            return [
                Listing(
                    read(chats.CHAT, ids={"issueId": issue}, params={"limit": chats.CHAT_PAGE}),
                    items="chat",
                    translate=lambda row: translate.issue_message(row, thread_id),
                    pages=OnePage(),
                    capped="Allegro shows no more than 100 messages of a dispute or claim (#13381).",
                )
            ]
        return [
            Listing(
                read(chats.MESSAGES, ids={"threadId": thread_id}),
                items="messages",
                translate=translate.message,
                pages=OffsetPages(limit=chats.PAGE, max_offset=15_000),
                capped="Allegro shows no more than 15,020 messages of a thread.",
            )
        ]

    def allowed(self, ctx: Context, target: MessageTarget) -> Sequence[MessageOption]:
        """What may be written: 2000 characters in the message center; in a chat, by the issue's type and state."""
        if target.thread_id is not None:
            issue = ids.issue_of(target.thread_id)
            if issue is None:
                return [_message_center("reply in the message center")]
            return translated(_chat_options, issue_row(ctx, issue), "GET /sale/issues/{issueId}")
        params = {"checkoutForm.id": target.order_id, "limit": 100}
        payload = ctx.read(read("/sale/issues", params=params))
        issues = at_path(payload, "issues", "GET /sale/issues")
        chats_of_order = translated(
            lambda rows: [option for row in rows for option in _chat_options(row) if option.why_not is None],
            issues,
            "GET /sale/issues",
            "$.issues",
        )
        return [_message_center("write to the buyer of the order"), *chats_of_order]

    def download(self, ctx: Context, attachment: Attachment) -> Call:
        """The bytes of a file, from the address that Allegro gave for it."""
        if attachment.url is None:
            raise NotAllowedNow(
                f"Allegro gives no address for the attachment {attachment.filename or attachment.id}.",
                next_step="It may still be checked; read the message again later.",
            )
        of_issue = "/sale/issues/" in attachment.url
        path = (
            "/sale/issues/attachments/{attachmentId}" if of_issue else "/messaging/message-attachments/{attachmentId}"
        )
        return read(path, ids={"attachmentId": attachment.id}, url=attachment.url, expect="bytes")

    def reply(self, ctx: Context, command: Reply) -> Write[Message]:
        """Answer in a thread or chat."""
        return _message(ctx, command.thread_id, command.text, command.attachments)

    def start(self, ctx: Context, command: StartThread) -> Write[Message]:
        """Write to the buyer of an order, or into a chat about it by an option of `allowed`."""
        text = command.text or ""
        if command.option not in (None, ids.MESSAGE_CENTER):
            issue, message_type = ids.option_of(command.option)
            return _message(ctx, ids.issue_id(issue), text, command.attachments, message_type)
        return _first_message(ctx, command, text)

    def mark_read(self, ctx: Context, command: MarkRead) -> Write[None]:
        """Mark a thread of the message center as read, as a whole."""
        if ids.issue_of(command.thread_id) is not None:
            raise NotAllowedNow("Allegro has no mark for the chat of a dispute or claim.")
        where = {"threadId": command.thread_id}

        def find(search: Search) -> Found | None:
            row = ctx.read(read("/messaging/threads/{threadId}", ids=where))
            return Found(command.thread_id, None) if at_path(row, "read") else None

        step = Step(
            "mark",
            lambda kept: write("PUT", "/messaging/threads/{threadId}/read", ids=where, json={"read": True}),
            keep=nothing,
            commits=True,
            find=find,
            native_id=lambda kept: command.thread_id,
        )
        return Write((step,), lambda kept: None)

    def close(self, ctx: Context, command: CloseThread) -> Write[None]:
        """Ask the buyer to end a dispute. Threads of the message center, and claims, have no such thing."""
        if ids.issue_of(command.thread_id) is None:
            raise NotAllowedNow(
                "A thread of Allegro's message center cannot be closed.",
                next_step="Only a dispute can be: its thread id begins with `issue:`.",
            )
        text = ctx.settings.end_request_text
        if not text:
            raise ConfigError(
                "Allegro sends a text to the buyer with the request to end a dispute, and none is set.",
                setting="end_request_text",
                next_step="Set `end_request_text` for this account, in the buyers' language.",
            )
        asked = _message(ctx, command.thread_id, text, (), "END_REQUEST")
        return Write(asked.steps, lambda kept: None, asked.before)


def _message_center(title: str) -> MessageOption:
    return MessageOption(
        id=ids.MESSAGE_CENTER,
        title=title,
        kind=ThreadKind.PRIVATE,
        max_length=_MESSAGE_LENGTH,
        attachment_types=words.MEDIA_TYPES,
        attachment_max_bytes=_FILE_BYTES,
    )


def _chat_options(row: wire.Issue) -> list[MessageOption]:
    closed = row["currentState"].get("chatActive") is False
    return [
        # A text is wanted: a message with files and no text was answered by INTERNAL_SERVER_ERROR (#12974).
        MessageOption(
            id=ids.option_id(row["id"], message_type),
            title=title,
            kind=ThreadKind.CLAIM_CHAT,
            max_length=_CHAT_LENGTH,
            attachment_types=words.MEDIA_TYPES,
            why_not="its chat is closed" if closed else None,
        )
        for message_type, title in words.CHAT_TYPES.get(row["type"], {"REGULAR": "write in the chat"}).items()
    ]


def _message(
    ctx: Context, thread_id: str, text: str, uploads: Sequence[Upload], message_type: str = "REGULAR"
) -> Write[Message]:
    issue = ids.issue_of(thread_id) is not None
    files = chats.attachment_steps(uploads, issue=issue)
    send = chats.send_step(ctx, thread_id, text, len(uploads), message_type)
    return Write(
        (*files, send),
        lambda kept: chats.message_of(thread_id, kept["send"]),
        partial(chats.shown_before, ctx, thread_id),
    )


# --- the first message about an order --------------------------------------------------------------------------------


def _first_message(ctx: Context, command: StartThread, text: str) -> Write[Message]:
    order = Step(
        "order",
        # A step that only looks: what the message needs of it is kept with the intent.
        lambda kept: read("/order/checkout-forms/{id}", ids={"id": command.order_id}),
        keep=lambda answer: translated(lambda form: {"login": form["buyer"]["login"]}, answer.json(), answer.where),
    )

    def call(kept: Kept) -> Call:
        body: dict[str, Json] = {
            "recipient": {"login": kept["order"]["login"]},
            "text": text,
            "order": {"id": command.order_id},
        }
        if command.attachments:
            body["attachments"] = chats.files_of(kept, len(command.attachments))
        return write("POST", "/messaging/messages", json=body, group="messages")

    def find(search: Search) -> Found | None:
        thread_id = _thread_with(ctx, search.kept["order"]["login"])
        if thread_id is None:
            return None
        found = chats.find_message(ctx, thread_id, text, search)
        if found is None:
            return None
        about = translated(translate.order_named, found.kept, f"GET {chats.MESSAGES}")
        return found if about == command.order_id else None

    def before() -> Json:
        form = checkout_form(ctx, command.order_id)
        login = translated(lambda found: found["buyer"]["login"], form, "GET /order/checkout-forms/{id}")
        thread_id = _thread_with(ctx, login)
        return chats.shown_before(ctx, thread_id) if thread_id else None

    send = Step("send", call, with_id, commits=True, find=find, native_id=lambda kept: str(kept["id"]))
    files = chats.attachment_steps(command.attachments, issue=False)
    return Write((order, *files, send), lambda kept: translate.message(kept["send"]), before)


def _thread_with(ctx: Context, login: str) -> str | None:
    """The thread with a buyer, if it is among the newest twenty: where a message just sent has put it."""
    payload = ctx.read(read("/messaging/threads", params={"limit": chats.PAGE}))

    def find(rows: list[wire.Thread]) -> str | None:
        for row in rows:
            other = row.get("interlocutor")
            if other and other["login"] == login:
                return row["id"]
        return None

    rows = at_path(payload, "threads", "GET /messaging/threads")
    return translated(find, rows, "GET /messaging/threads", "$.threads")
