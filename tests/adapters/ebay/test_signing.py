"""Digital signatures, held against a published example and against the face, which checks them on its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from sellercare.adapter import Outgoing
from sellercare.calls import read, write
from sellercare.errors import ConfigError, Forbidden
from sellercare_adapters.ebay import EbayAdapter
from sellercare_adapters.ebay.adapter import EbaySettings
from sellercare_adapters.ebay.signing import SIGNED, check_key, signature

# The example of hendt/ebay-api (test/api/digitalSignature.spec.ts, 9.5.2, MIT); its key is the test key of RFC 9421.
KEY = "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"
JWE = (
    "eyJhbGciOiJBMjU2R0NNS1ciLCJlbmMiOiJBMjU2R0NNIiwiemlwIjoiREVGIiwiaXYiOiJvSzFwdXJNVHQtci14VUwzIiwidGFnIjoiTjB4WjI4Zkl"
    "ZckFmYkd5UWFrTnpjZyJ9.AYdKU7ObIc7Z764OrlKpwUViK8Rphxl0xMP9v2_o9mI.1DbZiSQNRK6pLeIw.Yzp3IDV8RM_h_lMAnwGpMA4DXbaDdmqAh"
    "-65kO9xyDgzHD6s0kY3p-yO6oPR9kEcAbjGXIULeQKWVYzbfHKwXTY09Npj_mNuO5yxgZtWnL55uIgP2HL1So2dKkZRK0eyPa6DEXJT71lPtwZtpIGyq"
    "9R5h6s3kGMbqA.m4t_MX4VnlXJGx1X_zZ-KQ"
)
AT = datetime.fromtimestamp(1663459378, UTC)


def outgoing(**more: Any) -> Outgoing:
    known: dict[str, Any] = {"method": "POST", "url": "https://localhost:8080/test", "body": b'{"hello": "world"}'}
    return Outgoing(**{"headers": {}, "at": AT, **known, **more})


def test_the_published_example_comes_out() -> None:
    assert signature(KEY, JWE, outgoing()).headers == {
        "x-ebay-signature-key": JWE,
        "Content-Digest": "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        "Signature-Input": (
            'sig1=("content-digest" "x-ebay-signature-key" "@method" "@path" "@authority");created=1663459378'
        ),
        "Signature": "sig1=:gkk7dqudw21DFHDVBoRUWe/F6/2hTEmWRFDBxiN6COD4PjozXziiDFML1nFHu+0UcMXC/niltxzABjnugu4DCA==:",
    }


def test_the_query_is_not_signed_and_the_hosts_name_is_small() -> None:
    plain = signature(KEY, JWE, outgoing(url="https://api.ebay.com/test"))
    assert signature(KEY, JWE, outgoing(url="https://API.ebay.com/test?a=1")).headers == plain.headers


def test_without_a_body_there_is_no_digest() -> None:
    headers = signature(KEY, JWE, outgoing(method="GET", body=b"")).headers
    assert "Content-Digest" not in headers
    assert headers["Signature-Input"].startswith('sig1=("x-ebay-signature-key" "@method"')


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n",
        f"-----BEGIN PRIVATE KEY-----{KEY}-----END PRIVATE KEY-----",
        f"{KEY[:40]}\n{KEY[40:]}",
    ],
)
def test_a_key_comes_in_any_form(form: str) -> None:
    assert signature(form, JWE, outgoing()).headers == signature(KEY, JWE, outgoing()).headers


@pytest.mark.parametrize("wrong", ["", "x", "AAAA", KEY[:-4], "-----BEGIN PRIVATE KEY-----"])
def test_what_is_no_key_is_said_without_showing_it(wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_key(wrong)
    assert caught.value.setting == "signing_key"
    assert not wrong or wrong not in str(caught.value)


def test_key_and_jwe_belong_together() -> None:
    known = {"client_id": "a", "client_secret": "b", "username": "c"}
    with pytest.raises(ValidationError, match="belong together"):
        EbaySettings.model_validate(known | {"signing_key": KEY})


def settings(**more: Any) -> EbaySettings:
    return EbaySettings.model_validate({"client_id": "a", "client_secret": "b", "username": "c"} | more)


def test_only_what_moves_money_is_signed_and_only_with_a_key() -> None:
    own = settings(signing_key=KEY, signing_jwe=JWE)
    for path in SIGNED:
        assert EbayAdapter.sign(own, write("POST", path), outgoing()) is not None
        assert EbayAdapter.sign(settings(), write("POST", path), outgoing()) is None
    assert EbayAdapter.sign(own, read("/commerce/message/v1/conversation"), outgoing()) is None


def test_a_refund_without_a_signature_is_refused_by_ebay(make_ebay: Any) -> None:
    ebay = make_ebay(without=("signing_key", "signing_jwe"))
    _, number = ebay.order()
    with pytest.raises(Forbidden) as caught:
        ebay.shop.refunds.issue(order_id=number, reason="OTHER_ADJUSTMENT", key="a")
    assert caught.value.native_code == "215000"
    assert ebay.world.count("refund") == 0


def test_a_refund_signed_with_another_key_is_refused(make_ebay: Any) -> None:
    ebay = make_ebay(signing_key=KEY)
    _, number = ebay.order()
    with pytest.raises(Forbidden) as caught:
        ebay.shop.refunds.issue(order_id=number, reason="OTHER_ADJUSTMENT", key="a")
    assert caught.value.native_code == "215002"


def test_a_seller_who_need_not_sign_pays_back_without(make_ebay: Any) -> None:
    ebay = make_ebay(face={"must_sign": False}, site="EBAY_US", without=("signing_key", "signing_jwe"))
    _, number = ebay.order()
    ebay.shop.refunds.issue(order_id=number, reason="OTHER_ADJUSTMENT", key="a")
    assert ebay.world.count("refund") == 1
