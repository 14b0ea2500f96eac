"""What is held against a description: answers that are made up find what breaks, and nobody claims more than was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, nullcontext
from typing import Any

import pytest

from sellercare import models
from sellercare.calls import read
from sellercare.errors import BadAnswer
from sellercare.naming import by_name
from sellercare.support import Proof, Proved, impossible
from sellercare.testing.descriptions.rest import Rest
from sellercare.testing.suite import AdapterSuite
from sellercare.testing.workshop import Exchange, Workshop
from sellercare.translation import translated
from sellercare_adapters.acme import adapter as acme
from sellercare_adapters.acme.face import AcmeFace

from .liars import Judge, lying, orders

_TEXT: dict[str, Any] = {"type": "string"}
_AN_ORDER: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "Acme", "version": "1"},
    "paths": {
        "/v1/orders/{id}": {
            "get": {
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["id", "number", "state", "lines"],
                                    "properties": {
                                        "id": _TEXT,
                                        "number": _TEXT | {"nullable": True},
                                        "state": _TEXT | {"enum": ["delivered", "cancelled"]},
                                        "lines": {"type": "array", "items": {}, "maxItems": 0},
                                        "created_at": _TEXT | {"format": "date-time"},
                                    },
                                }
                            }
                        }
                    }
                }
            }
        }
    },
}


def _described(adapter: Any) -> Any:
    """The suite of an adapter that is described as far as it reads one order."""
    needed = {"orders.get": adapter.supports["orders.get"]}
    nothing = {verb: impossible("of no use here") for verb in adapter.supports}
    declared = {"supports": nothing | needed, "live_supports": staticmethod(lambda ctx: nothing | needed)}
    rest = Rest.of("acme", _AN_ORDER, ())
    offered = type("Described", (adapter,), {})
    for name, value in declared.items():
        setattr(offered, name, value)
    return type(
        "Suite",
        (AdapterSuite,),
        {
            "adapter": offered,
            "face": AcmeFace,
            "described": lambda self, specs: rest,
            "tour": lambda self: iter(()),
            "order_id": lambda self, at, order: order.id,
        },
    )()


def _shouting(self: Any, ctx: Any, order_id: str) -> models.Order:
    row = ctx.read(read(acme.ORDER, ids={"id": order_id}))
    row["number"].upper()  # null is allowed
    return by_name(models.Order, row)


def _blaming(self: Any, ctx: Any, order_id: str) -> models.Order:
    row = ctx.read(read(acme.ORDER, ids={"id": order_id}))
    again = ctx.read(read(acme.ORDER, ids={"id": str(row["id"])}))
    return translated(lambda found: by_name(models.Order, found), again)


def _placeless(self: Any, ctx: Any, order_id: str) -> models.Order:
    try:
        return by_name(models.Order, ctx.read(read(acme.ORDER, ids={"id": order_id})))
    except (ValueError, ArithmeticError):
        raise BadAnswer("There is something wrong with the order.") from None


def _grudging(honest: Any) -> Any:
    spoiled: list[bool] = []

    def get(self: Any, ctx: Any, order_id: str) -> models.Order:
        if spoiled:
            raise BadAnswer("It was wrong before.", path="$.before")
        try:
            found: models.Order = honest(self, ctx, order_id)
        except BadAnswer:
            spoiled.append(True)
            raise
        return found

    return get


@pytest.mark.parametrize(
    ("get", "says"),
    [
        (None, ""),
        (_shouting, "AttributeError"),
        (_blaming, "blames the caller"),
        (_placeless, "does not say where"),
        (_grudging(acme.Orders.get), "cannot be read any more"),
    ],
)
def test_answers_that_are_made_up_find_what_breaks(request: pytest.FixtureRequest, get: Any, says: str) -> None:
    suite = _described(acme.AcmeAdapter if get is None else orders(get=get))
    suite.workshop = Workshop(suite.adapter, suite.make_face)
    with closing(suite.workshop), nullcontext() if get is None else pytest.raises(AssertionError, match=says):
        suite.test_generated_answers_are_read("whole", request)


@pytest.mark.parametrize(
    ("level", "kind", "enough"),
    [
        (Proof.OURS, "reference", True),
        (Proof.OURS, "marketplace", False),
        (Proof.DOSSIER, "marketplace", True),
        (Proof.SAMPLES, "marketplace", False),
        (Proof.DESCRIPTION, "marketplace", False),
        (Proof.LIVE, "marketplace", False),
    ],
)
def test_nobody_claims_more_proof_than_there_is(
    judge: Judge, request: pytest.FixtureRequest, level: Proof, kind: str, enough: bool
) -> None:
    test, claims = "test_the_level_of_proof_is_not_above_what_there_is", lying(proved_by=level, kind=kind)
    with nullcontext() if enough else pytest.raises(AssertionError, match="nothing here proves it"):
        judge(test, request, adapter=claims)


def _toured(claimed: Mapping[str, Proved], *verbs: str) -> Any:
    """The suite of an adapter that claims this, on a tour of these verbs; `orders.get` alone is described."""
    claims = lying(proved_by=Proof.DOSSIER, proved_otherwise=claimed, kind="marketplace")

    def tour(self: AdapterSuite) -> Iterator[Exchange]:
        at = self.site()
        order_id = at.world.order().id
        calls = {
            "orders.get": lambda: at.shop.orders.get(order_id),
            "orders.list": lambda: list(at.shop.orders.list()),
        }
        for verb in verbs:
            with at.wire.during(verb):
                calls[verb]()
        yield from at.wire.exchanges

    described = {"described": lambda self, specs: Rest.of("acme", _AN_ORDER, ())}
    return type("Suite", (AdapterSuite,), {"adapter": claims, "face": AcmeFace, "tour": tour, **described})()


PARTS = {Proof.DESCRIPTION: "one part", Proof.DOSSIER: "another"}


@pytest.mark.parametrize(
    ("claimed", "verbs", "says"),
    [
        ({"orders.get": Proof.DESCRIPTION}, ["orders.get"], ""),
        ({}, ["orders.get", "orders.list"], ""),
        ({"orders": Proof.DESCRIPTION, "orders.list": Proof.DOSSIER}, ["orders.get"], "orders.find: description is cl"),
        (
            {"orders.list": Proof.DESCRIPTION},
            ["orders.list"],
            "list: description is claimed, but GET /v1/orders",
        ),
        ({"orders.list": Proof.SAMPLES}, ["orders.list"], "orders.list: samples is claimed, but GET /v1/orders"),
        ({"orders.list": PARTS}, ["orders.list"], "no call of the run was held against it .one part"),
        ({"orders.get": Proof.DESCRIPTION}, [], "orders.get: description is claimed, and no call"),
        ({"orders.get": PARTS}, ["orders.get"], ""),
        ({"orders.get": Proof.SAMPLES}, ["orders.get"], ""),
        ({"orders.list": Proof.LIVE}, ["orders.list"], ""),
        ({"events": Proof.DESCRIPTION}, [], "events.handle: description is claimed, but what the platform pushes"),
    ],
)
def test_nobody_claims_more_of_a_verb_than_its_calls_have(
    request: pytest.FixtureRequest, claimed: Mapping[str, Proved], verbs: list[str], says: str
) -> None:
    suite = _toured(claimed, *verbs)
    suite.workshop = Workshop(suite.adapter, suite.make_face)
    with closing(suite.workshop), pytest.raises(AssertionError, match=says) if says else nullcontext():
        suite.test_no_verb_claims_more_proof_than_its_calls_have("whole", request)


def test_a_level_of_one_verb_wants_something_to_prove_it_by(judge: Judge, request: pytest.FixtureRequest) -> None:
    claims = lying(proved_by=Proof.DOSSIER, kind="marketplace", proved_otherwise={"orders.get": Proof.LIVE})
    with pytest.raises(AssertionError, match="live"):
        judge("test_the_level_of_proof_is_not_above_what_there_is", request, adapter=claims)


@pytest.mark.parametrize("name", ["order", "orders.got", "scores", "scores.current"])
def test_a_level_of_what_is_not_offered_cannot_be_declared(name: str) -> None:
    nothing = {verb: impossible("of no use here") for verb in ("scores.current", "scores.history")}
    with pytest.raises(TypeError, match=rf"{name}.*: no verb or interface"):
        lying(supports=nothing, scores=acme.interfaces.Scores(), proved_otherwise={name: Proof.DOSSIER})


@pytest.mark.parametrize("parts", [{Proof.DOSSIER: "all"}, {Proof.DESCRIPTION: "a part", Proof.DOSSIER: ""}])
def test_parts_of_a_verb_are_two_with_their_names(parts: Mapping[Proof, str]) -> None:
    with pytest.raises(TypeError, match="two levels or more"):
        lying(proved_otherwise={"orders.get": parts})


def test_a_verb_wins_over_its_interface_and_levels_are_told_strongest_first() -> None:
    told = lying(proved_by=Proof.DOSSIER, proved_otherwise={"orders": Proof.SAMPLES, "orders.get": PARTS})
    assert told.proofs("orders.get") == PARTS
    assert (dict(told.proofs("orders.list")), dict(told.proofs("returns.get"))) == (
        {Proof.SAMPLES: ""},
        {Proof.DOSSIER: ""},
    )
    assert told.levels() == (Proof.DESCRIPTION, Proof.SAMPLES, Proof.DOSSIER)
    assert told.levels("returns") == (Proof.DOSSIER,)
