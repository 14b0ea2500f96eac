"""Simulated Allegro: the message center."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import File, Message, Order, Thread
from sellercare_adapters.allegro.face_base import FILE_TYPES, AllegroBase, as_uuid, found, page, text_time

_STATES = {"delivered": "DELIVERED", "verifying": "VERIFYING", "blocked": "BLOCKED"}
_FILE_STATES = {"declared": "NEW", "new": "NEW", "safe": "SAFE", "unsafe": "UNSAFE"}
_LARGEST_FILE = 5_242_880
_SCAN_SECONDS = 5.0


class MessagesFace(AllegroBase):
    """Threads and messages. A new message is looked at first, for `World.moderation_seconds`."""

    @route("GET", "/messaging/threads")
    def threads(self, request: Request) -> Reply:
        """Threads, newest message first."""
        rows = sorted(self._threads().values(), key=lambda each: str(each.updated_at), reverse=True)
        shown = page(request, rows, limit=20, most=20, most_offset=15_000_000)
        return Reply.of({"threads": [self._thread(each) for each in shown]} | self._place(request))

    @route("GET", "/messaging/threads/{thread_id}")
    def thread(self, request: Request, thread_id: str) -> Reply:
        """One thread."""
        return Reply.of(self._thread(found(self._threads(), thread_id, what="thread")))

    @route("PUT", "/messaging/threads/{thread_id}/read")
    def mark(self, request: Request, thread_id: str) -> Reply:
        """Mark as read, or as unread."""
        thread = found(self._threads(), thread_id, what="thread")
        flag = self.body(request).get("read")
        if not isinstance(flag, bool):
            raise Refusal(422, "ConstraintViolationException", "read must be given", "read")
        thread.read = flag
        self.world.act("mark_read", thread.id, str(flag))
        return Reply.of(self._thread(thread))

    @route("GET", "/messaging/threads/{thread_id}/messages")
    def messages(self, request: Request, thread_id: str) -> Reply:
        """The messages of a thread; newest first, which the description leaves open."""
        thread = found(self._threads(), thread_id, what="thread")
        before, after = request.param("before"), request.param("after")
        if before and request.param("offset"):
            raise Refusal(422, "ConstraintViolationException", "before cannot be used with offset", "before")
        rows = sorted(thread.messages, key=lambda each: each.created_at, reverse=True)
        if before:
            rows = [each for each in rows if each.created_at < datetime.fromisoformat(before)]
        if after:
            rows = [each for each in rows if each.created_at > datetime.fromisoformat(after)]
        shown = page(request, rows, limit=20, most=20, most_offset=15_000)
        return Reply.of({"messages": [self._message(request, thread, each) for each in shown]} | self._place(request))

    @route("GET", "/messaging/messages/{message_id}")
    def message(self, request: Request, message_id: str) -> Reply:
        """One message."""
        for thread in self._threads().values():
            for each in thread.messages:
                if each.id == message_id:
                    return Reply.of(self._message(request, thread, each))
        raise Refusal(404, "NotFoundException", "There is no such message.")

    @route("POST", "/messaging/threads/{thread_id}/messages")
    def reply(self, request: Request, thread_id: str) -> Reply:
        """Answer in a thread."""
        thread = found(self._threads(), thread_id, what="thread")
        body = self.body(request)
        text, files = self._content(body)
        return Reply.of(self._message(request, thread, self._say(thread, text, files)), 201)

    @route("POST", "/messaging/messages")
    def start(self, request: Request) -> Reply:
        """Write to a buyer about an order of that buyer (#10383)."""
        body = self.body(request)
        text, files = self._content(body)
        login = (body.get("recipient") or {}).get("login", "")
        order = self._order_of(login, (body.get("order") or {}).get("id", ""))
        same = (each for each in self._threads().values() if each.buyer_id == order.buyer_id)
        thread = next(same, None) or self.world.thread(order)
        message = self._say(thread, text, files)
        message.order_id = order.id
        return Reply.of(self._message(request, thread, message), 201)

    @route("POST", "/messaging/message-attachments")
    def declare(self, request: Request) -> Reply:
        """Declare a file."""
        body = self.body(request)
        size = body.get("size")
        if not body.get("filename") or not isinstance(size, int) or not 0 <= size <= _LARGEST_FILE:
            raise Refusal(422, "ConstraintViolationException", "filename and size must be given", "size")
        file = File(self.world.new_uuid(), body["filename"], size=size)
        self.world.data.files[file.id] = file
        return Reply.of({"id": file.id}, 201)

    @route("PUT", "/messaging/message-attachments/{file_id}")
    def put_file(self, request: Request, file_id: str) -> Reply:
        """The bytes of a declared file."""
        file = found(self.world.data.files, file_id, what="attachment")
        if len(request.body) > file.size:
            raise Refusal(413, "PayloadTooLargeException", "The file is larger than declared.")
        self.store(file, request)
        return Reply.of({"id": file.id})

    @route("GET", "/messaging/message-attachments/{file_id}")
    @route("GET", "/message-center/message-attachments/{file_id}")
    def file(self, request: Request, file_id: str) -> Reply:
        """The bytes of a file, from the API or from the host of uploads."""
        file = found(self.world.data.files, file_id, what="attachment")
        return Reply(200, {"Content-Type": file.media_type}, file.data)

    # --- shared with the chats of issues --------------------------------------------------------------------

    def store(self, file: File, request: Request) -> None:
        """Keep a file's bytes; it is safe some seconds later."""
        sent = request.headers["Content-Type"]
        if sent not in FILE_TYPES:
            raise Refusal(415, "UnsupportedMediaTypeException", f"{sent} is not supported here")
        file.data, file.media_type, file.state = request.body, sent, "new"
        self.world.later(_SCAN_SECONDS, lambda: setattr(file, "state", "safe"))

    def files_named(self, body: dict[str, Any]) -> list[File]:
        """The files that a message names; 422 for one that was not put."""
        files = []
        for each in body.get("attachments") or []:
            file = found(self.world.data.files, each.get("id", ""), 422, "attachment")
            if not file.data:
                raise Refusal(422, "AttachmentNotUploaded", "The attachment has no content.", "attachments")
            files.append(file)
        return files

    # --- the inside --------------------------------------------------------------------

    def _threads(self) -> dict[str, Thread]:
        return {id_: each for id_, each in self.world.data.threads.items() if each.kind == "private"}

    def _order_of(self, login: str, order_id: str) -> Order:
        order = found(self.world.data.orders, order_id, 422, "order")
        if self.login_of(order.buyer_id) != login:
            raise Refusal(422, "OrderNotOfRecipient", "The order is not one of the recipient.", "order.id")
        return order

    def _content(self, body: dict[str, Any]) -> tuple[str, list[File]]:
        text = body.get("text")
        if not isinstance(text, str) or not text.strip() or len(text) > 2000:
            raise Refusal(422, "ConstraintViolationException", "text must have 1 to 2000 characters", "text")
        return text, self.files_named(body)

    def _say(self, thread: Thread, text: str, files: list[File]) -> Message:
        message = self.world.say(thread, text, files=files)
        if message.delivery == "delivered" and self.world.moderation_seconds > 0:
            message.delivery = "verifying"
            self.world.later(self.world.moderation_seconds, lambda: setattr(message, "delivery", "delivered"))
        return message

    def _place(self, request: Request) -> dict[str, int]:
        return {"offset": int(request.param("offset") or 0), "limit": int(request.param("limit") or 20)}

    def _thread(self, thread: Thread) -> dict[str, Any]:
        return {
            "id": thread.id,
            "read": thread.read,
            "lastMessageDateTime": text_time(thread.updated_at),
            "interlocutor": {
                "login": self.login_of(thread.buyer_id),
                "avatarUrl": "https://assets.allegrostatic.com/avatar.svg",
            },
        }

    def _message(self, request: Request, thread: Thread, message: Message) -> dict[str, Any]:
        from_buyer = message.author == "buyer"
        about = {"order": {"id": as_uuid(message.order_id)}} if message.order_id else {}
        return {
            "id": message.id,
            "status": _STATES[message.delivery],
            "type": "ASK_QUESTION" if from_buyer else "MESSAGE_CENTER",
            "createdAt": text_time(message.created_at),
            "thread": {"id": thread.id},
            "author": {
                "login": self.login_of(thread.buyer_id) if from_buyer else self.seller,
                "isInterlocutor": from_buyer,
            },
            "text": message.text,
            "subject": thread.subject,
            "relatesTo": {"offer": None} | about,
            "hasAdditionalAttachments": False,
            "attachments": [self._file(request, each) for each in message.files],
            "additionalInformation": None,
        }

    def _file(self, request: Request, file: File) -> dict[str, Any]:
        where = f"/message-center/message-attachments/{file.id}"
        return {
            "fileName": file.filename,
            "mimeType": file.media_type,
            "url": self.address(request, where, "upload.allegro.pl"),
            "status": _FILE_STATES[file.state],
        }
