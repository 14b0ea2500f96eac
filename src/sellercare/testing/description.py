"""Platforms' own machine-readable descriptions: one loader for what they really publish.

    load(path)                      OpenAPI 3.0 and 3.1, Swagger 2.0 (JSON or YAML), GraphQL SDL, XML Schema
    load(path, repairs=[…])         a published file that breaks its own standard: each repair says what it mends
    load(a, b, c)                   an API in several files
    load_samples({"GET /orders": […]})  a platform that publishes answers only

A description tells the operation of a request, and what it has against a request and its answer. It needs the extra
`contract`: `pip install 'sellercare[contract]'`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Protocol, runtime_checkable

from sellercare.support import Proof
from sellercare.testing.workshop import Exchange


class Description(Protocol):
    """What requests and answers are held against."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        ...

    @property
    def operations(self) -> frozenset[str]:
        """Every operation that is described (`GET /orders/{id}`, `mutation refundCreate`)."""
        ...

    def operations_of(self, exchange: Exchange) -> frozenset[str]:
        """The operations that an exchange belongs to; empty for one that is not described."""
        ...

    def complaints(self, exchange: Exchange) -> list[str]:
        """What the description has against an exchange, a sentence each; empty if nothing."""
        ...

    def proof_of(self, exchange: Exchange) -> Proof:
        """What an exchange is held against by it: DOSSIER where nothing of the platform's own tells of it."""
        ...


@runtime_checkable
class MakesAnswers(Protocol):
    """A description that tells what else an answer may be. One that does not may say why, in `no_answers`."""

    def answers(self, exchange: Exchange, random: Random, count: int) -> Iterator[bytes]:
        """So many answers that are allowed in place of the one of this exchange; none where it is not described."""
        ...


@dataclass(frozen=True)
class Repair:
    """A published file that breaks its own standard is mended here, visibly: at a place, for a reason.

    `at` is a path of keys in the document, `put` what belongs there instead (None: nothing; the key goes). A repair
    of what is not there fails, so that none outlives the fault that it mends.
    """

    at: tuple[str | int, ...]
    put: Any
    why: str

    def apply(self, document: Any) -> None:
        """Mend the document. LookupError where the place is not there."""
        inside = document
        for key in self.at[:-1]:
            inside = inside[key]
        last = self.at[-1]
        if inside[last] == self.put:
            raise LookupError(f"nothing has to be mended any more at {self.at}: {self.why}")
        if self.put is None:
            del inside[last]
        else:
            inside[last] = self.put


def load(*paths: Path, repairs: Sequence[Repair] = (), servers: Sequence[str] = ()) -> Description:
    """The description in these files. `servers` are further addresses at which the API is met.

    Raises ValueError for a file that is none of the known kinds, and for repairs of one that cannot be mended;
    ModuleNotFoundError without the extra `contract`.
    """
    try:
        made = [_loaded(path, repairs if len(paths) == 1 else _of(path, repairs), servers) for path in paths]
    except ModuleNotFoundError as error:
        missing = f"{error.name} is missing. It comes with: pip install 'sellercare[contract]'"
        raise ModuleNotFoundError(missing, name=error.name) from error
    return made[0] if len(made) == 1 else Several(tuple(made))


def _of(path: Path, repairs: Sequence[Repair]) -> Sequence[Repair]:
    """Of several files' repairs, those whose first key is the name of this one."""
    return [Repair(each.at[1:], each.put, each.why) for each in repairs if each.at[0] == path.name]


def _loaded(path: Path, repairs: Sequence[Repair], servers: Sequence[str]) -> Description:
    text = path.read_text("utf-8")
    if repairs and path.suffix not in (".json", ".yaml", ".yml"):
        raise ValueError(f"{path}: only JSON and YAML can be mended; what does not fit is an exception of the suite")
    if path.suffix in (".graphql", ".graphqls", ".gql"):
        from sellercare.testing.descriptions.graphql import GraphQL

        return GraphQL.of(path.stem, text)
    if path.suffix == ".xsd":
        from sellercare.testing.descriptions.xml import XmlSchema

        return XmlSchema.of(path)
    document = parsed(path, text)
    for repair in repairs:
        repair.apply(document)
    if isinstance(document, dict) and ("swagger" in document or "openapi" in document):
        from sellercare.testing.descriptions.rest import Rest

        return Rest.of(path.stem, document, servers)
    raise ValueError(f"{path} is no OpenAPI, Swagger, GraphQL or XML Schema description")


def parsed(path: Path, text: str) -> Any:
    """A JSON or YAML document."""
    if path.suffix == ".json":
        return json.loads(text)
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@dataclass(frozen=True)
class Several:
    """An API that is described in several files."""

    parts: tuple[Description, ...]

    @property
    def title(self) -> str:
        """All of them."""
        return ", ".join(part.title for part in self.parts)

    @property
    def operations(self) -> frozenset[str]:
        """Those of all files."""
        return frozenset(name for part in self.parts for name in part.operations)

    def operations_of(self, exchange: Exchange) -> frozenset[str]:
        """Those of the first file that knows it."""
        return next((found for part in self.parts if (found := part.operations_of(exchange))), frozenset())

    def complaints(self, exchange: Exchange) -> list[str]:
        """What the file that knows it says; not described if none does."""
        for part in self.parts:
            if part.operations_of(exchange):
                return part.complaints(exchange)
        return [f"{exchange.call}: not described"]

    def proof_of(self, exchange: Exchange) -> Proof:
        """What the file that knows it says; texts only if none does."""
        part = next((each for each in self.parts if each.operations_of(exchange)), None)
        return part.proof_of(exchange) if part else Proof.DOSSIER

    def answers(self, exchange: Exchange, random: Random, count: int) -> Iterator[bytes]:
        """Those of the file that knows it, if it can."""
        part = next((each for each in self.parts if each.operations_of(exchange)), None)
        return part.answers(exchange, random, count) if isinstance(part, MakesAnswers) else iter(())


# --- samples: a platform that publishes answers, and nothing else ----------------------------------------------------

Shape = dict[str, frozenset[str]]
"""Where something is (`$.orders[].id`), and of which kinds it was seen."""


def shape_of(value: Any, path: str = "$") -> dict[str, set[str]]:
    """The places of a document with the kind of what is there."""
    found: dict[str, set[str]] = {path: {_kind(value)}}
    inside: Iterable[tuple[str, Any]] = ()
    if isinstance(value, dict):
        inside = ((f"{path}.{key}", each) for key, each in value.items())
    elif isinstance(value, list):
        inside = ((f"{path}[]", each) for each in value)
    for where, each in inside:
        for place, kinds in shape_of(each, where).items():
            found.setdefault(place, set()).update(kinds)
    return found


_KINDS: Mapping[type, str] = {dict: "object", list: "list", str: "text"}


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return next((name for kind, name in _KINDS.items() if isinstance(value, kind)), "number")


@dataclass(frozen=True)
class Samples:
    """Answers that a platform published or gave, by operation (method and path template, as the face names it).

    An answer of the face may have no field that no sample has, and nothing of a kind that was never seen there. What a
    sample leaves open (a field that is null in all of them, or an empty list) may be anything.
    """

    title: str
    shapes: Mapping[str, Mapping[str, frozenset[str]]]
    no_answers: ClassVar[str] = "samples show what came, not what may come; each of their fields is distorted instead"

    @property
    def operations(self) -> frozenset[str]:
        """The operations of which there are samples."""
        return frozenset(self.shapes)

    def operations_of(self, exchange: Exchange) -> frozenset[str]:
        """The operation, if there is a sample of it."""
        return frozenset({exchange.call}) & self.operations

    def complaints(self, exchange: Exchange) -> list[str]:
        """What is in the answer and in no sample."""
        shape = self.shapes.get(exchange.call)
        if shape is None or exchange.response is None or exchange.response.status_code >= 300 or not exchange.body:
            return [] if shape is not None else [f"{exchange.call}: no sample of it"]
        found = shape_of(json.loads(exchange.body))
        wrong = []
        for place, kinds in found.items():
            known = shape.get(place)
            if known is None:
                if not _open_above(place, shape):
                    wrong.append(f"answer {exchange.call}: {place} is in no sample")
            elif not kinds <= known | {"null"} and known != {"null"}:
                wrong.append(f"answer {exchange.call}: {place} is a {'/'.join(sorted(kinds))}, not {'/'.join(known)}")
        return wrong

    def proof_of(self, exchange: Exchange) -> Proof:
        """Samples, where there is one of the operation."""
        return Proof.SAMPLES if self.operations_of(exchange) else Proof.DOSSIER


def _open_above(place: str, shape: Mapping[str, frozenset[str]]) -> bool:
    """Whether the samples say nothing about what is inside of the thing above: null, or an empty list."""
    above = place.removesuffix("[]") if place.endswith("[]") else place.rpartition(".")[0]
    while above and above not in shape:
        above = above.removesuffix("[]") if above.endswith("[]") else above.rpartition(".")[0]
    known = shape.get(above, frozenset())
    inside = any(each.startswith((f"{above}.", f"{above}[")) for each in shape)
    return known <= {"null"} or ("list" in known and not inside)


def load_samples(samples: Mapping[str, Iterable[Any]], title: str = "samples") -> Samples:
    """A description made from answers (JSON values) by operation."""
    shapes: dict[str, dict[str, frozenset[str]]] = {}
    for operation, answers in samples.items():
        merged: dict[str, set[str]] = {}
        for answer in answers:
            for place, kinds in shape_of(answer).items():
                merged.setdefault(place, set()).update(kinds)
        shapes[operation] = {place: frozenset(kinds) for place, kinds in merged.items()}
    return Samples(title, shapes)
