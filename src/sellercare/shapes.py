"""Shapes of verbs, for platforms that are regular: one line then stands for a whole method of an interface.

    class Orders(interfaces.Orders):
        get = one("/orders/{id}", models.Order)
        list = listed("/orders", "orders", translate.order, OffsetPages(limit=50))

What is read becomes a model by `shape`: a translation, or a model whose fields the platform calls the same. `{id}` in
a path is what the verb is asked about; a query, or a target without `{id}`, goes into the parameters by its own names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from sellercare.calls import Call, Listing, Pages, read
from sellercare.interfaces import Context
from sellercare.models import Model
from sellercare.naming import by_name
from sellercare.translation import at_path, translated
from sellercare.writes import Step, nothing

Shape = type[Model] | Callable[[Any], Any]


def translation(shape: Shape) -> Callable[[Any], Any]:
    """The translation that a shape stands for."""
    return partial(by_name, shape) if isinstance(shape, type) else shape


def about(path: str, what: Model | str | None) -> Call:
    """A read of this path about a thing (its id) or a query (its parameters)."""
    if isinstance(what, Model):
        return read(path, params=what.model_dump(mode="json", exclude_none=True))
    return read(path, ids={} if what is None else {"id": what})


def one(path: str, shape: Shape, *, unnamed: str = "") -> Any:
    """Read one thing. `unnamed` is the id that is meant where a caller gives none."""
    make = translation(shape)

    def verb(self: object, ctx: Context, what: str | None = None) -> Any:
        return translated(make, ctx.read(about(path, what or unnamed or None)), f"GET {path}")

    return verb


def several(path: str, items: str, shape: Shape) -> Any:
    """Read a short list about a thing, all at once."""
    make = translation(shape)

    def verb(self: object, ctx: Context, what: Model | str) -> Any:
        rows = at_path(ctx.read(about(path, what)), items, f"GET {path}")
        return translated(lambda rows: [make(row) for row in rows], rows, f"GET {path}", f"$.{items}")

    return verb


def listed(path: str, items: str, shape: Shape, pages: Pages) -> Any:
    """List things, page by page, on a platform that applies all filters itself."""
    make = translation(shape)

    def verb(self: object, ctx: Context, what: Model | str) -> Any:
        filters = frozenset(type(what).model_fields if isinstance(what, Model) else ())
        return [Listing(about(path, what), items, make, pages, filters)]

    return verb


def upload(n: int, declare: Call, put: Call) -> tuple[Step, Step]:
    """The two harmless steps of the nth file: it is declared and gets an `id`, then its bytes are put under it."""
    first = f"declare-{n}"
    second = Step(f"put-{n}", lambda kept: replace(put, ids={"id": kept[first]["id"]}), nothing)
    return Step(first, lambda kept: declare), second
