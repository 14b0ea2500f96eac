"""Answers made up from a GraphQL schema, for the very document that an adapter sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    OperationDefinitionNode,
    is_leaf_type,
)

from sellercare.testing.answers import oddities
from sellercare.testing.answers.selection import Selection, Sets, below

_INT = range(-(2**31), 2**31)
"""GraphQL specification of October 2021, 3.5.1: an Int has 32 bits."""

_SCALARS: Mapping[str, Sequence[Any]] = {
    "String": oddities.TEXTS,
    "ID": oddities.TEXTS,
    "Int": [each for each in oddities.WHOLE if each in _INT],
    "Float": [0.5, *(float(each) for each in oddities.WHOLE)],
    "Boolean": [True, False],
    "DateTime": oddities.MOMENTS,
    "Date": oddities.DATES,
    "Decimal": oddities.DECIMALS,
}
"""Values by scalar: those of the specification, and those that nearly all schemas mean alike. Of any other scalar a
schema says nothing but its name: what was really answered there is kept, or it is a text."""

_ROWS = (0, 1, 1, 2)
"""How many rows a list has."""


@dataclass(frozen=True)
class Answers:
    """Makes answers up to one request, whose real answer is `plain`."""

    selection: Selection
    plain: Mapping[str, Any]

    def made(self, chance: Random) -> bytes:
        """An answer: data, errors, or both (specification of October 2021, 7.1)."""
        definitions = self.selection.document.definitions
        operation = next(each for each in definitions if isinstance(each, OperationDefinitionNode))
        root = self.selection.schema.get_root_type(operation.operation)
        if root is None:
            raise ValueError(f"the schema has no {operation.operation.value}")
        maker = _Maker(
            self.selection, chance, chance.choice(oddities.ODDNESS), oddities.seen_in(self.plain.get("data"))
        )
        answer = {**self.plain, "data": maker.thing(root, [operation.selection_set], ())}
        said = chance.random()
        if said < 0.1:
            answer["errors"] = [{"message": chance.choice(oddities.TEXTS), "extensions": {"code": oddities.NEVER_SEEN}}]
            answer["data"] = answer["data"] if said < 0.05 else None
        return json.dumps(answer).encode()


@dataclass(frozen=True)
class _Maker:
    """Makes up one answer."""

    selection: Selection
    chance: Random
    odd: float
    seen: Mapping[oddities.Place, Sequence[Any]]

    def thing(self, kind: GraphQLObjectType, sets: Sets, place: oddities.Place) -> dict[str, Any]:
        """An object with every field that was asked for."""
        made: dict[str, Any] = {}
        for name, same in self.selection.fields(sets, kind).items():
            field = kind.fields.get(same[0].name.value)
            if field is not None:
                made[name] = self.value(field.type, same, (*place, name))
            elif same[0].name.value == "__typename":
                made[name] = kind.name
        return made

    def value(self, kind: Any, nodes: Sequence[FieldNode], place: oddities.Place) -> Any:
        """A value of a type; null where that may be."""
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        elif self.chance.random() < self.odd or (self.empty(place) and self.chance.random() < 0.8):
            return None
        if isinstance(kind, GraphQLList):
            return [self.value(kind.of_type, nodes, place) for _ in range(self.chance.choice(_ROWS))]
        if is_leaf_type(kind):
            return self.leaf(kind, place)
        return self.thing(self.concrete(kind), below(nodes), place)

    def empty(self, place: oddities.Place) -> bool:
        """Whether the real answer was null here."""
        return all(each is None for each in self.seen.get(place, ())) and place in self.seen

    def concrete(self, kind: Any) -> GraphQLObjectType:
        """A type that an object can have; of an interface that no type of a cut schema has, the interface as one."""
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            possible = self.selection.schema.get_possible_types(kind)
            if not possible:
                return GraphQLObjectType(kind.name, getattr(kind, "fields", {}))
            return self.chance.choice(list(possible))
        found: GraphQLObjectType = kind
        return found

    def leaf(self, kind: Any, place: oddities.Place) -> Any:
        """A value without parts: mostly what was really answered, else any that the type allows."""
        real = [each for each in self.seen.get(place, ()) if each is not None]
        if isinstance(kind, GraphQLEnumType):
            if self.chance.random() < self.odd:
                return oddities.NEVER_SEEN
            return self.chance.choice(real if real and self.chance.random() < 0.7 else list(kind.values))
        odd = self.chance.random() < max(self.odd, 0.05)
        if real and not odd:
            return self.chance.choice(real)
        known = _SCALARS.get(kind.name) or real or oddities.TEXTS
        return self.chance.choice(known) if odd else known[0]


__all__ = ["Answers"]
