"""The conformance suite on the reference platform."""

from __future__ import annotations

from sellercare.models import EventRequest
from sellercare.testing.suite import AdapterSuite, Site
from sellercare_adapters.acme.face import AcmeFace


class TestAcme(AdapterSuite):
    adapter = "acme"

    def signed_in(self, face: AcmeFace) -> dict[str, str]:
        """OAuth in place of a key that never expires."""
        pair = face.tokens.issue()
        app = {"client_id": face.client_id, "client_secret": face.client_secret}
        return {"api_key": "", "access_token": pair.access, "refresh_token": pair.refresh, **app}

    def event(self, at: Site) -> tuple[EventRequest, dict[str, str]]:
        headers, body = at.face.push("message", self.a_question(at).thread_id)
        request = EventRequest(method="POST", url="https://shop.example/acme", headers=headers, body=body)
        return request, {"signing": at.face.signing_key}
