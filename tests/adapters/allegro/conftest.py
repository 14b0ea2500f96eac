"""What the tests of Allegro share: a simulated seller, and Allegro's own description to hold everything against."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

import sellercare
from sellercare.simulator import FakeClock, InProcess, World
from sellercare_adapters.allegro.face import AllegroFace
from sellercare_adapters.allegro.face_base import BETA, FILE_TYPES, PUBLIC

API = "https://api.allegro.pl"


# --- a simulated seller --------------------------------------------------------------------------------------------


@dataclass
class Allegro:
    """A seller at simulated Allegro: the shop, the face, the world, and the clock of all of them."""

    face: AllegroFace
    world: World
    clock: FakeClock
    shop: Any


@pytest.fixture
def make_allegro(tmp_path: Path) -> Iterator[Callable[..., Allegro]]:
    """Makes sellers. `transport` wraps the face's; `scopes` are those of the token; other names are settings."""
    made = []

    def make(
        transport: Callable[[InProcess], Any] = lambda plain: plain,
        scopes: tuple[str, ...] = (),
        patience: float = 600.0,
        **more: Any,
    ) -> Any:
        clock = FakeClock()
        world = World(7, clock, currency="PLN")
        face = AllegroFace(world)
        settings = (
            face.settings() | face.sign_in(scopes) | {"end_request_text": "Proszę o zakończenie dyskusji."} | more
        )
        store = settings.pop("store", "sqlite://")
        shop = sellercare.connect(
            "allegro", store=store, clock=clock, transport=transport(InProcess(face)), patience=patience, **settings
        )
        made.append(shop)
        return Allegro(face, world, clock, shop)

    yield make
    for shop in made:
        shop.close()


@pytest.fixture
def allegro(make_allegro: Callable[..., Allegro]) -> Allegro:
    """One seller."""
    return make_allegro()


# --- the description -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Request:
    """A request as openapi-core wants it."""

    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None


@dataclass
class Description:
    """Allegro's description, loaded once. `violations` of calls are gathered as texts."""

    document: dict[str, Any]
    openapi: OpenAPI
    operations: dict[tuple[str, str], str] = field(default_factory=dict)

    def operation_of(self, method: str, path: str) -> str | None:
        """The operation that a call belongs to, as `GET /path/{template}`; None for one that is not described."""
        best = None
        for (known, template), name in self.operations.items():
            parts, wanted = path.split("/"), template.split("/")
            if known == method and len(parts) == len(wanted):
                fits = all(want.startswith("{") or want == part for want, part in zip(wanted, parts, strict=True))
                if fits and (best is None or "{" not in template):
                    best = name
        return best

    def complaints(self, request: Any, response: Any) -> list[str]:
        """What the description has against a call and its answer: empty if nothing."""
        asked = _as_request(request)
        name = f"{request.method} {urlsplit(request.url).path}"
        operation = self.operation_of(request.method, urlsplit(request.url).path)
        if operation is None:
            return [f"{name}: not described"]
        answer = SimpleNamespace(
            data=response.content,
            status_code=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            headers=Headers(list(response.headers.items())),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wrong = [f"request {operation}: {_text(error)}" for error in self.openapi.iter_request_errors(asked)]
            wrong += [
                f"answer {response.status_code} {operation}: {_text(error)}"
                for error in self.openapi.iter_response_errors(asked, answer)
            ]
        return wrong + self._undeclared(operation, asked, answer)

    def _undeclared(self, operation: str, asked: _Request, answer: Any) -> list[str]:
        """What openapi-core lets pass: names that the description does not have, and an Accept that it does not."""
        method, _, template = operation.partition(" ")
        described = self.document["paths"][template][method.lower()]
        known = {each["name"] for each in described.get("parameters", ()) if each["in"] == "query"}
        found = [f"request {operation}: no parameter {name}" for name in asked.parameters.query if name not in known]
        good = next(each for code, each in described["responses"].items() if code.startswith("2"))
        accepted = {*good.get("content", ()), "*/*"}
        wanted = asked.parameters.header.get("Accept")
        if len(accepted) > 1 and wanted not in accepted:
            found.append(f"request {operation}: Accept {wanted}")
        body = self.resolve(described.get("requestBody", {})).get("content", {}).get(asked.content_type, {})
        if asked.body and "json" in asked.content_type:
            strange = self.strangers(body.get("schema", {}), json.loads(asked.body))
            found += [f"request {operation}: no field {name}" for name in strange]
        told = self.resolve(described["responses"].get(str(answer.status_code), {})).get("content", {})
        if answer.content_type in told and "json" in answer.content_type:
            strange = self.strangers(told[answer.content_type]["schema"], json.loads(answer.data))
            found += [f"answer {answer.status_code} {operation}: no field {name}" for name in strange]
        return found

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """A node of the document, its reference followed and its parts put together."""
        while "$ref" in node:
            found: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        if "allOf" not in node:
            return node
        merged: dict[str, Any] = {key: value for key, value in node.items() if key != "allOf"}
        for part in map(self.resolve, node["allOf"]):
            required = [*merged.get("required", ()), *part.get("required", ())]
            properties = {**part.get("properties", {}), **merged.get("properties", {})}
            merged = {**part, **merged, "properties": properties, "required": required}
        return merged

    def strangers(self, schema: dict[str, Any], value: Any, path: str = "") -> list[str]:
        """The fields of a value that a schema does not name, by path."""
        schema = self.resolve(schema)
        if isinstance(value, list):
            return [name for each in value for name in self.strangers(schema.get("items", {}), each, f"{path}[]")]
        if not isinstance(value, dict) or "properties" not in schema:
            return []
        named = schema["properties"]
        return [
            name
            for key, each in value.items()
            for name in (self.strangers(named[key], each, f"{path}.{key}") if key in named else [f"{path}.{key}"])
        ]


def _text(error: BaseException | None) -> str:
    """An error with its causes, and where in the body each is."""
    parts: list[str] = []
    while error is not None:
        parts.append(type(error).__name__)
        for each in getattr(error, "schema_errors", ()):
            parts.append(f"{'.'.join(map(str, each.absolute_path))}: {each.message[:200]}")
        error = error.__cause__
    return " | ".join(parts)


def _as_request(request: Any) -> _Request:
    url = urlsplit(request.url)
    body = request.body
    return _Request(
        host_url=f"{url.scheme}://{url.netloc}",
        path=url.path,
        method=request.method.lower(),
        parameters=RequestParameters(
            query=ImmutableMultiDict(parse_qsl(url.query, keep_blank_values=True)),
            header=Headers([(name, str(value)) for name, value in request.headers.items()]),
        ),
        content_type=request.headers.get("Content-Type", ""),
        body=body.encode() if isinstance(body, str) else body,
    )


@cache
def _load(path: Path) -> Description:
    document = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    document["servers"] = [{"url": API}]
    readers: dict[str, Callable[[bytes], Any]] = {PUBLIC: json.loads, BETA: json.loads, "*/*": bytes}
    readers |= dict.fromkeys(FILE_TYPES, bytes)
    openapi = OpenAPI.from_dict(document, config=Config(extra_media_type_deserializers=readers))
    operations = {
        (method.upper(), template): f"{method.upper()} {template}"
        for template, methods in document["paths"].items()
        for method in methods
        if method in ("get", "post", "put", "delete", "patch")
    }
    return Description(document, openapi, operations)


@pytest.fixture(scope="session")
def description(specs: Callable[[str], Path]) -> Description:
    """Allegro's own OpenAPI description; the test is skipped where there is none."""
    return _load(specs("allegro") / "allegro-after-sales.openapi.yaml")
