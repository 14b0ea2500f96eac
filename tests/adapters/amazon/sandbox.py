"""Amazon's static sandbox, from the cases in its models: each operation answers as one of its cases says."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3.response import HTTPResponse

from sellercare.calls import to_json

from .described import fits

Case = dict[str, Any]

REPORT = (
    "<AmazonEnvelope><Message><ProcessingReport><ProcessingSummary><MessagesSuccessful>1</MessagesSuccessful>"
    "</ProcessingSummary></ProcessingReport></Message></AmazonEnvelope>"
)
_EMPTY = {
    "searchOrders": {"orders": []},
    "listTransactions": {"payload": {"transactions": []}},
    "listReturns": {"returns": []},
    "getFeeds": {"feeds": []},
}


def cases(folder: Path) -> list[Case]:
    """All cases, in their order."""
    found: list[Case] = json.loads((folder / "contract-cases.json").read_text("utf-8"))
    return found


def name_of(case: Case) -> str:
    """A case's name: file, operation, status, number of the case."""
    return f"{case['spec'].removesuffix('.json')}.{case['operationId']}-{case['status']}-{case['case']}"


def values(case: Case) -> dict[str, Any]:
    """The parameters of a case's request."""
    return {name: each["value"] for name, each in case["request"].get("parameters", {}).items()}


class Sandbox(BaseAdapter):
    """A transport. Each operation answers with its first good case, unless another one was chosen for it.

    `sent` are the requests of each operation. `storage` is what the storage service has; `upload_id` is the id that an
    upload gets: uploads have no cases.
    """

    def __init__(self, all_cases: list[Case]) -> None:
        super().__init__()
        self.answers: dict[tuple[str, str], Case] = {}
        for case in all_cases:
            if case["status"] < 300 and "v0" not in case["path"]:
                self.answers.setdefault((case["method"], case["path"]), case)
        self.sent: dict[str, list[Any]] = {}
        self.storage = REPORT.encode()
        self.upload_id = "upload-1"

    def choose(self, case: Case, **changes: Any) -> None:
        """Let the operation of a case answer so; `changes` replace fields of its answer."""
        chosen = {**case, "response": {**case["response"], **changes}} if changes else case
        self.answers[case["method"], case["path"]] = chosen

    def send(self, request: Any, **more: Any) -> Any:
        path = urlsplit(request.url).path
        if path == "/auth/o2/token":
            return _response(request, 200, to_json({"access_token": "at-1", "expires_in": 3600}))
        if path.startswith("/uploads/"):
            upload = {"uploadDestinationId": self.upload_id, "url": "https://files.s3.amazonaws.com/x", "headers": None}
            return _response(request, 201, to_json({"payload": upload}))
        if "sellingpartnerapi" not in urlsplit(request.url).netloc:
            return _response(request, 200, b"" if request.method == "PUT" else self.storage)
        case = self._case(request.method, path)
        self.sent.setdefault(case["operationId"], []).append(request)
        answer = case["response"]
        if len(self.sent[case["operationId"]]) > 1 and case["status"] < 300:
            answer = _EMPTY.get(case["operationId"], answer)
        return _response(request, case["status"], to_json(answer))

    def _case(self, method: str, path: str) -> Case:
        parts = unquote(path).split("/")
        found = [
            (template.count("{"), template)
            for known, template in self.answers
            if known == method and fits(template, parts)
        ]
        assert found, f"no case answers {method} {path}"
        return self.answers[method, min(found)[1]]

    def close(self) -> None:
        """There is nothing to close."""


def _response(request: Any, status: int, body: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code, response.request, response.url = status, request, request.url
    response.headers["Content-Type"] = "application/json"
    response.raw = HTTPResponse(io.BytesIO(body), headers=response.headers, status=status, preload_content=False)
    return response


def wire(request: Any, case: Case) -> dict[str, Any]:
    """A request as a case's parameters: what stands in the path, in the query and in the body."""
    url = urlsplit(request.url)
    found: dict[str, Any] = {}
    for want, part in zip(case["path"].split("/"), url.path.split("/"), strict=True):
        if want.startswith("{"):
            found[want[1:-1]] = unquote(part)
    found |= dict(parse_qsl(url.query))
    if request.body:
        found["body"] = json.loads(request.body)
    return found


def as_wire(value: Any) -> Any:
    """A parameter's value as a query has it."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, dict) else str(value)
