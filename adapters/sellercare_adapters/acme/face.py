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

ACTIONS = {"requested": ("approve", "decline", "offer", "contest"), "offered": ("approve", "decline")}
ACTIONS |= {"approved": ("receive", "decline"), "received": ("contest",)}
ACTIONS |= dict.fromkeys(("in_transit", "partly_received"), ("receive",))
DECIDED = {"approve": "approved", "decline": "declined", "offer": "offered", "contest": "escalated"}
REASONS = [{"code": code, "title": code.replace("_", " ")} for code in ("damaged", "not_as_described", "goodwill")]
WANTS: dict[str, Row] = {"decline": {"reasons": REASONS}, "offer": {"amount_required": True, "moves_money": "later"}}
TAKES = {"approve": ["note", "attachments", "parcel"], "receive": ["lines", "note"], "offer": ["note"]}
POSTS = "POST /v1/*/{id}/messages"


class AcmeFace(Face):
    """Acme for one seller. `contract` switches what its writes do, as the adapter's setting of that name says."""

    name = "acme"
    limits = (Limit("messages", 5, 5, POSTS), Limit("default", 10, 10, "* /v1/*", but=POSTS))
    request_id_header = "X-Request-Id"
    api_key, client_id, client_secret, signing_key = "acme-key", "acme-app", "acme-secret", "acme-signing"

    def __init__(self, world: World, faults: Faults | None = None, *, contract: str = "mixed") -> None:
        super().__init__(world, faults)
        self.contract = contract
        self.read_lag = 20.0 if contract == "late" else 0.0

    def settings(self) -> dict[str, str]:
        return {"api_key": self.api_key, "contract": self.contract}

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
        body = request.body if "/files" in request.path else to_json(request.json() | {"reference": None})
        return replace(request, headers={}, body=body)

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

    def _show(self, kind: str, thing: Any) -> Row:
        row, extra = rows.row_of(self.world, kind, thing), getattr(thing, "extra", {})
        stars = {"stars": row.pop("rating")} if kind == "reviews" else {}
        return row | stars | {"reference": extra.get("reference"), "review_requested": "review_requested" in extra}

    def _rows(self, kind: str, request: Request, **about: str) -> list[Row]:
        """The rows of a list, newest first: every filter is a field of the rows."""
        found = [each for each in rows.everything(self.world, kind) if not getattr(each, "extra", {}).get("hidden")]
        table = (self._show(kind, each) for each in reversed(found))
        return rows.matching([row for row in table if about.items() <= row.items()], request)

    @route("GET", "/v1/orders/{id}")
    @route("GET", "/v1/threads/{id}")
    @route("GET", "/v1/returns/{id}")
    @route("GET", "/v1/refunds/{id}")
    @route("GET", "/v1/reviews/{id}")
    def one(self, request: Request, id: str) -> Reply:
        return self._thing(request.path.split("/")[2], self.find(request.path.split("/")[2], id))

    def _thing(self, kind: str, thing: Any, status: int = 200) -> Reply:
        return Reply.of(self._show(kind, thing), status)

    @route("GET", "/v1/orders")
    @route("GET", "/v1/returns")
    @route("GET", "/v1/reviews")
    def numbered(self, request: Request) -> Reply:
        found = self._rows(request.path.split("/")[2], request)
        return Reply.of({"rows": offset_page(found, request), "total": len(found)})

    @route("GET", "/v1/threads")
    @route("GET", "/v1/refunds")
    @route("GET", "/v1/scores")
    def flowing(self, request: Request, **about: str) -> Reply:
        page, after = cursor_page(self._rows(request.path.split("/")[-1], request, **about), request)
        return Reply.of({"rows": page, "next_cursor": after})

    @route("GET", "/v1/threads/{id}/messages")
    @route("GET", "/v1/orders/{id}/messages")
    @route("GET", "/v1/orders/{id}/returns")
    @route("GET", "/v1/orders/{id}/refunds")
    def part(self, request: Request, id: str) -> Reply:
        kind = request.path.split("/")[2]
        return self.flowing(request, **{f"{kind.removesuffix('s')}_id": self.find(kind, id).id})

    @route("GET", "/v1/orders/by-number/{number}")
    def order_by_number(self, request: Request, number: str) -> Reply:
        ids = [order.id for order in self.world.data.orders.values() if order.number == number]
        return self._thing("orders", self.find("orders", ids[0] if ids else ""))

    @route("GET", "/v1/scores/current")
    def current_score(self, request: Request) -> Reply:
        days = self.world.data.score_days
        return self._thing("scores", days[0]) if days else self.error(404, "not-found", "There is no score yet.")

    @route("GET", "/v1/review-summaries/{id}")
    def review_summary(self, request: Request, id: str) -> Reply:
        return Reply.of(rows.review_summary(self.world, id))

    @route("GET", "/v1/message-options")
    def message_options(self, request: Request) -> Reply:
        if thread_id := request.param("thread_id"):
            thread = self.find("threads", thread_id)
            why_not = "the conversation is closed" if thread.closed else None
            option = {"id": "answer", "title": "Answer", "kind": thread.kind, "why_not": why_not}
        else:
            option = {"id": "about-order", "title": f"About {self.find('orders', request.param('order_id')).number}"}
        return Reply.of({"rows": [option | {"max_length": 2000}]})

    @route("GET", "/v1/returns/{id}/actions")
    def return_actions(self, request: Request, id: str) -> Reply:
        return_ = self.find("returns", id)
        due, verbs = {"due": json_of(return_.due)}, ACTIONS.get(return_.state, ())
        takes = {verb: TAKES.get(verb, ["note", "attachments"]) for verb in verbs}
        may = [{"verb": verb, "title": verb, "takes": takes[verb]} | due | WANTS.get(verb, {}) for verb in verbs]
        return Reply.of({"rows": may})

    @route("GET", "/v1/refund-options")
    def refund_options(self, request: Request) -> Reply:
        return_ = self.find("returns", request.param("return_id")) if request.param("return_id") else None
        order = self.find("orders", return_.order_id if return_ else request.param("order_id"))
        options = rows.refund_options(self.world, order, return_)
        return Reply.of({"rows": [option | {"reasons": REASONS, "note_max_length": 250} for option in options]})

    def _made(self, kind: str, request: Request, make: Callable[[Row], Any]) -> Reply:
        """Make something: what a repeat does, and what can be seen of it later, is the contract's."""
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
        thread = self.find("threads", id)
        if thread.closed:
            raise Refusal(422, "state", "The conversation is closed.")
        return self._made("messages", request, lambda body: self._say(thread, body))

    @route("POST", "/v1/orders/{id}/messages")
    def start_thread(self, request: Request, id: str) -> Reply:
        order = self.find("orders", id)
        return self._made("messages", request, lambda body: self._say(self.world.thread(order), body))

    def _say(self, thread: things.Thread, body: Row) -> things.Message:
        if not 0 < len(body.get("text") or "") <= 2000:
            raise Refusal(422, "length", "A text has 1 to 2000 characters.", "text")
        files = self.world.whole_files(body.get("file_ids") or ())
        return self.world.say(thread, body["text"], files=files, answers=body.get("answers"))

    @route("POST", "/v1/files")
    def declare_file(self, request: Request) -> Reply:
        head = request.json()
        return Reply.of({"id": self.world.declare_file(head["filename"], head["media_type"], head["size"]).id}, 201)

    @route("PUT", "/v1/files/{id}")
    def put_file(self, request: Request, id: str) -> Reply:
        self.world.put_file(self.find("files", id), request.body)
        return Reply(204)

    @route("GET", "/v1/files/{id}")
    def file(self, request: Request, id: str) -> Reply:
        return Reply(200, {"Content-Type": self.find("files", id).media_type}, self.find("files", id).data)

    @route("POST", "/v1/orders/{id}/returns")
    def open_return(self, request: Request, id: str) -> Reply:
        order = self.find("orders", id)

        def do(body: Row) -> things.Return:
            lines = [(order.known_line(each["id"]), int(Decimal(each.get("quantity") or 0))) for each in body["lines"]]
            more = {"reason": body.get("reason"), "note": body.get("note")}
            return self.world.open_return(order, lines, kind=body["kind"], **more)

        return self._made("returns", request, do)

    @route("POST", "/v1/orders/{id}/refunds")
    def issue_refund(self, request: Request, id: str) -> Reply:
        order = self.find("orders", id)

        def do(body: Row) -> things.Refund:
            options = rows.refund_options(self.world, order, None)
            option = next((each for each in options if each["id"] == body["option"]["id"]), None)
            if option is None:
                raise Refusal(422, "option", "There is nothing left to pay back this way.", "option")
            most = Money(**option["most"])
            lines = [rows.refund_line(order.known_line(asked["id"]), asked) for asked in body.get("lines") or ()]
            amount = Money(**body["amount"]) if body.get("amount") else rows.sum_of(lines) or most
            if amount.currency != most.currency or not 0 < amount.amount <= most.amount:
                raise Refusal(422, "amount", "This is nothing, or more than is left to pay back.", "amount")
            made = self.world.pay_back(order, amount, payment_id=option["payment_id"], lines=lines)
            made.reason, made.note = body.get("reason"), body.get("note")
            made.return_id = body["option"].get("return_id")
            return made

        return self._made("refunds", request, do)

    @route("POST", "/v1/orders/{id}/cancel")
    def cancel(self, request: Request, id: str) -> Reply:
        order, body = self.find("orders", id), request.json()
        if order.state in ("shipped", "delivered") or body.get("lines"):
            raise Refusal(422, "state", "Only whole orders can be cancelled, before they are shipped.")
        if order.state != "cancelled":
            self.world.cancel(order, body.get("reason") or "")
        return self._thing("orders", order)

    @route("POST", "/v1/orders/{id}/review-request")
    def request_review(self, request: Request, id: str) -> Reply:
        order = self.find("orders", id)
        if "review_requested" not in order.extra:
            order.extra["review_requested"] = self.world.act("review.request", id).at
        return self._thing("orders", order)

    @route("POST", "/v1/threads/{id}/{act}")
    def mark_thread(self, request: Request, id: str, act: str) -> Reply:
        thread, field = self.find("threads", id), {"read": "read", "close": "closed"}[act]
        if not getattr(thread, field):
            setattr(thread, field, True)
            self.world.act(f"thread.{act}", id)
        return self._thing("threads", thread)

    @route("POST", "/v1/returns/{id}/{verb}")
    def decide(self, request: Request, id: str, verb: str) -> Reply:
        return_, body = self.find("returns", id), request.json()
        may, state = verb in ACTIONS.get(return_.state, ()), DECIDED.get(verb, "")
        if verb == "receive" and (may or return_.state == "received"):
            counts = {line["id"]: int(Decimal(line.get("quantity") or 0)) for line in body.get("lines") or ()}
            state = self.world.receive(return_, counts)
        if state != return_.state:
            if not may:
                raise Refusal(422, "state", f"A return that is {return_.state} cannot be given {verb}.")
            return_.files += self.world.whole_files(body.get("file_ids") or ())
            return_.parcels += [things.Parcel(**told)] if (told := body.get("parcel")) else []
            self.world.decide(return_, verb, state, body.get("reason") or body.get("note") or "")
        return self._thing("returns", return_)

    @route("POST", "/v1/reviews/{id}/reply")
    def reply_to_review(self, request: Request, id: str) -> Reply:
        review, body = self.find("reviews", id), request.json()
        if review.reply not in (None, body["text"]) and not body.get("replace"):
            raise Refusal(422, "state", "It was answered already.")
        if review.reply != body["text"]:
            self.world.answer_review(review, body["text"])
        return self._thing("reviews", review)

    @route("POST", "/v1/reviews/{id}/removal")
    def ask_removal(self, request: Request, id: str) -> Reply:
        review, body = self.find("reviews", id), request.json()
        if review.removal_until and review.removal_until < self.world.now():
            raise Refusal(422, "state", "It is too late to ask for a removal.")
        if review.removal_asked is None:
            review.removal_asked = body.get("text") or body.get("reason") or ""
            self.world.act("review.dispute", id, review.removal_asked)
        return self._thing("reviews", review)
