"""What the conformance suite can say of Medusa without a face."""

from __future__ import annotations

from sellercare.testing.suite import AdapterSuite


class TestMedusa(AdapterSuite):
    adapter = "medusa"
    no_face = "every verb is tried on a real Medusa by `make live`, so nobody has written a simulated one"
    proved_in = "tests/live/test_medusa_*.py"
