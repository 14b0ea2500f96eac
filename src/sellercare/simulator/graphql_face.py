"""The kit for faces of platforms that speak GraphQL: a schema, a root of plain data, and the face's usual faults.

A face gives the text of its schema and a root: dictionaries whose values are data, or functions of `info` and the
field's arguments. graphql-core checks every request against the schema and executes it. Faults and the log name what
is asked for: `query orders`, `mutation refundCreate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from sellercare.simulator.face import Face, Refusal, Route
from sellercare.simulator.faults import Faults
from sellercare.simulator.messages import Reply, Request
from sellercare.simulator.world import World

if TYPE_CHECKING:
    from graphql import (
        DocumentNode,
        FragmentDefinitionNode,
        GraphQLError,
        GraphQLSchema,
        OperationDefinitionNode,
    )

__all__ = ["GraphQLFace", "connection_of"]


class GraphQLFace(Face):
    """A face with one address, which its subclass routes to `graphql` by `route("POST", …, reads=False)`."""

    schema: ClassVar[str] = ""
    """The schema, in the schema language."""

    def __init__(self, world: World, faults: Faults | None = None) -> None:
        super().__init__(world, faults)
        self._schema = _built(self.schema)

    def root(self) -> Mapping[str, Any]:
        """The fields of queries and mutations: values, or functions of `info` and the arguments."""
        raise NotImplementedError

    def graphql(self, request: Request) -> Reply:
        """Check and execute what is asked; errors in the platform's words come with status 200."""
        from graphql import execute_sync

        body = request.json()
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            raise Refusal(400, "malformed", "query is missing")
        document, errors = _checked(self.schema, body["query"])
        if document is None:
            return Reply.of({"errors": list(errors)})
        result = execute_sync(
            self._schema,
            document,
            root_value=self.root(),
            context_value=request,
            variable_values=body.get("variables") or {},
        )
        answer: dict[str, Any] = {} if result.data is None and _refused_whole(result.errors) else {"data": result.data}
        if result.errors:
            answer["errors"] = [self.shown(error) for error in result.errors]
        return Reply.of(answer)

    def shown(self, error: GraphQLError) -> dict[str, Any]:
        """An error of the execution as the platform writes it. A Refusal's code becomes the extension `code`."""
        cause = error.original_error
        if isinstance(cause, Refusal):
            return {"message": cause.text, "path": error.path, "extensions": {"code": cause.code}}
        if cause is not None:
            raise cause  # a defect of the face, not an answer
        return dict(error.formatted)

    def seen_as(self, route: Route, request: Request) -> Route:
        """Named after the operation's kind and its first field; only mutations change something."""
        operation = self.operation(request)
        if operation is None:
            return route
        kind = operation.operation.value
        return route._replace(call=f"{kind} {first_field(operation)}", reads=kind == "query")

    def operation(self, request: Request) -> OperationDefinitionNode | None:
        """The operation that is asked for; None where there is none, or a wrong one."""
        try:
            document, _ = _checked(self.schema, request.json()["query"])
        except (ValueError, KeyError, TypeError):
            return None
        return operation_in(document) if document is not None else None

    def fragments(self, request: Request) -> list[FragmentDefinitionNode]:
        """The fragments of a document."""
        from graphql import FragmentDefinitionNode

        document, _ = _checked(self.schema, request.json()["query"])
        defined = document.definitions if document is not None else ()
        return [each for each in defined if isinstance(each, FragmentDefinitionNode)]

    def page_of(self, request: Request) -> str:
        """The document and its variables, the cursor apart."""
        body = request.json()
        variables = {name: value for name, value in (body.get("variables") or {}).items() if name != "after"}
        return f"{body.get('query')} {sorted(variables.items(), key=str)}"

    def without_rows(self, payload: Any) -> Any:
        """A page without its rows, however deep they are."""
        if isinstance(payload, dict):
            return {name: self.without_rows(value) for name, value in payload.items()}
        return [] if isinstance(payload, list) else payload


def connection_of(rows: list[Any], first: int | None, after: str | None, *, most: int = 250) -> dict[str, Any]:
    """A page of a connection, by a cursor that is a number. Raises Refusal for a page that is too large."""
    if first is None:
        raise Refusal(200, "BAD_USER_INPUT", "you must provide one of first or last")
    if not 0 < first <= most:
        raise Refusal(200, "BAD_USER_INPUT", f"first cannot exceed {most}")
    start = int(after) if after else 0
    end = start + first
    shown = rows[start:end]
    info = {"hasNextPage": end < len(rows), "endCursor": str(start + len(shown)) if shown else None}
    return {"nodes": shown, "pageInfo": info}


def operation_in(document: DocumentNode) -> OperationDefinitionNode:
    """The one operation of a document."""
    from graphql import OperationDefinitionNode

    return next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))


def first_field(operation: OperationDefinitionNode) -> str:
    """The name of the first field that an operation asks for."""
    return str(operation.selection_set.selections[0].name.value)  # type: ignore[attr-defined]  # a document that is valid here begins with a field


def _refused_whole(errors: list[GraphQLError] | None) -> bool:
    """Whether nothing was executed: then an answer has no `data`. Errors of the execution have a path."""
    return bool(errors) and all(error.path is None for error in errors or ())


@lru_cache(maxsize=16)
def _built(text: str) -> GraphQLSchema:
    try:
        from graphql import build_schema
    except ModuleNotFoundError as error:
        raise LookupError(
            "a simulated platform that speaks GraphQL needs graphql-core: pip install 'sellercare[graphql]'"
        ) from error
    return build_schema(text)


@lru_cache(maxsize=256)
def _checked(schema: str, query: str) -> tuple[DocumentNode | None, tuple[Mapping[str, Any], ...]]:
    """The document, or what the schema has against it. Faces are asked the same few documents again and again."""
    from graphql import GraphQLSyntaxError, parse, validate

    try:
        document = parse(query)
    except GraphQLSyntaxError as error:
        return None, (dict(error.formatted),)
    errors = validate(_built(schema), document)
    return (None, tuple(dict(error.formatted) for error in errors)) if errors else (document, ())
