"""OpenAPI 3.0 and 3.1 and Swagger 2.0, held against exchanges. Nothing validates Swagger 2.0: it is read as 3.0."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft4Validator
from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4, DRAFT202012

from sellercare.support import Proof
from sellercare.testing.answers import oddities
from sellercare.testing.answers.rest import Maker
from sellercare.testing.workshop import Exchange

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_ROOT = "urn:description"
_FOR_ANYBODY = frozenset({"accept", "content-type", "authorization"})
_BODY_KEYS = ("type", "format", "items", "enum", "minimum", "maximum", "pattern", "default", "minLength", "maxLength")


@dataclass(frozen=True)
class Operation:
    """One operation as it is described."""

    name: str
    pattern: re.Pattern[str]
    method: str
    node: Mapping[str, Any]
    parameters: tuple[Mapping[str, Any], ...]


@dataclass
class Rest:
    """An OpenAPI or Swagger document. Servers' paths are prefixes that requests may have.

    `proof` is what being held against it proves: less than DESCRIPTION where the document is not the platform's own.
    """

    title: str
    document: dict[str, Any]
    by_name: dict[str, Operation] = field(default_factory=dict)
    proof: Proof = Proof.DESCRIPTION

    @classmethod
    def of(
        cls, stem: str, document: dict[str, Any], servers: Sequence[str], *, proof: Proof = Proof.DESCRIPTION
    ) -> Rest:
        """The description of a document."""
        version = document.get("openapi") or document["swagger"]
        kind = "OpenAPI" if "openapi" in document else "Swagger"
        if kind == "Swagger":
            document = as_openapi(document)
        made = cls(f"{kind} {version} ({stem})", document, proof=proof)
        made._prefixes = [*servers, *(each.get("url", "") for each in document.get("servers", ()))]
        made._new = version.startswith("3.1")
        resource = (DRAFT202012 if made._new else DRAFT4).create_resource(_with_nulls(document))
        made._registry = Registry().with_resource(_ROOT, resource)
        for template, node in document.get("paths", {}).items():
            for method in METHODS:
                if method in node:
                    made._add(template, method, node)
        return made

    _prefixes: list[str] = field(default_factory=list, init=False, repr=False)
    _new: bool = field(default=False, init=False, repr=False)
    _registry: Any = field(default=None, init=False, repr=False)

    def _add(self, template: str, method: str, node: Mapping[str, Any]) -> None:
        shared = [self.resolved(each) for each in node.get("parameters", ())]
        own = [self.resolved(each) for each in node[method].get("parameters", ())]
        named = {(each["in"], each["name"]): each for each in (*shared, *own)}
        parts = re.split(r"\{[^}]+\}", template.partition("?")[0])
        pattern = re.compile("([^/]+)".join(map(re.escape, parts)))
        name = f"{method.upper()} {template}"
        self.by_name[name] = Operation(name, pattern, method.upper(), node[method], tuple(named.values()))

    # --- which operation ---------------------------------------------------------------------------------------------

    @property
    def operations(self) -> frozenset[str]:
        """Method and path template of every operation."""
        return frozenset(self.by_name)

    def operations_of(self, exchange: Exchange) -> frozenset[str]:
        """The operation of an exchange."""
        found = self._operation(exchange)
        return frozenset({found.name}) if found else frozenset()

    def proof_of(self, exchange: Exchange) -> Proof:
        """What this document proves, where it has the operation."""
        return self.proof if self._operation(exchange) else Proof.DOSSIER

    def _operation(self, exchange: Exchange) -> Operation | None:
        path = urlsplit(exchange.request.url or "").path
        paths = {path} | {
            path.removeprefix(prefix)
            for server in self._prefixes
            if (prefix := urlsplit(server).path.rstrip("/")) and path.startswith(prefix + "/")
        }
        fitting = [
            each
            for each in self.by_name.values()
            if each.method == exchange.request.method and any(each.pattern.fullmatch(one) for one in paths)
        ]
        return min(fitting, key=lambda each: each.name.count("{"), default=None)

    # --- what is wrong -----------------------------------------------------------------------------------------------

    def complaints(self, exchange: Exchange) -> list[str]:
        """What the description has against request and answer."""
        operation = self._operation(exchange)
        if operation is None:
            return [f"{exchange.call}: not described"]
        wrong = [f"request {operation.name}: {each}" for each in self._of_request(operation, exchange)]
        if exchange.response is not None:
            status = exchange.response.status_code
            wrong += [f"answer {status} {operation.name}: {each}" for each in self._of_answer(operation, exchange)]
        return list(dict.fromkeys(wrong))

    def _of_request(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        request = exchange.request
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True):
            query.setdefault(name.removesuffix("[]"), []).append(value)
        known = {each["name"].removesuffix("[]"): each for each in operation.parameters if each["in"] == "query"}
        yield from (f"no parameter {name}" for name in query if name not in known and not self._deep(name, known))
        for name, each in known.items():
            if name in query:
                yield from (f"parameter {name}: {said}" for said in self._value(each, query[name]))
            elif each.get("required"):
                yield f"parameter {name} is missing"
        for each in operation.parameters:
            name = each["name"]
            wanted = each["in"] == "header" and each.get("required") and name.lower() not in _FOR_ANYBODY
            if wanted and name not in request.headers:
                yield f"header {name} is missing"
        yield from self._of_body(operation, exchange)

    def _deep(self, name: str, known: Mapping[str, Any]) -> bool:
        """Whether it is a part of an object parameter (`filter[state]`)."""
        return "[" in name and name.partition("[")[0] in known

    def _value(self, parameter: Mapping[str, Any], values: list[str]) -> Iterator[str]:
        schema = self.resolved(parameter.get("schema", {}))
        kind = schema.get("type")
        if kind == "array":
            items = self.resolved(schema.get("items", {}))
            many = [part for value in values for part in value.split(",")] if len(values) == 1 else values
            yield from self._schema(schema, [_coerced(value, items.get("type")) for value in many])
        else:
            yield from self._schema(schema, _coerced(values[0], kind))

    def _of_body(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        body = exchange.request.body
        described = self.resolved(operation.node.get("requestBody", {}))
        if not body:
            if described.get("required"):
                yield "the body is missing"
            return
        content = described.get("content", {})
        sent = str(exchange.request.headers.get("Content-Type", "")).partition(";")[0].strip()
        if not content:
            yield "no body is described"
        elif sent not in content and "*/*" not in content:
            yield f"a body of {sent or 'no type'}, not {' or '.join(content)}"
        elif "json" in sent:
            yield from self._document(content.get(sent) or content["*/*"], body)

    def _of_answer(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        assert exchange.response is not None
        status, answers = str(exchange.response.status_code), operation.node.get("responses", {})
        found = next((key for key in (status, f"{status[0]}XX", f"{status[0]}xx", "default") if key in answers), None)
        if found is None:
            yield "no such status is described"
            return
        content = self.resolved(answers[found]).get("content", {})
        sent = str(exchange.response.headers.get("Content-Type", "")).partition(";")[0].strip()
        if not exchange.body or not content:
            return
        described = content.get(sent) or content.get("*/*")
        if described is None:
            yield f"a body of {sent or 'no type'}, not {' or '.join(content)}"
        elif "json" in sent:
            yield from self._document(described, exchange.body)

    def _document(self, described: Mapping[str, Any], body: bytes | str) -> Iterator[str]:
        try:
            document = json.loads(body)
        except ValueError:
            yield "no JSON document"
            return
        schema = described.get("schema", {})
        yield from self._schema(schema, document)
        yield from (f"no field {name}" for name in dict.fromkeys(self.strangers(schema, document)))

    def _schema(self, schema: Mapping[str, Any], value: Any) -> Iterator[str]:
        whole = {"allOf": [_rooted(_with_nulls(schema))]}
        kind = OAS31Validator if self._new else OAS30Validator
        for error in kind(whole, registry=self._registry, format_checker=Draft4Validator.FORMAT_CHECKER).iter_errors(
            value
        ):
            where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
            yield f"${where}: {error.message[:160]}"

    def answers(self, exchange: Exchange, random: Random, count: int) -> Iterator[bytes]:
        """Answers that the description allows in place of this one."""
        operation = self._operation(exchange)
        if operation is None or exchange.response is None:
            return
        node = operation.node.get("responses", {}).get(str(exchange.response.status_code), {})
        sent = str(exchange.response.headers.get("Content-Type", "")).partition(";")[0].strip()
        described = self.resolved(node).get("content", {}).get(sent)
        if described and "json" in sent and "schema" in described:
            seen = oddities.seen_in(json.loads(exchange.body))
            for _ in range(count):
                maker = Maker(self.merged, random, random.choice(oddities.ODDNESS), seen)
                yield json.dumps(maker.made(described["schema"])).encode()

    def strangers(self, schema: Mapping[str, Any], value: Any, path: str = "") -> list[str]:
        """The fields of a value that a schema does not name, by path: validators let them pass."""
        schema = self.merged(schema)
        if isinstance(value, list):
            items = schema.get("items", {})
            return [name for each in value for name in self.strangers(items, each, f"{path}[]")] if items else []
        named = schema.get("properties")
        if not isinstance(value, dict) or not named or schema.get("additionalProperties"):
            return []
        found: list[str] = []
        for key, each in value.items():
            if key in named:
                found += self.strangers(named[key], each, f"{path}.{key}")
            elif not any(re.search(pattern, key) for pattern in schema.get("patternProperties", ())):
                found.append(f"{path}.{key}")
        return found

    def resolved(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """A node with its references followed."""
        while "$ref" in node:
            found: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[unquote(part).replace("~1", "/").replace("~0", "~")]
            node = found
        return dict(node)

    def merged(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """A schema with its references followed and its alternatives put together: all that it may name."""
        plain = self.resolved(node)
        parts = [each for key in ("allOf", "oneOf", "anyOf") for each in plain.pop(key, ())]
        for part in map(self.merged, parts):
            properties = {**part.get("properties", {}), **plain.get("properties", {})}
            open_ = plain.get("additionalProperties") or part.get("additionalProperties")
            plain = {**part, **plain} | ({"properties": properties} if properties else {})
            if open_:
                plain["additionalProperties"] = open_
        return plain


def _with_nulls(schema: Any) -> Any:
    """A schema in which `nullable` beside a reference or `allOf` means what its author meant.

    To the letter of OpenAPI 3.0.3 it means nothing there; tsoa and others write it for what may be null
    (Kaufland 2.27.0, `id_buyer`).
    """
    if isinstance(schema, list):
        return [_with_nulls(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {key: _with_nulls(each) for key, each in schema.items()}
    if plain.get("nullable") is True and "type" not in plain and plain.keys() & {"$ref", "allOf", "oneOf", "anyOf"}:
        del plain["nullable"]
        return {"anyOf": [{"nullable": True, "enum": [None]}, plain]}
    return plain


def _rooted(schema: Any) -> Any:
    """A schema whose references lead into the whole document."""
    if isinstance(schema, Mapping):
        return {
            key: f"{_ROOT}{each}" if key == "$ref" and str(each).startswith("#") else _rooted(each)
            for key, each in schema.items()
        }
    return [_rooted(each) for each in schema] if isinstance(schema, list) else schema


def _coerced(text: str, kind: Any) -> Any:
    """A parameter's text as what it stands for; the text itself if it does not."""
    if kind in ("integer", "number"):
        try:
            return int(text) if kind == "integer" else float(text)
        except ValueError:
            return text
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def as_openapi(old: Mapping[str, Any]) -> dict[str, Any]:
    """A Swagger 2.0 document as OpenAPI 3.0: bodies, forms, media types, definitions, servers."""
    text = json.dumps(old)
    for before, after in (
        ("#/definitions/", "#/components/schemas/"),
        ("#/parameters/", "#/components/parameters/"),
        ("#/responses/", "#/components/responses/"),
    ):
        text = text.replace(before, after)
    document = json.loads(text)
    takes, gives = document.get("consumes", ["application/json"]), document.get("produces", ["application/json"])
    shared = document.get("parameters", {})
    new: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": document["info"],
        "servers": [{"url": document.get("basePath", "")}],
        "components": {
            "schemas": document.get("definitions", {}),
            "parameters": {
                name: _parameter(each) for name, each in shared.items() if each["in"] not in ("body", "formData")
            },
            "responses": {name: _answer(each, gives) for name, each in document.get("responses", {}).items()},
        },
        "paths": {},
    }
    for template, node in document["paths"].items():
        above = _followed(node.get("parameters", ()), shared)
        new["paths"][template] = {
            method: _operation(node[method], above, shared, takes, gives) for method in METHODS if method in node
        }
    return new


def _followed(parameters: Sequence[Mapping[str, Any]], shared: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in parameters]


def _operation(
    old: Mapping[str, Any],
    above: list[Mapping[str, Any]],
    shared: Mapping[str, Any],
    takes: list[str],
    gives: list[str],
) -> dict[str, Any]:
    takes, gives = old.get("consumes", takes), old.get("produces", gives)
    all_of = [*above, *_followed(old.get("parameters", ()), shared)]
    new: dict[str, Any] = {
        "parameters": [_parameter(each) for each in all_of if each["in"] not in ("body", "formData")],
        "responses": {status: _answer(each, gives) for status, each in old.get("responses", {}).items()},
    }
    body = next((each for each in all_of if each["in"] == "body"), None)
    form = [each for each in all_of if each["in"] == "formData"]
    if body is not None:
        content = {kind: {"schema": body.get("schema", {})} for kind in takes}
        new["requestBody"] = {"required": body.get("required", False), "content": content}
    elif form:
        schema = {"type": "object", "properties": {each["name"]: _schema(each) for each in form}}
        new["requestBody"] = {"content": {kind: {"schema": schema} for kind in takes}}
    return new


def _parameter(old: Mapping[str, Any]) -> dict[str, Any]:
    return {key: old[key] for key in ("name", "in", "required") if key in old} | {"schema": _schema(old)}


def _schema(old: Mapping[str, Any]) -> dict[str, Any]:
    return {key: old[key] for key in _BODY_KEYS if key in old}


def _answer(old: Mapping[str, Any], gives: list[str]) -> dict[str, Any]:
    if "$ref" in old or "schema" not in old:
        return dict(old) if "$ref" in old else {}
    return {"content": {kind: {"schema": old["schema"]} for kind in gives}}
