"""Secrets are in no log line, no error, no journal row, no recorded answer; buyers are in no log line and no error."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel
from sqlalchemy import MetaData, select

from sellercare.errors import SellercareError
from sellercare.http.redaction import secrets_of
from sellercare.interfaces import VERBS
from sellercare.simulator import Fault
from sellercare.simulator.faults import FaultKind
from sellercare.testing.checks.written import ContractChecks
from sellercare.testing.samples import recorded
from sellercare.testing.workshop import Site

_SHORTEST = 6
"""Shorter values are found in ordinary words."""

_WHERE_SECRETS_LIVE = frozenset({"tokens"})
"""The tables of the store that hold tokens on purpose."""

_MAY_LACK = frozenset({"text", "note", "reason", "variant", "amount"})
"""What a write may be asked for without, where the platform wants it."""

_FAULTS: tuple[FaultKind, ...] = ("lost_answer", "expired_token", "error_before", "html_body", "cut_body")


class _Ear(logging.Handler):
    """Hears every log line."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()} {record.exc_info or ''}")


@contextmanager
def _listening() -> Iterator[list[str]]:
    ear, root = _Ear(), logging.getLogger()
    ours = logging.getLogger("sellercare")
    levels = root.level, ours.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    ours.setLevel(logging.DEBUG)
    try:
        yield ear.lines
    finally:
        root.removeHandler(ear)
        root.setLevel(levels[0])
        ours.setLevel(levels[1])


class SecretChecks(ContractChecks):
    """What may be nowhere is nowhere."""

    def test_no_secret_is_told(self) -> None:
        """All verbs, with faults: the settings' secrets and the tokens are in no line, error, row or recording."""
        lines, errors, rows, recordings, results = [], [], [], [], []
        secrets: set[str] = set()
        buyers: set[str] = set()
        with _listening() as heard:
            for verb in self._offered():
                at = self.workshop.site(patience=5.0)
                secrets |= self._secrets(at)
                results += self._all_that_is_shown(verb)
                errors += self._all_that_goes_wrong(verb, at)
                errors += self._all_that_lacks(verb)
                secrets |= self._secrets(at)
                buyers |= {each.email or "" for each in at.world.data.buyers.values()}
                errors += [repr(at.shop), repr(at.shop.settings), repr(at.shop.adapter.auth(at.shop.settings))]
                recordings += [recorded(each) for each in at.wire.exchanges if each.response is not None]
            lines += heard
        rows += self._rows()
        hidden = {secret for secret in secrets if len(secret) >= _SHORTEST}
        assert hidden, "the adapter has no secret at all: is a key of its settings no SecretStr?"
        for name, texts in (
            ("log", lines),
            ("error", errors),
            ("journal", rows),
            ("recording", recordings),
            ("result", results),
        ):
            told = [text for text in texts if any(secret in text for secret in hidden)]
            assert not told, f"a secret is told in a {name}: {self._masked(told[0], hidden)}"
        for name, texts in (("log", lines), ("error", errors)):
            told = [text for text in texts if any(buyer in text for buyer in buyers if len(buyer) >= _SHORTEST)]
            assert not told, f"a buyer is told in a {name}: {self._masked(told[0], buyers - {''})}"

    def _offered(self) -> list[str]:
        supports = self.workshop.adapter.supports
        return [verb for verb in VERBS if supports[verb].offered]

    def _all_that_goes_wrong(self, verb: str, at: Site) -> list[str]:
        """Make the verb's calls under faults, and again as somebody who may not; gives all that is said of it."""
        said: list[str] = []
        act = self.do(verb, at) if VERBS[verb].is_write else self.look(verb, at)
        for number, fault in enumerate(_FAULTS):
            at.face.faults.add(Fault(fault, times=2))
            try:
                act(f"secret-{number}") if VERBS[verb].is_write else act()  # type: ignore[call-arg]  # a look has no key
            except SellercareError as error:
                said += [str(error), repr(error), str(error.details())]
            at.face.faults.clear()
        return said

    def _all_that_is_shown(self, verb: str) -> list[str]:
        """What the verb gives where nothing goes wrong."""
        at = self.workshop.site()
        return [str(self.do(verb, at)("shown") if VERBS[verb].is_write else self.look(verb, at)())]

    def _all_that_lacks(self, verb: str) -> list[str]:
        """What is said of a write that lacks one of the things that it may have."""
        if not VERBS[verb].is_write:
            return []
        said: list[str] = []
        fields: list[str] = [""]
        for lacking in fields:
            at = self.workshop.site(patience=5.0)
            act, plainly = self.do(verb, at), at.shop.write

            def write_less(
                name: str, command: BaseModel, *, plainly: Any = plainly, lacking: str = lacking, **how: Any
            ) -> Any:
                if lacking:
                    return plainly(name, command.model_copy(update={lacking: None}), **how)
                optional = {each for each, field in type(command).model_fields.items() if field.default is None}
                fields.extend(each for each in _MAY_LACK & optional if getattr(command, each) is not None)
                return plainly(name, command, **how)

            at.shop.write = write_less  # type: ignore[method-assign, assignment]  # one shop, for the time of a test
            try:
                act(f"lacks {lacking}")
            except SellercareError as error:
                said += [str(error), repr(error), str(error.details())]
        return said

    def _secrets(self, at: Site) -> set[str]:
        """The secrets of the settings, and every token that was ever sent."""
        found = set(secrets_of(at.shop.settings))
        found |= {pair.access for pair in at.face.tokens.issued} | {pair.refresh for pair in at.face.tokens.issued}
        for exchange in at.wire.exchanges:
            given = str(exchange.request.headers.get("Authorization", ""))
            found.add(given.rpartition(" ")[2])
        return found

    def _rows(self) -> list[str]:
        """Every row of the store, tokens apart."""
        tables = MetaData()
        texts = []
        with self.workshop.store.reading() as db:
            tables.reflect(db)
            for table in tables.sorted_tables:
                if table.name not in _WHERE_SECRETS_LIVE:
                    texts += [str(tuple(row)) for row in db.execute(select(table))]
        return texts

    def _masked(self, text: str, secrets: set[str]) -> str:
        for secret in secrets:
            text = text.replace(secret, "<secret>")
        return text[:400]
