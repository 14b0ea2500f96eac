"""What a return of Post-Order shows beside its decisions: its two parts, its parcel, its files and its label."""

from __future__ import annotations

from typing import Any

import pytest

from sellercare.errors import BadAnswer, BadInput, NotAllowedNow, NotFound
from sellercare.models import Attachment, Parcel, Upload
from sellercare.simulator import Fault, things
from sellercare_adapters.ebay.face_base import number
from sellercare_adapters.ebay.postorder_translate import return_

PDF = Upload.of("label.pdf", "application/pdf", b"%PDF-1.7 label")


@pytest.fixture
def parts(ebay: Any, monkeypatch: Any) -> list[str]:
    """The field groups that are asked for."""
    asked: list[str] = []
    plain = type(ebay.face).one_return

    def noted(self: Any, request: Any, case_id: str) -> Any:
        asked.append(request.param("fieldgroups"))
        return plain(self, request, case_id)

    monkeypatch.setattr(type(ebay.face), "one_return", noted)
    return asked


def test_a_return_comes_in_two_parts(ebay: Any, parts: list[str]) -> None:
    """eBay's page on GetReturnFieldGroupEnum: FULL is the details only, without the summary, and SUMMARY the other."""
    case, case_id = ebay.case("return", note="It is broken.")
    found = ebay.shop.returns.get(case_id)
    assert parts == ["SUMMARY", "FULL"]
    assert set(found.raw) == {"summary", "detail"}
    assert (found.id, found.note) == (f"return:{number(case.id)}", "It is broken.")


def test_what_is_allowed_costs_one_part(ebay: Any, parts: list[str]) -> None:
    _, case_id = ebay.case("return")
    assert ebay.shop.returns.allowed(case_id)
    assert ebay.shop.messages.allowed(thread_id=case_id)
    assert parts == ["SUMMARY", "SUMMARY"]


def test_no_details_are_fetched_for_money_that_ebay_does_not_offer(ebay: Any, parts: list[str]) -> None:
    _, case_id = ebay.case("return", "declined")
    assert ebay.shop.refunds.quote(return_id=case_id) == ()
    assert parts == ["SUMMARY"]


# --- parcel and files ----------------------------------------------------------------------


def test_the_parcel_of_a_return_is_told(ebay: Any) -> None:
    case, case_id = ebay.case("return", "in_transit")
    assert ebay.shop.returns.get(case_id).parcels == ()
    case.parcels.append(things.Parcel("DHL", "00340434"))
    assert ebay.shop.returns.get(case_id).parcels == (Parcel(carrier="DHL", number="00340434"),)


def document(**file: Any) -> Any:
    """A return with a file."""
    return {"summary": {"returnId": "5001", "state": "CLOSED"}, "detail": {"files": [{"fileId": "7", **file}]}}


@pytest.mark.parametrize(
    ("told", "media"),
    [
        ("BMP", "image/bmp"),
        ("GIF", "image/gif"),
        ("JPEG", "image/jpeg"),
        ("JPG", "image/jpeg"),
        ("PNG", "image/png"),
        ("UNKNOWN", None),
        (None, None),
    ],
)
def test_formats_of_files(told: str | None, media: str | None) -> None:
    """eBay's page on FileFormatEnum (2.7.8)."""
    (file,) = return_(document(fileFormat=told, fileName="a.png")).attachments
    assert (file.id, file.filename, file.media_type) == ("return:5001/7", "a.png", media)


@pytest.mark.parametrize(("status", "ready"), [("PUBLISHED", [True]), ("CREATED", [False]), ("UNKNOWN", [None])])
def test_states_of_files(status: str, ready: list[bool | None]) -> None:
    """eBay's page on FileStatusEnum: CREATED is not yet with the return."""
    assert [file.ready for file in return_(document(fileStatus=status)).attachments] == ready


def test_a_file_that_was_taken_away_is_not_shown() -> None:
    assert return_(document(fileStatus="DELETED")).attachments == ()


def test_a_buyers_picture_is_fetched(ebay: Any) -> None:
    case, case_id = ebay.case("return")
    for name, data in (("a.png", b"\x89PNG one"), ("b.png", b"\x89PNG two")):
        file = ebay.world.declare_file(name, "image/png", len(data))
        ebay.world.put_file(file, data)
        case.files.append(file)
    first, second = ebay.shop.returns.get(case_id).attachments
    assert b"".join(ebay.shop.messages.download(second)) == b"\x89PNG two"
    assert (first.filename, first.media_type, first.ready) == ("a.png", "image/png", True)


@pytest.mark.parametrize("wrong", ["return:{}/123", "inquiry:{}/123"])
def test_a_file_that_is_not_there_is_not_found(ebay: Any, wrong: str) -> None:
    """A return without files has no list of them (eBay's page on GetFileResponse, 2.7.8)."""
    case, _ = ebay.case("return")
    with pytest.raises(NotFound):
        ebay.shop.messages.download(Attachment(id=wrong.format(number(case.id))))


def test_a_file_that_is_no_base64_is_an_error_with_its_place(ebay: Any, monkeypatch: Any) -> None:
    case, case_id = ebay.case("return")
    rows = [{"fileId": "7", "fileData": "%%%"}]
    monkeypatch.setattr(type(ebay.face), "_files", lambda self, case: rows)
    with pytest.raises(BadAnswer) as caught:
        ebay.shop.messages.download(Attachment(id=f"{case_id}/7"))
    assert caught.value.path == "$.files[0].fileData"
    assert number(case.id) in case_id


# --- the seller's label ----------------------------------------------------------------------


def test_a_label_goes_up_and_is_given_to_the_buyer(ebay: Any) -> None:
    case, case_id = ebay.case("return", "approved")
    made = ebay.shop.returns.approve(case_id, variant="UPLOAD_LABEL", note="Print it.", attachments=[PDF], key="a")
    native = number(case.id)
    assert ebay.calls() == [
        "POST /post-order/v2/return/{case_id}/file/upload",
        "POST /post-order/v2/return/{case_id}/add_shipping_label",
    ]
    assert made.id == f"return:{native}"
    (file,) = made.attachments
    assert (file.filename, file.media_type, file.ready) == ("label.pdf", None, True)
    (kept,) = case.files
    assert kept.data == PDF.data
    assert "UPLOAD_LABEL" not in [each.variant for each in ebay.shop.returns.allowed(case_id)]
    assert ebay.world.count("refund") == 0


def test_a_label_goes_with_carrier_and_number(ebay: Any) -> None:
    """`carrierName` and `trackingNumber` of eBay's page on ProvideLabelRequest (2.7.8), both optional."""
    _, case_id = ebay.case("return", "approved")
    parcel = Parcel(carrier="DHL", number="00340434")
    made = ebay.shop.returns.approve(case_id, variant="UPLOAD_LABEL", attachments=[PDF], parcel=parcel, key="a")
    assert made.parcels == (parcel,)
    with pytest.raises(BadInput, match="no place for a parcel"):
        ebay.shop.returns.approve(ebay.case("return")[1], parcel=parcel, key="b")


@pytest.mark.parametrize("fault", ["lost_answer", "error_after"])
def test_a_label_whose_answer_is_lost_is_found(ebay: Any, fault: str) -> None:
    case, case_id = ebay.case("return", "approved")
    ebay.face.faults.add(Fault(fault, "POST */add_shipping_label", times=1))
    ebay.shop.returns.approve(case_id, variant="UPLOAD_LABEL", attachments=[PDF], key="a")
    assert ebay.world.count("return.approve", case.id) == 1
    assert len(ebay.calls()) == 2


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([], "evidence"),
        ([PDF, PDF], "one file"),
        ([Upload.of("a.txt", "text/plain", b"label")], "PDF"),
    ],
)
def test_a_label_is_one_file_of_a_kind_that_ebay_takes(ebay: Any, files: Any, says: str) -> None:
    _, case_id = ebay.case("return", "approved")
    with pytest.raises(BadInput, match=says):
        ebay.shop.returns.approve(case_id, variant="UPLOAD_LABEL", attachments=files, key="a")
    assert ebay.calls() == []


def test_files_are_given_with_a_label_only(ebay: Any) -> None:
    """The call that activated other files (file/submit) is shut down since 2026-02-02."""
    _, case_id = ebay.case("return")
    with pytest.raises(BadInput, match="has no place for files"):
        ebay.shop.returns.approve(case_id, attachments=[PDF], key="a")
    with pytest.raises(NotAllowedNow):
        ebay.shop.returns.receive(case_id, attachments=[PDF], key="b")
    assert ebay.calls() == []
