"""The desk of payment disputes: a buyer's bank takes money back. The Fulfillment API serves them, on its own host."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sellercare.calls import Answer, Call, Json, Listing, Listings, read, write
from sellercare.errors import BadInput, ConfigError, OutcomeUnknown
from sellercare.http.pages import OffsetPages
from sellercare.interfaces import Context
from sellercare.models import Decision, DecisionPart, Return, ReturnAction, ReturnKind, ReturnQuery, ReturnVerb, Upload
from sellercare.support import MovesMoney
from sellercare.translation import translated
from sellercare.writes import Found, Kept, Search, Step, Write, nothing
from sellercare_adapters.ebay import ids, translate, wire
from sellercare_adapters.ebay.aftersales import Desk
from sellercare_adapters.ebay.times import CAPPED, searched

_DISPUTE = "/sell/fulfillment/v1/payment_dispute/{id}"
_GROUP = "disputes"
_WHERE = f"GET {_DISPUTE}"
_SNAD = "SIGNIFICANTLY_NOT_AS_DESCRIBED"
_NOTE = 1000
_KINDS = "Give one of eBay's words for it (EvidenceTypeEnum) as the reason."
_TYPES = {"image/jpeg": "JPEG", "image/png": "PNG"}


def _look(path: str, **more: Any) -> Call:
    return read(path, base="apiz", group=_GROUP, **more)


def _act(path: str, **more: Any) -> Call:
    return write("POST", path, base="apiz", group=_GROUP, **more)


class Disputes(Desk):
    """Payment disputes."""

    prefix = ids.DISPUTE
    kind = ReturnKind.CHARGEBACK

    def listings(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Disputes of the last 18 months; those of an order all at once."""
        pages = OffsetPages(limit=200, total="total")
        of_order = {"order_id": query.order_id} if query.order_id else {}
        return [
            Listing(
                _look("/sell/fulfillment/v1/payment_dispute_summary", params=of_order),
                items="paymentDisputeSummaries",
                translate=translate.dispute,
                pages=pages if query.order_id else searched(ctx, pages, ("open_date_from", "open_date_to")),
                applied=frozenset({"order_id", "kind"}),
                capped=CAPPED,
            )
        ]

    def get(self, ctx: Context, case: str) -> Return:
        """One dispute."""
        return translated(translate.dispute, self._fetched(ctx, case), _WHERE)

    def _fetched(self, ctx: Context, case: str) -> wire.Dispute:
        row: wire.Dispute = ctx.read(_look(_DISPUTE, ids={"id": case}))
        return row

    def allowed(self, ctx: Context, case: str) -> Sequence[ReturnAction]:
        """Accept or contest, until the seller has answered."""
        row = self._fetched(ctx, case)
        found = translated(translate.dispute, row, _WHERE)
        if found.native_state != "ACTION_NEEDED" or row.get("sellerResponse"):
            return ()
        return (
            ReturnAction(
                verb=ReturnVerb.APPROVE,
                title="accept the dispute",
                moves_money=MovesMoney.YES,
                most=found.asked,
                due=found.due,
                consequences="The buyer gets the money, and the dispute is closed.",
            ),
            ReturnAction(
                verb=ReturnVerb.CONTEST,
                title="contest the dispute",
                note_max_length=_NOTE,
                takes=(DecisionPart.ATTACHMENTS, DecisionPart.REASON),
                due=found.due,
                consequences="The bank decides. Evidence can only be given before, or with this.",
            ),
        )

    def decide(self, ctx: Context, verb: ReturnVerb, case: str, command: Decision) -> Write[Return]:
        """Accept, or contest with evidence. The dispute is read first: eBay wants its newest revision."""
        if verb is ReturnVerb.APPROVE:
            return self._decided(ctx, case, "/accept", (), {})
        if verb is not ReturnVerb.CONTEST:
            raise BadInput("A payment dispute is accepted (approve) or contested.", field="return_id")
        evidence = _evidence_steps(case, command)
        return self._decided(ctx, case, "/contest", evidence, {"note": command.note} if command.note else {})

    def _decided(
        self, ctx: Context, case: str, path: str, evidence: tuple[Step, ...], more: dict[str, Json]
    ) -> Write[Return]:
        where = {"id": case}
        contests = path == "/contest"

        def call(kept: Kept) -> Call:
            revision = kept["dispute-after"]["revision"] if evidence else kept["dispute"]["revision"]
            body: dict[str, Json] = {"revision": revision, **more}
            if contests and kept["dispute"].get("reason") == _SNAD:
                body["returnAddress"] = _return_address(ctx)
            return _act(_DISPUTE + path, ids=where, json=body, expect="nothing")

        def find(search: Search) -> Found | None:
            row = self._fetched(ctx, case)
            told = row.get("sellerResponse")
            if told and ("CONTEST" in told.upper()) == contests:
                return Found(case, row)
            if told:
                raise OutcomeUnknown("the dispute was answered in another way")
            return None

        look = _look(_DISPUTE, ids=where)
        again = (Step("dispute-after", lambda kept: look, _with_revision),) if evidence else ()
        decide = Step("decide", call, keep=nothing, commits=True, find=find, native_id=lambda kept: case)
        return Write(
            (Step("dispute", lambda kept: look, _with_revision), *evidence, *again, decide),
            lambda kept: translate.dispute(kept["decide"]),
        )


def _with_revision(answer: Answer) -> Json:
    """The dispute, if it tells its revision."""

    def told(row: Any) -> Json:
        if not isinstance(row["revision"], int):
            raise ValueError("no revision")
        return row

    return translated(told, answer.json(), answer.where)


def _evidence_steps(case: str, command: Decision) -> tuple[Step, ...]:
    """Each file goes up by itself; then all of them become one set of evidence. Neither is felt by the buyer.

    What kind of evidence it is says the decision's reason, or else what eBay asked for first.
    """
    uploads = command.attachments
    if not uploads:
        return ()
    for upload in uploads:
        if upload.media_type not in _TYPES:
            raise BadInput("eBay takes JPEG and PNG as evidence.", field="attachments")
    files = [_file_step(case, n, upload) for n, upload in enumerate(uploads, 1)]

    def add(kept: Kept) -> Call:
        row = kept["dispute"]
        asked = (row.get("evidenceRequests") or [{}])[0]
        kind = command.reason or asked.get("evidenceType")
        if not kind:
            raise BadInput("eBay asked for no evidence, so say what kind this is.", field="reason", next_step=_KINDS)
        body = {
            "evidenceType": kind,
            "files": [{"fileId": kept[step.name]["fileId"]} for step in files],
            "lineItems": asked.get("lineItems") or row.get("lineItems") or [],
        }
        return _act(_DISPUTE + "/add_evidence", ids={"id": case}, json=body)

    return (*files, Step("evidence", add))


def _file_step(case: str, number: int, upload: Upload) -> Step:
    return Step(f"file-{number}", lambda kept: _upload_call(case, upload))


def _upload_call(case: str, upload: Upload) -> Call:
    """A file as a form of one part, called `file`; its boundary is made of the bytes, so that a repeat is the same."""
    boundary = hashlib.sha256(upload.data).hexdigest()
    name = "".join(letter for letter in upload.filename if letter.isprintable() and letter not in '"\\')[-200:]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body = (
        f"{head}Content-Type: {upload.media_type}\r\n\r\n".encode() + upload.data + f"\r\n--{boundary}--\r\n".encode()
    )
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return _act(_DISPUTE + "/upload_evidence_file", ids={"id": case}, body=body, headers=kind)


def _return_address(ctx: Context) -> Json:
    """Where the buyer sends the goods: eBay wants it for disputes about goods that are not as described."""
    address = ctx.settings.return_address
    if address is None:
        raise ConfigError(
            "eBay wants an address for the return with this dispute, and none is set.",
            setting="return_address",
            next_step="Set `return_address` for this account.",
        )
    return address.wire()
