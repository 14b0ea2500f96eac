"""Every document, and the schema that simulated Shopify runs on, is as Shopify's own schema says."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_specified_scalar_type,
    parse,
    validate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sellercare.errors import BadAnswer
from sellercare.translation import translated
from sellercare_adapters.shopify import contracts, documents, translate, words
from sellercare_adapters.shopify.face import ShopifyFace
from sellercare_adapters.shopify.standing import CHARGEBACKS, SCOPES

pytestmark = pytest.mark.contract

DOCUMENTS = {
    name: text
    for name, text in vars(documents).items()
    if isinstance(text, str) and re.match(r"(query|mutation)\b", text)
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_valid(schema: GraphQLSchema, name: str) -> None:
    """With all rules of GraphQL: no field, argument, fragment or variable that is unknown, missing or unused."""
    assert [error.message for error in validate(schema, parse(DOCUMENTS[name]))] == []


def test_no_document_asks_for_what_is_deprecated(schema: GraphQLSchema) -> None:
    from graphql.validation import NoDeprecatedCustomRule

    for text in DOCUMENTS.values():
        assert [error.message for error in validate(schema, parse(text), [NoDeprecatedCustomRule])] == []


def test_every_document_has_a_name_of_its_own() -> None:
    names = [re.match(r"(?:query|mutation) (\w+)", text)[1] for text in DOCUMENTS.values()]  # type: ignore[index]  # chosen by the same pattern
    assert len(set(names)) == len(names) > 20


def test_every_mutation_asks_for_its_own_errors(schema: GraphQLSchema) -> None:
    """Trap 4: who does not ask for userErrors takes a refusal for a yes."""
    for name, text in DOCUMENTS.items():
        if text.startswith("mutation"):
            assert re.search(r"\b(userErrors|orderCancelUserErrors) \{", text), name


def test_refund_create_has_its_key_on_the_field() -> None:
    """Trap 1: no type of the schema wants it."""
    assert "refundCreate(input: $input) @idempotent(key: $key) {" in documents.REFUND_CREATE


# --- the schema of the face ------------------------------------------------------------------------------------------

FACE = build_schema(ShopifyFace.schema)
TYPES = [name for name in FACE.type_map if not name.startswith("__")]


@pytest.mark.parametrize("name", TYPES)
def test_simulated_shopify_has_nothing_that_shopify_has_not(schema: GraphQLSchema, name: str) -> None:
    ours: Any = FACE.type_map[name]
    if isinstance(ours, GraphQLScalarType) and is_specified_scalar_type(ours):
        return
    theirs: Any = schema.type_map[name]
    assert type(ours) is type(theirs)
    if isinstance(ours, GraphQLEnumType):
        assert ours.values.keys() <= theirs.values.keys()
        if name != "CurrencyCode":
            assert ours.values.keys() == theirs.values.keys()
    elif isinstance(ours, GraphQLUnionType):
        assert {each.name for each in ours.types} == {each.name for each in theirs.types}
    elif isinstance(ours, GraphQLInputObjectType):
        for field, own in ours.fields.items():
            assert str(own.type) == str(theirs.fields[field].type), field
        required = {field for field, each in theirs.fields.items() if str(each.type).endswith("!")}
        assert required <= ours.fields.keys()
    elif isinstance(ours, GraphQLObjectType | GraphQLInterfaceType):
        for field, own in ours.fields.items():
            assert str(own.type) == str(theirs.fields[field].type), field
            for argument, each in own.args.items():
                assert str(each.type) == str(theirs.fields[field].args[argument].type), f"{field}({argument})"


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enum", "known"),
    [
        ("ReturnStatus", words.RETURN),
        ("DisputeStatus", words.DISPUTE),
        ("DisputeType", words.DISPUTE_KIND),
        ("OrderDisplayFulfillmentStatus", words.FULFILLMENT),
        ("OrderDisplayFinancialStatus", words.FINANCIAL),
        ("OrderCancelReason", words.CANCEL_REASONS),
        ("ReturnDeclineReason", [each.code for each in words.DECLINE_REASONS]),
        ("OrderAdjustmentInputDiscrepancyReason", [each.code for each in words.DISCREPANCY_REASONS]),
    ],
)
def test_every_word_of_shopifys_is_known(schema: GraphQLSchema, enum: str, known: Any) -> None:
    assert set(schema.type_map[enum].values) == set(known)  # type: ignore[attr-defined]  # an enum


def test_every_state_of_money_is_known_but_the_one_that_says_nothing(schema: GraphQLSchema) -> None:
    assert set(schema.type_map["OrderTransactionStatus"].values) == {*words.TRANSACTION, "UNKNOWN"}  # type: ignore[attr-defined]  # an enum


def test_what_proves_a_refusal_is_among_shopifys_codes_and_what_proves_nothing_is_not(schema: GraphQLSchema) -> None:
    codes = set(schema.type_map["ReturnErrorCode"].values)  # type: ignore[attr-defined]  # an enum
    assert codes - contracts.RETURN_CODES == {"CREATION_FAILED", "INTERNAL_ERROR", "NOTIFICATION_FAILED"}
    assert codes >= contracts.RETURN_CODES


def test_the_scopes_are_those_of_the_schema(specs: Any) -> None:
    text = Path(specs("shopify") / "admin-2026-10-after-sales.graphql").read_text("utf-8")
    for scope in (*SCOPES, *CHARGEBACKS):
        if scope != "write_orders":  # refundCreate has no entry in Shopify's table of scopes
            assert f"`{scope}`" in text


# --- answers that nobody thought of ----------------------------------------------------------------------------------

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
_MONEY = {"presentmentMoney": {"amount": "1.0", "currencyCode": "EUR"}}
_ORDER: dict[str, Any] = {
    "id": "gid://shopify/Order/1",
    "legacyResourceId": "1",
    "name": "#1",
    "email": None,
    "createdAt": "2026-11-01T00:00:00Z",
    "updatedAt": "2026-11-01T00:00:00Z",
    "cancelledAt": None,
    "displayFinancialStatus": "PAID",
    "displayFulfillmentStatus": "UNFULFILLED",
    "returnStatus": "NO_RETURN",
    "presentmentCurrencyCode": "EUR",
    "taxesIncluded": False,
    "customer": None,
    "totalPriceSet": _MONEY,
    "totalReceivedSet": _MONEY,
    "totalRefundedSet": _MONEY,
    "shippingLine": None,
    "fulfillments": [],
    "lineItems": {"nodes": []},
}


@settings(max_examples=60, deadline=None)
@given(field=st.sampled_from(sorted(_ORDER)), value=_json)
def test_whatever_a_field_of_an_order_is_it_is_an_order_or_a_bad_answer(field: str, value: Any) -> None:
    with suppress(BadAnswer):
        assert translated(translate.order, {**_ORDER, field: value}).raw[field] == value
