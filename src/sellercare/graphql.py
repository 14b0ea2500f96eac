"""GraphQL for adapters: one address for everything, variables, cursors in them, and errors in good answers.

An `Endpoint` makes the calls. `ConnectionPages` walks a connection. `problem_of` reads what an answer says is wrong, in
the three places where platforms say it: `errors` beside the data, error lists in a mutation's payload (`userErrors`,
`errors`), and payloads that are an error themselves (`errorCode`). An adapter that uses it sets `errors_in_success`.

What a code proves about a write is said by the codes in its contract's `nothing_happened`: a mutation's own error
(`USER_ERROR` where it has no code) mostly proves that nothing happened, `PARTLY` never does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sellercare.adapter import Problem
from sellercare.calls import Answer, Call, Json, read, write
from sellercare.errors import BadAnswer, NotFound
from sellercare.interfaces import Context
from sellercare.translation import at_path, translated

T = TypeVar("T")

USER_ERROR = "user-error"
"""The code of an error of a mutation's own that has none: the platform's rules forbid it."""

NOT_EXECUTED = "not-executed"
"""The code of a request that was refused whole, and told no code: an answer without `data` was never executed (GraphQL
specification of October 2021, 7.1.2)."""

FIELD_ERROR = "field-error"
"""The code of an error that left an operation without its result, and told no code."""

NOTHING_THERE = "nothing-there"
"""The code of an answer that is null and says nothing is wrong: what was asked for is not there. Map it to NotFound."""

PARTLY = "partly-answered"
"""The code of an error beside a result: the operation was executed, and a part of its answer is missing."""

_NAMED = re.compile(r"\s*(query|mutation)\s+(\w+)")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address that takes all operations. They have names: logs and errors call them by it."""

    path: str
    base: str = "api"

    def query(self, document: str, variables: Mapping[str, Any] | None = None, **more: Any) -> Call:
        """An operation that changes nothing. `more` are fields of `Call`, such as `group` and `cost`."""
        return read(self.path, method="POST", **self._fields("query", document, variables, more))

    def mutation(self, document: str, variables: Mapping[str, Any] | None = None, **more: Any) -> Call:
        """An operation that changes something."""
        return write("POST", self.path, **self._fields("mutation", document, variables, more))

    def _fields(
        self, kind: str, document: str, variables: Mapping[str, Any] | None, more: Mapping[str, Any]
    ) -> dict[str, Any]:
        named = _NAMED.match(document)
        if named is None or named[1] != kind:
            raise ValueError(f"the document begins with no named {kind}")
        body = {"query": document, "variables": dict(variables or {})}
        return {"base": self.base, "title": f"{kind} {named[2]}", "json": body, **more}


@dataclass(frozen=True, slots=True)
class ConnectionPages:
    """Pages of a connection: `first` and `after` are variables, `pageInfo` says whether more come.

    `connection` is its dotted path in the answer (`data.orders`). `limit` is the number of rows asked for.
    """

    connection: str
    limit: int
    first_variable: str = "first"
    after_variable: str = "after"

    def first(self, call: Call) -> Call:
        """The first page; from the cursor on, where the variables have one already."""
        return with_variables(call, {self.first_variable: self.limit})

    def after(self, call: Call, answer: Answer, payload: Json, count: int) -> Call | None:
        """The page behind the cursor; BadAnswer where more is promised without one."""
        info = at_path(payload, f"{self.connection}.pageInfo", answer.where)
        more, cursor = translated(
            lambda row: (row["hasNextPage"], row["endCursor"]), info, answer.where, f"$.{self.connection}.pageInfo"
        )
        if not more:
            return None
        if not cursor:
            raise BadAnswer(
                f"{answer.where}: more rows are promised, but no cursor leads to them.",
                path=f"$.{self.connection}.pageInfo.endCursor",
            )
        return with_variables(call, {self.after_variable: cursor})


def with_variables(call: Call, variables: Mapping[str, Any]) -> Call:
    """The call with these variables changed."""
    return replace(call, json={**call.json, "variables": {**call.json["variables"], **variables}})


def found(ctx: Context, call: Call, field: str, what: str, translate: Callable[[Any], T]) -> T:
    """What a query for one thing found under its dotted path; NotFound, naming `what`, where that is null."""
    row = at_path(ctx.read(call), field, call.title)
    if row is None:
        raise NotFound(f"{call.title}: there is no {what}.")
    return translated(translate, row, call.title, f"$.{field}")


def payload_of(path: str) -> Callable[[Answer], Json]:
    """For `Step.keep`: what is under this dotted path of the answer; BadAnswer where it is null or not there."""

    def keep(answer: Answer) -> Json:
        row = at_path(answer.json(), path, answer.where)
        if row is None:
            raise BadAnswer(f"{answer.where}: the answer does not show what was done.", path=f"$.{path}")
        return row

    return keep


def problem_of(answer: Answer, *, withheld: Collection[str] = ()) -> Problem:
    """What an answer says is wrong; an empty Problem where nothing is.

    An error at a field of these names (`withheld`) is nothing wrong, as long as the operation has its result: the
    platform keeps that field to itself. An error list beside a result is `PARTLY`: it was executed, at least so far.
    """
    document = answer.json()
    if not isinstance(document, dict):
        return Problem()
    data = document.get("data")
    results = [value for value in data.values() if value is not None] if isinstance(data, dict) else []
    for error in _errors(document.get("errors")):
        if results and any(part in withheld for part in _path(error)):
            continue
        silent = _silent_code(answer, document)
        return _of_request(error, silent, has_result=bool(results))
    for result in results:
        problem = _of_payload(result)
        if problem is not None:
            return problem
    if isinstance(data, dict) and data and not results and 200 <= answer.status < 300:
        return Problem(NOTHING_THERE, "there is no such thing, or this account may not see it")
    return Problem()


def _errors(value: Any) -> list[dict[str, Any]]:
    """The errors of a list; some platforms' gates write one text instead."""
    if isinstance(value, str) and value:
        return [{"message": value}]
    return [each if isinstance(each, dict) else {"message": str(each)} for each in value] if _listed(value) else []


def _listed(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _path(error: Mapping[str, Any]) -> list[Any]:
    path = error.get("path")
    return path if isinstance(path, list) else []


def _silent_code(answer: Answer, document: Mapping[str, Any]) -> str:
    """The code of an error that tells none. A gate's or proxy's error (a bad status, a bare text) proves nothing."""
    if not 200 <= answer.status < 300 or not isinstance(document["errors"], list):
        return ""
    return FIELD_ERROR if "data" in document else NOT_EXECUTED


def _of_request(error: Mapping[str, Any], silent: str, *, has_result: bool) -> Problem:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    text = str(error.get("message", ""))
    field = ".".join(str(part) for part in _path(error))
    if has_result:
        return Problem(PARTLY, f"{code}: {text}" if code else text, field)
    return Problem(str(code) if code else silent, text, field)


def _of_payload(result: Any) -> Problem | None:
    """The error that a mutation's payload carries, or is."""
    if not isinstance(result, dict):
        return None
    if isinstance(result.get("errorCode"), str):
        return Problem(result["errorCode"], str(result.get("message", "")))
    for name, value in result.items():
        if _listed(value) and (name == "errors" or name.lower().endswith("usererrors")):
            return _of_list(_errors(value)[0], [other for key, other in result.items() if key != name])
    return None


def _of_list(error: Mapping[str, Any], others: list[Any]) -> Problem:
    code, text, field = error.get("code"), str(error.get("message", "")), error.get("field")
    place = ".".join(str(part) for part in field) if isinstance(field, list) else str(field or "")
    if any(other not in (None, [], "") for other in others):
        return Problem(PARTLY, f"{code}: {text}" if code else text, place)
    return Problem(str(code) if code else USER_ERROR, text, place)


__all__ = [
    "FIELD_ERROR",
    "NOTHING_THERE",
    "NOT_EXECUTED",
    "PARTLY",
    "USER_ERROR",
    "ConnectionPages",
    "Endpoint",
    "found",
    "payload_of",
    "problem_of",
    "with_variables",
]
