"""Acme's API over a simulated world, as docs/adapters/acme.md describes it."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sellercare.calls import to_json
from sellercare.models import Money
from sellercare.simulator import rows, things
from sellercare.simulator.face import Face, Limit, Refusal, Reply, Request, route
from sellercare.simulator.faults import Faults
from sellercare.simulator.pages import cursor_page, offset_page
from sellercare.simulator.rows import Row, json_of
from sellercare.simulator.world import World

ACTIONS = {
    "requested": ("approve", "decline", "offer", "contest"),
    "offered": ("approve", "decline"),
    "approved": ("receive", "decline"),
    "in_transit": ("receive",),
    "partly_received": ("receive",),
    "received": ("contest",),
}
DECIDED = {"approve": "approved", "decline": "declined", "offer": "offered", "contest": "escalated"}
REASONS = [{"code": code, "title": code.replace("_", " ")} for code in ("damaged", "not_as_described", "goodwill")]
POSTS = "POST /v1/*/{id}/messages"


class AcmeFace(Face):
    """Acme for one seller. `contract` switches what its writes do, as the adapter's setting of that name says."""

    name = "acme"
    limits = (Limit("messages", 5, 5, POSTS), Limit("default", 10, 10, "* /v1/*", but=POSTS))
    api_key, client_id, client_secret, signing_key = "acme-key", "acme-app", "acme-secret", "acme-signing"

    def __init__(self, world: World, faults: Faults | None = None, *, contract: str = "mixed") -> None:
        super().__init__(world, faults)
        self.contract = contract
        self.read_lag = 20.0 if contract == "late" else 0.0

    # The kit's questions

    def authorize(self, request: Request) -> Reply | None:
        """A fixed key, or an access token."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        known = request.headers.get("X-Api-Key") == self.api_key or self.tokens.valid(token)
        return None if known else self.error(401, "unauthorized", "The key or token is not valid.")

    def error(self, status: int, code: str, text: str = "", field: str = "") -> Reply:
        """One error, with the field it is about."""
        return Reply.of({"error": {"code": code, "text": text, "field": field}}, status)

    def by_hand(self, request: Request) -> Request:
        """A person has no key and sends no reference of ours."""
        return replace(request, headers={}, body=to_json(request.json() | {"reference": None}))

    def finish(self, request: Request, reply: Reply) -> Reply:
        """Every answer has an id."""
        return replace(reply, headers={**reply.headers, "X-Request-Id": self.world.new_id("req")})

    def push(self, kind: str, subject_id: str) -> tuple[dict[str, str], bytes]:
        """The headers and body that Acme sends to a seller's address about a message, return, refund or order."""
        event = {"id": self.world.new_id("evt"), "type": kind, "subject_id": subject_id}
        body = to_json({"events": [event | {"happened_at": json_of(self.world.now())}]})
        signature = hmac.new(self.signing_key.encode(), body, hashlib.sha256).hexdigest()
        return {"Content-Type": "application/json", "X-Acme-Signature": f"sha256={signature}"}, body

    @route("POST", "/oauth/token", open=True)
    def token(self, request: Request) -> Reply:
        return self.tokens.endpoint(request, self.client_id, self.client_secret)

    @route("GET", "/v1/me")
    def me(self, request: Request) -> Reply:
        return Reply.of({"ok": True, "seller_id": "seller-1", "name": "Corner Shop", "plan": "standard", "sites": []})

    # Reads: every filter is a field of the rows, and the newest row comes first

    def _get(self, kind: str, id: str) -> Any:
        thing = getattr(self.world.data, kind).get(id)
        if thing is None:
            raise Refusal(404, "not-found", f"There is nothing of this id among {kind}.", "id")
        return thing

    def _show(self, kind: str, thing: Any) -> Row:
        row: Row = getattr(rows, {"returns": "return_"}.get(kind, kind.removesuffix("s")))(self.world, thing)
        extra = getattr(thing, "extra", {})
        return row | {"reference": extra.get("reference"), "review_requested": "review_requested" in extra}

    def _rows(self, kind: str, request: Request, **about: str) -> list[Row]:
        data = self.world.data
        messages = [message for thread in data.threads.values() for message in thread.messages]
        found = {"messages": messages, "scores": data.score_days[::-1]}
        shown = found[kind] if kind in found else getattr(data, kind).values()
        table = [self._show(kind, thing) for thing in shown if not getattr(thing, "extra", {}).get("hidden")]
        return rows.matching([row for row in table[::-1] if about.items() <= row.items()], request)

    @route("GET", "/v1/orders/{id}")
    @route("GET", "/v1/threads/{id}")
    @route("GET", "/v1/returns/{id}")
    @route("GET", "/v1/refunds/{id}")
    @route("GET", "/v1/reviews/{id}")
    def one(self, request: Request, id: str) -> Reply:
        kind = request.path.split("/")[2]
        return self._thing(kind, self._get(kind, id))

    def _thing(self, kind: str, thing: Any, status: int = 200) -> Reply:
        row = self._show(kind, thing)
        return Reply.of(row | {"stars": row.pop("rating")} if kind == "reviews" else row, status)

    @route("GET", "/v1/orders")
    @route("GET", "/v1/returns")
    @route("GET", "/v1/reviews")
    def numbered(self, request: Request) -> Reply:
        found = self._rows(request.path.split("/")[2], request)
        page = [row | ({"stars": row.pop("rating")} if "rating" in row else {}) for row in offset_page(found, request)]
        return Reply.of({"rows": page, "total": len(found)})

    @route("GET", "/v1/threads")
    @route("GET", "/v1/refunds")
    @route("GET", "/v1/scores")
    def flowing(self, request: Request, **about: str) -> Reply:
        page, after = cursor_page(self._rows(request.path.split("/")[-1], request, **about), request)
        return Reply.of({"rows": page, "next_cursor": after})

    @route("GET", "/v1/threads/{id}/messages")
    def thread_messages(self, request: Request, id: str) -> Reply:
        return self.flowing(request, thread_id=self._get("threads", id).id)

    @route("GET", "/v1/orders/{id}/messages")
    @route("GET", "/v1/orders/{id}/returns")
    @route("GET", "/v1/orders/{id}/refunds")
    def of_order(self, request: Request, id: str) -> Reply:
        return self.flowing(request, order_id=self._get("orders", id).id)

    @route("GET", "/v1/orders/by-number/{number}")
    def order_by_number(self, request: Request, number: str) -> Reply:
        ids = [order.id for order in self.world.data.orders.values() if order.number == number]
        return self._thing("orders", self._get("orders", ids[0] if ids else ""))

    @route("GET", "/v1/scores/current")
    def current_score(self, request: Request) -> Reply:
        if not self.world.data.score_days:
            raise Refusal(404, "not-found", "There is no score yet.")
        return self._thing("scores", self.world.data.score_days[0])

    @route("GET", "/v1/review-summaries/{id}")
    def review_summary(self, request: Request, id: str) -> Reply:
        return Reply.of(rows.review_summary(self.world, id))

    # What may be done now

    @route("GET", "/v1/message-options")
    def message_options(self, request: Request) -> Reply:
        option = {"id": "about-order", "title": "About the order", "max_length": 2000, "why_not": None}
        if thread_id := request.param("thread_id"):
            thread = self._get("threads", thread_id)
            why_not = "the conversation is closed" if thread.closed else None
            option |= {"id": "answer", "title": "Answer", "kind": thread.kind, "why_not": why_not}
        else:
            self._get("orders", request.param("order_id"))
        return Reply.of({"rows": [option]})

    @route("GET", "/v1/returns/{id}/actions")
    def return_actions(self, request: Request, id: str) -> Reply:
        return_ = self._get("returns", id)
        wants: dict[str, Row] = {"decline": {"reasons": REASONS}}
        wants["offer"] = {"amount_required": True, "moves_money": "later"}
        due = {"due": json_of(return_.due)}
        verbs = ACTIONS.get(return_.state, ())
        return Reply.of({"rows": [{"verb": verb, "title": verb, **due, **wants.get(verb, {})} for verb in verbs]})

    @route("GET", "/v1/refund-options")
    def refund_options(self, request: Request) -> Reply:
        return_ = self._get("returns", request.param("return_id")) if request.param("return_id") else None
        order = self._get("orders", return_.order_id if return_ else request.param("order_id"))
        options = rows.refund_options(self.world, order, return_)
        return Reply.of({"rows": [option | {"reasons": REASONS, "note_max_length": 250} for option in options]})

    # Writes that make something: what a repeat does, and what can be seen of them, is the contract's

    def _made(self, kind: str, request: Request, make: Callable[[Row], Any]) -> Reply:
        keyed = self.contract == "keyed" or (self.contract == "mixed" and kind == "refunds")
        key = request.headers.get("Idempotency-Key") if keyed else None
        if self.contract == "refuses_repeats" and self.repeats.again(request, within=3600):
            return self.error(409, "repeated", "The same was done within the last hour.")

        def do() -> Reply:
            body, blind = request.json(), self.contract == "blind"
            thing = make(body)
            thing.extra["reference"] = body.get("reference") if self.contract == "marker" else None
            thing.extra["hidden"] = blind and self.world.by == "api"
            self.repeats.note(request)
            return Reply(204) if blind else self._thing(kind, thing, 201)

        return self.repeats.keyed(key, request, do) or self.error(422, "key", "This key was used for another request.")

    @route("GET", "/v1/requests/{key}")
    def request_of(self, request: Request, key: str) -> Reply:
        return self.repeats.answered(key) or self.error(404, "not-found", "No request with this key came.")

    @route("POST", "/v1/threads/{id}/messages")
    def post_message(self, request: Request, id: str) -> Reply:
        thread = self._get("threads", id)
        if thread.closed:
            raise Refusal(422, "state", "The conversation is closed.")
        return self._made("messages", request, lambda body: self._say(thread, body))

    @route("POST", "/v1/orders/{id}/messages")
    def start_thread(self, request: Request, id: str) -> Reply:
        order = self._get("orders", id)
        return self._made("messages", request, lambda body: self._say(self.world.thread(order), body))

    def _say(self, thread: things.Thread, body: Row) -> things.Message:
        if not 0 < len(body.get("text") or "") <= 2000:
            raise Refusal(422, "length", "A text has 1 to 2000 characters.", "text")
        return self.world.say(thread, body["text"], files=self._files(body), answers=body.get("answers"))

    def _files(self, body: Row) -> list[things.File]:
        files = [self._get("files", id) for id in body.get("file_ids") or ()]
        if any(file.state != "safe" for file in files):
            raise Refusal(422, "incomplete", "The bytes of a file are missing.", "file_ids")
        return files

    @route("POST", "/v1/files")
    def declare_file(self, request: Request) -> Reply:
        head = request.json()
        if head["size"] > 5_242_880:
            raise Refusal(422, "size", "A file has at most 5 MB.", "size")
        file = self.world.declare_file(head["filename"], head["media_type"], head["size"])
        return Reply.of({"id": file.id}, 201)

    @route("PUT", "/v1/files/{id}")
    def put_file(self, request: Request, id: str) -> Reply:
        self.world.put_file(self._get("files", id), request.body)
        return Reply(204)

    @route("GET", "/v1/files/{id}")
    def file(self, request: Request, id: str) -> Reply:
        return Reply(200, {"Content-Type": self._get("files", id).media_type}, self._get("files", id).data)

    @route("POST", "/v1/orders/{id}/returns")
    def open_return(self, request: Request, id: str) -> Reply:
        order = self._get("orders", id)

        def do(body: Row) -> things.Return:
            lines = [(self._line(order, line), line.get("quantity")) for line in body["lines"]]
            made = self.world.return_(order, kind=body["kind"], reason=body.get("reason") or "", note=body.get("note"))
            made.lines = [
                things.ReturnLine(self.world.new_id("rtl"), line.id, int(n or line.quantity)) for line, n in lines
            ]
            made.extra["by"], made.asked = "seller", None
            self.world.act("return.open", order.id, made.kind)
            return made

        return self._made("returns", request, do)

    def _line(self, order: things.Order, asked: Row) -> things.Line:
        line = order.line(asked["id"])
        if line is None:
            raise Refusal(422, "unknown-line", "This order has no such line.", "lines")
        return line

    @route("POST", "/v1/orders/{id}/refunds")
    def issue_refund(self, request: Request, id: str) -> Reply:
        order = self._get("orders", id)

        def do(body: Row) -> things.Refund:
            payment = next((each for each in order.payments if body["option"]["id"] == f"{id}.{each.id}"), None)
            left = payment.amount - self.world.refunded(order, payment.id) if payment else None
            if payment is None or left is None:
                raise Refusal(422, "unknown-option", "This order has no such way to pay back.", "option")
            lines = [rows.refund_line(self._line(order, asked), asked) for asked in body.get("lines") or ()]
            total = sum((Decimal(line["amount"]["amount"]) for line in lines), Decimal(0))
            amount = Money(**body["amount"]) if body.get("amount") else Money(amount=total, currency=order.currency)
            amount = amount if lines or body.get("amount") else left
            if amount.currency != left.currency or not 0 < amount.amount <= left.amount:
                raise Refusal(422, "amount", "This is nothing, or more than is left to pay back.", "amount")
            made = self.world.pay_back(order, amount, payment_id=payment.id, lines=lines, reason=body.get("reason"))
            made.note, made.return_id = body.get("note"), body["option"].get("return_id")
            return made

        return self._made("refunds", request, do)

    # Writes that set a state: a repeat is harmless

    @route("POST", "/v1/orders/{id}/cancel")
    def cancel(self, request: Request, id: str) -> Reply:
        order, body = self._get("orders", id), request.json()
        if order.state in ("shipped", "delivered") or body.get("lines"):
            raise Refusal(422, "state", "Only whole orders can be cancelled, before they are shipped.")
        if order.state != "cancelled":
            self.world.cancel(order, body.get("reason") or "")
        return self._thing("orders", order)

    @route("POST", "/v1/orders/{id}/review-request")
    def request_review(self, request: Request, id: str) -> Reply:
        order = self._get("orders", id)
        if "review_requested" not in order.extra:
            order.extra["review_requested"] = self.world.act("review.request", id).at
        return self._thing("orders", order)

    @route("POST", "/v1/threads/{id}/{act}")
    def mark_thread(self, request: Request, id: str, act: str) -> Reply:
        thread, field = self._get("threads", id), {"read": "read", "close": "closed"}.get(act)
        if field is None:
            raise Refusal(404, "not-found", "There is no such act.")
        if not getattr(thread, field):
            setattr(thread, field, True)
            self.world.act(f"thread.{act}", id)
        return self._thing("threads", thread)

    @route("POST", "/v1/returns/{id}/{verb}")
    def decide(self, request: Request, id: str, verb: str) -> Reply:
        return_, body = self._get("returns", id), request.json()
        may, state = verb in ACTIONS.get(return_.state, ()), DECIDED.get(verb, "")
        if verb == "receive" and (may or return_.state == "received"):
            counts = {line["id"]: int(Decimal(line.get("quantity") or 0)) for line in body.get("lines") or ()}
            state = self.world.receive(return_, counts)
        if state != return_.state:
            if not may:
                raise Refusal(422, "state", f"A return that is {return_.state} cannot be given {verb}.")
            return_.files += self._files(body)
            self.world.decide(return_, verb, state, body.get("reason") or "")
        return self._thing("returns", return_)

    @route("POST", "/v1/reviews/{id}/reply")
    def reply_to_review(self, request: Request, id: str) -> Reply:
        review, body = self._get("reviews", id), request.json()
        if review.reply not in (None, body["text"]) and not body.get("replace"):
            raise Refusal(422, "state", "It was answered already.")
        if review.reply != body["text"]:
            self.world.answer_review(review, body["text"])
        return self._thing("reviews", review)

    @route("POST", "/v1/reviews/{id}/removal")
    def ask_removal(self, request: Request, id: str) -> Reply:
        review, body = self._get("reviews", id), request.json()
        if review.removal_until and review.removal_until < self.world.now():
            raise Refusal(422, "state", "It is too late to ask for a removal.")
        if review.removal_asked is None:
            review.removal_asked = body.get("text") or body.get("reason") or ""
            self.world.act("review.dispute", id, review.removal_asked)
        return self._thing("reviews", review)
