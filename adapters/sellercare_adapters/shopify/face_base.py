"""What all of simulated Shopify shares: the token, the points, versions and errors.

Written from Shopify's schema of 2026-10 and its pages, not from the adapter. Where both are silent (the size of the
bucket of points, how an operation's cost is counted exactly, the words of errors) it does something plausible.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from typing import Any, ClassVar

from sellercare.calls import parse_json
from sellercare.simulator import Faults, Reply, Request, World, route
from sellercare.simulator.face import Route
from sellercare.simulator.graphql_face import GraphQLFace

VERSION = "2026-10"
_PATH = f"/admin/api/{VERSION}/graphql.json"
_MOST_COST = 1000
_MUTATION = 10

SCOPES = (
    "read_orders",
    "write_orders",
    "read_all_orders",
    "read_returns",
    "write_returns",
    "read_shopify_payments_disputes",
    "write_shopify_payments_dispute_evidences",
)


class ShopifyBase(GraphQLFace):
    """The frame of simulated Shopify: one shop, one app.

    `rate` are the points that come back in a second, `bucket` those that are there at most. `job_seconds` is how long
    a job takes that cancels an order. `scopes` are the app's. `store_credit`: the shop has new customer accounts, so
    that credit can be given; it is suggested to expire after `credit_days`.
    `withholds`: buyers' data is kept from the app. `spoken` is the version that answers come in.
    """

    schema: ClassVar[str] = resources.files(__package__).joinpath("face_schema.graphql").read_text("utf-8")
    request_id_header: ClassVar[str] = "X-Request-Id"

    access_token = "shpat_simulated"
    client_id = "simulated-app"
    client_secret = "simulated-secret"
    domain = "simulated.myshopify.com"

    def __init__(
        self,
        world: World,
        faults: Faults | None = None,
        *,
        rate: float = 100.0,
        bucket: float = 2000.0,
        job_seconds: float = 5.0,
        store_credit: bool = True,
        credit_days: int | None = None,
    ) -> None:
        super().__init__(world, faults)
        self.rate, self.bucket, self.job_seconds = rate, bucket, job_seconds
        self.store_credit, self.credit_days = store_credit, credit_days
        self.scopes: tuple[str, ...] = SCOPES
        self.withholds = False
        self.spoken = VERSION
        self.costs: list[tuple[str, int]] = []
        self._asks = 0
        self._points, self._counted_at = bucket, world.now()
        self.tokens.lifetime = 3600.0

    def settings(self) -> dict[str, str]:
        """A fixed token, and the secret that webhooks are signed with."""
        return {"access_token": self.access_token, "client_id": self.client_id, "client_secret": self.client_secret}

    def sign_in(self) -> dict[str, str]:
        """Tokens that live an hour, in place of the fixed one."""
        pair = self.tokens.issue()
        return {"access_token": pair.access, "refresh_token": pair.refresh}

    def authorize(self, request: Request) -> Reply | None:
        """The fixed token, or one that was issued."""
        token = request.headers.get("X-Shopify-Access-Token", "")
        if token == self.access_token or self.tokens.valid(token):
            return None
        return Reply.of({"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}, 401)

    @route("POST", "/admin/oauth/access_token", open=True)
    def access(self, request: Request) -> Reply:
        """New tokens for a refresh token."""
        form = request.form()
        app = (form.get("client_id"), form.get("client_secret"))
        pair = (
            self.tokens.refresh(form.get("refresh_token", "")) if app == (self.client_id, self.client_secret) else None
        )
        if pair is None:
            return Reply.of({"error": "invalid_grant"}, 400)
        answer = {"access_token": pair.access, "refresh_token": pair.refresh, "scope": ",".join(self.scopes)}
        return Reply.of(answer | {"expires_in": int(self.tokens.lifetime), "refresh_token_expires_in": 7_776_000})

    @route("POST", _PATH, reads=False)
    def admin(self, request: Request) -> Reply:
        """An operation, if there are points for it."""
        cost = self._asks
        if cost > _MOST_COST:
            text = f"Query cost is {cost}, which exceeds the single query max cost limit ({_MOST_COST})."
            extensions = {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": _MOST_COST}
            return Reply.of({"errors": [{"message": text, "extensions": extensions}]})
        if cost > self._available():
            return self._throttled(cost)
        reply = self.graphql(request)
        document = reply.json()
        actual = min(cost, _objects(document.get("data")) + (_MUTATION if cost > _MUTATION else 0))
        self._points -= actual
        return Reply.of(document | {"extensions": self._told(cost, actual)}, reply.status)

    def too_many(self, wait: float) -> Reply:
        """No points are left: status 200, and no advice but the points themselves."""
        self._available()
        self._points = 0.0
        return self._throttled(self._asks)

    def seen_as(self, route: Route, request: Request) -> Route:
        """By the operation; what it costs is counted on the way."""
        self._asks = self._cost(request) if route.answer == "admin" else 0
        return super().seen_as(route, request)

    def error(self, status: int, code: str, text: str = "", field: str = "") -> Reply:
        """What stands before the API says a sentence."""
        return Reply.of({"errors": text or code}, status)

    def finish(self, request: Request, reply: Reply) -> Reply:
        """The version that really answered."""
        return super().finish(request, replace(reply, headers={**reply.headers, "X-Shopify-API-Version": self.spoken}))

    # --- points ------------------------------------------------------------------------------------------------------

    def _available(self) -> float:
        now = self.world.now()
        passed = max(0.0, (now - self._counted_at).total_seconds())
        self._points, self._counted_at = min(self.bucket, self._points + passed * self.rate), now
        return self._points

    def _throttled(self, cost: int) -> Reply:
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return Reply.of({"errors": [error], "extensions": self._told(cost, None)})

    def _told(self, requested: int, actual: int | None) -> dict[str, Any]:
        status = {
            "maximumAvailable": self.bucket,
            "currentlyAvailable": int(self._points),
            "restoreRate": self.rate,
        }
        return {"cost": {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}}

    def _cost(self, request: Request) -> int:
        """What an operation asks for: each object a point, connections as many as their `first`, mutations ten."""
        operation = self.operation(request)
        if operation is None:
            return 0
        body = parse_json(request.body)
        fragments = {each.name.value: each.selection_set for each in self.fragments(request)}
        cost = _asked(operation.selection_set, body.get("variables") or {}, fragments)
        cost += _MUTATION if operation.operation.value == "mutation" else 0
        self.costs.append((str(operation.name.value) if operation.name else "", cost))
        return cost


def _asked(selection: Any, variables: dict[str, Any], fragments: dict[str, Any]) -> int:
    total = 0
    for each in selection.selections:
        kind = type(each).__name__
        if kind == "FragmentSpreadNode":
            total += _asked(fragments[each.name.value], variables, fragments)
        elif kind == "InlineFragmentNode":
            total += _asked(each.selection_set, variables, fragments)
        elif each.selection_set is not None and each.name.value != "pageInfo":
            inner = _asked(each.selection_set, variables, fragments)
            rows = _first(each, variables)
            total += 1 + inner if rows is None else 1 + rows * (inner if _is_connection(each) else 1 + inner)
    return total


def _is_connection(field: Any) -> bool:
    """Whether a field's rows are one level down, and counted there."""
    return any(
        type(each).__name__ == "FieldNode" and each.name.value == "nodes" for each in field.selection_set.selections
    )


def _first(field: Any, variables: dict[str, Any]) -> int | None:
    """How many rows a field asks for; None where it is one thing."""
    for argument in field.arguments or ():
        if argument.name.value == "ids":
            return len(variables.get(argument.value.name.value) or ())
        if argument.name.value == "first":
            value = argument.value
            return int(variables.get(value.name.value) or 1) if hasattr(value, "name") else int(value.value)
    return None


def _objects(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_objects, value.values()))
    return sum(map(_objects, value)) if isinstance(value, list) else 0
