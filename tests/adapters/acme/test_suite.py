"""The conformance suite on the reference platform."""

from __future__ import annotations

from sellercare.models import EventRequest
from sellercare.testing.suite import AdapterSuite, Site


class TestAcme(AdapterSuite):
    adapter = "acme"

    def event(self, at: Site) -> tuple[EventRequest, dict[str, str]]:
        headers, body = at.face.push("message", self.a_question(at).thread_id)
        request = EventRequest(method="POST", url="https://shop.example/acme", headers=headers, body=body)
        return request, {"signing": at.face.signing_key}
