"""Every verb of the interfaces on the reference platform, through the public API."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from sellercare.errors import (
    AmbiguousRefund,
    BadInput,
    Conflict,
    KeyConflict,
    NotAllowedNow,
    NotFound,
    RuleBroken,
    SignInNeeded,
    Unauthorized,
)
from sellercare.interfaces import VERBS
from sellercare.models import (
    EventRequest,
    LineQuantity,
    OrderState,
    Party,
    RefundState,
    ReturnState,
    ReviewSubject,
    ScoreLevel,
    Trust,
    Upload,
)
from sellercare.simulator import Fault
from sellercare.support import Level, Readback, Repeat


@pytest.fixture
def world(acme):
    return acme.world


@pytest.fixture
def shop(acme):
    return acme.shop


def test_every_verb_is_native(shop):
    assert {answer.level for answer in shop.supports().values()} == {Level.NATIVE}
    assert shop.supports().keys() == VERBS.keys()


@pytest.mark.parametrize(
    ("contract", "readback", "repeat"),
    [
        ("mixed", Readback.BY_DIFFERENCE, Repeat.ACTS_AGAIN),
        ("keyed", Readback.BY_KEY, Repeat.HARMLESS),
        ("marker", Readback.BY_MARKER, Repeat.ACTS_AGAIN),
        ("refuses_repeats", Readback.BY_DIFFERENCE, Repeat.REFUSED),
        ("blind", Readback.NONE, Repeat.ACTS_AGAIN),
    ],
)
def test_the_setting_decides_the_contract(simulated, contract, readback, repeat):
    answer = simulated(contract=contract).shop.supports("messages.reply").contract
    assert (answer.readback, answer.repeat) == (readback, repeat)


# --- orders ---------------------------------------------------------------------------------------------------------


def test_orders_are_read_found_and_listed(shop, world):
    lines = [world.line("Kettle", "19.90", 2), world.line("Delivery", "4.99", kind="shipping")]
    order = world.order(world.buyer("Ada Novak", login="ada"), lines, state="shipped", number="A-1")
    old = world.order(days_ago=40)
    found = shop.orders.get(order.id)
    assert (found.number, found.state, str(found.total), str(found.paid)) == (
        "A-1",
        OrderState.SHIPPED,
        "44.79 EUR",
        "44.79 EUR",
    )
    assert [(line.title, line.quantity, str(line.price)) for line in found.lines] == [
        ("Kettle", Decimal(2), "19.90 EUR"),
        ("Delivery", Decimal(1), "4.99 EUR"),
    ]
    assert found.buyer.name == "Ada Novak"
    assert shop.orders.find("A-1").id == order.id
    assert [each.id for each in shop.orders.list()] == [order.id, old.id]
    assert [each.id for each in shop.orders.list(updated_since=world.now() - timedelta(days=10))] == [order.id]
    with pytest.raises(NotFound):
        shop.orders.find("nothing")


def test_lists_go_over_many_pages(shop, world):
    orders = [world.order(days_ago=n) for n in range(120)]
    threads = [world.message(world.thread(order), minutes_ago=n).thread_id for n, order in enumerate(orders)]
    assert [order.id for order in shop.orders.list()] == [order.id for order in orders]
    assert [thread.id for thread in shop.messages.threads()] == threads


def test_an_order_is_cancelled_before_it_is_shipped(shop, world):
    order, gone = world.order(state="paid"), world.order(state="shipped")
    assert shop.orders.cancel(order.id, reason="sold out").state is OrderState.CANCELLED
    with pytest.raises(Conflict, match="before they are shipped"):
        shop.orders.cancel(gone.id)
    assert world.count("order.cancel") == 1


# --- messages -------------------------------------------------------------------------------------------------------


def test_threads_are_filtered_by_the_platform(acme, shop, world):
    waiting = world.message().thread_id
    answered = world.message(author="seller").thread_id
    assert [thread.id for thread in shop.messages.threads(awaiting_reply=True)] == [waiting]
    assert [thread.id for thread in shop.messages.threads(awaiting_reply=False)] == [answered]
    order_id = world.data.threads[waiting].order_id
    assert [thread.id for thread in shop.messages.threads(order_id=order_id)] == [waiting]
    assert len(acme.face.log) == 3


def test_a_reply_with_files_arrives_with_their_bytes(shop, world):
    thread = world.message().thread_id
    upload = Upload.of("note.pdf", "application/pdf", b"%PDF-1.7 x")
    sent = shop.messages.reply(thread, "See the file.", attachments=[upload], key="a")
    assert (sent.author, sent.text, sent.attachments[0].filename) == (Party.SELLER, "See the file.", "note.pdf")
    newest = next(iter(shop.messages.messages(thread)))
    assert b"".join(shop.messages.download(newest.attachments[0])) == b"%PDF-1.7 x"


@pytest.mark.parametrize("lost", ["POST /v1/files", "PUT /v1/files/*", "POST /v1/threads/*"])
def test_a_lost_answer_to_any_step_makes_one_message(acme, shop, world, lost):
    thread = world.message().thread_id
    acme.face.faults.add(Fault("lost_answer", lost))
    upload = Upload.of("note.png", "image/png", b"x")
    message = shop.messages.reply(thread, "See the file.", attachments=[upload], key="a")
    assert acme.face.faults.injected == {"lost_answer": 1}
    assert world.count("message", thread) == 1
    assert [file.filename for file in message.attachments] == ["note.png"]


def test_the_same_key_is_the_same_message_and_another_text_an_error(acme, shop, world):
    thread = world.message().thread_id
    first = shop.messages.reply(thread, "Yes.", key="a")
    calls = len(acme.face.log)
    assert shop.messages.reply(thread, "Yes.", key="a").id == first.id
    assert len(acme.face.log) == calls
    with pytest.raises(KeyConflict):
        shop.messages.reply(thread, "No.", key="a")


@pytest.mark.parametrize(
    ("text", "rule"),
    [("x" * 2001, "max-length"), ("See https://example.com", "outside-link"), ("Write to me@example.com", "contact")],
)
def test_acmes_rules_are_kept_before_anything_leaves(acme, shop, world, text, rule):
    thread = world.message().thread_id
    with pytest.raises(RuleBroken) as broken:
        shop.messages.reply(thread, text)
    assert broken.value.rule == rule
    assert not [call for call, _ in acme.face.log if call.startswith("POST")]


def test_links_to_acme_itself_are_fine(shop, world):
    thread = world.message().thread_id
    assert shop.messages.reply(thread, "See https://help.acme.example/returns").text.startswith("See")


def test_a_conversation_is_started_marked_and_closed(shop, world):
    order = world.order()
    message = shop.messages.start(order.id, text="Your parcel left today.", key="s")
    assert world.data.threads[message.thread_id].order_id == order.id
    world.buyer_writes(world.data.threads[message.thread_id], "Thanks")
    shop.messages.mark_read(message.thread_id)
    assert shop.messages.thread(message.thread_id).read is True
    shop.messages.close(message.thread_id)
    with pytest.raises(NotAllowedNow, match="closed"):
        shop.messages.reply(message.thread_id, "One more thing")


# --- returns --------------------------------------------------------------------------------------------------------


def test_a_return_goes_from_request_to_refund(shop, world):
    order = world.order(lines=[world.line("Tea set", "48.00", 2)])
    asked = world.return_(order, reason="damaged", quantity=2)
    found = shop.returns.get(asked.id)
    assert (found.state, found.lines[0].order_line_id, str(found.asked)) == (
        ReturnState.REQUESTED,
        order.lines[0].id,
        "96.00 EUR",
    )
    assert found.due == world.now() + timedelta(days=14)
    assert shop.returns.approve(asked.id).state is ReturnState.APPROVED
    partly = shop.returns.receive(asked.id, lines=[LineQuantity(id=order.lines[0].id, quantity=Decimal(1))])
    assert (partly.state, partly.lines[0].received) == (ReturnState.PARTLY_RECEIVED, Decimal(1))
    assert shop.returns.receive(asked.id).state is ReturnState.RECEIVED
    refund = shop.refunds.issue(return_id=asked.id, key="r")
    assert (str(refund.amount), refund.return_id) == ("96.00 EUR", asked.id)


def test_a_second_partial_receipt_is_not_mistaken_for_the_first(acme, shop, world):
    order = world.order(lines=[world.line(quantity=3)])
    asked = world.return_(order, quantity=3, state="approved")

    def receive(count):
        return shop.returns.receive(asked.id, lines=[LineQuantity(id=order.lines[0].id, quantity=Decimal(count))])

    assert receive(1).lines[0].received == 1
    acme.face.faults.add(Fault("never_arrived", "POST */receive"))
    acme.face.faults.add(Fault("never_arrived", "POST /v1/returns/{id}/{verb}"))
    assert receive(2).lines[0].received == 2


def test_a_return_is_opened_declined_offered_and_contested(shop, world):
    order = world.order(lines=[world.line(quantity=2), world.line()])
    opened = shop.returns.open(order.id, [LineQuantity(id=order.lines[0].id, quantity=Decimal(2))], reason="damaged")
    assert [(line.order_line_id, line.quantity) for line in opened.lines] == [(order.lines[0].id, Decimal(2))]
    with pytest.raises(BadInput, match="reason"):
        shop.returns.decline(opened.id)
    offered = shop.returns.offer(opened.id, amount=world.money("5.00"), key="offer")
    assert offered.native_state == "offered"
    assert shop.returns.decline(opened.id, reason="goodwill").state is ReturnState.DECLINED
    with pytest.raises(NotAllowedNow):
        shop.returns.approve(opened.id)
    proof = Upload.of("scan.pdf", "application/pdf", b"%PDF")
    other = world.return_(order)
    assert shop.returns.contest(other.id, attachments=[proof]).state is ReturnState.ESCALATED
    assert [file.filename for file in other.files] == ["scan.pdf"]
    assert [each.id for each in shop.returns.list(state=ReturnState.DECLINED)] == [opened.id]


# --- refunds --------------------------------------------------------------------------------------------------------


def test_a_refund_by_lines_and_by_amount(shop, world):
    order = world.order(lines=[world.line(price="10.00", quantity=3), world.line(price="5.00", kind="shipping")])
    option = shop.refunds.quote(order_id=order.id)[0]
    assert str(option.most) == "35.00 EUR"
    by_line = shop.refunds.issue(
        order_id=order.id, lines=[LineQuantity(id=order.lines[0].id, quantity=Decimal(2))], key="a"
    )
    assert str(by_line.amount) == "20.00 EUR"
    assert (by_line.lines[0].order_line_id, by_line.lines[0].quantity) == (order.lines[0].id, Decimal(2))
    shop.refunds.issue(order_id=order.id, amount=world.money("15.00"), key="b")
    assert shop.refunds.quote(order_id=order.id) == []
    assert [str(refund.amount) for refund in shop.refunds.list(order_id=order.id)] == ["15.00 EUR", "20.00 EUR"]
    assert str(shop.orders.get(order.id).refunded) == "35.00 EUR"
    assert shop.refunds.get(by_line.id).state is RefundState.DONE


@pytest.mark.parametrize(
    ("amount", "currency"), [("50.01", "EUR"), ("-1.00", "EUR"), ("0", "EUR"), ("1.00", "PLN"), ("1.005", "EUR")]
)
def test_money_that_may_not_move_does_not(shop, world, amount, currency):
    order = world.order(lines=[world.line(price="50.00")])
    with pytest.raises((BadInput, NotAllowedNow)):
        shop.refunds.issue(order_id=order.id, amount=world.money(amount, currency), key="a")
    assert world.count("refund") == 0


def test_two_payments_are_two_options_and_never_a_silent_pick(shop, world):
    order = world.order(lines=[world.line(price="30.00")])
    order.payments[0].amount = world.money("20.00")
    order.payments.append(type(order.payments[0])("pay_voucher", world.money("10.00"), "voucher"))
    with pytest.raises(AmbiguousRefund) as ambiguous:
        shop.refunds.issue(order_id=order.id, amount=world.money("5.00"), key="a")
    voucher = next(option for option in ambiguous.value.options if "voucher" in option.title)
    refund = shop.refunds.issue(option=voucher.id, order_id=order.id, amount=world.money("5.00"), key="a")
    assert refund.payment_id == "pay_voucher"


def test_a_refund_may_settle_later_or_fail(acme, shop, world):
    world.settle_after = 60
    refund = shop.refunds.issue(order_id=world.order().id, key="a")
    assert refund.state is RefundState.PENDING
    world.advance(60)
    assert shop.refunds.get(refund.id).state is RefundState.DONE
    acme.face.faults.add(Fault("fails_later", "POST *refunds"))
    failed = shop.refunds.issue(order_id=world.order().id, key="b")
    world.advance(60)
    assert shop.refunds.get(failed.id).state is RefundState.FAILED


# --- reviews, scores, events, account --------------------------------------------------------------------------------


def test_reviews_are_listed_answered_and_disputed(shop, world):
    bad, good = world.review(1, "Broken."), world.review(5, "Fine!", subject="seller")
    assert [review.id for review in shop.reviews.list(rating_max=Decimal(2))] == [bad.id]
    assert [review.id for review in shop.reviews.list(subject=ReviewSubject.SELLER)] == [good.id]
    answered = shop.reviews.reply(bad.id, "We are sorry.")
    assert (answered.rating, answered.native_rating, answered.reply.text) == (Decimal(1), "1", "We are sorry.")
    with pytest.raises(Conflict, match="answered already"):
        shop.reviews.reply(bad.id, "Another text.")
    assert shop.reviews.reply(bad.id, "Another text.", replace=True).reply.text == "Another text."
    assert shop.reviews.dispute(bad.id, text="Never bought.").removal_asked is True
    assert [review.id for review in shop.reviews.list(awaiting_reply=True)] == [good.id]
    summary = shop.reviews.summary()
    assert (summary.count, summary.average, dict(summary.by_rating)) == (1, Decimal("5.00"), {"5": 1})


def test_a_review_is_asked_for_once(shop, world):
    order = world.order()
    shop.reviews.request(order.id)
    shop.reviews.request(order.id)
    assert world.count("review.request", order.id) == 1


def test_scores_now_and_before(shop, world):
    today = world.now().date()
    metric = {
        "code": "late",
        "value": "0.03",
        "unit": "fraction",
        "target": "0.05",
        "comparator": "at_most",
        "level": "good",
    }
    world.score_day(today - timedelta(days=40), 400, grade="warning")
    world.score_day(today, 461, metrics=[metric])
    score = shop.scores.current()
    assert (score.on, score.value, score.most, score.level) == (today, 461, 500, ScoreLevel.GOOD)
    assert (score.metrics[0].value, score.metrics[0].target) == (Decimal("0.03"), Decimal("0.05"))
    assert [each.value for each in shop.scores.history()] == [461, 400]
    assert [each.value for each in shop.scores.history(since=world.now() - timedelta(days=30))] == [461]


def test_events_are_believed_only_with_the_right_signature(acme, shop):
    headers, body = acme.face.push("message", "thr_1")
    request = EventRequest(method="POST", url="https://me.example/hook", headers=headers, body=body)
    handled = shop.events.handle(request, keys={"signing": acme.face.signing_key})
    assert (handled.trust, handled.status) == (Trust.SIGNED, 204)
    assert [(event.verb, event.subject_id) for event in handled.events] == [("messages.thread", "thr_1")]
    forged = request.model_copy(update={"body": body.replace(b"thr_1", b"thr_2")})
    refused = shop.events.handle(forged, keys={"signing": acme.face.signing_key})
    assert (refused.trust, refused.status, refused.events) == (Trust.UNSIGNED, 401, ())
    assert shop.events.handle(request).trust is Trust.UNSIGNED


def test_an_account_is_checked_by_key_and_by_token(simulated, acme_world):
    assert simulated().shop.account.check().ok is True
    with pytest.raises(Unauthorized):
        simulated(api_key="wrong").shop.account.check()


def test_refresh_tokens_rotate_and_a_used_one_needs_a_person(simulated):
    app = {"api_key": "", "client_id": "acme-app", "client_secret": "acme-secret"}
    with pytest.raises(SignInNeeded):
        simulated(**app).shop.account.check()
    acme = simulated(**app, access_token="old", refresh_token="unknown", account="other")
    with pytest.raises(SignInNeeded):
        acme.shop.account.check()


def test_expired_access_is_renewed_once(acme_world, fake_clock):
    from pathlib import Path

    from sellercare import connect
    from sellercare.config import Config
    from sellercare.simulator import InProcess
    from sellercare_adapters.acme.face import AcmeFace

    face = AcmeFace(acme_world)
    pair = face.tokens.issue()
    settings = {"client_id": face.client_id, "client_secret": face.client_secret}
    tokens = {"access_token": pair.access, "refresh_token": pair.refresh}
    with connect(
        "acme",
        store="sqlite://",
        clock=fake_clock,
        transport=InProcess(face),
        config=Config(Path(), {}),
        base_url="http://acme.test",
        **settings,
        **tokens,
    ) as shop:
        assert shop.account.check().ok
        fake_clock.advance(hours=2)
        assert shop.account.check().ok
        face.faults.add(Fault("expired_token", "GET *"))
        assert shop.account.check().ok
    assert (face.tokens.refreshed, face.tokens.reused) == (2, 0)
