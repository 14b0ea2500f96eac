"""Answers made up from the schemas of an OpenAPI or Swagger description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from sellercare.testing.answers import oddities

_DEEPEST = 12
"""Schemas may hold themselves: below this nothing is made that need not be."""


@dataclass(frozen=True)
class Maker:
    """Makes up one value of a schema. `merged` follows references, `seen` is what was really answered, by place."""

    merged: Callable[[Mapping[str, Any]], dict[str, Any]]
    chance: Random
    odd: float
    seen: Mapping[oddities.Place, list[Any]]

    def made(self, schema: Mapping[str, Any], place: oddities.Place = ()) -> Any:
        """A value that the schema allows; of what it does not require, some is left out."""
        schema = self.merged(schema)
        kind = schema.get("type")
        kind = self.chance.choice(kind) if isinstance(kind, list) else kind
        if schema.get("nullable") and self.chance.random() < max(self.odd, 0.05):
            return None
        if kind == "array":
            least = int(schema.get("minItems", 0))
            count = least if len(place) > _DEEPEST else least + self.chance.choice((0, 1, 1, 2))
            most = int(schema.get("maxItems", count))
            return [self.made(schema.get("items", {}), place) for _ in range(min(count, most))]
        if kind == "object" or "properties" in schema:
            needed = set(schema.get("required", ()))
            return {
                name: self.made(each, (*place, name))
                for name, each in schema.get("properties", {}).items()
                if name in needed or (len(place) < _DEEPEST and self.chance.random() < self._likely((*place, name)))
            }
        return self._leaf(kind, schema, place)

    def _likely(self, place: oddities.Place) -> float:
        """How likely it is that something is there: what the real answer had mostly is."""
        there = any(known[: len(place)] == place for known in self.seen)
        return 1.0 - max(self.odd, 0.02) if there else 0.4

    def _leaf(self, kind: Any, schema: Mapping[str, Any], place: oddities.Place) -> Any:
        """A value without parts: mostly what was really answered, else any that the type allows."""
        real = [each for each in self.seen.get(place, ()) if each is not None]
        odd = self.chance.random() < max(self.odd, 0.05)
        if "enum" in schema:
            if odd and kind == "string":
                return oddities.NEVER_SEEN
            return self.chance.choice(real if real and self.chance.random() < 0.7 else schema["enum"])
        if real and not odd:
            return self.chance.choice(real)
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind in ("integer", "number"):
            return oddities.whole(self.chance, schema.get("minimum"), schema.get("maximum"))
        known = _FORMATS.get(schema.get("format", ""), oddities.TEXTS)
        return self.chance.choice(known) if odd else known[0]


_FORMATS = {
    "date-time": oddities.MOMENTS,
    "date": oddities.DATES,
    "uuid": ("6f1c1b1e-0000-4000-8000-000000000001", "00000000-0000-0000-0000-000000000000"),
    "uri": ("https://platform.example/1", "https://platform.example/%20?a=b#c"),
    "email": ("buyer@example.com", "b+uyer@xn--bcher-kva.example"),
}
"""Texts of a format that a description may name."""
