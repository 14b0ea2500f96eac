"""Templates in replies: Jinja2 in its sandbox, over the data of buyer, order, thread and row.

    Hello {{ buyer.name or "there" }}, your order {{ order.number }} left us on {{ row.shipped_on }}.

What a marketplace withholds is empty: `or` gives it a substitute, and text that prints it all the same is reported.
A name that does not exist is an error. A template sees plain values only; it cannot reach Python or the library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from pydantic import BaseModel

from sellercare.errors import BadInput, RuleBroken
from sellercare.models import Buyer, Money, Order, Thread

MAX_OUTPUT = 100_000
"""Characters that one rendered text may have. No platform takes nearly as many."""

MAX_PRODUCT = 100_000
"""The longest text or list, and the largest number, that `*` and `**` may make inside a template."""

SOURCES: Mapping[str, type[BaseModel]] = {"buyer": Buyer, "order": Order, "thread": Thread}
"""What a template may look at beside its row, and the model that has its fields."""

SECRET_IN_PUBLIC = frozenset({"buyer", "order"})
"""What a text that everybody reads may not be made of."""

_HIDDEN = {"raw"}
_FILTERS_OFF = ("attr", "center", "filesizeformat", "format", "indent", "pprint", "random", "urlize", "xmlattr")
_ONE_BRACE = re.compile(r"\{\s*([A-Za-z_]\w*(?:\.\w+)*)\s*\}")
_gaps: ContextVar[list[str]] = ContextVar("gaps")


class Withheld(str):
    """An empty text that stands for a value the marketplace does not tell, and knows its name."""

    __slots__ = ("named",)
    named: str

    @classmethod
    def of(cls, name: str) -> Withheld:
        """The stand-in for this name."""
        empty = cls()
        empty.named = name
        return empty


class View:
    """A model as a template sees it: its fields, and nothing else of it."""

    def __init__(self, name: str, fields: Mapping[str, Any]) -> None:
        self._name = name
        self._fields = fields

    def __getattr__(self, field: str) -> Any:
        if field.startswith("_") or field not in self._fields:
            raise AttributeError(field)
        return _seen(self._fields[field], f"{self._name}.{field}")

    def __getitem__(self, field: str) -> Any:
        if not isinstance(field, str) or field not in self._fields:
            raise KeyError(field)
        return _seen(self._fields[field], f"{self._name}.{field}")

    def __str__(self) -> str:
        raise TypeError(f"{self._name} has several fields: print one of them")


class _MoneyView(View):
    """Money prints as `12.50 EUR`, and has `amount` and `currency`."""

    def __init__(self, name: str, money: Money) -> None:
        super().__init__(name, {"amount": money.plain(), "currency": money.currency})

    def __str__(self) -> str:
        return f"{self._fields['amount']} {self._fields['currency']}"


def _seen(value: Any, name: str) -> Any:
    if value is None:
        return Withheld.of(name)
    if isinstance(value, Money):
        return _MoneyView(name, value)
    if isinstance(value, BaseModel):
        return view(name, value)
    if isinstance(value, Mapping):
        return View(name, value)
    if isinstance(value, list | tuple):
        return tuple(_seen(item, f"{name}[{at}]") for at, item in enumerate(value))
    return value


def view(name: str, model: BaseModel) -> View:
    """A model for templates, without the platform's payload."""
    return View(name, {field: getattr(model, field) for field in type(model).model_fields if field not in _HIDDEN})


def nothing(name: str) -> View:
    """A thing that does not exist here (the order of a thread without one): every field of it is withheld."""
    return View(name, dict.fromkeys(field for field in SOURCES[name].model_fields if field not in _HIDDEN))


class _Undefined(StrictUndefined):
    """A name that does not exist, with a sentence about it instead of Python's words."""

    @property
    def _undefined_message(self) -> str:
        hint, name, obj = self._undefined_hint, self._undefined_name, self._undefined_obj
        if hint:
            return str(hint)
        if isinstance(obj, View):
            return f"there is no {obj._name}.{name}" + _meant(str(name), list(obj._fields))
        if obj is missing:
            return f"there is no {name!r}; a template knows buyer, order, thread, account and row"
        return f"there is no {name!r} here"


def _meant(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, without what makes texts of any size out of a few characters."""

    intercepted_binops = frozenset(["*", "**", "%"])
    default_binop_table = ImmutableSandboxedEnvironment.default_binop_table

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            raise SecurityError("formatting with % is not offered in templates")
        if operator == "*" and not _small(left, right):
            raise SecurityError("this product is too large for a template")
        if operator == "**" and (abs(left) > 1000 or abs(right) > 10):
            raise SecurityError("this power is too large for a template")
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> Any:
        """No wrapper for `format`: it is refused like the other methods that pad."""
        return None

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str) and attr in ("format", "format_map", "center", "ljust", "rjust", "zfill", "expandtabs"):
            return False
        return super().is_safe_attribute(obj, attr, value)


def _small(left: Any, right: Any) -> bool:
    if isinstance(left, str | list | tuple):
        return isinstance(right, int) and len(left) * right <= MAX_PRODUCT
    if isinstance(right, str | list | tuple):
        return isinstance(left, int) and len(right) * left <= MAX_PRODUCT
    return True


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > 1000:
        raise SecurityError("a range in a template may have 1000 numbers")
    return numbers


_PRINTABLE = (str, int, float, Decimal, date, Undefined, _MoneyView)


def _printed(value: Any) -> Any:
    """What `{{ }}` puts into the text. A thing that is no text would reach the buyer in Python's words."""
    if isinstance(value, Withheld):
        _gaps.get().append(value.named)
    elif isinstance(value, View) and not isinstance(value, _MoneyView):
        return str(value)
    elif not isinstance(value, _PRINTABLE):
        raise TypeError("it prints something that is neither text nor a number")
    return value


def _is_none(value: Any) -> bool:
    return value is None or isinstance(value, Withheld)


def _environment() -> _Sandbox:
    made = _Sandbox(undefined=_Undefined, autoescape=False, finalize=_printed, keep_trailing_newline=True)
    made.globals = {"range": _short_range}
    made.tests["none"] = _is_none
    for name in _FILTERS_OFF:
        del made.filters[name]
    return made


_SANDBOX = _environment()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered text. `gaps` names what it prints although the marketplace withholds it."""

    text: str
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyTemplate:
    """A template that was read. `needs` names what it looks at: buyer, order, thread, account, row."""

    compiled: Template
    needs: frozenset[str]

    @property
    def asks_platform(self) -> bool:
        """Whether it cannot be rendered without asking the marketplace."""
        return bool(self.needs & SOURCES.keys())

    def render(self, data: Mapping[str, Any], *, line: int | None = None) -> Rendered:
        """The text. Raises BadInput, which names the template's line and takes `line` as the row's."""
        gaps: list[str] = []
        token = _gaps.set(gaps)
        try:
            text = "".join(_limited(self.compiled.generate(data)))
        except SecurityError as error:
            raise _bad(f"it tries something that templates may not do: {error}", error, line) from None
        except UndefinedError as error:
            raise _bad(str(error.message), error, line) from None
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
            raise _bad(str(error) or type(error).__name__, error, line) from None
        finally:
            _gaps.reset(token)
        return Rendered(text, tuple(dict.fromkeys(gaps)))


def _limited(pieces: Iterator[str]) -> Iterator[str]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_OUTPUT:
            raise SecurityError(f"its text is longer than {MAX_OUTPUT:,} characters")
        yield piece


@lru_cache(maxsize=256)
def template(source: str) -> ReplyTemplate:
    """Read a template. Raises BadInput with the line in it where it is not well-formed."""
    try:
        tree = _SANDBOX.parse(source)
        names = frozenset(meta.find_undeclared_variables(tree))
        _check_braces(tree)
        return ReplyTemplate(_SANDBOX.from_string(source), names)
    except TemplateSyntaxError as error:
        said = (error.message or "").rstrip(".")
        raise BadInput(f"The template is wrong in its line {error.lineno}: {said}.", field="template") from None
    except (TemplateError, RecursionError) as error:
        raise BadInput(f"The template is wrong: {error}.", field="template") from None


def _check_braces(tree: nodes.Template) -> None:
    """Raise BadInput for `{buyer.name}`: with one brace it is text, and would reach the buyer as it stands."""
    for data in tree.find_all(nodes.TemplateData):
        if found := _ONE_BRACE.search(data.data):
            at = data.lineno + data.data[: found.start()].count("\n")
            raise BadInput(
                f"The template is wrong in its line {at}: {found[0]!r} has one brace a side, so nothing is filled in.",
                field="template",
                next_step=f"Write {{{{ {found[1]} }}}} if it is a field.",
            )


def row_data(cells: Mapping[str, Any], account: str) -> dict[str, Any]:
    """What a template sees of its row."""
    return {"row": View("row", cells), "account": account}


def public_text(source: str, cells: Mapping[str, Any], account: str, line: int) -> str:
    """A text that everybody will read: made of the row alone. Raises RuleBroken for one that looks at a buyer."""
    compiled = template(source)
    if compiled.asks_platform:
        raise public_error("this answer")
    return compiled.render(row_data(cells, account), line=line).text


def public_error(what: str) -> RuleBroken:
    """The error for a template that would put a buyer's data before everybody."""
    return RuleBroken(
        f"Everybody reads {what}, and the template uses the buyer's data.",
        rule="public-answer",
        field="template",
        next_step="Write this row's text without buyer and order.",
    )


def _bad(what: str, error: Exception, line: int | None) -> BadInput:
    at = _line_in_template(error)
    where = f"The template, line {at}" if at else "The template"
    end = "" if what.endswith("?") else "."
    return BadInput(f"{where}: {what.rstrip('.')}{end}", field="template", line=line)


def _line_in_template(error: Exception) -> int | None:
    """Jinja rewrites tracebacks so that a template's frames have its own line numbers."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


__all__ = [
    "MAX_OUTPUT",
    "SECRET_IN_PUBLIC",
    "SOURCES",
    "Rendered",
    "ReplyTemplate",
    "View",
    "Withheld",
    "nothing",
    "public_error",
    "public_text",
    "row_data",
    "template",
    "view",
]
