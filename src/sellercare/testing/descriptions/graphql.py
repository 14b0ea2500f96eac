"""A GraphQL schema (SDL), held against exchanges: the query, its variables, and the shape of the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_variable_values,
    is_leaf_type,
    parse,
    validate,
)

from sellercare.support import Proof
from sellercare.testing.answers.graphql import Answers
from sellercare.testing.answers.selection import Selection, Sets, below
from sellercare.testing.workshop import Exchange


@dataclass(frozen=True)
class GraphQL:
    """A schema. Operations are the fields of its roots: `query order`, `mutation refundCreate`."""

    title: str
    schema: GraphQLSchema

    @classmethod
    def of(cls, stem: str, text: str) -> GraphQL:
        """The schema of an SDL document; a cut one may name types that it leaves out."""
        return cls(f"GraphQL SDL ({stem})", build_schema(text, assume_valid_sdl=True))

    @property
    def operations(self) -> frozenset[str]:
        """The fields of the roots."""
        roots = {"query": self.schema.query_type, "mutation": self.schema.mutation_type}
        return frozenset(f"{kind} {name}" for kind, root in roots.items() if root for name in root.fields)

    def operations_of(self, exchange: Exchange) -> frozenset[str]:
        """The root fields that a request asks for."""
        asked = _asked(exchange)
        if asked is None:
            return frozenset()
        return frozenset(
            f"{node.operation.value} {each.name.value}"
            for node in asked[0].definitions
            if isinstance(node, OperationDefinitionNode)
            for each in node.selection_set.selections
            if isinstance(each, FieldNode)
        )

    def proof_of(self, exchange: Exchange) -> Proof:
        """The description, where it has all that is asked for."""
        asked = self.operations_of(exchange)
        return Proof.DESCRIPTION if asked and asked <= self.operations else Proof.DOSSIER

    def complaints(self, exchange: Exchange) -> list[str]:
        """What the schema has against the query, its variables and the answer."""
        asked = _asked(exchange)
        if asked is None:
            return [f"{exchange.call}: no GraphQL request"]
        document, variables = asked
        name = " + ".join(sorted(self.operations_of(exchange)))
        wrong = [f"request {name}: {error.message}" for error in validate(self.schema, document)]
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                given = get_variable_values(self.schema, node.variable_definitions or (), variables)
                if isinstance(given, list):
                    wrong += [f"request {name}: {error.message}" for error in given]
        if not wrong and exchange.response is not None and exchange.response.status_code < 300 and exchange.body:
            wrong += [
                f"answer {name}: {each}"
                for each in self._of_answer(Selection(self.schema, document, variables), exchange.body)
            ]
        return list(dict.fromkeys(wrong))

    def answers(self, exchange: Exchange, random: Random, count: int) -> Iterator[bytes]:
        """Answers that the schema allows to the document that was sent, in place of this one."""
        asked = _asked(exchange)
        if asked is None or not exchange.body or validate(self.schema, asked[0]):
            return
        maker = Answers(Selection(self.schema, *asked), json.loads(exchange.body))
        for _ in range(count):
            yield maker.made(random)

    def _of_answer(self, selection: Selection, body: bytes) -> Iterator[str]:
        """Every answered field is one that was asked for, present, and of its type."""
        try:
            data = json.loads(body).get("data")
        except ValueError:
            yield "no JSON document"
            return
        for node in selection.document.definitions if data is not None else ():
            if isinstance(node, OperationDefinitionNode):
                root = self.schema.get_root_type(node.operation)
                if root is not None:
                    yield from self._object(selection, [node.selection_set], root, data, "$")

    def _object(self, selection: Selection, sets: Sets, parent: Any, value: Any, path: str) -> Iterator[str]:
        kind = self.schema.get_type(value.get("__typename", "")) or parent if isinstance(value, dict) else parent
        if not isinstance(value, dict):
            yield f"{path}: no object"
            return
        asked = selection.fields(sets, kind)
        # Of an object whose type is not told, any type's part of the document may be answered.
        known = asked if isinstance(kind, GraphQLObjectType) else asked | _of_any(selection, sets, self.schema, kind)
        yield from (f"{path}.{name} was not asked for" for name in value if name not in known)
        fields = getattr(kind, "fields", {})
        for name, nodes in asked.items():
            field = fields.get(nodes[0].name.value)
            if field is not None and name not in value:
                yield f"{path}.{name} is missing"
            elif field is not None:
                yield from self._value(selection, below(nodes), field.type, value[name], f"{path}.{name}")

    def _value(self, selection: Selection, sets: Sets, kind: Any, value: Any, path: str) -> Iterator[str]:
        if isinstance(kind, GraphQLNonNull):
            if value is None:
                yield f"{path} is null"
                return
            kind = kind.of_type
        if value is None:
            return
        if isinstance(kind, GraphQLList):
            if not isinstance(value, list):
                yield f"{path}: no list"
                return
            for each in value:
                yield from self._value(selection, sets, kind.of_type, each, f"{path}[]")
        elif is_leaf_type(kind):
            try:
                kind.parse_value(value)
            except (GraphQLError, TypeError, ValueError) as error:
                yield f"{path}: {str(error)[:160]}"
        elif sets:
            yield from self._object(selection, sets, kind, value, path)


def _of_any(selection: Selection, sets: Sets, schema: GraphQLSchema, kind: Any) -> dict[str, list[FieldNode]]:
    """The fields that are asked of any type that an interface or union stands for."""
    possible = [selection.fields(sets, each) for each in schema.get_possible_types(kind)]
    return {name: nodes for fields in possible for name, nodes in fields.items()}


def _asked(exchange: Exchange) -> tuple[DocumentNode, dict[str, Any]] | None:
    try:
        body = json.loads(exchange.request.body or b"")
        return parse(body["query"]), body.get("variables") or {}
    except (ValueError, KeyError, TypeError, GraphQLError):
        return None
