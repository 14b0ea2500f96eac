"""Nothing that a buyer or a platform writes can steer the terminal."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.cli.text import clean, clean_lines, json_line

# What terminals obey: ECMA-48 (C0, C1, CSI, OSC), and Unicode's bidirectional controls (UAX 9).
HOSTILE = [
    ("\x1b[31mred\x1b[0m", "red"),
    ("\x1b]0;title\x07after", "after"),
    ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
    ("\x1b[2J\x1b[Hgone", "gone"),
    ("\x9b31mred", "31mred"),
    ("\x1bPq\x1b\\sixel", "sixel"),
    ("one\rtwo", "one two"),
    ("a\x08b", "ab"),
    ("bell\x07", "bell"),
    ("abc\u202edcba", "abcdcba"),
    ("\u2066x\u2069", "x"),
    ("a\x00b", "ab"),
    ("lone \ud83d half", "lone  half"),
]


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_escape_codes_are_taken_out(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_ordinary_text_stays_as_it_is() -> None:
    for text in ("Żółć, señor, 您好, שלום", "👩\u200d👧 family", "50 % & <b>", "naïve — “quoted”"):
        assert clean(text) == text


def test_lines_stay_lines_where_a_text_is_shown_whole() -> None:
    assert clean_lines("one\r\ntwo\rthree\x1b[5m\tfour") == "one\ntwo\nthree    four"


@given(st.text())
def test_no_control_character_survives(text: str) -> None:
    shown = clean(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs")]
    assert "\x1b" not in clean_lines(text)
    shown.encode("utf-8")


@given(st.text(st.characters(codec=None) | st.sampled_from("\x1b\x9b\x7f\u202e\ud800\U000e0041\n")))
def test_json_keeps_every_character_and_is_safe_to_look_at(text: str) -> None:
    line = json_line({"text": text})
    assert json.loads(line) == {"text": text}
    assert "\n" not in line
    assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cs") or c in "\u202e\u2066\u2028"]
