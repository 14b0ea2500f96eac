"""What a GraphQL document selects of an object: fragments spread, conditions applied, same names put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
    value_from_ast_untyped,
)

Sets = Sequence[SelectionSetNode]
"""Selections of one object: a field that is asked for twice has two."""


@dataclass(frozen=True)
class Selection:
    """A document with its variables, over a schema."""

    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, Any]

    def fields(self, sets: Sets, kind: Any) -> dict[str, list[FieldNode]]:
        """The fields that are asked of an object of a type, by the name they are answered under.

        One name has several nodes where it is asked for several times; they select from the same value.
        """
        found: dict[str, list[FieldNode]] = {}
        for node in self._nodes(sets, kind):
            found.setdefault((node.alias or node.name).value, []).append(node)
        return found

    def _nodes(self, sets: Sets, kind: Any) -> Iterator[FieldNode]:
        for node in (each for selection in sets for each in selection.selections):
            if not self._wanted(node):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            part = self._fragment(node.name.value) if isinstance(node, FragmentSpreadNode) else node
            assert isinstance(part, FragmentDefinitionNode | InlineFragmentNode)
            if part.type_condition is None or self._is_a(kind, part.type_condition.name.value):
                yield from self._nodes([part.selection_set], kind)

    def _is_a(self, kind: Any, about: str) -> bool:
        """Whether an object of a type is also of the type with this name: itself, an interface, or a union."""
        union = self.schema.get_type(about)
        among = isinstance(union, GraphQLUnionType) and kind in union.types
        return among or about == kind.name or about in {each.name for each in getattr(kind, "interfaces", ())}

    def _fragment(self, name: str) -> FragmentDefinitionNode:
        return next(
            each
            for each in self.document.definitions
            if isinstance(each, FragmentDefinitionNode) and each.name.value == name
        )

    def _wanted(self, node: Any) -> bool:
        """Whether `@skip` and `@include` let a selection stay."""
        for directive in node.directives or ():
            name = directive.name.value
            if name in ("skip", "include"):
                met = bool(value_from_ast_untyped(directive.arguments[0].value, dict(self.variables)))
                if met is (name == "skip"):
                    return False
        return True


def below(nodes: Sequence[FieldNode]) -> Sets:
    """What is selected of the value of these nodes."""
    return [node.selection_set for node in nodes if node.selection_set is not None]


__all__ = ["Selection", "Sets", "below"]
