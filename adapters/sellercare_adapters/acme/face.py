"""Acme's API over a simulated world, as docs/adapters/acme.md describes it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sellercare.calls import to_json
from sellercare.models import Money
from sellercare.simulator import things
from sellercare.simulator.face import Face, Limit, Refusal, Reply, Request, route
from sellercare.simulator.faults import Faults
from sellercare.simulator.pages import cursor_page, offset_page
from sellercare.simulator.world import World
from sellercare.translation import instant
from sellercare_adapters.acme import rows
from sellercare_adapters.acme.rows import Row, json_of

SHOW: dict[str, Callable[[World, Any], Row]] = {
    "orders": rows.order, "threads": rows.thread, "messages": rows.message, "returns": rows.return_,
    "refunds": rows.refund, "reviews": rows.review, "scores": rows.score,
}  # fmt: skip
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
PAGING = ("limit", "offset", "cursor")
MAKES_MESSAGES = "POST /v1/*/{id}/[mt]*s"


class AcmeFace(Face):
    """Acme for one seller. `contract` switches what its writes do, as the adapter's setting of that name says."""

    name = "acme"
    limits = (Limit("messages", 5, 5, MAKES_MESSAGES), Limit("default", 10, 10, "* /v1/*", but=MAKES_MESSAGES))
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
        return replace(request, headers={}, body=to_json({**request.json(), "reference": None}))

    def finish(self, request: Request, reply: Reply) -> Reply:
        """Every answer has an id."""
        return replace(reply, headers={**reply.headers, "X-Request-Id": self.world.new_id("req")})

    def push(self, kind: str, subject_id: str) -> tuple[dict[str, str], bytes]:
        """The headers and body that Acme sends to a seller's address about a message, return, refund or order."""
        event = {"id": self.world.new_id("evt"), "type": kind, "subject_id": subject_id}
        body = to_json({"events": [event | {"happened_at": self.world.now().isoformat()}]})
        signature = hmac.new(self.signing_key.encode(), body, hashlib.sha256).hexdigest()
        return {"Content-Type": "application/json", "X-Acme-Signature": f"sha256={signature}"}, body

    @route("POST", "/oauth/token", open=True)
    def token(self, request: Request) -> Reply:
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {basic}":
            return Reply.of({"error": "invalid_client"}, 401)
        form = request.form()
        pair = self.tokens.refresh(form.get("refresh_token", "")) if form.get("grant_type") == "refresh_token" else None
        if pair is None:
            return Reply.of({"error": "invalid_grant", "error_description": "Used or unknown refresh token"}, 400)
        answer = {"access_token": pair.access, "refresh_token": pair.refresh, "token_type": "bearer"}
        return Reply.of(answer | {"expires_in": int(self.tokens.lifetime), "scope": " ".join(pair.scopes)})

    @route("GET", "/v1/me")
    def me(self, request: Request) -> Reply:
        seller = {"seller_id": "acme-seller-1", "name": "Corner Shop", "plan": "standard"}
        return Reply.of(seller | {"scopes": ["orders", "messages", "refunds"], "sites": [], "missing": []})

    # Reads: all filters are fields of the rows; newest first

    def _show(self, kind: str, thing: Any) -> Row:
        row: Row = SHOW[kind](self.world, thing)
        return row

    @route("GET", "/v1/orders/{id}")
    @route("GET", "/v1/threads/{id}")
    @route("GET", "/v1/returns/{id}")
    @route("GET", "/v1/refunds/{id}")
    @route("GET", "/v1/reviews/{id}")
    def one(self, request: Request, id: str) -> Reply:
        kind = request.path.split("/")[2]
        return Reply.of(self._show(kind, self._get(kind, id)))

    def _get(self, kind: str, id: str) -> Any:
        thing = getattr(self.world.data, kind).get(id)
        if thing is None:
            raise Refusal(404, "not-found", f"There is nothing of this id among {kind}.", "id")
        return thing

    @route("GET", "/v1/orders")
    @route("GET", "/v1/returns")
    @route("GET", "/v1/reviews")
    def numbered(self, request: Request) -> Reply:
        kind = request.path.split("/")[2]
        found = self._rows(getattr(self.world.data, kind).values(), kind, request)
        return Reply.of({"rows": offset_page(found, request), "total": len(found)})

    @route("GET", "/v1/threads")
    @route("GET", "/v1/messages")
    @route("GET", "/v1/refunds")
    @route("GET", "/v1/scores")
    def flowing(self, request: Request) -> Reply:
        kind, data = request.path.split("/")[2], self.world.data
        if thread_id := request.param("thread_id"):
            self._get("threads", thread_id)
        messages = [message for thread in data.threads.values() for message in thread.messages]
        found = {"threads": data.threads.values(), "refunds": data.refunds.values(), "scores": data.score_days[::-1]}
        page, after = cursor_page(self._rows(found.get(kind, messages), kind, request), request)
        return Reply.of({"rows": page, "next_cursor": after})

    def _rows(self, found: Iterable[Any], kind: str, request: Request) -> list[Row]:
        shown = [thing for thing in found if not getattr(thing, "extra", {}).get("hidden")]
        table = [self._show(kind, thing) for thing in reversed(shown)]
        for name, values in request.query.items():
            if name not in ("limit", "offset", "cursor"):
                table = [row for row in table if self._fits(row, name, values[0])]
        return sorted(table, key=lambda row: row.get("updated_at") or row.get("created_at") or row["on"], reverse=True)

    def _fits(self, row: Row, name: str, value: str) -> bool:
        if name.endswith("_since"):
            return instant(row[f"{name.removesuffix('_since')}_at"]) >= instant(value)
        if name in ("since", "rating_max"):
            return bool(row["on"] >= value[:10] if name == "since" else row["stars"] <= Decimal(value))
        if name not in row:
            raise Refusal(400, "unknown-parameter", "There is no such filter.", name)
        return str(row[name]).lower() == value.lower()

    @route("GET", "/v1/orders/by-number/{number}")
    def order_by_number(self, request: Request, number: str) -> Reply:
        ids = [order.id for order in self.world.data.orders.values() if order.number == number]
        return Reply.of(self._show("orders", self._get("orders", ids[0] if ids else "")))

    @route("GET", "/v1/scores/current")
    def current_score(self, request: Request) -> Reply:
        if not self.world.data.score_days:
            raise Refusal(404, "not-found", "No score yet.")
        return Reply.of(self._show("scores", self.world.data.score_days[0]))

    @route("GET", "/v1/review-summaries/{id}")
    def review_summary(self, request: Request, id: str) -> Reply:
        reviews = [r for r in self.world.data.reviews.values() if (r.product_id or "seller") == id]
        stars = [review.rating for review in reviews]
        average = str(round(Decimal(sum(stars)) / len(stars), 2)) if stars else None
        row = {"subject": "seller" if id == "seller" else "product", "subject_id": id, "count": len(stars)}
        return Reply.of(row | {"average": average, "by_rating": {str(n): stars.count(n) for n in sorted(set(stars))}})

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

    @route("GET", "/v1/return-actions")
    def return_actions(self, request: Request) -> Reply:
        return_ = self._get("returns", request.param("return_id"))
        wants: dict[str, Row] = {
            "decline": {"reasons": REASONS},
            "offer": {"amount_required": True, "moves_money": "later"},
        }
        due = {"due": json_of(return_.due)}
        verbs = ACTIONS.get(return_.state, ())
        return Reply.of({"rows": [{"verb": verb, "title": verb, **due, **wants.get(verb, {})} for verb in verbs]})

    @route("GET", "/v1/refund-options")
    def refund_options(self, request: Request) -> Reply:
        return_ = self._get("returns", request.param("return_id")) if request.param("return_id") else None
        order = self._get("orders", return_.order_id if return_ else request.param("order_id"))
        left = [(payment, payment.amount - self.world.refunded(order, payment.id)) for payment in order.payments]
        most = [(payment, min(sum_, return_.asked) if return_ else sum_) for payment, sum_ in left]
        found = [rows.refund_option(self.world, payment, order, sum_) for payment, sum_ in most if sum_.amount > 0]
        more = {"reasons": REASONS, "return_id": return_.id if return_ else None}
        return Reply.of({"rows": [option | more for option in found]})

    # Writes that make something: what a repeat does, and what can be seen of them, is the contract's

    def _made(self, request: Request, kind: str, do: Callable[[Row], Any]) -> Reply:
        body, data, now = request.json(), self.world.data.extra, self.world.now()
        keyed = self.contract == "keyed" or (self.contract == "mixed" and kind == "refunds")
        key = request.headers.get("Idempotency-Key") if keyed else None
        answered: dict[str, tuple[bytes, Reply]] = data.setdefault("answered", {})
        seen = data.setdefault("seen", {})
        if key and key in answered:
            first, reply = answered[key]
            return reply if first == request.body else self.error(422, "key", "This key was used for another request.")
        last = seen.get((request.path, request.body))
        if self.contract == "refuses_repeats" and last and now - last < timedelta(hours=1):
            return self.error(409, "repeated", "The same was done within the last hour.")
        thing = do(body)
        seen[request.path, request.body] = now
        thing.extra["reference"] = body.get("reference") if self.contract == "marker" else None
        thing.extra["hidden"] = self.contract == "blind" and self.world.by == "api"
        reply = Reply(204) if self.contract == "blind" else Reply.of(self._show(kind, thing), 201)
        if key:
            answered[key] = (request.body, reply)
        return reply

    @route("GET", "/v1/requests/{key}")
    def request_of(self, request: Request, key: str) -> Reply:
        if key not in (answered := self.world.data.extra.get("answered", {})):
            raise Refusal(404, "not-found", "No request with this key came.")
        reply: Reply = answered[key][1]
        return replace(reply, status=200)

    def _say(self, thread: things.Thread, body: Row) -> things.Message:
        text, files = body.get("text") or "", [self._get("files", id) for id in body.get("file_ids") or ()]
        if not 0 < len(text) <= 2000:
            raise Refusal(422, "length", "A text has 1 to 2000 characters.", "text")
        if any(file.state != "safe" for file in files):
            raise Refusal(422, "state", "The bytes of a file are missing.", "file_ids")
        return self.world.say(thread, text, files=files, answers=body.get("answers"))

    @route("POST", "/v1/threads/{id}/messages")
    def post_message(self, request: Request, id: str) -> Reply:
        thread = self._get("threads", id)
        if thread.closed:
            raise Refusal(422, "state", "The conversation is closed.")
        return self._made(request, "messages", lambda body: self._say(thread, body))

    @route("POST", "/v1/orders/{id}/threads")
    def start_thread(self, request: Request, id: str) -> Reply:
        order = self._get("orders", id)
        return self._made(request, "messages", lambda body: self._say(self.world.thread(order), body))

    @route("POST", "/v1/files")
    def declare_file(self, request: Request) -> Reply:
        head = request.json()
        if head["size"] > 5_242_880:
            raise Refusal(422, "size", "A file has at most 5 MB.", "size")
        file = things.File(self.world.new_id("fil"), head["filename"], head["media_type"], head["size"])
        self.world.data.files[file.id] = file
        return Reply.of({"id": file.id}, 201)

    @route("PUT", "/v1/files/{id}")
    def put_file(self, request: Request, id: str) -> Reply:
        file = self._get("files", id)
        if len(request.body) != file.size:
            raise Refusal(422, "size", "This is not the declared size.")
        file.data, file.state = request.body, "safe"
        return Reply(204)

    @route("GET", "/v1/files/{id}")
    def file(self, request: Request, id: str) -> Reply:
        file = self._get("files", id)
        return Reply(200, {"Content-Type": file.media_type}, file.data)

    @route("POST", "/v1/returns")
    def open_return(self, request: Request) -> Reply:
        def do(body: Row) -> things.Return:
            order = self._get("orders", body["order_id"])
            if any(order.line(line["id"]) is None for line in body["lines"]):
                raise Refusal(422, "unknown-line", "This order has no such line.", "lines")
            made = self.world.return_(order, kind=body["kind"], reason=body.get("reason") or "", note=body.get("note"))
            wanted = [(order.line(line["id"]), line.get("quantity")) for line in body["lines"]]
            made.lines = [
                things.ReturnLine(self.world.new_id("rtl"), line.id, int(Decimal(count or line.quantity)))
                for line, count in wanted
            ]
            made.asked = self.world.money(sum(line.price.amount * int(n or line.quantity) for line, n in wanted))
            made.extra["opened_by"] = "seller"
            self.world.act("return.open", order.id, made.kind)
            return made

        return self._made(request, "returns", do)

    @route("POST", "/v1/refunds")
    def issue_refund(self, request: Request) -> Reply:
        def do(body: Row) -> things.Refund:
            order, amount = self._get("orders", body["order_id"]), body.get("amount")
            payment = next((each for each in order.payments if each.id == body["payment_id"]), None)
            if payment is None:
                raise Refusal(422, "unknown-payment", "This order has no such payment.", "payment_id")
            lines = [rows.refund_line(order, line) for line in body.get("lines") or ()]
            total = Money(**amount) if amount else rows.sum_of(lines, order.currency)
            if total.amount <= 0 or total > payment.amount - self.world.refunded(order, payment.id):
                raise Refusal(422, "amount", "This is more than is left to pay back.", "amount")
            refund = self.world.pay_back(order, total, payment_id=payment.id, lines=lines, reason=body.get("reason"))
            refund.note, refund.return_id = body.get("note"), body.get("return_id")
            return refund

        return self._made(request, "refunds", do)

    # Writes that set a state: a repeat is harmless

    @route("POST", "/v1/orders/{id}/cancel")
    def cancel(self, request: Request, id: str) -> Reply:
        order = self._get("orders", id)
        if order.state in ("shipped", "delivered"):
            raise Refusal(422, "state", "It was shipped already.")
        if order.state != "cancelled":
            self.world.cancel(order, request.json().get("reason") or "")
        return Reply.of(self._show("orders", order))

    @route("POST", "/v1/orders/{id}/review-request")
    def request_review(self, request: Request, id: str) -> Reply:
        order = self._get("orders", id)
        if "review_requested" not in order.extra:
            order.extra["review_requested"] = self.world.act("review.request", id).at
        return Reply.of(self._show("orders", order))

    @route("POST", "/v1/threads/{id}/read")
    @route("POST", "/v1/threads/{id}/close")
    def mark_thread(self, request: Request, id: str) -> Reply:
        thread, act = self._get("threads", id), request.path.rpartition("/")[2]
        field = {"read": "read", "close": "closed"}[act]
        if not getattr(thread, field):
            setattr(thread, field, True)
            self.world.act(f"thread.{act}", id)
        return Reply.of(self._show("threads", thread))

    @route("POST", "/v1/returns/{id}/{verb}")
    def decide(self, request: Request, id: str, verb: str) -> Reply:
        return_, body = self._get("returns", id), request.json()
        state = DECIDED.get(verb)
        if verb == "receive":
            state = rows.receive(return_, body.get("lines") or ())
        if state is None:
            raise Refusal(404, "not-found", "There is no such decision.")
        if return_.state != state and verb not in ACTIONS.get(return_.state, ()):
            raise Refusal(422, "state", f"A return that is {return_.state} cannot be given {verb}.")
        if return_.state != state:
            self.world.decide(return_, verb, state, body.get("reason") or "")
        return Reply.of(self._show("returns", return_))

    @route("POST", "/v1/reviews/{id}/reply")
    def reply_to_review(self, request: Request, id: str) -> Reply:
        review, body = self._get("reviews", id), request.json()
        if review.reply not in (None, body["text"]) and not body.get("replace"):
            raise Refusal(422, "state", "It was answered already.")
        if review.reply != body["text"]:
            self.world.answer_review(review, body["text"])
        return Reply.of(self._show("reviews", review))

    @route("POST", "/v1/reviews/{id}/removal")
    def ask_removal(self, request: Request, id: str) -> Reply:
        review, body = self._get("reviews", id), request.json()
        if review.removal_until and review.removal_until < self.world.now():
            raise Refusal(422, "state", "It is too late to ask for a removal.")
        if review.removal_asked is None:
            review.removal_asked = body.get("text") or body.get("reason") or ""
            self.world.act("review.dispute", id, review.removal_asked)
        return Reply.of(self._show("reviews", review))
