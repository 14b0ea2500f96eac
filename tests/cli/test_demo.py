"""The tour: what it promises is what the simulated marketplaces counted."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from sellercare.cli.demo import demo


@pytest.fixture(scope="module")
def tour() -> str:
    result = CliRunner().invoke(demo, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_it_says_that_it_is_simulated_and_how_fast(tour):
    assert "Nothing real is touched" in tour
    assert "40 times as fast" in tour


def test_both_accounts_show_who_waits(tour):
    assert "my-acme     … 12 buyers wait in all" in tour
    assert "my-allegro  … 6 buyers wait in all" in tour


def test_every_deliberate_mistake_is_found_with_its_line(tour):
    for problem in ("1.15E+18", "There is no thread", "text is empty", "Links out of Acme", "already on line"):
        assert re.search(rf"line \d+  .*{re.escape(problem)}", tour)
    assert "held" in tour


def test_everybody_is_answered_once_although_answers_are_lost(tour):
    assert "18 replies sent." in tour
    lost, early = map(
        int, re.search(r"(\d+) answers of the marketplaces were lost on the way, and (\d+)", tour).groups()
    )
    assert lost > 0
    assert early > 0
    assert "count 18 messages; buyers written to twice: 0." in tour


def test_the_same_file_again_sends_nothing(tour):
    assert "Nothing was sent." in tour
    assert "count 0 new messages" in tour


def test_a_return_goes_from_request_to_one_refund(tour):
    for step in ("requested", "approved: approved", "received: received", "refunded: 48.00 EUR, done", "Paid: 1 time."):
        assert step in tour


def test_it_ends_with_what_to_type_next(tour):
    assert tour.rstrip().splitlines()[-1].startswith("  sellercare bulk reply FILE --dry-run")
