"""Documents made up from an XML Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from xml.etree import ElementTree

import xmlschema
from xmlschema.validators import XsdComplexType, XsdElement, XsdGroup

from sellercare.testing.answers import oddities

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_DEEPEST = 12
"""Elements may hold themselves: below this nothing is made that need not be."""

_TEXTS = (
    *oddities.TEXTS,
    *(str(each) for each in oddities.WHOLE),
    *oddities.DECIMALS,
    *oddities.MOMENTS,
    *(moment.replace("Z", "") for moment in oddities.MOMENTS if moment.endswith("Z")),
    *oddities.DATES,
    "true",
    "false",
    *oddities.CODES,
)
"""What is tried as the text of an element; what its type does not allow is not taken."""


@dataclass(frozen=True)
class Maker:
    """Makes up one document. `seen` is what was really answered, by place."""

    chance: Random
    odd: float
    seen: Mapping[oddities.Place, list[Any]]

    def document(self, root: XsdElement) -> bytes:
        """A document with this root."""
        made: bytes = ElementTree.tostring(self.element(root, ()), encoding="utf-8", xml_declaration=True)
        return made

    def element(self, kind: XsdElement, above: oddities.Place) -> ElementTree.Element:
        """An element; ValueError where no text is known that its type allows."""
        made = ElementTree.Element(kind.name)
        place = (*above, kind.local_name)
        if kind.nillable and self.chance.random() < max(self.odd, 0.05):
            made.set(_NIL, "true")
            return made
        content: Any = kind.type
        if isinstance(content, XsdComplexType):
            self._attributes(kind, made, place)
            content = content.content
        if isinstance(content, XsdGroup):
            made.extend(list(self._children(content, place)))
        elif content is not None:
            made.text = self._text(kind.fixed, content, place)
        return made

    def _attributes(self, kind: XsdElement, made: ElementTree.Element, place: oddities.Place) -> None:
        for name, attribute in kind.attributes.items():
            if name is None:  # a wildcard, which need not be filled
                continue
            if attribute.use == "required" or (attribute.use == "optional" and self._there()):
                made.set(name, self._text(attribute.fixed, attribute.type, (*place, f"@{attribute.local_name}")))

    def _children(self, group: XsdGroup, place: oddities.Place) -> Iterator[ElementTree.Element]:
        """The elements of a sequence, of one part of a choice, or of all in the order that is written."""
        for _ in range(self._times(group, place)):
            parts = [self.chance.choice(list(group))] if group.model == "choice" and len(group) else list(group)
            for part in parts:
                if isinstance(part, XsdGroup):
                    yield from self._children(part, place)
                elif isinstance(part, XsdElement):  # what is left are wildcards, which need not be filled
                    for _ in range(self._times(part, place)):
                        yield self.element(part, place)

    def _times(self, part: XsdElement | XsdGroup, place: oddities.Place) -> int:
        """How often a part comes: what need not be there sometimes is not, what may repeat sometimes does."""
        least, most = part.min_occurs, part.max_occurs
        if least == most or len(place) > _DEEPEST:
            return int(least)
        wanted = self.chance.choice((1, 1, 2, 3)) if self._there() else 0
        return int(max(least, wanted if most is None else min(wanted, most)))

    def _there(self) -> bool:
        return self.chance.random() >= max(self.odd, 0.15)

    def _text(self, fixed: str | None, type_: Any, place: oddities.Place) -> str:
        """A text: mostly what was really answered, else any that the type allows, or a word it may grow by."""
        if fixed is not None:
            return fixed
        words = type_.enumeration
        odd = self.chance.random() < max(self.odd, 0.05)
        if words and odd and type_.root_type.local_name == "string":
            return oddities.NEVER_SEEN
        real = [str(each) for each in self.seen.get(place, ()) if isinstance(each, str)]
        tried = [*real, *_TEXTS, *_at_the_ends(type_)] if odd or not real else real
        fitting = [each for each in map(str, words or tried) if _allowed(type_, each)]
        if not fitting:
            raise ValueError(f"no text is known that {'/'.join(place)} allows")
        return self.chance.choice(fitting)


def _at_the_ends(type_: Any) -> list[str]:
    """Texts as short, as long, as small and as large as a type allows."""
    lengths = (getattr(type_, "min_length", None), getattr(type_, "max_length", None))
    values = (getattr(type_, "min_value", None), getattr(type_, "max_value", None))
    return ["0" * length for length in lengths if length] + [str(value) for value in values if value is not None]


def _allowed(type_: Any, text: str) -> bool:
    try:
        type_.text_decode(text, "strict")
    except (xmlschema.XMLSchemaException, ValueError, ArithmeticError):
        return False
    return True


def seen_in(root: ElementTree.Element, above: oddities.Place = ()) -> dict[oddities.Place, list[Any]]:
    """The texts and attributes of a document by where they are."""
    place = (*above, _local(root.tag))
    found: dict[oddities.Place, list[Any]] = {(*place, f"@{_local(name)}"): [text] for name, text in root.items()}
    if not len(root):
        found[place] = [root.text or ""]
    for child in root:
        for where, texts in seen_in(child, place).items():
            found.setdefault(where, []).extend(texts)
    return found


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def root_of(schema: xmlschema.XMLSchema, name: str) -> XsdElement | None:
    """The global element of this local name."""
    return next((each for each in schema.elements.values() if each.local_name == name), None)
