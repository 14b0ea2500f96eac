"""Simulated eBay: files of returns, and the label that a seller gives the buyer.

What eBay does not tell is chosen: a file that was uploaded shows once a label names it, for the call that made it show
is shut down; a label is given while an approved return has none.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from sellercare.simulator import Refusal, Reply, Request, route
from sellercare.simulator.things import File, Parcel
from sellercare_adapters.ebay.face_base import POST_ORDER, dated, number, without_nothing
from sellercare_adapters.ebay.face_cases import CasesFace

_FORMATS = {"image/bmp": "BMP", "image/gif": "GIF", "image/jpeg": "JPG", "image/png": "PNG"}
_BEGINS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"BM": "image/bmp"}
_LABEL = {b"%PDF": "application/pdf"}


class FilesFace(CasesFace):
    """Files of returns."""

    @route("GET", POST_ORDER + "/return/{case_id}/files")
    def return_files(self, request: Request, case_id: str) -> Reply:
        """The files of a return, base64 in a document; without any, the list is not there."""
        rows = self._files(self.case("return", case_id))
        return Reply.of({"files": rows} if rows else {})

    @route("POST", POST_ORDER + "/return/{case_id}/file/upload")
    def upload_return_file(self, request: Request, case_id: str) -> Reply:
        """A picture, or for a label also a PDF."""
        case, body = self.case("return", case_id), self.body(request)
        purpose, name = body.get("filePurpose"), body.get("fileName")
        if purpose not in ("ITEM_RELATED", "LABEL_RELATED", "REFUND_RELATED") or not name:
            raise Refusal(400, "2004", "Invalid file purpose or name.", "filePurpose")
        try:
            data = base64.b64decode(body["data"], validate=True)
        except (binascii.Error, TypeError, KeyError):
            raise Refusal(400, "2004", "The file is not base64.", "data") from None
        known = _BEGINS | (_LABEL if purpose == "LABEL_RELATED" else {})
        media = next((kind for start, kind in known.items() if data.startswith(start)), None)
        if media is None:
            raise Refusal(400, "2004", "The file has no format that is taken.", "data")
        file = self.world.declare_file(name, media, len(data))
        self.world.put_file(file, data)
        file.extra.update({"purpose": purpose, "by": "SELLER", "of": case.id})
        return Reply.of({"fileId": number(file.id)})

    @route("POST", POST_ORDER + "/return/{case_id}/add_shipping_label")
    def add_shipping_label(self, request: Request, case_id: str) -> Reply:
        """The seller's own label is given to the buyer, once."""
        case, body = self.case("return", case_id), self.body(request)
        self._allowed(case, "SELLER_PROVIDE_LABEL")
        mine = [file for file in self.world.data.files.values() if file.extra.get("of") == case.id]
        label = next((file for file in mine if number(file.id) == body.get("fileId")), None)
        if body.get("labelAction") != "UPLOAD_LABEL" or label is None or label.extra["purpose"] != "LABEL_RELATED":
            raise Refusal(400, "2004", "There is no such label.", "fileId")
        case.files.append(label)
        case.extra["label"] = label.id
        if body.get("carrierName") or body.get("trackingNumber"):
            case.parcels.append(Parcel(body.get("carrierName"), body.get("trackingNumber")))
        self._happened(case, "SELLER_PROVIDE_LABEL", (body.get("comments") or {}).get("content"))
        self.world.decide(case, "approve", "approved", label.filename)
        return Reply.of({"labelId": number(label.id)})

    def _detail(self, case: Any) -> dict[str, Any]:
        """With the files, and the parcel once it is on its way."""
        told = next(({"carrierEnum": each.carrier, "trackingNumber": each.number} for each in case.parcels), None)
        parcel = {"shipmentTracking": told} if told else None
        more = {"files": self._files(case) or None, "returnShipmentInfo": parcel}
        return super()._detail(case) | without_nothing(more)

    def _files(self, case: Any) -> list[dict[str, Any]]:
        return [_shown(file, case) for file in case.files]


def _shown(file: File, case: Any) -> dict[str, Any]:
    return {
        "fileId": number(file.id),
        "fileName": file.filename,
        "fileFormat": _FORMATS.get(file.media_type, "UNKNOWN"),
        "filePurpose": file.extra.get("purpose", "ITEM_RELATED"),
        "fileStatus": "PUBLISHED",
        "submitter": file.extra.get("by", "BUYER"),
        "creationDate": dated(case.updated_at),
        "fileData": base64.b64encode(file.data).decode(),
    }
