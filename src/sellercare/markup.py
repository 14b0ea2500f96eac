"""XML as plain Python values, read safely from bytes; and plain values as XML.

An element becomes its trimmed text, or a dictionary of its children by local name: namespaces come and go between
versions of a service, names stay. Translations then work on it as on a JSON document, with the same errors.

XML does not say whether a name is a list: one `<message>` looks like a single thing, none like nothing. So the caller
names what is a list, as `parent.child` (`items.item`), and gets one in every case, an empty one included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

Value = Any
"""A text, or a dictionary of values and lists of values."""

_DEEPEST = 100
"""Elements in elements: no service nests deeper than a dozen, and everything after us recurses."""

_APART = "\n"
"""Between a namespace and a local name: a character that no namespace has. Some have blanks in them."""

_SAYS_ENCODING = re.compile(rb"^<\?xml[^>]*\sencoding\s*=")
_CHARSET = re.compile(r"(?i);\s*charset\s*=\s*[\"']?([\w.:-]+)")
_NOT_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold (XML 1.0, 2.2)."""

_CONTROLS = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})
"""The same as bytes: in UTF-8 and all ISO 8859 they stand for nothing else."""

_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}));")
_LAST_LETTER = 0x10FFFF


def parse_xml(data: bytes, lists: frozenset[str] = frozenset(), content_type: str = "") -> dict[str, Value]:
    """A document as `{root: value}`; ValueError if it is none, is cut, or brings a document type of its own.

    Control characters that XML forbids are left out: shops hand on what buyers paste, and one such letter would hide
    all the rest.

    Document types are refused whole: with them come entities that grow without end, and files read from our disk.
    The document's own declaration decides about its encoding, then the `content_type` of the answer, then UTF-8.
    An element with attributes is a dictionary: they are under `@name`, and its text under `#text`. Attributes with a
    namespace are left out, and so is text beside child elements. A name that repeats without being in `lists` becomes
    a list, so that nothing is lost.
    """
    document = data.lstrip()
    try:
        return _parsed(document, lists, content_type)
    except expat.ExpatError as error:
        cleaned = _REFERENCE.sub(_kept_reference, document.translate(None, _CONTROLS))
        if cleaned == document:
            raise _broken(error) from None
    try:
        return _parsed(cleaned, lists, content_type)
    except expat.ExpatError as error:
        raise _broken(error) from None


def _parsed(document: bytes, lists: frozenset[str], content_type: str) -> dict[str, Value]:
    builder = _Builder(lists)
    parser = expat.ParserCreate(_encoding(document, content_type), _APART)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(document, True)
    except LookupError:
        raise ValueError("its encoding is unknown") from None
    return builder.document


def _broken(error: expat.ExpatError) -> ValueError:
    return ValueError(f"{expat.errors.messages.get(error.code, 'not well formed')}, line {error.lineno}")


def _kept_reference(found: re.Match[bytes]) -> bytes:
    """A reference to a letter as it was, unless to one that XML may not hold."""
    number = int(found[1], 16) if found[1] else int(found[2])
    return found[0] if number <= _LAST_LETTER and is_xml_text(chr(number)) else b""


def is_xml_text(text: str) -> bool:
    """Whether XML can hold all characters of a text."""
    return _NOT_TEXT.search(text) is None


def to_xml(name: str, value: Value, *, encoding: str = "utf-8") -> bytes:
    """Plain values as a document with this root: a dictionary's entries are child elements, a list's rows repeat one.

    `@name` entries become attributes, `#text` the text. None writes no element; anything else its `str`. Raises
    ValueError for characters that XML cannot hold.
    """
    root = ElementTree.Element(name)
    _fill(root, value)
    written: bytes = ElementTree.tostring(root, encoding=encoding, xml_declaration=True)
    return written


class _Builder:
    """Builds values while the parser reads, without a tree in between."""

    def __init__(self, lists: frozenset[str]) -> None:
        self.document: dict[str, Value] = {}
        self._lists: dict[str, list[str]] = {}
        for each in lists:
            parent, _, child = each.partition(".")
            self._lists.setdefault(parent, []).append(child)
        self._open: list[tuple[str, dict[str, Value]]] = []
        self._text: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise ValueError(f"elements are nested deeper than {_DEEPEST}")
        local = name.rpartition(_APART)[2]
        value: dict[str, Value] = {f"@{key}": text for key, text in attributes.items() if _APART not in key}
        for child in self._lists.get(local, ()):
            value[child] = []
        self._open.append((local, value))
        self._text = []

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, _: str) -> None:
        name, value = self._open.pop()
        text, self._text = "".join(self._text).strip(), []
        if not value:
            found: Value = text
        else:
            found = value
            if all(key.startswith("@") for key in value):
                value["#text"] = text
        if not self._open:
            self.document[name] = found
            return
        parent, siblings = self._open[-1]
        known = siblings.get(name)
        if name in self._lists.get(parent, ()):
            siblings[name].append(found)
        elif known is None:
            siblings[name] = found
        else:
            siblings[name] = [*known, found] if isinstance(known, list) else [known, found]


def _refuse(*_: object) -> None:
    raise ValueError("it has a document type of its own, which may hold anything")


def _encoding(document: bytes, content_type: str) -> str | None:
    """The encoding to read by where the document itself does not say it."""
    if _SAYS_ENCODING.match(document[:200]):
        return None
    said = _CHARSET.search(content_type)
    return said[1] if said else None


def _fill(element: ElementTree.Element, value: Value) -> None:
    if not isinstance(value, Mapping):
        element.text = _clean("" if value is None else str(value))
        return
    for name, child in value.items():
        if name == "#text":
            element.text = _clean(str(child))
        elif name.startswith("@"):
            element.set(name[1:], _clean(str(child)))
        else:
            for each in child if isinstance(child, list | tuple) else [child]:
                if each is not None:
                    _fill(ElementTree.SubElement(element, name), each)


def _clean(text: str) -> str:
    found = _NOT_TEXT.search(text)
    if found:
        raise ValueError(f"XML cannot hold the character U+{ord(found[0]):04X}")
    return text
