"""The derived description of Post-Order as an OpenAPI document, so that the suite can hold calls against it.

It is not eBay's: fields were recorded by others. What is named there is all that is let pass, both ways.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = "https://api.ebay.com/post-order/v2"
_PLAIN = {"string": "string", "integer": "integer", "boolean": "boolean", "double": "number"}
_NEWER = {
    "ReturnFileType": {"fileName": "string"},
    "ReturnSummaryType": {"orderId": "string"},
    "UploadFileRequest": {"data": "string"},
    "SearchCancellationsRestRequest": {"role": "string"},
    "CancelSummary": {"buyerLoginName": "string"},
}
"""Where eBay's own pages of these types (2.10.0) say otherwise than the list of 2021."""

_TIME = {"type": "object", "properties": {"value": {"type": "string"}, "formattedValue": {"type": "string"}}}


def as_openapi(path: Path) -> dict[str, Any]:
    """The operations that are not shut down, and the types."""
    derived = json.loads(path.read_text("utf-8"))
    enums = {name: {"type": "string", "enum": values} for name, values in derived["enums"].items()}
    types = {name: _object(name, fields, derived) for name, fields in derived["types"].items() if name != "DateTime"}
    paths: dict[str, Any] = {}
    for operation in derived["operations"]:
        if not operation["state"].startswith("decommissioned"):
            shown = re.sub(r"\{\w+\}", "{id}", operation["path"])
            paths.setdefault(shown, {})[operation["method"].lower()] = _operation(operation, derived)
    return {
        "openapi": "3.0.0",
        "info": {"title": "Post-Order, derived", "version": "2.8.0"},
        "servers": [{"url": ROOT}],
        "paths": paths,
        "components": {"schemas": {**enums, **types, "DateTime": _TIME}},
    }


def _operation(operation: dict[str, Any], derived: dict[str, Any]) -> dict[str, Any]:
    request, response = operation["request"], operation["response"]
    made: dict[str, Any] = {"parameters": [], "responses": {"default": {"description": "an error"}}}
    if "{" in operation["path"]:
        made["parameters"].append({"in": "path", "name": "id", "required": True, "schema": {"type": "string"}})
    if request and request.startswith("query:"):
        name = request.removeprefix("query:")
        named = derived["types"].get(name) or {name.partition("=")[0]: "string"}
        named = named | _NEWER.get(name, {})
        made["parameters"] += [{"in": "query", "name": each, "schema": {"type": "string"}} for each in named]
    elif request:
        made["requestBody"] = {"content": {"application/json": {"schema": _ref(request)}}}
    answer: dict[str, Any] = {"description": "good"}
    if response:
        answer["content"] = {"application/json": {"schema": _ref(response)}}
    made["responses"]["200"] = answer
    return made


def _object(name: str, fields: dict[str, str], derived: dict[str, Any]) -> dict[str, Any]:
    named = {field: _type(text, derived) for field, text in (fields | _NEWER.get(name, {})).items()}
    return {"type": "object", "properties": named, "additionalProperties": False}


def _type(text: str, derived: dict[str, Any]) -> dict[str, Any]:
    plain = text.partition("#")[0].partition("(")[0].strip().removeprefix("B:")
    if plain.endswith("[]"):
        return {"type": "array", "items": _type(plain.removesuffix("[]"), derived)}
    if plain in _PLAIN:
        return {"type": _PLAIN[plain]}
    known = plain in derived["types"] or plain in derived["enums"]
    return _ref(plain) if known else {}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
