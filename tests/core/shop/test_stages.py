"""What a write must pass before it is recorded, and the sentences it gets where it does not."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.errors import (
    AmbiguousRefund,
    BadInput,
    Impossible,
    KeyConflict,
    NotAllowedNow,
    NotYet,
    RuleBroken,
    Unavailable,
)
from sellercare.models import (
    CancelOrder,
    Choice,
    Decision,
    DecisionPart,
    Granularity,
    IssueRefund,
    LineQuantity,
    MessageOption,
    Money,
    Parcel,
    RefundLine,
    RefundOption,
    Reply,
    ReturnAction,
    ReturnVerb,
    ThreadKind,
    Upload,
)
from sellercare.shop import Shop
from sellercare.shop.stage_guards import check_amount
from sellercare.support import MovesMoney, native

from .conftest import TinyAdapter, TinyMessages, TinyRefunds, TinyReturns, contract


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def option(option_id: str = "card", most: str = "50.00", **more: Any) -> RefundOption:
    return RefundOption(id=option_id, title="card payment", through="payment", order_id="o1", most=eur(most), **more)


def refund(shop: Shop, **more: Any) -> Any:
    return shop.check("refunds.issue", IssueRefund(order_id="o1", **more), key="k")


class TestSupport:
    def test_an_impossible_verb_says_why_and_where_by_hand(self, tiny: Shop) -> None:
        with pytest.raises(Impossible, match=r"tiny has no such thing.*Do it by hand: the till"):
            tiny.orders.get("o1")

    def test_a_missing_verb_is_another_answer(self, tiny: Shop) -> None:
        with pytest.raises(NotYet, match="nobody wrote it"):
            tiny.messages.threads()

    @pytest.mark.parametrize("offline", [True, False])
    def test_what_has_no_place_is_refused_with_the_adapters_reason(self, tiny: Shop, offline: bool) -> None:
        """Offline too: a plan of ten thousand rows says so without a call."""
        reply = Reply(thread_id="t", text="hi", answers="m1")
        with pytest.raises(BadInput, match=r"Tiny knows no single messages\. Nothing was changed") as caught:
            tiny.check("messages.reply", reply, key="k", offline=offline)
        assert caught.value.field == "answers"

    @pytest.mark.parametrize("offline", [True, False])
    @pytest.mark.parametrize(
        ("given", "field", "says"),
        [
            ({}, "reason", r"Tiny wants a reason.*Choose one: STOCK, BUYER"),
            ({"reason": " "}, "reason", "Tiny wants a reason"),
            ({"reason": "BORED"}, "reason", r"'BORED' is no reason here.*Choose one: STOCK, BUYER"),
            ({"reason": "STOCK", "lines": (LineQuantity(id="l1"),)}, "lines", "Tiny cancels whole orders"),
        ],
    )
    def test_what_is_declared_of_a_write_is_held(
        self, tiny: Shop, given: Any, field: str, says: str, offline: bool
    ) -> None:
        with pytest.raises(BadInput, match=says) as caught:
            tiny.check("orders.cancel", CancelOrder(order_id="o1", **given), key="k", offline=offline)
        assert caught.value.field == field
        assert tiny.check("orders.cancel", CancelOrder(order_id="o1", reason="BUYER"), key="k", offline=offline)

    @pytest.mark.parametrize(
        ("declared", "says"),
        [
            ({"refuses": {"colour": "Tiny has no colours."}}, "takes no colour"),
            ({"refuses": {"order_id": "Tiny has no ids."}}, "takes no order_id"),
            ({"wants": {"reason": ""}}, "say why"),
            ({"wants": {"reason": "It does."}, "refuses": {"reason": "It does not."}}, "cannot be refused"),
        ],
    )
    def test_a_declaration_that_makes_no_sense(self, declared: Any, says: str) -> None:
        supports = TinyAdapter.supports | {"orders.cancel": native(contract=contract(), **declared)}
        with pytest.raises(TypeError, match=says):
            type("StrangeAdapter", (TinyAdapter,), {"supports": supports})


class TestMoneyNeedsAKey:
    def test_a_refund_without_a_key_is_refused(self, tiny: Shop) -> None:
        with pytest.raises(BadInput, match="needs a key"):
            tiny.check("refunds.issue", IssueRefund(order_id="o1"), key=None)

    def test_so_is_a_decision_that_may_move_money(self, tiny: Shop) -> None:
        with pytest.raises(BadInput, match="needs a key"):
            tiny.returns.approve("r1")

    def test_a_message_gets_a_fresh_one(self, tiny: Shop) -> None:
        TinyMessages.options = [MessageOption(id="reply", title="Reply")]
        keys = {tiny.check("messages.reply", Reply(thread_id="t", text="hi"), key=None).key for _ in range(2)}
        assert len(keys) == 2


class TestRefunds:
    def test_everything_left_by_default(self, tiny: Shop) -> None:
        TinyRefunds.options = [option()]
        checked = refund(tiny)
        assert checked.money == eur("50.00")
        assert checked.command.option.id == "card"

    def test_several_ways_are_listed_and_never_picked(self, tiny: Shop) -> None:
        TinyRefunds.options = [option("card"), option("wallet", "5.00")]
        with pytest.raises(AmbiguousRefund, match=r"card: card payment, up to 50\.00 EUR; wallet") as caught:
            refund(tiny)
        assert [each.id for each in caught.value.options] == ["card", "wallet"]
        assert refund(tiny, option_id="wallet").money == eur("5.00")

    def test_an_option_that_is_not_there(self, tiny: Shop) -> None:
        TinyRefunds.options = [option()]
        with pytest.raises(BadInput, match="no refund option 'cash'"):
            refund(tiny, option_id="cash")

    def test_nothing_left(self, tiny: Shop) -> None:
        with pytest.raises(NotAllowedNow, match="nothing left"):
            refund(tiny)

    @pytest.mark.parametrize(
        ("amount", "currency", "error", "says"),
        [
            ("0", "EUR", BadInput, "more than zero"),
            ("-1", "EUR", BadInput, "more than zero"),
            ("1.001", "EUR", BadInput, "more decimals than EUR"),
            ("1.5", "JPY", BadInput, "more decimals than JPY"),
            ("1", "XQX", BadInput, "not a currency"),
            ("1", "USD", BadInput, "in USD; this is paid back in EUR"),
            ("50.01", "EUR", NotAllowedNow, "at most 50.00 EUR"),
            ("0.50", "EUR", NotAllowedNow, "at least 1.00 EUR"),
        ],
    )
    def test_amounts_that_may_not_move(
        self, tiny: Shop, amount: str, currency: str, error: type[Exception], says: str
    ) -> None:
        TinyRefunds.options = [option(least=eur("1.00"))]
        with pytest.raises(error, match=says):
            refund(tiny, amount=Money(amount=Decimal(amount), currency=currency))

    def test_what_is_wrong_with_an_amount_alone_is_found_offline(self, tiny: Shop) -> None:
        with pytest.raises(BadInput, match="more than zero"):
            tiny.check("refunds.issue", IssueRefund(order_id="o1", amount=eur("0")), key="k", offline=True)

    def test_amount_and_lines_exclude_each_other(self, tiny: Shop) -> None:
        TinyRefunds.options = [option()]
        with pytest.raises(BadInput, match="not both"):
            refund(tiny, amount=eur("1"), lines=(LineQuantity(id="l1"),))

    def test_a_reason_that_the_platform_does_not_know(self, tiny: Shop) -> None:
        TinyRefunds.options = [option()]
        with pytest.raises(BadInput, match="There are none for this way"):
            refund(tiny, reason="DAMAGED")
        TinyRefunds.options = [option(any_reason=True)]
        assert refund(tiny, reason="as agreed").command.reason == "as agreed"

    def test_lines_are_refused_where_only_a_sum_can_be_paid(self, tiny: Shop) -> None:
        asked = (LineQuantity(id="l1"),)
        TinyRefunds.options = [option()]
        with pytest.raises(BadInput, match=r"pays back a sum here.*Name an amount") as caught:
            refund(tiny, lines=asked)
        assert caught.value.field == "lines"
        TinyRefunds.options = [option(granularity=(Granularity.WHOLE,))]
        with pytest.raises(BadInput, match="all of it"):
            refund(tiny, lines=asked)

    def test_lines_add_up(self, tiny: Shop) -> None:
        lines = (
            RefundLine(order_line_id="l1", quantity=Decimal(2), amount=eur("24.00")),
            RefundLine(order_line_id="l2", quantity=Decimal(1), amount=eur("26.00")),
        )
        TinyRefunds.options = [option(lines=lines, granularity=(Granularity.AMOUNT, Granularity.LINES))]
        asked = (LineQuantity(id="l1", quantity=Decimal(1)), LineQuantity(id="l2"))
        assert refund(tiny, lines=asked).money == eur("38.00")
        with pytest.raises(NotAllowedNow, match="has 2 left to pay back, not 3"):
            refund(tiny, lines=(LineQuantity(id="l1", quantity=Decimal(3)),))
        with pytest.raises(BadInput, match="no line 'l9'"):
            refund(tiny, lines=(LineQuantity(id="l9"),))

    def test_sums_of_lines_are_in_the_currency_that_is_paid_back(self, tiny: Shop) -> None:
        TinyRefunds.options = [option(granularity=(Granularity.LINES,))]
        yen = LineQuantity(id="l1", amount=Money(amount=Decimal(40), currency="JPY"))
        with pytest.raises(BadInput, match="Line l1 is in JPY"):
            refund(tiny, lines=(yen,))

    def test_a_line_is_named_once(self, tiny: Shop) -> None:
        TinyRefunds.options = [option(granularity=(Granularity.LINES,))]
        two = LineQuantity(id="l1", quantity=Decimal(2))
        with pytest.raises(BadInput, match="l1 is named twice"):
            refund(tiny, lines=(two, two))

    @pytest.mark.parametrize("amount", ["1E+14", "1E+29", "1E+999999999"])
    def test_an_amount_that_no_limit_could_count(self, tiny: Shop, amount: str) -> None:
        for offline in (True, False):
            TinyRefunds.options = [option()]
            with pytest.raises(BadInput, match="more than any order"):
                tiny.check("refunds.issue", IssueRefund(order_id="o1", amount=eur(amount)), key="k", offline=offline)

    def test_a_platform_that_pays_back_lines_only(self, tiny: Shop) -> None:
        TinyRefunds.options = [option(granularity=(Granularity.LINES,))]
        with pytest.raises(BadInput, match="whole lines"):
            refund(tiny, amount=eur("1.00"))

    def test_a_reason_that_the_platform_wants(self, tiny: Shop) -> None:
        reasons = (Choice(code="GOODWILL", title="Goodwill"),)
        TinyRefunds.options = [option(reasons=reasons, reason_required=True, note_max_length=3)]
        with pytest.raises(BadInput, match="wants a reason"):
            refund(tiny)
        with pytest.raises(BadInput, match="'other' is no reason here"):
            refund(tiny, reason="other")
        with pytest.raises(BadInput, match="4 characters; the platform takes 3"):
            refund(tiny, reason="GOODWILL", note="1234")


class TestDecisions:
    def check(self, shop: Shop, **more: Any) -> Any:
        return shop.check("returns.approve", Decision(return_id="r1", **more), key="k")

    def test_a_decision_that_is_not_offered_now(self, tiny: Shop) -> None:
        TinyReturns.actions = [ReturnAction(verb=ReturnVerb.DECLINE)]
        with pytest.raises(NotAllowedNow, match="accepts now: decline"):
            self.check(tiny)

    def test_variants_are_listed_and_never_picked(self, tiny: Shop) -> None:
        TinyReturns.actions = [
            ReturnAction(verb=ReturnVerb.APPROVE, variant=name, title=name) for name in ("repair", "replace")
        ]
        with pytest.raises(BadInput, match="repair"):
            self.check(tiny)
        with pytest.raises(BadInput, match="replace"):
            self.check(tiny, variant="explode")
        assert self.check(tiny, variant="repair").command.variant == "repair"

    def test_a_variant_of_what_comes_in_one_way_is_refused(self, tiny: Shop) -> None:
        TinyReturns.actions = [ReturnAction(verb=ReturnVerb.APPROVE)]
        with pytest.raises(BadInput, match="no variant 'gently'"):
            self.check(tiny, variant="gently")

    @pytest.mark.parametrize("part", [part for part in DecisionPart if part is not DecisionPart.UNKNOWN])
    def test_what_a_decision_does_not_take_is_refused_and_what_it_takes_is_not(self, tiny: Shop, part: str) -> None:
        given: dict[str, Any] = {
            "lines": (LineQuantity(id="l1"),),
            "reason": "OK",
            "note": "n",
            "amount": eur("3"),
            "attachments": (Upload.of("a.png", "image/png", b"x"),),
            "parcel": Parcel(number="1"),
        }
        TinyReturns.actions = [ReturnAction(verb=ReturnVerb.APPROVE, title="agree")]
        with pytest.raises(BadInput, match=r"\(agree\) has no place for.*It takes nothing further") as caught:
            self.check(tiny, **{part: given[part]})
        assert caught.value.field == part
        TinyReturns.actions = [ReturnAction(verb=ReturnVerb.APPROVE, takes=(part,))]
        assert self.check(tiny, **{part: given[part]}).command.gives(part)

    def test_what_a_decision_wants(self, tiny: Shop) -> None:
        TinyReturns.actions = [
            ReturnAction(
                verb=ReturnVerb.APPROVE,
                reasons=(Choice(code="OK", title="ok"),),
                note_required=True,
                amount_required=True,
                moves_money=MovesMoney.YES,
                consequences="The buyer is paid at once.",
            )
        ]
        for more, says in (
            ({}, "reason is missing"),
            ({"reason": "OK"}, "wants a note"),
            ({"reason": "OK", "note": "n"}, "wants an amount"),
        ):
            with pytest.raises(BadInput, match=says):
                self.check(tiny, **more)
        checked = self.check(tiny, reason="OK", note="n", amount=eur("3"))
        assert (checked.money, checked.consequences) == (eur("3"), ("The buyer is paid at once.",))

    def test_an_amount_is_in_the_currency_that_moves(self, tiny: Shop) -> None:
        TinyReturns.actions = [
            ReturnAction(verb=ReturnVerb.APPROVE, most=eur("5"), moves_money=MovesMoney.YES, takes=("amount",))
        ]
        with pytest.raises(BadInput, match="money moves in EUR here"):
            self.check(tiny, amount=Money(amount=Decimal(3), currency="CZK"))


class TestMessages:
    def check(self, shop: Shop, text: str = "hi") -> Any:
        return shop.check("messages.reply", Reply(thread_id="t1", text=text), key="k")

    def test_a_closed_thread_says_why(self, tiny: Shop) -> None:
        TinyMessages.options = [MessageOption(id="reply", title="Reply", why_not="the chat is closed")]
        with pytest.raises(NotAllowedNow, match="the chat is closed"):
            self.check(tiny)

    def test_a_limit_of_the_moment(self, tiny: Shop) -> None:
        TinyMessages.options = [MessageOption(id="r", title="R", kind=ThreadKind.CLAIM_CHAT, max_length=3)]
        with pytest.raises(RuleBroken, match="4 characters"):
            self.check(tiny, "1234")

    @pytest.mark.parametrize(
        ("limits", "says"),
        [
            ({"max_attachments": 0}, "takes none here"),
            ({"attachment_types": ("image/png",)}, "a.pdf is application/pdf; the platform takes image/png"),
            ({"attachment_max_bytes": 2}, "a.pdf has 3 bytes; the platform takes 2"),
        ],
    )
    def test_files_that_do_not_fit_here(self, tiny: Shop, limits: Any, says: str) -> None:
        TinyMessages.options = [MessageOption(id="r", title="R", **limits)]
        files = (Upload.of("a.pdf", "application/pdf", b"abc"),)
        with pytest.raises(RuleBroken, match=says):
            tiny.check("messages.reply", Reply(thread_id="t1", text="hi", attachments=files), key="k")

    def test_a_text_where_the_platform_has_its_own_and_none_where_it_wants_one(self, tiny: Shop) -> None:
        TinyMessages.options = [MessageOption(id="r", title="R", text=False)]
        with pytest.raises(BadInput, match="takes no text"):
            self.check(tiny)
        TinyMessages.options = [MessageOption(id="r", title="R")]
        with pytest.raises(RuleBroken, match="wants a text"):
            self.check(tiny, " ")


def test_a_platform_that_cannot_be_reached_leaves_the_write_unsent(tiny: Shop) -> None:
    TinyMessages.options = [MessageOption(id="reply", title="Reply")]
    with pytest.raises(Unavailable) as caught:
        tiny.messages.reply("t1", "hi", key="k")
    assert caught.value.changed == "no"
    intent = tiny.store.intents.find("tiny", "messages.reply", "k")
    assert intent is not None
    assert intent.state == "ready"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_an_amount_passes_exactly_if_it_is_positive_and_whole_cents(amount: Decimal) -> None:
    fine = amount > 0 and amount == round(amount, 2)
    try:
        check_amount(Money(amount=amount, currency="EUR"), "amount")
        assert fine
    except BadInput:
        assert not fine


def test_field_names_reach_the_caller(tiny: Shop) -> None:
    with pytest.raises(BadInput, match="order_id"):
        tiny.refunds.quote(order_id="a", return_id="b")
    with pytest.raises(BadInput) as caught:
        tiny.messages.reply("t", None)  # type: ignore[arg-type]
    assert caught.value.field == "text"


@pytest.mark.parametrize("key", ["k" * 251, "a\x00b", "a\nb", " ", "rma-1 ", "\u00a0rma-1"])
def test_a_key_that_a_journal_cannot_hold(tiny: Shop, key: str) -> None:
    TinyMessages.options = [MessageOption(id="reply", title="Reply")]
    with pytest.raises(BadInput, match=r"^The key ") as caught:
        tiny.messages.reply("t1", "hi", key=key)
    assert caught.value.field == "key"


@pytest.mark.parametrize("read", ["orders.list", "messages.threads", "returns.list", "reviews.list", "refunds.list"])
def test_a_time_without_a_zone_is_refused(tiny: Shop, read: str) -> None:
    # Each platform would take it for a time of its own zone.
    group, name = read.split(".")
    since = "created_since" if read == "refunds.list" else "updated_since"
    with pytest.raises(BadInput) as caught:
        getattr(getattr(tiny, group), name)(**{since: datetime(2026, 1, 1)})  # noqa: DTZ001 - that is what is refused
    assert caught.value.field == since


def test_a_number_is_no_key(tiny: Shop) -> None:
    TinyMessages.options = [MessageOption(id="reply", title="Reply")]
    with pytest.raises(BadInput, match="The key is int") as caught:
        tiny.messages.reply("t1", "hi", key=17)  # type: ignore[arg-type]
    assert caught.value.field == "key"


def test_half_a_character_is_refused(tiny: Shop) -> None:
    # A terminal or a file in another encoding makes it; no database and no JSON takes it.
    TinyMessages.options = [MessageOption(id="reply", title="Reply")]
    with pytest.raises(BadInput, match="half a character"):
        tiny.messages.reply("t1", "Gr\udcfc\udcdfe", key="k")


class TestLinesToPayBack:
    def test_in_another_currency(self, tiny: Shop) -> None:
        TinyRefunds.options = [option()]
        with pytest.raises(BadInput, match="in JPY; this is paid back in EUR"):
            refund(tiny, lines=(LineQuantity(id="a", amount=Money(amount=Decimal(5), currency="JPY")),))

    def test_named_twice(self, tiny: Shop) -> None:
        TinyRefunds.options = [option()]
        with pytest.raises(BadInput, match="a is named twice"):
            refund(tiny, lines=(LineQuantity(id="a", amount=eur("5.00")), LineQuantity(id="a", amount=eur("5.00"))))


class TestSameWordsSameWrite:
    """What the core fills in is not part of what makes two writes the same."""

    def record(self, shop: Shop, verb: str, command: Any) -> None:
        with pytest.raises(Unavailable):
            raise shop.write(verb, command, key="k").error or AssertionError

    def test_a_variant_that_was_filled_in(self, tiny: Shop) -> None:
        TinyReturns.actions = [ReturnAction(verb=ReturnVerb.APPROVE, variant="repair")]
        for _ in range(2):
            self.record(tiny, "returns.approve", Decision(return_id="r1"))

    def test_an_option_whose_rest_has_changed(self, tiny: Shop) -> None:
        for most in ("50.00", "40.00"):
            TinyRefunds.options = [option(most=most)]
            self.record(tiny, "refunds.issue", IssueRefund(order_id="o1", amount=eur("5.00")))

    @pytest.mark.parametrize("amount", ["5", "5.0", "5.00", "5.000", "0.5E+1"])
    def test_an_amount_that_is_written_in_another_way(self, tiny: Shop, amount: str) -> None:
        TinyRefunds.options = [option()]
        self.record(tiny, "refunds.issue", IssueRefund(order_id="o1", amount=eur("5.00")))
        self.record(tiny, "refunds.issue", IssueRefund(order_id="o1", amount=eur(amount)))

    def test_but_another_amount_is_another_write(self, tiny: Shop) -> None:
        TinyRefunds.options = [option()]
        self.record(tiny, "refunds.issue", IssueRefund(order_id="o1", amount=eur("5.00")))
        for other in (eur("50"), eur("5.01"), Money(amount=Decimal(5), currency="PLN")):
            with pytest.raises(KeyConflict) as caught:
                tiny.write("refunds.issue", IssueRefund(order_id="o1", amount=other), key="k")
            # Both show what was asked for, and nothing of the option that the checks have chosen.
            differs = [name for name, value in caught.value.before.items() if value != caught.value.now[name]]
            assert differs == ["amount"]

    def test_but_another_option_is_another_write(self, tiny: Shop) -> None:
        TinyRefunds.options = [option("card"), option("wallet")]
        self.record(tiny, "refunds.issue", IssueRefund(order_id="o1", option_id="card"))
        with pytest.raises(KeyConflict):
            tiny.write("refunds.issue", IssueRefund(order_id="o1", option_id="wallet"), key="k")
