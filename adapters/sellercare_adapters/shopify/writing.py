"""What the writes about returns have in common: a mutation that answers with the return, found again by its status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sellercare.calls import Answer, Json
from sellercare.errors import NotAllowedNow, OutcomeUnknown
from sellercare.graphql import payload_of
from sellercare.interfaces import Context
from sellercare.models import Return
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.shopify import contracts, documents, reading, translate
from sellercare_adapters.shopify.documents import ADMIN

KEEP_RETURN: Mapping[str, Callable[[Answer], Json]] = {
    field: payload_of(f"data.{field}.return")
    for field in (
        "returnCreate",
        "returnApproveRequest",
        "returnDeclineRequest",
        "returnCancel",
        "returnClose",
        "returnReopen",
        "returnProcess",
    )
}
"""By mutation, how the return is kept that it answers with."""


def id_of(kept: Json) -> str:
    """The id of a kept return."""
    return str(kept["id"])


def with_lines(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of a mutation, and how many lines of the return it shows."""
    return {**variables, "lines": documents.RETURN_LINES_AT_ONCE}


def result_of(step: str) -> Callable[[Kept], Return]:
    """The return out of what this step kept."""
    return lambda kept: translate.return_(kept[step])


def set_status(
    ctx: Context, return_id: str, becomes: str, field: str, document: str, variables: Mapping[str, Any]
) -> Write[Return]:
    """A mutation that gives a return another status, and is found again by it."""
    call = ADMIN.mutation(document, with_lines(variables), group="returns", cost=20)

    def before() -> Json:
        status = reading.return_row(ctx, return_id)["status"]
        if status == becomes:
            raise NotAllowedNow(f"The return {return_id} is {becomes} already.")
        return {"status": status}

    def find(search: Search) -> Found | None:
        row = reading.return_row(ctx, return_id)
        if row["status"] == becomes:
            return Found(return_id, row)
        if row["status"] != search.before["status"]:
            raise OutcomeUnknown("it has changed since, to what was not asked for: ours may have come before that")
        return None

    step = Step("decide", lambda kept: call, KEEP_RETURN[field], commits=True, find=find, native_id=id_of)
    return Write((step,), result_of("decide"), before, contract=contracts.DECIDE)
