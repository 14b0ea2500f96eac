"""The suite's two programs: they share a store and refresh once, and a pair that shares none is found out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sellercare.support import impossible
from sellercare.testing.checks import faulty
from sellercare.testing.checks.programs import CHEAP, Program, can_be_named
from sellercare.testing.suite import AdapterSuite
from sellercare.testing.workshop import Workshop
from sellercare_adapters.acme.adapter import AcmeAdapter
from sellercare_adapters.acme.face import AcmeFace


class Judged(AdapterSuite):
    adapter = AcmeAdapter
    face = AcmeFace

    def signed_in(self, face: Any) -> dict[str, str]:
        pair = face.tokens.issue()
        app = {"client_id": face.client_id, "client_secret": face.client_secret}
        return {"api_key": "", "access_token": pair.access, "refresh_token": pair.refresh, **app}


@pytest.fixture
def suite() -> Iterator[Any]:
    made = Judged()
    made.workshop = Workshop(AcmeAdapter, made.make_face)
    with closing(made.workshop):
        yield made


def test_programs_that_share_no_store_are_found_out(
    suite: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    suite.test_two_programs_refresh_one_token_once(tmp_path)

    def apart(adapter: Any, settings: Any, *, store: str, account: str) -> Program:
        return Program(adapter, settings, store=f"{store}.other", account=account)

    monkeypatch.setattr(faulty, "Program", apart)
    with pytest.raises(AssertionError, match=r"locked out|used twice|more than once"):
        suite.test_two_programs_refresh_one_token_once(other)


def test_a_program_that_breaks_down_is_said(tmp_path: Path) -> None:
    program = Program(AcmeAdapter, {"nothing": "fits"}, store=f"sqlite:///{tmp_path / 'store.db'}", account="a")
    with pytest.raises(RuntimeError, match="ConfigError"):
        program.said()
    program.end()


def test_what_cannot_be_tried_is_skipped_with_its_reason(suite: Any, tmp_path: Path) -> None:
    local = type("Local", (AcmeAdapter,), {})
    assert can_be_named(AcmeAdapter)
    assert not can_be_named(local)
    nothing = {verb: impossible("of no use here") for verb in CHEAP}
    blind = type("Blind", (AcmeAdapter,), {})
    blind.supports = AcmeAdapter.supports | nothing
    for adapter, why in ((local, "cannot import the adapter"), (blind, "no cheap read")):
        suite.workshop.adapter = adapter
        with pytest.raises(pytest.skip.Exception, match=why):
            suite.test_two_programs_refresh_one_token_once(tmp_path)
    suite.workshop.adapter = AcmeAdapter
    suite.signed_in = lambda face: {}
    with pytest.raises(pytest.skip.Exception, match="without tokens that expire"):
        suite.test_two_programs_refresh_one_token_once(tmp_path)
