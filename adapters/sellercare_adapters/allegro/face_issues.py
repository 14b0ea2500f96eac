"""Simulated Allegro: disputes and claims."""

from __future__ import annotations

from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import File, Message, Return, Thread
from sellercare_adapters.allegro.face_base import as_uuid, found, page, price, text_time
from sellercare_adapters.allegro.face_messages import MessagesFace

_KINDS = {"dispute": "DISPUTE", "claim": "CLAIM"}
_STATES = {
    "dispute": {"closed": "DISPUTE_CLOSED", "refunded": "DISPUTE_CLOSED", "cancelled": "DISPUTE_UNRESOLVED"},
    "claim": {"requested": "CLAIM_SUBMITTED", "approved": "CLAIM_ACCEPTED", "declined": "CLAIM_REJECTED"},
}
_ROLES = {"buyer": "BUYER", "seller": "SELLER", "platform": "ADMIN"}
_TYPES = {
    "REGULAR": {"DISPUTE", "CLAIM"},
    "END_REQUEST": {"DISPUTE"},
    "RETURN_REQUIRED_SELLER_LABEL": {"CLAIM"},
    "RETURN_REQUIRED_CUSTOM": {"CLAIM"},
    "RETURN_NOT_REQUIRED": {"CLAIM"},
}
_ACCEPTED = ("REPAIR", "REFUND", "EXCHANGE", "PARTIAL_REFUND")
_REJECTED = (
    "ADDITIONAL_REQUIREMENTS_NOT_COMPLETED",
    "PRODUCT_NOT_RETURNED",
    "PRODUCT_DAMAGED_BY_USER",
    "PRODUCT_CONFORMS_TO_CONTRACT",
    "MINOR_DEFECT",
    "OTHER",
    "CLAIM_WITHDRAWN_BY_BUYER",
)
_DECISIONS = {f"ACCEPTED_{word}" for word in _ACCEPTED} | {f"REJECTED_{word}" for word in _REJECTED}


class IssuesFace(MessagesFace):
    """Returns of the kinds dispute and claim, with their chats. `extra["chat_active"]` closes a chat."""

    @route("GET", "/sale/issues")
    def issues(self, request: Request) -> Reply:
        """Disputes and claims, newest opened first."""
        rows = sorted(self._issues().values(), key=lambda each: each.created_at, reverse=True)
        order, states = request.param("checkoutForm.id"), request.query.get("status", [])
        rows = [
            each
            for each in rows
            if (not order or as_uuid(each.order_id) == order) and (not states or self._state(each) in states)
        ]
        shown = page(request, rows, limit=10, most=100)
        return Reply.of({"issues": [self._issue(request, each) for each in shown]})

    @route("GET", "/sale/issues/{issue_id}")
    def issue(self, request: Request, issue_id: str) -> Reply:
        """One of them."""
        return Reply.of(self._issue(request, found(self._issues(), issue_id, what="issue")))

    @route("GET", "/sale/issues/{issue_id}/chat")
    def chat(self, request: Request, issue_id: str) -> Reply:
        """The messages; no more than the first hundred can be reached (#13381)."""
        thread = self._chat(found(self._issues(), issue_id, what="issue"))
        rows = page(request, thread.messages[:100] if thread else [], limit=10, most=100)
        return Reply.of({"chat": [self._chat_message(request, each) for each in rows]})

    @route("POST", "/sale/issues/{issue_id}/message")
    def write(self, request: Request, issue_id: str) -> Reply:
        """Write in the chat."""
        issue = found(self._issues(), issue_id, what="issue")
        body = self.body(request)
        text, type_ = body.get("text"), body.get("type")
        if type_ not in _TYPES or _KINDS[issue.kind] not in _TYPES[type_]:
            raise Refusal(422, "ConstraintViolationException", f"{type_} is not allowed here", "type")
        if not self._active(issue):
            raise Refusal(409, "IssueStateException", "The issue is in a state that forbids adding new messages")
        files = self.files_named(body)
        if not text and files:
            raise Refusal(500, "INTERNAL_SERVER_ERROR", "Internal server error")  # seen in #12974
        if not isinstance(text, str) or not text.strip() or len(text) > 20_000:
            raise Refusal(422, "ConstraintViolationException", "text must have 1 to 20000 characters", "text")
        kind = "message" if type_ == "REGULAR" else type_.lower()
        if type_.startswith("RETURN_"):
            issue.extra["return_required"] = type_ != "RETURN_NOT_REQUIRED"
        message = self.world.say(self._chat_made(issue), text, files=files, kind=kind)
        return Reply.of(self._chat_message(request, message), 201)

    @route("POST", "/sale/issues/{issue_id}/status")
    def decide(self, request: Request, issue_id: str) -> Reply:
        """Accept or reject a claim. The answer is empty."""
        issue = found(self._issues(), issue_id, what="issue")
        body = self.body(request)
        status, message = body.get("status"), body.get("message")
        if issue.kind != "claim" or self._state(issue) != "CLAIM_SUBMITTED":
            raise Refusal(400, "IssueStateException", "The status cannot be changed")
        if status not in _DECISIONS or not message:
            raise Refusal(400, "ConstraintViolationException", "status and message must be given", "status")
        if (status == "ACCEPTED_PARTIAL_REFUND") != bool(body.get("partialRefund")):
            raise Refusal(400, "ConstraintViolationException", "partialRefund does not fit", "partialRefund")
        accepted = status.startswith("ACCEPTED")
        self.world.decide(
            issue, "offer" if accepted else "decline", "approved" if accepted else "declined", detail=status
        )
        self.world.say(self._chat_made(issue), message, kind="decision")
        return Reply(200)

    @route("POST", "/sale/issues/attachments")
    def declare_for_issue(self, request: Request) -> Reply:
        """Declare a file; its bytes go once to the address in the Location header."""
        body = self.body(request)
        size = body.get("size")
        if not body.get("fileName") or not isinstance(size, int) or size < 1:
            raise Refusal(422, "ConstraintViolationException", "fileName and size must be given", "size")
        file = File(self.world.new_uuid(), body["fileName"], size=size)
        self.world.data.files[file.id] = file
        where = self.address(request, f"/sale/issues/attachments/{file.id}")
        return Reply.of({"id": file.id}, 201, {"Location": where})

    @route("PUT", "/sale/issues/attachments/{file_id}")
    def put_for_issue(self, request: Request, file_id: str) -> Reply:
        """The bytes of a declared file."""
        file = self.world.data.files.get(file_id)
        if file is None or file.data:
            raise Refusal(400, "AttachmentException", "The address was used, or was never given.")
        self.store(file, request)
        return Reply.of({"id": file.id})

    @route("GET", "/sale/issues/attachments/{file_id}")
    def file_of_issue(self, request: Request, file_id: str) -> Reply:
        """The bytes of a file."""
        file = found(self.world.data.files, file_id, what="attachment")
        return Reply(200, {"Content-Type": file.media_type}, file.data)

    # --- the inside --------------------------------------------------------------------

    def _issues(self) -> dict[str, Return]:
        return {id_: each for id_, each in self.world.data.returns.items() if each.kind in _KINDS}

    def _state(self, issue: Return) -> str:
        other = "DISPUTE_ONGOING" if issue.kind == "dispute" else "CLAIM_ACCEPTED"
        return _STATES[issue.kind].get(issue.state, other)

    def _active(self, issue: Return) -> bool:
        return bool(issue.extra.get("chat_active", self._state(issue) in ("DISPUTE_ONGOING", "CLAIM_SUBMITTED")))

    def _chat(self, issue: Return) -> Thread | None:
        return self.world.data.threads.get(issue.thread_id or "")

    def _chat_made(self, issue: Return) -> Thread:
        thread = self._chat(issue)
        if thread is None:
            thread = self.world.thread(self.world.data.orders[issue.order_id], kind="claim_chat")
            issue.thread_id = thread.id
        return thread

    def _issue(self, request: Request, issue: Return) -> dict[str, Any]:
        order = self.world.data.orders[issue.order_id]
        line = order.line(issue.lines[0].line_id) if issue.lines else None
        claim = issue.kind == "claim"
        asked = issue.asked if claim else None
        return {
            "id": as_uuid(issue.id),
            "type": _KINDS[issue.kind],
            "referenceNumber": issue.number if claim else None,
            "decisionDueDate": text_time(issue.due) if claim else None,
            "openedDate": text_time(issue.created_at),
            "subject": None if claim else "I have not received the product",
            "buyer": {"id": issue.buyer_id, "login": self.login_of(issue.buyer_id)},
            "checkoutForm": {"id": as_uuid(issue.order_id), "createdAt": text_time(order.created_at)},
            "currentState": {
                "status": self._state(issue),
                "statusDueDate": text_time(issue.due) if claim else None,
                "returnRequired": issue.extra.get("return_required"),
                "chatActive": self._active(issue),
            },
            "chat": self._chat_summary(issue),
            "expectations": [{"name": "REFUND", "refund": price(asked)}] if asked else [],
            "description": None if claim else issue.note,
            "offer": {"id": line.product_id, "quantity": issue.lines[0].quantity} if claim and line else None,
            "product": None,
            "reason": {"type": "ITEM_IS_DAMAGED", "description": issue.note} if claim else None,
            "right": "COMPLAINT",
            "attachments": [self._issue_file(request, each) for each in issue.files],
        }

    def _chat_summary(self, issue: Return) -> dict[str, Any]:
        thread = self._chat(issue)
        messages = thread.messages if thread else []
        last = messages[-1] if messages else None
        if not any(each.author == "seller" for each in messages):
            status = "NEW"
        elif last and last.author == "seller":
            status = "SELLER_REPLIED"
        else:
            status = "BUYER_REPLIED" if last and last.author == "buyer" else "ALLEGRO_ADVISOR_REPLIED"
        at = last.created_at if last else issue.created_at
        # The first message was seen with the text "TODO" and without an id of its own (#12486).
        first: dict[str, Any] = {
            "id": "TODO",
            "text": "TODO",
            "attachments": [],
            "createdAt": text_time(issue.created_at),
        }
        author = {"login": self.login_of(issue.buyer_id), "role": "BUYER"}
        return {
            "lastMessage": {"status": status, "createdAt": text_time(at)},
            "messagesCount": len(messages),
            "initialMessage": first | {"author": author},
        }

    def _chat_message(self, request: Request, message: Message) -> dict[str, Any]:
        role = _ROLES[message.author]
        login = {"BUYER": self._login_in(message), "SELLER": self.seller}.get(role)
        return {
            "id": message.id,
            "text": message.text,
            "attachments": [self._issue_file(request, each) for each in message.files],
            "author": {"role": role} | ({"login": login} if login else {}),
            "createdAt": text_time(message.created_at),
        }

    def _login_in(self, message: Message) -> str:
        return self.login_of(self.world.data.threads[message.thread_id].buyer_id)

    def _issue_file(self, request: Request, file: File) -> dict[str, Any]:
        where = self.address(request, f"/sale/issues/attachments/{file.id}")
        return {"fileName": file.filename, "url": where}
