"""Files and the parcel of a return at Post-Order: what the buyer shows, the way back, and the seller's own label.

A file that was uploaded had to be activated by a further call (`file/submit`), which eBay shut down on 2026-02-02. Only
a label is used by another call that names it. So a file is given as a label, and with no other decision.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from sellercare.calls import Answer, Call, Json
from sellercare.errors import BadInput
from sellercare.interfaces import Context
from sellercare.models import Attachment, Decision, Parcel
from sellercare.translation import translated
from sellercare.writes import Kept, Step
from sellercare_adapters.ebay import ids, wire
from sellercare_adapters.ebay.postorder import act, group_of

UPLOAD_LABEL = "UPLOAD_LABEL"
"""eBay's word (LabelActionEnum) for a label that the seller gives the buyer; our variant of `approve`."""

_GROUP = group_of("return")
_FILE = "file"
_FORMATS: Mapping[str, str] = {
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "JPEG": "image/jpeg",
    "JPG": "image/jpeg",
    "PNG": "image/png",
}
"""FileFormatEnum. A label may be a PDF, for which it has no word."""

_LABELS = frozenset({*_FORMATS.values(), "application/pdf"})
_READY: Mapping[str, bool] = {"PUBLISHED": True, "CREATED": False}


# --- reading -----------------------------------------------------------------------------------------


def attachments(our_id: str, document: wire.ReturnDocument) -> tuple[Attachment, ...]:
    """The files of a return, those apart that were taken away. Their bytes are in the document, as base64."""
    rows: list[dict[str, Any]] = (document.get("detail") or {}).get("files") or []
    return tuple(_attachment(our_id, row) for row in rows if row.get("fileStatus") != "DELETED")


def _attachment(our_id: str, row: dict[str, Any]) -> Attachment:
    return Attachment(
        id=ids.file_id(our_id, row["fileId"]),
        filename=row.get("fileName"),
        media_type=_FORMATS.get(row.get("fileFormat") or ""),
        ready=_READY.get(row.get("fileStatus") or ""),
    )


def parcels(document: wire.ReturnDocument) -> tuple[Parcel, ...]:
    """The parcel that brings the goods back, as far as it is known."""
    shipment = (document.get("detail") or {}).get("returnShipmentInfo") or {}
    told = shipment.get("shipmentTracking") or {}
    carrier = told.get("carrierName") or told.get("carrierUsed") or told.get("carrierEnum")
    return Parcel.known(carrier, told.get("trackingNumber"))


def content(document: Any, file: str) -> bytes | None:
    """The bytes of one of the files in the answer to `/return/{id}/files`; None if it is not among them."""
    # Where a return has no files, eBay leaves the list out (its page on GetFileResponse, 2.7.8).
    rows = [row for row in document.get("files") or [] if str(row["fileId"]) == file]
    return base64.b64decode(rows[0]["fileData"], validate=True) if rows else None


# --- the seller's label ------------------------------------------------------------------------------


def label_step(ctx: Context, case: str, command: Decision) -> Step:
    """The label's file goes up first: until the next call names it, nobody sees it."""
    if len(command.attachments) != 1:
        raise BadInput("A label is one file.", field="attachments")
    (label,) = command.attachments
    if label.media_type not in _LABELS:
        raise BadInput("eBay takes PDF, BMP, GIF, JPEG and PNG as a label.", field="attachments")
    body = {
        "data": base64.b64encode(label.data).decode(),
        "fileName": label.filename,
        "filePurpose": "LABEL_RELATED",
    }
    return Step(
        _FILE, lambda kept: act(ctx, "/return/{id}/file/upload", body, ids={"id": case}, group=_GROUP), _file_id
    )


def label_call(ctx: Context, case: str, command: Decision, kept: Kept) -> Call:
    """The label is given to the buyer, with its carrier and number if they are told."""
    body: dict[str, Json] = {"labelAction": UPLOAD_LABEL, "fileId": kept[_FILE]["fileId"]}
    if command.note:
        body["comments"] = {"content": command.note}
    if command.parcel:
        told = {"carrierName": command.parcel.carrier, "trackingNumber": command.parcel.number}
        body |= {name: value for name, value in told.items() if value}
    return act(ctx, "/return/{id}/add_shipping_label", body, ids={"id": case}, group=_GROUP)


def _file_id(answer: Answer) -> Json:
    """The id of what was uploaded, without the file itself, which eBay sends back."""

    def told(document: Any) -> Json:
        if not isinstance(document["fileId"], str) or not document["fileId"]:
            raise ValueError("no id")
        return {"fileId": document["fileId"]}

    return translated(told, answer.json(), answer.where)
