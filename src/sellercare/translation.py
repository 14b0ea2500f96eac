"""Running a translation so that a payload which is not as expected gives an error that names the place in it.

Adapters write plain code (`row["thread"]["id"]`). It runs on the plain payload, at full speed. Only when it fails
it is run again over a copy that remembers which place was looked at last, and that place goes into the error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sellercare.errors import BadAnswer, SellercareError
from sellercare.models.money import Money

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

_parsed = datetime.fromisoformat

UNREADABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What plain code raises over a payload that is not as expected."""


def translated(translate: Callable[[Any], T], payload: Any, where: str = "", at: str = "$") -> T:
    """`translate(payload)`; BadAnswer with the path if the payload is not what the translation expects."""
    try:
        return translate(payload)
    except SellercareError:
        raise
    except UNREADABLE as error:
        path, why = _diagnose(translate, payload, at, error)
    message = f"The answer has something unexpected at {path}: {why}."
    raise BadAnswer(f"{where}: {message}" if where else message, path=path)


def at_path(payload: Any, dotted: str, where: str = "") -> Any:
    """The value under a dotted path of keys (empty: the payload); BadAnswer if it is not there."""

    def walk(value: Any) -> Any:
        for key in dotted.split(".") if dotted else ():
            value = value[key]
        return value

    return translated(walk, payload, where)


def identity(value: Any) -> str:
    """An id as text; ValueError for an empty one, TypeError for what is no text and no whole number."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"{type(value).__name__} where an id was expected")
    if value == "":
        raise ValueError("an empty text is no id")
    return str(value)


def validator(model: type[M]) -> Callable[[Mapping[str, Any]], M]:
    """What makes a model out of a dictionary, for rows that come in thousands: `model_validate` without its options."""
    check: Callable[[Mapping[str, Any]], M] = model.__pydantic_validator__.validate_python
    return check


def instant(text: str) -> datetime:
    """An ISO 8601 time with a zone, as UTC; ValueError for a time without a zone, which would have to be guessed."""
    moment = _parsed(text)
    if moment.tzinfo is UTC:  # nearly always; a listing of thousands pays for each step
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"the time {text!r} has no zone")
    return moment.astimezone(UTC)


def instant_or_none(text: str | None) -> datetime | None:
    """`instant`, or None for null and the empty text."""
    return instant(text) if text else None


def decimal(value: Any) -> Decimal:
    """A JSON number, or its text, as an exact Decimal; ValueError for anything else, infinities included."""
    if type(value) is int:
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"{type(value).__name__} where a number was expected")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST:
        raise ValueError("not a number that anybody could mean")
    return number


_LARGEST = 60
"""Digits before or after the point. A sum of a billion digits takes a dozen bytes here, and all memory when shown."""


def money_of(value: Any, currency: str) -> Money:
    """An amount as the platform writes it, in a currency; ValueError for what is none.

    Most sums of a listing come again and again (`0.00`, a total that is also what was paid, prices). A text makes one
    and the same Money each time; a number does not, because 1.0 and 1.00 would be taken for one another.
    """
    return _same_money(value, currency) if type(value) is str else Money(amount=decimal(value), currency=currency)


@lru_cache(maxsize=4096)
def _same_money(text: str, currency: str) -> Money:
    return Money(amount=decimal(text), currency=currency)


class _Trace:
    """The accesses of one translation run: every place looked at, and what was there."""

    def __init__(self) -> None:
        self.last = "$"
        self.seen: list[tuple[str, Any]] = []

    def note(self, path: str, value: Any) -> Any:
        if type(value) is tuple:  # what our own code has put together: its parts stand in one place
            return tuple(self.note(path, each) for each in value)
        self.last = path
        self.seen.append((path, value))
        if type(value) is dict:
            return _TracedDict(value, path, self)
        if type(value) is list:
            return _TracedList(value, path, self)
        return value


class _TracedDict(dict[str, Any]):
    def __init__(self, plain: dict[str, Any], path: str, trace: _Trace) -> None:
        super().__init__(plain)
        self._path, self._trace = path, trace

    def __getitem__(self, key: str) -> Any:
        self._trace.last = f"{self._path}.{key}"
        return self._trace.note(f"{self._path}.{key}", super().__getitem__(key))

    def get(self, key: str, default: Any = None) -> Any:
        return self._trace.note(f"{self._path}.{key}", super().get(key, default))

    def items(self) -> Any:
        return [(key, self[key]) for key in self]

    def values(self) -> Any:
        return [self[key] for key in self]


class _TracedList(list[Any]):
    def __init__(self, plain: list[Any], path: str, trace: _Trace) -> None:
        super().__init__(plain)
        self._path, self._trace = path, trace

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, int):
            self._trace.last = self._path
            return super().__getitem__(index)
        return self._trace.note(f"{self._path}[{index}]", super().__getitem__(index))

    def __iter__(self) -> Iterator[Any]:
        return (self._trace.note(f"{self._path}[{i}]", value) for i, value in enumerate(super().__iter__()))


def _diagnose(translate: Callable[[Any], Any], payload: Any, at: str, first: Exception) -> tuple[str, str]:
    trace = _Trace()
    try:
        translate(trace.note(at, payload))
    except SellercareError:
        return trace.last, _sentence(first)
    except UNREADABLE as error:
        return _place(error, trace), _sentence(error)
    return at, _sentence(first)


def _place(error: Exception, trace: _Trace) -> str:
    """The last place looked at; for a model's complaint about a value, the place where that value came from."""
    if isinstance(error, ValidationError):
        problem = error.errors(include_url=False)[0]
        same = [path for path, seen in trace.seen if _is_it(seen, problem.get("input"))]
        if same:  # several may hold the same, such as null: the one that is most called as the field
            return max(reversed(same), key=lambda path: _likeness(path, problem["loc"]))
    return trace.last


def _is_it(seen: Any, value: Any) -> bool:
    alike = type(seen) is type(value) or isinstance(value, _TracedDict | _TracedList)
    return seen is value or (value is not None and alike and bool(seen == value))


def _likeness(path: str, field: tuple[int | str, ...]) -> int:
    """How much a place is called as a model's field, but for how words are joined (`orderId`, `order_id`, `id`)."""
    name = path.rpartition(".")[2].partition("[")[0].replace("_", "").lower()
    words = [str(part).replace("_", "") for part in field]
    return 2 * (name in words) or int(any(name.endswith(word) for word in words))


def _sentence(error: Exception) -> str:
    """What is wrong, without the value: payloads hold buyers' data."""
    if isinstance(error, KeyError):
        return "it is missing"
    if isinstance(error, ValidationError):
        problem = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, problem["loc"])) or "the whole"
        return f"{problem['msg']} (for {field})"
    if isinstance(error, TypeError | AttributeError | IndexError):
        return "it has another shape"
    return "its value cannot be read"
