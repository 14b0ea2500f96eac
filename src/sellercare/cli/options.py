"""The options that commands share, and the values that are read from them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from sellercare.models import LineQuantity, Money, Upload
    from sellercare.store.limits import Limits

    _Value = click.ParamType[Any]
else:  # older versions of click do not take the type of the value
    _Value = click.ParamType

F = TypeVar("F", bound=Callable[..., Any])


def accounts(command: F) -> F:
    """`--account NAME` once or many, or `--all`: passed on as `account` and `all_accounts`."""
    command = click.option("--all", "all_accounts", is_flag=True, help="All configured accounts.")(command)
    return click.option(
        "-a", "--account", multiple=True, metavar="NAME", help="The account; may be given several times."
    )(command)


def one_account(command: F) -> F:
    """`--account NAME` once: passed on as `account`; not needed where only one is configured."""
    return click.option("-a", "--account", metavar="NAME", help="The account, if there are several.")(command)


def as_json(command: F) -> F:
    """`--json`: passed on as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")(command)


def offline(command: F) -> F:
    """`--offline`: passed on as `offline`."""
    return click.option("--offline", is_flag=True, help="Plan without asking the marketplace anything.")(command)


def yes(command: F) -> F:
    """`--yes`: passed on as `yes`."""
    return click.option("-y", "--yes", is_flag=True, help="Do not ask, send.")(command)


def dry_run(command: F) -> F:
    """`--dry-run`: passed on as `dry_run`."""
    return click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")(command)


def limit(command: F) -> F:
    """`--limit N`: passed on as `limit`."""
    return click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Stop after so many.")(command)


def key(*, required: bool = False) -> Callable[[F], F]:
    """`--key KEY`: passed on as `key`."""
    text = "Your own name for this write. The same key again sends nothing and shows the first result."
    if not required:
        return click.option("--key", metavar="KEY", help=text)
    return click.option("--key", metavar="KEY", help=f"{text} Required: it moves money.", callback=_demanded)


def _demanded(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is None and not ctx.resilient_parsing:
        raise click.UsageError(
            "This moves money, so it needs --key: your own name for it, such as the number of the return. "
            "The same key never pays twice.",
            ctx,
        )
    return value


def writes(command: F) -> F:
    """The options of a write on one account: `--account`, `--yes`, `--dry-run`, `--json`."""
    return one_account(yes(dry_run(as_json(command))))


def approve(command: F) -> F:
    """`--approve`: passed on as `approve`."""
    text = "Let it go above the account's limits on money; your name is kept with it."
    return click.option("--approve", is_flag=True, help=text)(command)


class When(_Value):
    """A moment: a date, a date with a time, or so long ago (`36h`, `7d`). Without a zone it is UTC."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, aware and in UTC."""
        if isinstance(value, datetime):
            return value
        ago = re.fullmatch(r"(\d{1,5})([hd])", value)
        if ago:
            return datetime.now(UTC) - timedelta(**{"hours" if ago[2] == "h" else "days": int(ago[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date. Write 2025-03-01, 2025-03-01T14:00 (UTC), 36h or 7d.", param, ctx)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class Age(_Value):
    """A length of time: `30d` or `36h`."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The length of time."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,5})([hd])", value)
        if found is None:
            self.fail(f"{value!r} is not an age. Write 30d or 36h.", param, ctx)
        return timedelta(**{"hours" if found[2] == "h" else "days": int(found[1])})


_MONEY = re.compile(r"(?:(?P<before>[A-Za-z]{3})\s*)?(?P<amount>[+-]?[0-9][0-9.,' ]*?)\s*(?P<after>[A-Za-z]{3})?")


class Sum(_Value):
    """An amount with its currency, as `12.50 EUR`."""

    name = "money"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Money:
        """The money; an amount that could be read in two ways is refused."""
        from sellercare.models import Money

        if isinstance(value, Money):
            return value
        try:
            return money(value)
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


def money(text: str) -> Money:
    """Money from `12.50 EUR`; ValueError with a sentence for anything that is not clear, zero and less included."""
    from decimal import Decimal

    from sellercare.models import Money, decimals_of

    found = _MONEY.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not an amount. Write it like 12.50 EUR.")
    currency = (found["before"] or found["after"] or "").upper()
    if not currency or (found["before"] and found["after"]):
        raise ValueError(f"{text!r} needs one currency. Write it like 12.50 EUR.")
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", found["amount"]):
        raise ValueError(f"{text!r} is not clear. Write a point and no separators: 1234.50 EUR.")
    amount = Decimal(found["amount"])
    if amount <= 0:
        raise ValueError(f"{text!r} is not more than zero. An amount to pay back is written without a sign.")
    result = Money(amount=amount, currency=currency)
    try:
        exact = result.is_exact
    except ValueError as problem:
        raise ValueError(f"{problem}.") from None
    if not exact:
        raise ValueError(f"{text!r} has more decimals than {currency} has.")
    if -int(amount.as_tuple().exponent) > decimals_of(currency):  # 2.500 EUR is 2500 to half of Europe
        raise ValueError(f"{text!r} is not clear: {currency} has fewer decimals. Write no marks for thousands.")
    return result


class Line(_Value):
    """A line: its id, `ID=2` for two pieces, or `"ID=12.50 EUR"` for a sum."""

    name = "line"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> LineQuantity:
        """The line, with a quantity or a sum where one is given."""
        from decimal import Decimal

        from sellercare.models import LineQuantity

        if isinstance(value, LineQuantity):
            return value
        name, _, much = value.rpartition("=") if "=" in value else (value, "", "")
        if not name:
            self.fail(f"{value!r} has no id before the '='.", param, ctx)
        if not much:
            if "=" in value:
                self.fail(f"{value!r} has nothing behind the '='; for all of the line write its id alone.", param, ctx)
            return LineQuantity(id=name)
        if re.fullmatch(r"\d+(\.\d+)?", much):
            if Decimal(much) <= 0:
                self.fail(f"{value!r} asks for no pieces at all.", param, ctx)
            return LineQuantity(id=name, quantity=Decimal(much))
        try:
            return LineQuantity(id=name, amount=money(much))
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


def upload(path: Path) -> Upload:
    """The file as an upload; its media type is told by its name."""
    import mimetypes

    from sellercare.models import Upload

    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Upload.of(path.name, kind, path.read_bytes())


WHEN = When()
AGE = Age()
SUM = Sum()
LINE = Line()
_LIMITS = {
    "refund": 'More than this in one write waits for an approval: "200 EUR". May be given for several currencies.',
    "run": "More than this in the whole run waits.",
    "day": "More than this in a day (UTC) waits, whatever sends it.",
}


def limits(command: F) -> F:
    """`--limit-refund`, `--limit-run`, `--limit-day`: passed on as `limit_refund` and so on; see `limits_of`."""
    for name, text in reversed(_LIMITS.items()):
        command = click.option(f"--limit-{name}", type=SUM, multiple=True, metavar="SUM", help=text)(command)
    return command


def limits_of(given: dict[str, Any]) -> Limits:
    """Take the limits out of a command's options."""
    from sellercare.store.limits import Limits

    return Limits.of(**{name: sums for name in _LIMITS if (sums := given.pop(f"limit_{name}", ()))})


def compare(command: F) -> F:
    """`--compare/--no-compare`: passed on as `compare`, None if neither was given."""
    text = (
        "Look, before each row is sent, whether the world has changed since it was planned, and hold it then. Without "
        "either: where that costs nothing, and where it costs a call, for plans older than ten minutes."
    )
    return click.option("--compare/--no-compare", default=None, help=text)(command)


def report(command: F) -> F:
    """`--report FILE`: passed on as `report`."""
    text = "Write a line for each row to FILE: CSV, or JSON Lines if it ends in .jsonl."
    path = click.Path(dir_okay=False, path_type=Path)
    return click.option("--report", type=path, metavar="FILE", help=text)(command)


def workers(command: F) -> F:
    """`--workers N`: passed on as `workers`."""
    text = "Calls at once for each account."
    count = click.IntRange(1, 32)
    return click.option("--workers", type=count, default=4, show_default=True, metavar="N", help=text)(command)


FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def since(command: F) -> F:
    """`--since WHEN`: passed on as `since`."""
    text = "Only what changed since then: 2025-03-01, 36h, 7d."
    return click.option("--since", type=WHEN, metavar="WHEN", help=text)(command)


def lines(command: F) -> F:
    """`--line ID` once or many: passed on as `lines`."""
    text = 'A line, with pieces or a sum: ID, ID=2, "ID=12.50 EUR". May be given several times.'
    return click.option("--line", "lines", type=LINE, multiple=True, metavar="LINE", help=text)(command)


def attachments(command: F) -> F:
    """`--attach FILE` once or many: passed on as `attach`."""
    text = "A file to send with it. May be given several times."
    return click.option("--attach", type=FILE, multiple=True, metavar="FILE", help=text)(command)


def text(command: F) -> F:
    """`--text TEXT` or `--text-file FILE`: passed on as `text` and `text_file`; see `text_of`."""
    command = click.option(
        "--text-file", type=click.File("rb"), metavar="FILE", help="Read the text from a file; - is standard input."
    )(command)
    return click.option("--text", metavar="TEXT", help="The text.")(command)


def text_of(text: str | None, text_file: Any) -> str:
    """The text that was given in one of the two ways; a usage error if it is not there or empty."""
    if (text is None) == (text_file is None):
        raise click.UsageError("Give the text with --text or with --text-file.")
    if text is None:
        try:
            text = text_file.read().decode("utf-8-sig").rstrip("\n")
        except UnicodeDecodeError:
            raise click.UsageError("The text file is not UTF-8. Save it as UTF-8, and try again.") from None
    assert text is not None
    if not text.strip():
        raise click.UsageError("The text is empty.")
    return text


__all__ = [
    "AGE",
    "FILE",
    "LINE",
    "SUM",
    "WHEN",
    "Age",
    "Line",
    "Sum",
    "When",
    "accounts",
    "approve",
    "as_json",
    "attachments",
    "compare",
    "dry_run",
    "key",
    "limit",
    "limits",
    "limits_of",
    "lines",
    "money",
    "offline",
    "one_account",
    "report",
    "since",
    "text",
    "text_of",
    "upload",
    "workers",
    "writes",
    "yes",
]
