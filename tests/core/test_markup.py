"""XML in, plain values out: safely, by local names, from bytes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellercare.markup import parse_xml, to_xml
from sellercare.translation import translated

LISTS = frozenset({"items.item", "item.note"})


class TestReading:
    def test_names_are_local_whatever_the_namespace(self) -> None:
        one = b'<r xmlns="http://one.test/a"><x>1</x></r>'
        other = b'<p:r xmlns:p="   http://other.test/b"><p:x>1</p:x></p:r>'
        assert parse_xml(one) == parse_xml(other) == {"r": {"x": "1"}}

    def test_text_is_trimmed_and_cdata_is_text(self) -> None:
        padded = b"<r>\n  <a>\n  5\n </a><b><![CDATA[ <Tom> & Co \n]]></b><c/><d> two\nlines </d></r>"
        assert parse_xml(padded)["r"] == {"a": "5", "b": "<Tom> & Co", "c": "", "d": "two\nlines"}

    @pytest.mark.parametrize(
        ("items", "expected"),
        [
            (b"<items/>", []),
            (b"<items>\n</items>", []),
            (b"<items><item>1</item></items>", ["1"]),
            (b"<items><item>1</item><item/></items>", ["1", ""]),
        ],
    )
    def test_what_is_named_a_list_is_one(self, items: bytes, expected: list[str]) -> None:
        assert parse_xml(items, frozenset({"items.item"})) == {"items": {"item": expected}}

    def test_lists_in_rows_of_lists(self) -> None:
        document = b"<items><item><id>1</id><note>a</note><mail>m</mail><note>b</note></item><item/></items>"
        first, second = parse_xml(document, LISTS)["items"]["item"]
        assert first == {"id": "1", "note": ["a", "b"], "mail": "m"}
        assert second == {"note": []}

    def test_a_list_belongs_to_its_parent(self) -> None:
        assert parse_xml(b"<r><item><id>1</id></item></r>", frozenset({"items.item"})) == {"r": {"item": {"id": "1"}}}

    def test_what_repeats_unexpectedly_is_not_lost(self) -> None:
        assert parse_xml(b"<r><a>1</a><a>2</a><a>3</a></r>") == {"r": {"a": ["1", "2", "3"]}}

    def test_attributes_stand_beside_the_text(self) -> None:
        document = b'<r xmlns:i="http://i.test"><a currency="EUR">1.0</a><b i:nil="true"/><c id="1"><d>2</d></c></r>'
        assert parse_xml(document)["r"] == {
            "a": {"@currency": "EUR", "#text": "1.0"},
            "b": "",
            "c": {"@id": "1", "d": "2"},
        }

    def test_text_beside_elements_is_no_data(self) -> None:
        assert parse_xml(b"<r> // a case <a>1</a> // another </r>") == {"r": {"a": "1"}}

    @pytest.mark.parametrize(
        ("data", "content_type"),
        [
            ('<?xml version="1.0" encoding="ISO-8859-1"?><r>é</r>'.encode("latin-1"), "text/xml"),
            ('<?xml version="1.0" encoding="ISO-8859-1"?><r>é</r>'.encode("latin-1"), "text/xml;charset=utf-8"),
            ("<r>é</r>".encode("latin-1"), 'text/xml; charset="iso-8859-1"'),
            ("<r>é</r>".encode(), "text/xml"),
            ("<r>é</r>".encode(), ""),
            ("\ufeff<r>é</r>".encode(), ""),
            ('\n\n<?xml version="1.0"?><r>é</r>'.encode(), ""),
            ("<r>é</r>".encode("utf-16"), ""),
        ],
    )
    def test_the_document_decides_about_its_encoding(self, data: bytes, content_type: str) -> None:
        assert parse_xml(data, content_type=content_type) == {"r": "é"}


class TestRefusing:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"  \n",
            b"{}",
            b"<r>",
            b"<r><a></r>",
            b"<r/><r/>",
            b"<!DOCTYPE html><html></html>",
            b"<html><br></html>",
            b"<r>\xe9</r>",
            b"<r>&nbsp;</r>",
            b'<?xml version="1.0" encoding="nonsense"?><r/>',
            b'<?xml version="1.0" encoding="idna"?><r>\xa4</r>',
        ],
    )
    def test_what_is_no_document_is_a_value_error(self, data: bytes) -> None:
        with pytest.raises(ValueError, match=r"line 1|document type|encoding|codec"):
            parse_xml(data)

    def test_an_unknown_charset_of_the_answer_is_a_value_error(self) -> None:
        with pytest.raises(ValueError, match="encoding"):
            parse_xml(b"<r/>", content_type="text/xml; charset=nonsense")

    @pytest.mark.parametrize(
        "declared",
        [
            '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            '<!DOCTYPE r [<!ENTITY b SYSTEM "file:///etc/hostname">]>',
            '<!DOCTYPE r SYSTEM "http://elsewhere.test/r.dtd">',
            '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://elsewhere.test/p"> %p;]>',
        ],
    )
    def test_document_types_are_refused_before_anything_grows(self, declared: str) -> None:
        with pytest.raises(ValueError, match="document type"):
            parse_xml(f"{declared}<r>&b;</r>".encode())

    def test_bottomless_nesting_is_refused(self) -> None:
        with pytest.raises(ValueError, match="nested"):
            parse_xml(b"<a>" * 100_000)

    def test_errors_do_not_repeat_what_was_written(self) -> None:
        with pytest.raises(ValueError, match="mismatched") as caught:
            parse_xml(b"<r><buyer>Ada Novak</r>")
        assert "Ada" not in str(caught.value)


def test_a_translation_names_the_place() -> None:
    payload = parse_xml(b"<items><item><id>1</id></item><item><name>x</name></item></items>", frozenset({"items.item"}))
    with pytest.raises(Exception, match=r"\$\.items\.item\[1\]\.id"):
        translated(lambda value: [row["id"] for row in value["items"]["item"]], payload)


class TestWriting:
    @pytest.mark.parametrize("body", [b"a\x0bb", b"a&#11;b", b"a&#x0;b\x00", b"a&#99999999;b", b"a&#xD83D;b"])
    def test_letters_that_xml_forbids_are_left_out(self, body: bytes) -> None:
        assert parse_xml(b"<r><a>" + body + b"</a></r>") == {"r": {"a": "ab"}}

    @pytest.mark.parametrize("name", [b"<!DOC\x00TYPE", b"<!\x01DOCTYPE"])
    def test_no_document_type_comes_in_that_way(self, name: bytes) -> None:
        with pytest.raises(ValueError, match="document type"):
            parse_xml(name + b' r [<!ENTITY x "y">]><r>&x;</r>')

    def test_what_is_cut_stays_broken(self) -> None:
        with pytest.raises(ValueError, match="line 1"):
            parse_xml(b"<r><a>b\x0b</a>")

    def test_values_become_a_document(self) -> None:
        value = {"@v": 2, "a": "1 < 2 & é", "b": ["x", {"c": "y"}], "gone": None, "d": {"@k": "z", "#text": "t"}}
        assert to_xml("r", value, encoding="iso-8859-1") == (
            b"<?xml version='1.0' encoding='iso-8859-1'?>\n"
            b'<r v="2"><a>1 &lt; 2 &amp; \xe9</a><b>x</b><b><c>y</c></b><d k="z">t</d></r>'
        )

    def test_what_an_encoding_lacks_is_escaped(self) -> None:
        assert parse_xml(to_xml("r", "10 €", encoding="iso-8859-1")) == {"r": "10 €"}

    @pytest.mark.parametrize("text", ["\x00", "a\x1bb", "\ud800", "\uffff"])
    def test_what_xml_cannot_hold_is_a_value_error(self, text: str) -> None:
        with pytest.raises(ValueError, match="cannot hold"):
            to_xml("r", {"a": text})

    texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")).map(str.strip)
    values = st.recursive(
        texts,
        lambda inner: st.dictionaries(st.sampled_from("abcd"), inner | st.lists(inner, min_size=2), min_size=1),
        max_leaves=12,
    )

    @given(values)
    def test_what_was_written_is_read_again(self, value: Any) -> None:
        assert parse_xml(to_xml("r", value)) == {"r": value}

    @given(st.binary(max_size=200) | st.text(alphabet="<>/!?&;[]abE \"'=", max_size=60).map(str.encode))
    def test_nonsense_is_a_value_error_or_a_document(self, data: bytes) -> None:
        with suppress(ValueError):
            assert len(parse_xml(data)) == 1
