"""What the tests of the suite have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sellercare.testing.suite import AdapterSuite
from sellercare.testing.workshop import Workshop
from sellercare_adapters.acme import adapter as acme
from sellercare_adapters.acme.face import AcmeFace

from .liars import Judge


@pytest.fixture
def judge() -> Iterator[Judge]:
    """`judge("test_…", "messages.reply", adapter=…, face=…)` runs one test of the suite on an adapter."""
    made: list[Workshop] = []

    def run(test: str, *args: Any, adapter: Any = acme.AcmeAdapter, face: Any = AcmeFace) -> None:
        suite: Any = type("Suite", (AdapterSuite,), {"adapter": adapter, "face": face})()
        suite.workshop = Workshop(adapter, suite.make_face)
        made.append(suite.workshop)
        getattr(suite, test)(*args)

    yield run
    for workshop in made:
        workshop.close()
