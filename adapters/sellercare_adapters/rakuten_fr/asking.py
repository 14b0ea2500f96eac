"""How Rakuten France is asked: always GET, always one address a service, and errors in any answer."""

from __future__ import annotations

import re
from typing import Any, Literal

from sellercare.adapter import Problem
from sellercare.calls import Answer, Call
from sellercare.interfaces import Context
from sellercare.markup import parse_xml
from sellercare_adapters.rakuten_fr.wire import ITEM, Service

_IS_ERROR = re.compile(rb"<(?:[\w.-]+:)?errorresponse[\s>]")
_NAMED = re.compile(r"[Pp]arameter\s+'?([a-z]+)'?")
_IDS = frozenset({"itemid", "purchaseid", "compensationid", "productids"})

MOST = 2000
"""Characters of a text. Rakuten tells no limit; a text goes into an address, and servers cut those."""

QUOTA = "InvalidUserRights (quota)"
"""Our name for the code that Rakuten uses for a spent quota as for a missing right."""

NO_SUCH_ID = "ParameterError (id)"
"""Our name for a parameter error that is about an id."""


def asked(service: Service, *, looks_at: str = "", **params: Any) -> Call:
    """A read of a service."""
    group = "looks" if service is ITEM else "default"
    return _call("read", service, group, params, looks_at)


def told(service: Service, group: str, **params: Any) -> Call:
    """A write by a service: a GET like any other, but sent once."""
    return _call("write", service, group, params)


def look_at(item_id: str) -> Call:
    """A look at an item, which marks its messages as read."""
    return asked(ITEM, itemid=item_id, looks_at=f"item-{item_id}")


def shown(ctx: Context, call: Call, service: Service) -> Any:
    """The `response` of a read."""
    return ctx.read(call)[service.root]["response"]


def _call(
    act: Literal["read", "write"], service: Service, group: str, params: dict[str, Any], looks_at: str = ""
) -> Call:
    named = {"action": service.name, "version": service.version, **params}
    return Call(
        act,
        "GET",
        service.path,
        params=named,
        group=group,
        expect="xml",
        lists=service.lists,
        title=service.name,
        looks_at=looks_at,
    )


def problem_of(answer: Answer) -> Problem:
    """What an answer says is wrong, whatever its status; nothing for a good one.

    Clients tell errors by the root of the document; which HTTP status they come with is not known.
    """
    if not _IS_ERROR.search(answer.body[:2000]):
        return Problem()
    document = parse_xml(answer.body, frozenset({"details.detail"}), answer.headers.get("Content-Type", ""))
    error = document["errorresponse"]["error"]
    details = error.get("details") or {"detail": []}
    text = " ".join([error.get("message", ""), *details["detail"]]).strip()
    code, field = error["code"], _NAMED.search(text)
    name = field[1] if field else ""
    if code == "InvalidUserRights" and "quota exceeded" in text.lower():
        code = QUOTA
    elif code == "ParameterError" and name in _IDS and "invalid" in text.lower():
        code = NO_SUCH_ID
    if code == "Unknown error":
        text = f"{text} (Rakuten says so, too, of a sale that is not accepted yet)"
    return Problem(code, text, name)
