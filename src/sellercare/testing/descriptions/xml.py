"""An XML Schema (XSD), held against the XML bodies of exchanges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import xmlschema

from sellercare.support import Proof
from sellercare.testing.answers import oddities
from sellercare.testing.answers.xml import Maker, root_of, seen_in
from sellercare.testing.workshop import Exchange


@dataclass(frozen=True)
class XmlSchema:
    """A schema. Operations are its global elements: a document is told by its root."""

    title: str
    schema: Any

    @classmethod
    def of(cls, path: Path) -> XmlSchema:
        """The schema of a file, and of those that it includes; nothing is fetched, and no entity is read."""
        return cls(f"XML Schema ({path.stem})", xmlschema.XMLSchema(str(path), allow="sandbox", defuse="always"))

    @property
    def operations(self) -> frozenset[str]:
        """The elements that a document may begin with."""
        return frozenset(name.rpartition("}")[2] for name in self.schema.elements)

    def operations_of(self, exchange: Exchange) -> frozenset[str]:
        """The roots of request and answer."""
        return frozenset(name for body in _bodies(exchange) if (name := _root(body))) & self.operations

    def complaints(self, exchange: Exchange) -> list[str]:
        """What the schema has against the bodies."""
        wrong = []
        for side, body in zip(("request", "answer"), _bodies(exchange), strict=True):
            if body.lstrip()[:1] == b"<":
                name = _root(body) or "?"
                errors = self.schema.iter_errors(_parsed(body))
                wrong += [f"{side} {name}: {error.path}: {str(error.reason)[:160]}" for error in errors]
        return list(dict.fromkeys(wrong))

    def proof_of(self, exchange: Exchange) -> Proof:
        """The description, where it has an element of that name."""
        return Proof.DESCRIPTION if self.operations_of(exchange) else Proof.DOSSIER

    def answers(self, exchange: Exchange, random: Random, count: int) -> Iterator[bytes]:
        """Documents of the same root that the schema allows. ValueError where one of its patterns fits no text."""
        name = _root(exchange.body)
        root = root_of(self.schema, name) if name else None
        if root is not None:
            seen = seen_in(_parsed(exchange.body).root)
            for _ in range(count):
                yield Maker(random, random.choice(oddities.ODDNESS), seen).document(root)


def _bodies(exchange: Exchange) -> tuple[bytes, bytes]:
    sent = exchange.request.body or b""
    return (sent.encode() if isinstance(sent, str) else bytes(sent)), exchange.body


def _parsed(body: bytes) -> Any:
    """A document without entities, from nowhere but these bytes."""
    return xmlschema.XMLResource(body.decode("utf-8", "replace"), defuse="always", allow="none")


def _root(body: bytes) -> str | None:
    try:
        return str(_parsed(body).root.tag).rpartition("}")[2]
    except (ValueError, SyntaxError, xmlschema.XMLSchemaException):
        return None
