"""Sending and finding a message, in both kinds of conversation: the message center, and the chats of issues.

Both take files and a text, under other paths, names and media types. A thread id of the form `issue:UUID` is a chat.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sellercare.calls import Answer, Call, Json, read, write
from sellercare.errors import BadAnswer, Unavailable
from sellercare.interfaces import Context
from sellercare.models import Message, Upload
from sellercare.translation import at_path, instant, translated
from sellercare.writes import Found, Kept, Search, Step, nothing
from sellercare_adapters.allegro import ids, translate, wire
from sellercare_adapters.allegro.media import stamp, with_id

MESSAGES = "/messaging/threads/{threadId}/messages"
CHAT = "/sale/issues/{issueId}/chat"
PAGE = 20
"""The most messages, and threads, that the message center gives at once."""

CHAT_PAGE = 100
"""The most messages of a chat that can be reached at all (#13381)."""

_LINK = re.compile(r"\S*(?:://|www\.|@)\S*")
_MARGIN = timedelta(minutes=10)


# --- reading ---------------------------------------------------------------------------------------


def page_of_messages(ctx: Context, thread_id: str, after: datetime | None = None) -> list[wire.Message]:
    """Up to twenty messages of a thread, oldest first. The description does not say which twenty come first."""
    params: dict[str, Any] = {"limit": PAGE}
    if after is not None:
        params["after"] = stamp(after)
    payload = ctx.read(read(MESSAGES, ids={"threadId": thread_id}, params=params))
    rows = at_path(payload, "messages", f"GET {MESSAGES}")
    return translated(
        lambda found: sorted(found, key=lambda row: instant(row["createdAt"])), rows, f"GET {MESSAGES}", "$.messages"
    )


def newest_messages(ctx: Context, thread_id: str, last_at: datetime | None) -> list[wire.Message]:
    """The newest messages of a thread, oldest first. A second call is spent if the first page ends before `last_at`."""
    rows = page_of_messages(ctx, thread_id)
    reached = last_at is None or len(rows) < PAGE or instant(rows[-1]["createdAt"]) >= last_at - timedelta(seconds=1)
    if reached or last_at is None:
        return rows
    return page_of_messages(ctx, thread_id, after=last_at - timedelta(seconds=1)) or rows


def chat_rows(ctx: Context, issue: str) -> list[wire.IssueMessage]:
    """The messages of an issue's chat, as far as they can be reached."""
    payload = ctx.read(read(CHAT, ids={"issueId": issue}, params={"limit": CHAT_PAGE}))
    rows: list[wire.IssueMessage] = at_path(payload, "chat", f"GET {CHAT}")
    return rows


# --- what was there before, and what came ----------------------------------------------------------------------------


def shown_before(ctx: Context, thread_id: str) -> Json:
    """The ids of the messages that are there, and the time of the newest by Allegro's clock."""
    issue = ids.issue_of(thread_id)
    if issue is not None:
        rows: Sequence[Any] = chat_rows(ctx, issue)
        return translated(lambda found: {"ids": [row["id"] for row in found], "newest": None}, rows, f"GET {CHAT}")
    rows = page_of_messages(ctx, thread_id)
    newest = rows[-1]["createdAt"] if rows else None
    return translated(lambda found: {"ids": [row["id"] for row in found], "newest": newest}, rows, f"GET {MESSAGES}")


def find_message(ctx: Context, thread_id: str, text: str, search: Search) -> Found | None:
    """Our message in a thread after its answer was lost: by us, new, with our text, not another intent's."""
    issue = ids.issue_of(thread_id)
    if issue is not None:
        return translated(lambda rows: _pick(_by_seller(rows), text, search), chat_rows(ctx, issue), f"GET {CHAT}")
    rows = page_of_messages(ctx, thread_id)
    found = translated(lambda rows: _pick(_by_us(rows), text, search), rows, f"GET {MESSAGES}")
    newest = (search.before or {}).get("newest")
    if found or len(rows) < PAGE or newest is None:
        return found
    rows = page_of_messages(ctx, thread_id, after=instant(newest) - _MARGIN)
    found = translated(lambda rows: _pick(_by_us(rows), text, search), rows, f"GET {MESSAGES}")
    if found is None and len(rows) >= PAGE:
        raise Unavailable("Too many messages came since to tell whether ours is among them.")
    return found


def _by_us(rows: Sequence[wire.Message]) -> list[wire.Message]:
    return [row for row in rows if not row["author"]["isInterlocutor"]]


def _by_seller(rows: Sequence[wire.IssueMessage]) -> list[wire.IssueMessage]:
    return [row for row in rows if row.get("author", {}).get("role") == "SELLER"]


def _pick(rows: Sequence[Any], text: str, search: Search) -> Found | None:
    """The oldest new row with our text; the same words count more than a text that the platform has changed.

    The oldest, because a later write of the same words has seen it before it was sent: the newer one is left for that.
    """
    seen = set((search.before or {}).get("ids", ())) | search.taken
    new = sorted((row for row in rows if row["id"] not in seen), key=lambda row: row.get("createdAt") or "")
    for same in (same_words, same_but_edited):
        for row in new:
            if same(text, row.get("text") or ""):
                return Found(row["id"], row)
    return None


def same_words(ours: str, theirs: str) -> bool:
    """Whether two texts say the same, whatever the white space."""
    return _words(ours) == _words(theirs)


def same_but_edited(ours: str, theirs: str) -> bool:
    """Whether the platform may have made theirs of ours: our words in their order, links perhaps gone, little added."""
    wanted = [word for word in _words(ours) if not _LINK.fullmatch(word)]
    there = _words(theirs)
    rest = iter(there)
    added = len(there) - len(wanted)
    return bool(wanted) and all(word in rest for word in wanted) and added <= 5 + len(wanted) // 4


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()


# --- writing ---------------------------------------------------------------------------------------


def attachment_steps(uploads: Sequence[Upload], *, issue: bool) -> tuple[Step, ...]:
    """Declare each file, then put its bytes. Files that no message names are seen by nobody."""
    steps: list[Step] = []
    for number, upload in enumerate(uploads, 1):
        steps += _issue_file(number, upload) if issue else _message_file(number, upload)
    return tuple(steps)


def _message_file(number: int, upload: Upload) -> list[Step]:
    declared = {"filename": upload.filename, "size": len(upload.data)}

    def put(kept: Kept) -> Call:
        attachment = kept[f"declare-{number}"]["id"]
        return write(
            "PUT",
            "/messaging/message-attachments/{attachmentId}",
            ids={"attachmentId": attachment},
            body=upload.data,
            headers={"Content-Type": upload.media_type},
        )

    return [
        Step(f"declare-{number}", lambda kept: write("POST", "/messaging/message-attachments", json=declared), with_id),
        Step(f"put-{number}", put, keep=nothing),
    ]


def _issue_file(number: int, upload: Upload) -> list[Step]:
    declared = {"fileName": upload.filename, "size": len(upload.data)}

    def keep(answer: Answer) -> Json:
        location = answer.headers.get("Location")
        if not location:
            raise BadAnswer(f"{answer.where}: there is no Location header.", path="$.headers.Location")
        return {"id": with_id(answer)["id"], "location": location}

    def put(kept: Kept) -> Call:
        place = kept[f"declare-{number}"]
        # The description wants the address of the Location header, which works once, and none that is put together.
        return write(
            "PUT",
            "/sale/issues/attachments/{attachmentId}",
            ids={"attachmentId": place["id"]},
            url=place["location"],
            body=upload.data,
            headers={"Content-Type": upload.media_type},
        )

    return [
        Step(f"declare-{number}", lambda kept: write("POST", "/sale/issues/attachments", json=declared), keep=keep),
        Step(f"put-{number}", put, keep=nothing),
    ]


def files_of(kept: Kept, count: int) -> list[dict[str, str]]:
    """The declared files, as a message names them."""
    return [{"id": kept[f"declare-{number}"]["id"]} for number in range(1, count + 1)]


def send_step(ctx: Context, thread_id: str, text: str, files: int, message_type: str = "REGULAR") -> Step:
    """The step that the buyer feels: the message in an existing thread or chat."""
    issue = ids.issue_of(thread_id)

    def call(kept: Kept) -> Call:
        body: dict[str, Any] = {"text": text}
        if files:
            body["attachments"] = files_of(kept, files)
        if issue is not None:
            body["type"] = message_type
            return write("POST", "/sale/issues/{issueId}/message", ids={"issueId": issue}, json=body)
        return write("POST", MESSAGES, ids={"threadId": thread_id}, json=body, group="messages")

    return Step(
        "send",
        call,
        keep=with_id,
        commits=True,
        find=lambda search: find_message(ctx, thread_id, text, search),
        native_id=lambda kept: str(kept["id"]),
    )


def message_of(thread_id: str, row: Any) -> Message:
    """The common model of what a send step kept."""
    return translate.issue_message(row, thread_id) if ids.issue_of(thread_id) is not None else translate.message(row)
