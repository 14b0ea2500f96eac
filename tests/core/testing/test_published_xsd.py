"""Real published XML Schemas (Fnac and Darty's): answers are made up of each, and held against it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from sellercare.markup import parse_xml
from sellercare.support import Proof
from sellercare.testing.answers import oddities
from sellercare.testing.description import load
from sellercare.testing.workshop import Exchange

pytestmark = pytest.mark.contract

ROOTS = {
    "AuthenticationService": ("auth", "auth_response"),
    "ClientOrderCommentsQueryService": ("client_order_comments_query", "client_order_comments_query_response"),
    "ClientOrderCommentsUpdateService": ("client_order_comments_update", "client_order_comments_update_response"),
    "IncidentsQueryService": ("incidents_query", "incidents_query_response"),
    "IncidentsUpdateService": ("incidents_update", "incidents_update_response"),
    "MessagesQueryService": ("messages_query", "messages_query_response"),
    "MessagesUpdateService": ("messages_update", "messages_update_response"),
    "OrdersQueryService": ("orders_query", "orders_query_response"),
    "OrdersUpdateService": ("orders_update", "orders_update_response"),
    "ShopInvoicesQueryService": ("shop_invoices_query", "shop_invoices_query_response"),
}
"""The global elements of each file. Three more files hold types only."""

TYPES_ONLY = ("base", "common", "state")

BREAKS = {
    "query_incidents_response": ("IncidentsQueryService", "order_detail_incident"),
    "query_messages_response": ("MessagesQueryService", "messages_query_response"),
    "update_incidents_response": ("IncidentsUpdateService", "incidents_update_response"),
}
"""Recorded answers that break the platform's own schema: repeated elements where one is allowed, counters that are
missing, children in another order. Where each is described, and which element is wrong."""

FITS = {
    "auth_response": "AuthenticationService",
    "query_client_order_comments_response": "ClientOrderCommentsQueryService",
    "update_client_order_comments_response": "ClientOrderCommentsUpdateService",
    "update_messages_response": "MessagesUpdateService",
    "update_orders_response": "OrdersUpdateService",
}

Specs = Callable[[str], Path]


def answered(body: bytes) -> Exchange:
    request = requests.Request("POST", "https://vendeur.example/api.php").prepare()
    response = requests.Response()
    response.status_code = 200
    return Exchange("POST /api.php", request, response, body)


def schema_of(specs: Specs, name: str) -> Any:
    return load(specs("fnac") / "xsd" / f"{name}.xsd")


def made_of(schema: Any, root: str, count: int = 30) -> list[bytes]:
    """Documents that are made up without a real one to begin with."""
    empty = f'<{root} xmlns="{schema.schema.target_namespace}"/>'
    return list(schema.answers(answered(empty.encode()), Random(3), count))


@pytest.mark.parametrize(("name", "root"), [(name, root) for name, roots in ROOTS.items() for root in roots])
def test_what_is_made_up_of_a_published_schema_fits_it(specs: Specs, name: str, root: str) -> None:
    schema = schema_of(specs, name)
    made = made_of(schema, root)
    assert len(made) == 30
    for body in made:
        said = schema.complaints(answered(body))
        grown = oddities.NEVER_SEEN.encode() in body
        assert grown or not said, said
        assert all("must be one of" in each for each in said), "more is wrong than that a list has grown"
        assert next(iter(parse_xml(body))) == root
        assert schema.proof_of(answered(body)) is Proof.DESCRIPTION
    assert any(not schema.complaints(answered(body)) for body in made)


@pytest.mark.parametrize("name", ROOTS)
def test_every_root_of_a_published_schema_is_an_operation(specs: Specs, name: str) -> None:
    schema = schema_of(specs, name)
    assert schema.operations == frozenset(ROOTS[name])
    foreign = answered(b'<order xmlns="urn:other"/>')
    assert schema.proof_of(foreign) is Proof.DOSSIER
    assert schema.complaints(foreign)


@pytest.mark.parametrize("name", TYPES_ONLY)
def test_a_file_of_types_has_no_operation(specs: Specs, name: str) -> None:
    assert schema_of(specs, name).operations == frozenset()


@pytest.mark.parametrize(("name", "root"), [(name, roots[1]) for name, roots in ROOTS.items()])
def test_what_is_put_wrong_in_a_made_up_answer_is_said(specs: Specs, name: str, root: str) -> None:
    schema = schema_of(specs, name)
    whole = next(body for body in made_of(schema, root, 100) if not schema.complaints(answered(body)))
    stranger = ElementTree.fromstring(whole)
    ElementTree.SubElement(stranger, f"{{{schema.schema.target_namespace}}}never_described")
    said = schema.complaints(answered(ElementTree.tostring(stranger)))
    assert any("never_described" in each for each in said), said


@pytest.mark.parametrize("sample", FITS)
def test_recorded_answers_that_fit_are_found_to_fit(specs: Specs, sample: str) -> None:
    body = (specs("fnac") / "samples" / f"{sample}.xml").read_bytes()
    assert schema_of(specs, FITS[sample]).complaints(answered(body)) == []


@pytest.mark.parametrize("sample", BREAKS)
def test_recorded_answers_that_break_their_schema_are_found_out(specs: Specs, sample: str) -> None:
    name, element = BREAKS[sample]
    body = (specs("fnac") / "samples" / f"{sample}.xml").read_bytes()
    said = schema_of(specs, name).complaints(answered(body))
    assert any(element in each for each in said), said


def test_a_real_answer_leads_further_in(specs: Specs) -> None:
    """What was really answered is taken up: ids stay ids that a translation knows."""
    schema = schema_of(specs, "OrdersUpdateService")
    real = (specs("fnac") / "samples" / "update_orders_response.xml").read_bytes()
    told = ElementTree.fromstring(real)
    texts = {each.text for each in told.iter() if each.text and each.text.strip()}
    made = b"".join(schema.answers(answered(real), Random(3), 20)).decode()
    assert texts
    assert any(text in made for text in texts)
