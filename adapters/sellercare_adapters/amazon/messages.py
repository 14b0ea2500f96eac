"""Messages: templates that Amazon lets the seller send about an order, at some moments. There is no inbox."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sellercare.calls import Call, Json, read, stored, write
from sellercare.errors import BadInput
from sellercare.interfaces import Context, Messages
from sellercare.models import (
    Delivery,
    Message,
    MessageOption,
    MessageTarget,
    Party,
    StartThread,
    ThreadKind,
    Upload,
)
from sellercare.translation import translated
from sellercare.writes import Kept, Step, Write, nothing
from sellercare_adapters.amazon import words
from sellercare_adapters.amazon.reports import stamp
from sellercare_adapters.amazon.sites import marketplace

ACTIONS = "/messaging/v1/orders/{amazonOrderId}"
FILE_TYPES = (
    "text/plain",
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/jpeg",
    "image/gif",
    "image/png",
)
MOST_BYTES = 10_000_000
"""All attachments of a message together stay below this ("less than 10 MB", the live schema's own text)."""

_UPLOADS = "/uploads/2020-11-01/uploadDestinations"
_DATES = {"coverage_start": "coverageStartDate", "coverage_end": "coverageEndDate"}


class AmazonMessages(Messages):
    """Messages."""

    def allowed(self, ctx: Context, target: MessageTarget) -> Sequence[MessageOption]:
        """The templates that Amazon lists for the order now, and the language that the buyer reads."""
        if target.order_id is None:
            raise BadInput("Amazon has no conversations: name the order.", field="thread_id")
        where = {"amazonOrderId": target.order_id}
        params = {"marketplaceIds": marketplace(ctx)}
        actions = ctx.read(read(ACTIONS, ids=where, params=params, group="messages.allowed"))
        listed = translated(_listed, actions, f"GET {ACTIONS}")
        if not listed:
            return ()
        path = ACTIONS + "/attributes"
        attributes = ctx.read(read(path, ids=where, params=params, group="messages.attributes"))
        locale = translated(lambda found: (found.get("buyer") or {}).get("locale"), attributes, f"GET {path}")
        return translated(lambda found: [_option(*each, locale) for each in _listed(found)], actions, f"GET {ACTIONS}")

    def start(self, ctx: Context, command: StartThread) -> Write[Message]:
        """Send one template about an order: its files go to Amazon's storage first."""
        template = next((each for each in words.TEMPLATES if each.path == command.option), None)
        if template is None:
            known = ", ".join(each.path for each in words.TEMPLATES)
            raise BadInput(
                f"{command.option!r} is no message of Amazon's.", field="option", next_step=f"Choose one: {known}."
            )
        body = _body(template, command)
        place, path = marketplace(ctx), f"{ACTIONS}/messages/{template.path}"
        steps: list[Step] = []
        for n, file in enumerate(command.attachments, 1):
            steps += _upload(n, command.order_id, template.path, place, file)

        def send(kept: Kept) -> Call:
            ids = {"amazonOrderId": command.order_id}
            files = [
                {"uploadDestinationId": kept[f"declare-{n}"]["uploadDestinationId"], "fileName": file.filename}
                for n, file in enumerate(command.attachments, 1)
            ]
            whole = {**body, "attachments": files} if files else body
            params = {"marketplaceIds": place}
            return write("POST", path, ids=ids, params=params, json=whole, group="messages.start", expect="nothing")

        id_ = f"{command.order_id}:{template.path}:{ctx.key}"
        message = Message(
            id=id_,
            thread_id=command.order_id,
            author=Party.SELLER,
            text=command.text,
            order_id=command.order_id,
            delivery=Delivery.UNKNOWN,
        )
        return Write((*steps, Step("send", send, nothing, commits=True)), lambda kept: message)


def _listed(payload: Mapping[str, Any]) -> list[tuple[words.Template, Mapping[str, Any]]]:
    """The templates that we know among those that are listed, each with its live schema (empty if none came).

    Names that are in no model any more (negativeFeedbackRemoval) or not yet are left out: nothing could be sent.
    """
    schemas = {}
    for each in (payload.get("_embedded") or {}).get("actions") or ():
        schema = ((each.get("_embedded") or {}).get("schema")) or {}
        name = each.get("name") or (each.get("payload") or {}).get("name") or schema.get("name")
        if name:
            schemas[name] = schema.get("payload") or schema
    found = []
    for link in (payload.get("_links") or {}).get("actions") or ():
        name = link.get("name") or link["href"].partition("?")[0].rpartition("/")[2]
        template = next((each for each in words.TEMPLATES if name in (each.path, *each.names)), None)
        if template is not None:
            found.append((template, schemas.get(name, {})))
    return found


def _option(template: words.Template, schema: Mapping[str, Any], locale: str | None) -> MessageOption:
    texts = [each for each in (schema.get("properties") or {}).values() if each.get("maxLength")]
    limit = min([template.text, *(each["maxLength"] for each in texts if each.get("type") == "string")])
    fields = {
        "coverage_start": "when the warranty begins, an ISO 8601 time with a zone",
        "coverage_end": "when it ends, an ISO 8601 time with a zone",
    }
    why = schema.get("disabledReason") or "Amazon has switched it off for this order"
    return MessageOption(
        id=template.path,
        title=f"{template.title} (the text in {locale})" if locale and template.text else template.title,
        kind=ThreadKind.NOTE,
        text=template.text > 0,
        max_length=limit or None,
        fields=fields if template.dates else {},
        attachment_types=FILE_TYPES if template.files[1] else None,
        attachment_max_bytes=MOST_BYTES - 1 if template.files[1] else None,
        max_attachments=template.files[1],
        why_not=str(why) if schema.get("disabled") else None,
    )


def _body(template: words.Template, command: StartThread) -> dict[str, Json]:
    """What the template takes. Raises BadInput where its files are too few or too large together."""
    least, _ = template.files
    if len(command.attachments) < least:
        raise BadInput(f"{template.path} wants {least} file or more.", field="attachments")
    if sum(len(file.data) for file in command.attachments) >= MOST_BYTES:
        raise BadInput("All files of a message together must be smaller than 10 MB.", field="attachments")
    body: dict[str, Json] = {"text": command.text} if template.text else {}
    return body | {_DATES[name]: _moment(name, value) for name, value in command.fields.items()}


def _moment(name: str, value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadInput(f"{name} is no time with a zone, such as 2026-03-02T00:00:00Z.", field="fields")
    return stamp(moment)


def _upload(n: int, order_id: str, template: str, place: str, file: Upload) -> tuple[Step, Step]:
    """The two harmless steps of a file: Amazon names a place for it, and the bytes are put there."""
    digest = base64.b64encode(hashlib.md5(file.data, usedforsecurity=False).digest()).decode()
    params = {"marketplaceIds": place, "contentMD5": digest, "contentType": file.media_type}
    path = f"{_UPLOADS}{ACTIONS}/messages/{template}"
    declare = write("POST", path, ids={"amazonOrderId": order_id}, params=params, group="uploads")

    def put(kept: Kept) -> Call:
        there = kept[f"declare-{n}"]
        headers = {"Content-Type": file.media_type, **(there.get("headers") or {})}
        return stored("write", there["url"], method="PUT", body=file.data, headers=headers)

    return (
        Step(f"declare-{n}", lambda kept: declare, lambda answer: answer.json()["payload"]),
        Step(f"put-{n}", put, nothing),
    )
