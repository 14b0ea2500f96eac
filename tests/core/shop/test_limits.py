"""The seller's own limits on money: counted where the write is recorded, whatever becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sellercare
from sellercare.config import Config
from sellercare.errors import AboveLimit, ConfigError, OutcomeUnknown
from sellercare.models import Decision, IssueRefund, Money
from sellercare.shop import Shop
from sellercare.simulator import FakeClock, Fault, InProcess, World
from sellercare.store import Store
from sellercare.store.limits import Limits, money_of
from sellercare_adapters.acme.face import AcmeFace


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


class Corner:
    """A shop at the reference platform with one big order."""

    def __init__(self, folder: Path, contract: str) -> None:
        self.clock = FakeClock()
        self.store = Store.open(f"sqlite:///{folder / 'store.db'}", clock=self.clock)
        self.face = AcmeFace(World(seed=3, clock=self.clock), contract=contract)
        self.world = self.face.world
        self.order = self.world.order(lines=[self.world.line(price="500.00")])
        self.shop = self.connect()

    def connect(self) -> Shop:
        return sellercare.connect(
            "acme",
            store=self.store,
            clock=self.clock,
            transport=InProcess(self.face),
            base_url="http://acme.test",
            api_key=AcmeFace.api_key,
            contract=self.face.contract,
        )

    def pay(self, amount: str, key: str, **more: Any) -> Any:
        return self.shop.refunds.issue(order_id=self.order.id, amount=eur(amount), key=key, **more)


@pytest.fixture
def corner(tmp_path: Path) -> Iterator[Corner]:
    made = Corner(tmp_path, "mixed")
    yield made
    made.store.close()


def test_one_refund_above_its_limit_is_not_sent_and_nothing_is_recorded(corner: Corner) -> None:
    corner.shop.limits = Limits.of(refund=[eur("20")])
    with pytest.raises(AboveLimit, match=r"20\.01 EUR is above the limit of 20\.00 EUR for one write") as caught:
        corner.pay("20.01", "a")
    assert caught.value.limit == "refund"
    assert corner.world.count("refund") == 0
    assert list(corner.store.intents.list()) == []
    corner.pay("20.00", "a")
    assert corner.world.count("refund") == 1


def test_an_approval_is_recorded_with_who_gave_it_and_holds_for_this_write_only(corner: Corner) -> None:
    corner.shop.limits = Limits.of(refund=[eur("20")])
    corner.pay("50", "a", approved_by="anna")
    with corner.store.reading() as db:
        found = db.exec_driver_sql("SELECT account, key, who FROM approvals").all()
    assert found == [("acme", "a", "anna")]
    with pytest.raises(AboveLimit):
        corner.pay("50", "b")
    assert corner.world.count("refund") == 1


def test_an_approval_of_all_that_is_left_does_not_grow_with_it(corner: Corner) -> None:
    corner.shop.limits = Limits.of(refund=[eur("1")])
    corner.pay("499", "first", approved_by="anna")
    command = IssueRefund(order_id=corner.order.id)
    checked = corner.shop.check("refunds.issue", command, key="rest")
    assert checked.money == eur("1.00")
    assert checked.above is None


def test_a_day_counts_all_writes_until_it_ends_in_utc(corner: Corner) -> None:
    corner.shop.limits = Limits.of(day=[eur("100")])
    corner.pay("60", "a")
    with pytest.raises(
        AboveLimit, match=r"50\.00 EUR on top of 60\.00 EUR is above the limit of 100\.00 EUR for one day"
    ):
        corner.pay("50", "b")
    corner.pay("40", "c")
    corner.clock.advance(days=1)
    corner.pay("50", "b")
    assert corner.world.refunded(corner.order) == eur("150")


def test_the_same_key_again_is_not_counted_again(corner: Corner) -> None:
    corner.shop.limits = Limits.of(day=[eur("100")])
    for _ in range(3):
        corner.pay("60", "a")
    assert corner.world.count("refund") == 1


def test_unknown_money_counts_and_refused_money_does_not(tmp_path: Path) -> None:
    corner = Corner(tmp_path, "blind")
    corner.shop.limits = Limits.of(day=[eur("100")])
    corner.face.faults.add(Fault("lost_answer", on="POST *refunds"))
    with pytest.raises(OutcomeUnknown):
        corner.pay("60", "a")
    with pytest.raises(AboveLimit):
        corner.pay("50", "b")
    corner.face.faults.add(Fault("error_before", on="POST *refunds", status=422))
    with pytest.raises(sellercare.errors.Refused):
        corner.pay("30", "c")
    again = corner.shop.check("refunds.issue", IssueRefund(order_id=corner.order.id, amount=eur("40")), key="d")
    assert again.above is None
    corner.store.close()


def test_what_is_offered_to_a_buyer_counts(corner: Corner) -> None:
    corner.shop.limits = Limits.of(day=[eur("30")])
    first, second = corner.world.return_(corner.order), corner.world.return_()
    corner.shop.returns.offer(first.id, amount=eur("20"))
    with pytest.raises(AboveLimit):
        corner.shop.returns.offer(second.id, amount=eur("20"))
    with pytest.raises(AboveLimit):
        corner.pay("20", "a")


def test_a_decision_that_moves_no_money_has_no_limit(corner: Corner) -> None:
    corner.shop.limits = Limits.of(refund=[eur("1")])
    return_ = corner.world.return_(corner.order)
    assert corner.shop.check("returns.approve", Decision(return_id=return_.id), key=None).above is None


def test_a_limit_in_one_currency_lets_nothing_of_another_go(corner: Corner) -> None:
    corner.shop.limits = Limits.of(refund=[Money(amount=Decimal(1000), currency="PLN")])
    with pytest.raises(AboveLimit, match="a currency that the account's limit for one write does not name"):
        corner.pay("1", "a")


def test_a_run_counts_its_own_writes(corner: Corner) -> None:
    corner.shop.limits = Limits.of(run=[eur("10")])
    command = IssueRefund(order_id=corner.order.id, amount=eur("6"))
    corner.shop.write("refunds.issue", command, key="a", run="march")
    with pytest.raises(AboveLimit, match="for one run"):
        corner.shop.write("refunds.issue", command, key="b", run="march")
    corner.shop.write("refunds.issue", command, key="b", run="april")
    corner.pay("6", "c")


def test_many_at_once_never_pass_the_limit_together(corner: Corner) -> None:
    """Each looks before any has recorded; the transaction that records decides."""
    corner.shop.limits = Limits.of(day=[eur("50")])
    ready = threading.Barrier(8)
    refused: list[str] = []
    orders = [corner.world.order() for _ in range(8)]

    def pay(n: int) -> None:
        command = IssueRefund(order_id=orders[n].id, amount=eur("10"))
        try:
            corner.shop.write("refunds.issue", command, key=f"k{n}", agree=lambda checked: ready.wait(60) and None)
        except AboveLimit as above:
            refused.append(above.limit)

    threads = [threading.Thread(target=pay, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert corner.world.count("refund") == 5
    assert refused == ["day"] * 3


@pytest.mark.parametrize("text", ["200", "EUR 200", "-5 EUR", "1.005 EUR", "2.500 EUR", "1,5 EUR", "5 XXY", ""])
def test_a_limit_is_a_plain_sum(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|decimals|thousands|currency"):
        money_of(text)


def test_an_accounts_limits_are_read_from_its_configuration(tmp_path: Path) -> None:
    account = '[accounts.shop]\nadapter = "acme"\nbase_url = "http://127.0.0.1:1"\n[accounts.shop.limits]\n'
    (tmp_path / "config.toml").write_text(account + 'refund = "200 EUR"\nday = ["900 EUR", "4000 PLN"]\n')
    with sellercare.connect("shop", config=Config.load(tmp_path), store="sqlite://") as shop:
        assert shop.limits == Limits.of(refund=[eur("200")], day=[eur("900"), money_of("4000 PLN")])
    for wrong in ('refund = "much"\n', 'week = "1 EUR"\n', 'day = ["1 EUR", "2 EUR"]\n'):
        (tmp_path / "config.toml").write_text(account + wrong)
        with pytest.raises(ConfigError, match="account 'shop'"):
            sellercare.connect("shop", config=Config.load(tmp_path), store="sqlite://")


def test_of_two_limits_the_lower_one_holds() -> None:
    both = Limits.of(refund=[eur("20")], day=[eur("100")]).with_stricter(Limits.of(refund=[eur("5")], run=[eur("9")]))
    assert both == Limits.of(refund=[eur("5")], run=[eur("9")], day=[eur("100")])
    assert Limits.kept(both.plain()) == both
