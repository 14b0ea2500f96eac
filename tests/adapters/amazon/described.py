"""Amazon's models (Swagger 2.0) as one OpenAPI 3 document, to hold requests and answers against.

No kept library validates messages against Swagger 2.0. What is converted is little: references, bodies, lists in the
query, and media types. Where the models contradict themselves or their own text they are repaired first; REPAIRS says
how and why, and a repair that repairs nothing fails.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

METHODS = ("get", "post", "put", "delete", "patch")

REPAIRS = {
    "maxLength of a list": "messaging writes maxLength: 5 on lists of attachments and means at most five of them",
    "a path in a path": "uploads' {resource} is a path itself, such as messaging/v1/orders/{id}/messages/invoice",
}

_MESSAGES = (
    "confirmCustomizationDetails",
    "legalDisclosure",
    "warranty",
    "digitalAccessKey",
    "invoice",
)
_RESOURCE = "/uploads/2020-11-01/uploadDestinations/{resource}"


@dataclass
class Described:
    """The converted models: `operations` are `METHOD /path` by method and template, `repaired` what was repaired."""

    document: dict[str, Any]
    openapi: OpenAPI
    operations: dict[tuple[str, str], str]
    repaired: set[str]

    def operation_of(self, method: str, path: str) -> str | None:
        """The operation that a call belongs to; of several that fit, the one with the fewest free parts."""
        parts = path.split("/")
        fitting = [
            (template.count("{"), name)
            for (known, template), name in self.operations.items()
            if known == method and fits(template, parts)
        ]
        return min(fitting)[1] if fitting else None

    def complaints(self, request: Any, status: int, headers: Mapping[str, str], body: bytes) -> list[str]:
        """What the models have against a call and its answer: nothing, if all is well."""
        url = urlsplit(request.url)
        operation = self.operation_of(request.method, url.path)
        if operation is None:
            return [f"{request.method} {url.path}: not described"]
        asked = _asked(request)
        answer = SimpleNamespace(
            data=body,
            status_code=status,
            content_type=headers.get("Content-Type", ""),
            headers=Headers(list(headers.items())),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wrong = [f"request {operation}: {_text(error)}" for error in self.openapi.iter_request_errors(asked)]
            for error in self.openapi.iter_response_errors(asked, answer):
                wrong.append(f"answer {status} {operation}: {_text(error)}")
        return wrong + self._strange(operation, asked, status, body)

    def _strange(self, operation: str, asked: Any, status: int, body: bytes) -> list[str]:
        """Names that the models do not have: a validator lets them pass."""
        method, _, template = operation.partition(" ")
        described = self.document["paths"][template][method.lower()]
        known = {each["name"] for each in described.get("parameters", ()) if each["in"] == "query"}
        found = [f"request {operation}: no parameter {name}" for name in asked.parameters.query if name not in known]
        if asked.body:
            schema = described["requestBody"]["content"]["application/json"]["schema"]
            found += [f"request {operation}: no field {name}" for name in self._names(schema, json.loads(asked.body))]
        content = described["responses"].get(str(status), {}).get("content", {})
        for media in content.values():
            found += [
                f"answer {status} {operation}: no field {n}" for n in self._names(media["schema"], json.loads(body))
            ]
        return found

    def _names(self, schema: dict[str, Any], value: Any, path: str = "") -> Iterator[str]:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if isinstance(value, list):
            for each in value:
                yield from self._names(schema.get("items", {}), each, f"{path}[]")
        elif isinstance(value, dict) and "properties" in schema:
            for key, each in value.items():
                if key in schema["properties"]:
                    yield from self._names(schema["properties"][key], each, f"{path}.{key}")
                else:
                    yield f"{path}.{key}"


def fits(template: str, parts: list[str]) -> bool:
    """Whether a path's parts are those of a template."""
    wanted = template.split("/")
    return len(wanted) == len(parts) and all(
        want.startswith("{") or want == part for want, part in zip(wanted, parts, strict=True)
    )


@cache
def load(folder: Path) -> Described:
    """All models of a folder in one document."""
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "Amazon", "version": "2026-08-05"},
        "servers": [{"url": "/"}],
        "paths": {},
        "components": {"schemas": {}},
    }
    repaired: set[str] = set()
    for file in sorted(folder.glob("*.json")):
        swagger = json.loads(file.read_text("utf-8"))
        if isinstance(swagger, dict) and _RESOURCE in swagger.get("paths", ()):
            swagger = spread(swagger)
            repaired.add("a path in a path")
        if isinstance(swagger, dict) and swagger.get("swagger") == "2.0":
            _add(document, swagger, file.stem, repaired)
    operations = {
        (method.upper(), template): f"{method.upper()} {template}"
        for template, methods in document["paths"].items()
        for method in methods
    }
    readers = {"application/hal+json": json.loads}
    openapi = OpenAPI.from_dict(document, config=Config(extra_media_type_deserializers=readers))
    return Described(document, openapi, operations, repaired)


def _add(document: dict[str, Any], swagger: dict[str, Any], name: str, repaired: set[str]) -> None:
    def schema(node: Any) -> Any:
        """A schema with its references into the one document, without examples, descriptions and extensions."""
        if isinstance(node, list):
            return [schema(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return {"$ref": f"#/components/schemas/{name}.{node['$ref'].rpartition('/')[2]}"}
        kept = {
            key: schema(value)
            for key, value in node.items()
            if key not in ("description", "example", "examples", "title") and not key.startswith("x-")
        }
        if "properties" in node:  # a property may be called description
            kept["properties"] = {key: schema(value) for key, value in node["properties"].items()}
        if node.get("type") == "array" and "maxLength" in node:
            repaired.add("maxLength of a list")
            kept["maxItems"] = kept.pop("maxLength")
        return kept

    for key, definition in swagger.get("definitions", {}).items():
        document["components"]["schemas"][f"{name}.{key}"] = schema(definition)
    for template, methods in swagger["paths"].items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method in METHODS:
                path = document["paths"].setdefault(template, {})
                path[method] = _operation(operation, shared, swagger, schema)


def _operation(operation: dict[str, Any], shared: list[Any], swagger: dict[str, Any], schema: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"parameters": [], "responses": {}}
    for parameter in [*operation.get("parameters", ()), *shared]:
        if "$ref" in parameter:
            parameter = swagger["parameters"][parameter["$ref"].rpartition("/")[2]]
        if parameter["in"] == "body":
            content = {"application/json": {"schema": schema(parameter["schema"])}}
            found["requestBody"] = {"required": parameter.get("required", False), "content": content}
            continue
        kinds = (
            "type",
            "format",
            "enum",
            "items",
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "maxItems",
            "pattern",
        )
        made = {"name": parameter["name"], "in": parameter["in"], "required": parameter.get("required", False)}
        made["schema"] = schema({key: parameter[key] for key in kinds if key in parameter})
        if parameter["type"] == "array":
            made |= {"style": "form", "explode": parameter.get("collectionFormat") == "multi"}
        found["parameters"].append(made)
    media = operation.get("produces") or swagger.get("produces") or ["application/json"]
    for status, response in operation["responses"].items():
        described: dict[str, Any] = {"description": ""}
        if "schema" in response:
            described["content"] = {each: {"schema": schema(response["schema"])} for each in media}
        found["responses"][status] = described
    return found


def spread(swagger: dict[str, Any]) -> dict[str, Any]:
    """The one path of uploads becomes one for each message that takes files."""
    operation = swagger["paths"][_RESOURCE]["post"]
    others = [each for each in operation["parameters"] if each.get("in") != "path"]
    order = {"name": "amazonOrderId", "in": "path", "required": True, "type": "string"}
    whole = {**operation, "parameters": [order, *others]}
    base = "/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{amazonOrderId}/messages/"
    return {**swagger, "paths": {base + message: {"post": whole} for message in _MESSAGES}}


def _asked(request: Any) -> Any:
    url = urlsplit(request.url)
    body = request.body
    return SimpleNamespace(
        host_url=f"{url.scheme}://{url.netloc}",
        path=unquote(url.path),
        method=request.method.lower(),
        parameters=RequestParameters(
            query=ImmutableMultiDict(parse_qsl(url.query, keep_blank_values=True)),
            header=Headers([(name, str(value)) for name, value in request.headers.items()]),
        ),
        content_type=request.headers.get("Content-Type", ""),
        body=body.encode() if isinstance(body, str) else body,
    )


def _text(error: BaseException | None) -> str:
    """An error with its causes, and where in the body each is."""
    parts: list[str] = []
    while error is not None:
        parts.append(type(error).__name__)
        for each in getattr(error, "schema_errors", ()):
            parts.append(f"{'.'.join(map(str, each.absolute_path))}: {each.message[:160]}")
        error = error.__cause__
    return " | ".join(parts)
