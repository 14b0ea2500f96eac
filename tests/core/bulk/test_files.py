"""Files as spreadsheets write them; every problem has the line that a text editor shows."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.bulk.files import MAX_LINE, RawRow, open_rows
from sellercare.errors import BadInput


def read(data: bytes | str, name: str = "rows.csv") -> tuple[tuple[str, ...], list[RawRow]]:
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    stream.name = name
    with open_rows(stream) as file:
        return file.columns, list(file.rows)


def wrong(data: bytes | str, name: str = "rows.csv") -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(data, name)
    return caught.value


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_comma_semicolon_and_tab_are_told_by_the_header(mark: str, bom: bytes, end: str) -> None:
    text = end.join([f"thread_id{mark}text", f'7{mark}"a, b; c"', f"8{mark}Zoë", ""])
    columns, rows = read(bom + text.encode())
    assert columns == ("thread_id", "text")
    assert [(row.line, row.cells) for row in rows] == [
        (2, {"thread_id": "7", "text": "a, b; c"}),
        (3, {"thread_id": "8", "text": "Zoë"}),
    ]


def test_a_mark_inside_a_quoted_header_does_not_count() -> None:
    columns, _ = read('"a;b;c;d","e"\n1,2\n')
    assert columns == ("a;b;c;d", "e")


def test_the_first_line_may_name_the_mark_as_excel_does() -> None:
    columns, rows = read("sep=;\na,x;b\n1,5;2\n")
    assert columns == ("a,x", "b")
    assert rows[0].line == 3


def test_a_header_that_two_marks_fit_is_refused() -> None:
    assert "comma, semicolon or tab" in wrong("a,b;c\n1,2;3\n").message


def test_a_field_over_several_lines_keeps_the_lines_right() -> None:
    _, rows = read('thread_id,text\n1,"Hello\n\nthere"\n2,x\n3\n')
    assert [(row.line, row.problem) for row in rows] == [
        (2, ""),
        (5, ""),
        (6, "it has 1 field, the header has 2 fields"),
    ]
    assert rows[0].cells["text"] == "Hello\n\nthere"


def test_a_row_with_too_many_fields_is_that_rows_problem() -> None:
    _, rows = read("a,b\n1,2,3\n4,5\n")
    assert rows[0].problem == "it has 3 fields, the header has 2 fields"
    assert rows[1].cells == {"a": "4", "b": "5"}


def test_empty_lines_and_rows_that_spreadsheets_leave_are_no_rows() -> None:
    _, rows = read("\na;b\n\n;\n1;2\n ; \n")
    assert [row.line for row in rows] == [5]


def test_a_value_under_an_empty_header_is_a_problem() -> None:
    columns, rows = read("a;b;\n1;2;\n3;4;5\n")
    assert columns == ("a", "b", "")
    assert rows[0].cells == {"a": "1", "b": "2"}
    assert rows[1].problem == "it has a value in a column without a name"


def test_column_names_are_compared_without_case_and_spaces() -> None:
    columns, _ = read("Thread ID , TEXT,Ship-By\n1,2,3\n")
    assert columns == ("thread_id", "text", "ship_by")


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"a,b\n1,x\0y\n", 2, "NUL"),
        (b"a,b\n1,2\n3,caf\xe9\n", 3, "not UTF-8"),
        ("a,b\n".encode("utf-16"), 1, "UTF-16"),
        (b"PK\x03\x04", 1, "spreadsheet file"),
        (b'a,b\n1,2\n3,"never closed\n4,5\n', 3, "never closed"),
        (b'a,b\n1,"x"y\n', 2, "goes on after its closing quote"),
        (b"a,b\n1,2\r3,4\n", 2, "carriage return"),
        (b"a,b\n1," + b"x" * MAX_LINE + b"\n", 2, "longer than"),
        (b"a,A\n1,2\n", 1, "twice"),
    ],
)
def test_what_breaks_the_file_names_the_line(data: bytes, line: int, says: str) -> None:
    error = wrong(data)
    assert error.line == line
    assert f"rows.csv, line {line}:" in error.message
    assert says in error.message


def test_a_field_that_is_too_long_is_not_taken_for_an_open_quote_alone() -> None:
    error = wrong('id,text\n7,"' + "x" * 200_000 + '"\n')
    assert error.line == 2
    assert "more than 131,072 characters" in str(error)


def test_standard_input_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(BadInput, match="closed"), open_rows("-"):
        pass


def test_an_empty_file_and_a_missing_one() -> None:
    assert "no header" in wrong(b"").message
    assert "no header" in wrong(b"\xef\xbb\xbf\n\n").message
    with pytest.raises(BadInput, match="No such file"), open_rows("/nowhere/at/all.csv"):
        pass


def test_json_lines_are_told_by_the_name_or_the_first_sign() -> None:
    text = '\n{"Thread ID": 7, "text": "x"}\n'
    for name in ("rows.jsonl", "rows.ndjson"):
        columns, rows = read(text, name)
        assert columns == ()
        assert rows == [RawRow(2, {"thread_id": 7, "text": "x"})]
    assert read(text.strip(), "standard input")[1][0].cells["thread_id"] == 7


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": 1, "A": 2}', "twice"),
        ('{"a": NaN}', "NaN"),
        ("[" * 5000 + "]" * 5000, "nested too deeply"),
    ],
)
def test_a_bad_json_line_is_that_lines_problem(line: str, says: str) -> None:
    _, rows = read(f'{{"a": 1}}\n{line}\n{{"a": 2}}\n', "rows.jsonl")
    assert [row.line for row in rows] == [1, 2, 3]
    assert says in rows[1].problem
    assert not rows[2].problem


def test_json_fractions_stay_exact() -> None:
    _, rows = read('{"amount": 12.10}', "rows.jsonl")
    assert str(rows[0].cells["amount"]) == "12.10"


_CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20)


@given(
    rows=st.lists(st.lists(_CELLS, min_size=3, max_size=3), max_size=8),
    mark=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_a_spreadsheet_writes_is_read_again(
    rows: list[list[str]], mark: str, end: str, bom: bool, quoting: int
) -> None:
    if quoting == csv.QUOTE_MINIMAL:  # Python's writer does not quote a bare carriage return, spreadsheets do
        rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=mark, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["id", "text", "note"])
    starts = []
    for row in rows:
        starts.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)
    data = out.getvalue().encode()
    _, found = read(b"\xef\xbb\xbf" + data if bom else data)
    wanted = [(line, row) for line, row in zip(starts, rows, strict=True) if any(cell.strip() for cell in row)]
    assert [(each.line, list(each.cells.values())) for each in found] == wanted


@given(st.lists(st.dictionaries(st.sampled_from(["id", "text", "note"]), _CELLS | st.integers()), max_size=8))
def test_json_lines_are_read_again(rows: list[dict[str, str | int]]) -> None:
    data = "\n".join(json.dumps(row) for row in rows)
    _, found = read(data, "rows.jsonl")
    assert [(row.line, row.cells) for row in found] == list(enumerate(rows, 1))


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_a_clear_error(data: bytes) -> None:
    try:
        read(data)
    except BadInput as error:
        assert error.message  # noqa: PT017 - any other error fails the test


def test_a_path_and_its_lines_are_streamed(tmp_path: Path) -> None:
    file = tmp_path / "big.csv"
    file.write_text("id,text\n" + "1,x\n" * 10_000)
    with open_rows(file) as rows:
        assert next(rows.rows).line == 2
        assert sum(1 for _ in rows.rows) == 9_999
