"""Digital signatures of the calls that move a seller's money (eBay's form of RFC 9421; dossier, 2026-08).

Sellers in the EU and the UK must sign them; eBay ignores the signature of others. The private key is made once, by
`POST https://apiz.ebay.com/developer/key_management/v1/signing_key`, and shown once; the `jwe` that comes with it goes
into each request.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from sellercare.adapter import Outgoing, Signature
from sellercare.errors import ConfigError

SIGNED = frozenset(
    {
        "/sell/fulfillment/v1/order/{order_id}/issue_refund",
        "/post-order/v2/return/{id}/issue_refund",
        "/post-order/v2/return/{id}/decide",
        "/post-order/v2/inquiry/{id}/issue_refund",
        "/post-order/v2/cancellation",
        "/post-order/v2/cancellation/{id}/approve",
    }
)
"""The calls of the adapter that want a signature."""

_MARKS = re.compile("-----[A-Z ]+-----")
_INSTALL = "Install it with `pip install 'sellercare[ebay]'`."


def signature(private_key: str, jwe: str, request: Outgoing) -> Signature:
    """The headers that prove a request. Raises ConfigError for a key that is none."""
    digest = f"sha-256=:{_base64(hashlib.sha256(request.body).digest())}:"
    url = urlsplit(request.url)
    parts = [
        ("content-digest", digest),
        ("x-ebay-signature-key", jwe),
        ("@method", request.method),
        ("@path", url.path or "/"),
        ("@authority", url.netloc.lower()),
    ]
    if not request.body:
        del parts[0]
    params, base = signature_base(parts, int(request.at.timestamp()))
    signed = {
        "x-ebay-signature-key": jwe,
        "Signature-Input": f"sig1={params}",
        "Signature": f"sig1=:{_base64(_signer(private_key)(base.encode()))}:",
    }
    if request.body:
        signed["Content-Digest"] = digest
    return Signature(signed)


def signature_base(parts: Sequence[tuple[str, str]], created: int) -> tuple[str, str]:
    """The parameters of a signature over these parts, and the text that is signed: a line a part, parameters last."""
    names = " ".join(f'"{name}"' for name, _ in parts)
    params = f"({names});created={created}"
    lines = [f'"{name}": {value}' for name, value in parts]
    return params, "\n".join([*lines, f'"@signature-params": {params}'])


def check_key(private_key: str) -> None:
    """Raise ConfigError for a text that is no private key of Ed25519."""
    _signer(private_key)


@lru_cache(maxsize=8)
def _signer(private_key: str) -> Callable[[bytes], bytes]:
    """What signs with a key: PKCS 8, as eBay hands it out (base64), or with the lines of PEM around it."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_der_private_key
    except ImportError as error:
        raise ConfigError(
            "Signing for eBay needs the library `cryptography`.", setting="signing_key", next_step=_INSTALL
        ) from error
    plain = "".join(_MARKS.sub("", private_key).split())
    try:
        key = load_der_private_key(base64.b64decode(plain, validate=True), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(
            "The signing key is not a private key of Ed25519.",
            setting="signing_key",
            next_step="Copy `privateKey` from eBay's answer to createSigningKey with the cipher ED25519.",
        )
    return key.sign


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
