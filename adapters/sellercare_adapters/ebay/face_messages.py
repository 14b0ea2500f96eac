"""Simulated eBay: the Message API."""

from __future__ import annotations

from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import Message, Thread
from sellercare.translation import instant
from sellercare_adapters.ebay.face_base import EbayBase, item_of, text_time, without_nothing

MESSAGES = "/commerce/message/v1"

_TYPES = frozenset({"FROM_MEMBERS", "FROM_EBAY"})


class MessagesFace(EbayBase):
    """Conversations with members and with eBay. One is between two members about a listing."""

    @route("GET", MESSAGES + "/conversation")
    def conversations(self, request: Request) -> Reply:
        """Conversations of a type, the last changed first."""
        kind = self._type(request)
        rows = [each for each in self._threads() if self._kind(each) == kind]
        if request.param("reference_id") and not request.param("reference_type"):
            raise Refusal(400, "355022", "The parameter reference_type is required whenever reference_id is provided.")
        for name, value in (
            ("other_party_username", lambda each: self.login(each.buyer_id)),
            ("reference_id", self._listing_of),
        ):
            if request.param(name):
                rows = [each for each in rows if value(each) == request.param(name)]
        since, until = request.param("start_time"), request.param("end_time")
        rows = [each for each in rows if not since or (each.updated_at and each.updated_at > instant(since))]
        rows = [each for each in rows if not until or (each.updated_at and each.updated_at < instant(until))]
        rows.sort(key=lambda each: str(each.updated_at), reverse=True)
        shown, place = self._paged(request, rows)
        return Reply.of({"conversations": [self._conversation(each) for each in shown], **place})

    @route("GET", MESSAGES + "/conversation/{conversation_id}")
    def conversation(self, request: Request, conversation_id: str) -> Reply:
        """The messages of a conversation, newest first, which the contract leaves open."""
        kind = self._type(request)
        thread = self._thread_called(conversation_id)
        if self._kind(thread) != kind:
            raise Refusal(400, "355002", "Invalid conversationType value.")
        rows = sorted(thread.messages, key=lambda each: each.created_at)[::-1]
        shown, place = self._paged(request, rows)
        about = {"conversationStatus": self._status(thread), "conversationType": kind}
        about |= {"conversationTitle": thread.subject or "Conversation"}
        return Reply.of({"messages": [self._message(thread, each) for each in shown], **about, **place})

    @route("POST", MESSAGES + "/send_message")
    def send(self, request: Request) -> Reply:
        """Write in a conversation, or to a member."""
        body = self.body(request)
        text = body.get("messageText") or ""
        if not text.strip() and not body.get("messageMedia"):
            raise Refusal(400, "355015", "Please pass message text or upload one of more media attachments.")
        if len(text) > 2000:
            raise Refusal(400, "355013", "The messageText string exceeds the maximum character threshold of 2000.")
        if body.get("conversationId"):
            thread = self._thread_called(body["conversationId"])
        elif body.get("otherPartyUsername"):
            thread = self._thread_with(body["otherPartyUsername"], body.get("reference") or {})
        else:
            raise Refusal(400, "355018", "conversationId and otherPartyUsername cannot both be empty.")
        row = self._message(thread, self.world.say(thread, text))
        names = {"senderUserName": row.pop("senderUsername"), "recipientUserName": row.pop("recipientUsername")}
        return Reply.of(row | names, 201)

    @route("POST", MESSAGES + "/update_conversation")
    def update(self, request: Request) -> Reply:
        """Mark as read or unread, or put into the archive; of both, only the mark counts."""
        body = self.body(request)
        if body.get("conversationType") not in _TYPES:
            raise Refusal(400, "355002", "Invalid conversationType value.")
        thread = self._thread_called(body.get("conversationId", ""))
        if isinstance(body.get("read"), bool):
            thread.read = body["read"]
            self.world.act("thread.read", thread.id, str(thread.read))
        elif body.get("conversationStatus") in ("ACTIVE", "ARCHIVE", "DELETE"):
            thread.extra["status"] = body["conversationStatus"]
            thread.closed = body["conversationStatus"] != "ACTIVE"
            self.world.act("thread.status", thread.id, body["conversationStatus"])
        else:
            raise Refusal(400, "355001", "Invalid conversationStatus value.")
        return Reply(204)

    # --- the inside --------------------------------------------------------------------

    def _threads(self) -> list[Thread]:
        return [each for each in self.world.data.threads.values() if each.kind in ("private", "platform")]

    def _thread_called(self, shown: str) -> Thread:
        found = next((each for each in self._threads() if each.id == shown), None)
        if found is None:
            raise Refusal(400, "355007", "Invalid or unrecognized conversation_id value.")
        return found

    def _thread_with(self, login: str, reference: dict[str, str]) -> Thread:
        orders = [each for each in self.world.data.orders.values() if self.login(each.buyer_id) == login]
        if not orders:
            raise Refusal(400, "355006", "Invalid or unrecognized otherPartyUsername value.")
        item = reference.get("referenceId")
        about = [each for each in orders if item in (None, *map(item_of, each.lines))]
        if not about:
            raise Refusal(400, "355020", "The referenceId is invalid, no listing can be found by this referenceId.")
        same = [
            each for each in self._threads() if self.login(each.buyer_id) == login and self._listing_of(each) == item
        ]
        if same:
            return same[0]
        made = self.world.thread(about[0])
        made.extra["item"] = item
        return made

    def _type(self, request: Request) -> str:
        kind = request.param("conversation_type")
        if kind not in _TYPES:
            raise Refusal(400, "355017", "The required conversation_type query parameter is missing.")
        return kind

    def _paged(self, request: Request, rows: list[Any]) -> tuple[list[Any], dict[str, int]]:
        limit, offset = int(request.param("limit") or 25), int(request.param("offset") or 0)
        if not 0 < limit <= 50:
            raise Refusal(400, "355009", "Invalid limit.", "limit")
        if offset % limit:
            raise Refusal(400, "355008", "Invalid offset. It must be synchronized up with the limit value.", "offset")
        return rows[offset : offset + limit], {"limit": limit, "offset": offset, "total": len(rows)}

    def _kind(self, thread: Thread) -> str:
        return "FROM_EBAY" if thread.kind == "platform" else "FROM_MEMBERS"

    def _status(self, thread: Thread) -> str:
        return str(thread.extra.get("status", "ACTIVE"))

    def _listing_of(self, thread: Thread) -> str | None:
        if thread.extra.get("item"):
            return str(thread.extra["item"])
        order = self.world.data.orders.get(thread.order_id or "")
        return item_of(order.lines[0]) if order else None

    def _conversation(self, thread: Thread) -> dict[str, Any]:
        last = max(reversed(thread.messages), key=lambda each: each.created_at, default=None)
        first = min(thread.messages, key=lambda each: each.created_at, default=None)
        item = self._listing_of(thread)
        row = {
            "conversationId": thread.id,
            "conversationType": self._kind(thread),
            "conversationStatus": self._status(thread),
            "conversationTitle": thread.subject or "Conversation",
            "createdDate": text_time(first.created_at if first else thread.updated_at),
            "unreadCount": 0 if thread.read else 1,
            "referenceType": "LISTING" if item else None,
            "referenceId": item,
            "latestMessage": self._message(thread, last) if last else None,
        }
        return without_nothing(row)

    def _message(self, thread: Thread, message: Message) -> dict[str, Any]:
        """A message; whoever wrote it, the other one received it. Names may be ids: buyers' are what the world says."""
        other = "eBay" if thread.kind == "platform" else self.login(thread.buyer_id)
        mine = message.author == "seller"
        media = [
            {"mediaName": each.filename, "mediaType": "IMAGE", "mediaUrl": f"https://files.example/{each.id}"}
            for each in message.files
        ]
        row: dict[str, Any] = {
            "messageId": message.id,
            "messageBody": message.text,
            "createdDate": text_time(message.created_at),
            "senderUsername": self.seller if mine else other,
            "recipientUsername": other if mine else self.seller,
            "readStatus": mine or thread.read,
            "subject": thread.subject,
            "messageMedia": media or None,
        }
        return without_nothing(row)
