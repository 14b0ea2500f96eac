"""Tables: ids are never cut, rows are shown as they come, and the width of the terminal is kept."""

from __future__ import annotations

import pytest

from sellercare.cli.output import Column, Table, card, fitted

ID = Column("id", lambda row: row[0])
TEXT = Column("text", lambda row: row[1], cut=True)
EXTRA = Column("extra", lambda row: row[2], optional=True)


def test_a_wide_terminal_cuts_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    table = Table([ID, TEXT, EXTRA])
    table.add(("1", "hello", "x"))
    table.add(("22", "", None))
    table.flush()
    assert capsys.readouterr().out == "id  text   extra\n1   hello  x\n22\n"


def test_a_narrow_terminal_cuts_texts_and_never_ids(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    long_id = "1f0e9e6c-2b0c-4c35"
    table = Table([ID, TEXT, EXTRA])
    table.add((long_id, "a text that is much too long for this", "something else"))
    table.flush()
    out, err = capsys.readouterr()
    assert all(len(line) <= 40 for line in out.splitlines())
    assert long_id in out
    assert "…" in out
    assert "Too narrow for: extra" in err


def test_wide_characters_keep_the_columns_straight(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    table = Table([TEXT, ID])
    for text in ("您好", "abcd"):
        table.add(("1", text))
    table.flush()
    assert capsys.readouterr().out.splitlines()[1:] == ["您好  1", "abcd  1"]


def test_a_pipe_has_no_width(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    table = Table([ID, TEXT])
    table.add(("1", "long " * 100))
    table.flush()
    assert "long " * 99 in capsys.readouterr().out


def test_a_pipe_keeps_whole_texts_of_rows_that_come_late(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    table = Table([ID, TEXT])
    table.add(("1", "short"))
    table.flush()
    table.add(("2", "long " * 100))
    assert "long " * 99 in capsys.readouterr().out


def test_the_first_rows_are_shown_before_the_last_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table([ID])
    for n in range(25):
        table.add((str(n),))
    assert capsys.readouterr().out.splitlines()[-1] == "24"
    table.add(("a longer one",))
    assert capsys.readouterr().out == "a longer one\n"


def test_an_escape_code_in_a_cell_is_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table([ID])
    table.add(("\x1b[2Jx\nsecond line",))
    table.flush()
    card([("text", "a\x1b[2J\nb"), ("none", None)])
    assert capsys.readouterr().out == "id\nx second line\ntext  a\n      b\n"


def test_what_cannot_fit_is_still_shown_whole() -> None:
    assert fitted([50, 50], [ID, ID], 20) == ([50, 50], [0, 1], [])
