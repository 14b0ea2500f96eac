"""Simulated WooCommerce: ids, pages, times, credentials and error documents, as recorded from a server of 11.0.1."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar
from urllib.parse import urlencode

from sellercare.models.money import decimals_of
from sellercare.simulator import Face, Faults, Refusal, Reply, Request, World

T = TypeVar("T")

API, WP = "/wp-json/wc/v3", "/wp-json/wp/v2"
ADDRESS = "http://platform.test"
ZONE = timedelta(hours=1)
"""The shop is an hour ahead of UTC: who takes its local times for UTC is found out."""

_BARE = {"woocommerce_rest_cannot_create_order_refund": 500, "woocommerce_rest_invalid_order_refund": 400}
"""Refusals of refunds are 500, and their `data` is a bare number (refund_over, refund_negative)."""

REFUSED = "woocommerce_rest_cannot_create_order_refund"


class WooCommerceBase(Face):
    """One shop. It takes its key, by Basic or in the address, and an application password."""

    consumer_key, consumer_secret = "ck_simulated_key", "cs_simulated_secret"
    user, password = "shopkeeper", "abcd EFGH 1234 ijkl MNOP 5678"

    def __init__(self, world: World, faults: Faults | None = None) -> None:
        super().__init__(world, faults)
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._next = itertools.count(101)

    def settings(self) -> dict[str, str]:
        """A key and an application password."""
        key = {"consumer_key": self.consumer_key, "consumer_secret": self.consumer_secret}
        return key | {"wordpress_user": self.user, "application_password": self.password}

    # --- ids ---------------------------------------------------------------------------------------------------------

    def number(self, id: str) -> int:
        """WordPress's number for an id of the world: the same, where that is a number already."""
        if id not in self._numbers:
            number = int(id) if id.isdecimal() else next(self._next)
            self._numbers[id], self._names[number] = number, id
        return self._numbers[id]

    def name_of(self, number: str | int) -> str:
        """The world's id for a number."""
        return self._names.get(int(number), str(number))

    # --- who may -----------------------------------------------------------------------------------------------------

    def known(self, request: Request) -> bool:
        """Whether the caller has the shop's key, which WordPress's own API does not take."""
        if request.param("consumer_key") == self.consumer_key:
            return request.param("consumer_secret") == self.consumer_secret
        return request.headers.get("Authorization") == _basic(self.consumer_key, self.consumer_secret)

    def logged_in(self, request: Request) -> bool:
        """Whether the caller has an application password."""
        return request.headers.get("Authorization") == _basic(self.user, self.password)

    def authorize(self, request: Request) -> Reply | None:
        """An application password opens everything, the key all of WooCommerce, and WordPress shows comments to all."""
        if self.logged_in(request) or (request.path.startswith(API) and self.known(request)):
            return None
        if request.path.startswith(WP):
            if request.method == "GET" and request.path.endswith("/comments"):
                return None
            code = "rest_comment_login_required" if "/comments" in request.path else "rest_not_logged_in"
            return self.error(401, code, "Sorry, you must be logged in to comment.")
        return self.error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")

    # --- documents ---------------------------------------------------------------------------------------------------

    def error(self, status: int, code: str, text: str = "", field: str = "") -> Reply:
        """WordPress's error document."""
        if code in _BARE:
            return Reply.of({"code": code, "message": text, "data": _BARE[code]}, status)
        data: dict[str, Any] = {"status": status}
        if field:
            data["params"] = {field: text}
            text = f"Invalid parameter(s): {field}"
        code = "rest_no_route" if code == "not-found" else code
        return Reply.of({"code": code, "message": text or "It was refused.", "data": data}, status)

    def page(self, request: Request, rows: Sequence[Mapping[str, Any]]) -> Reply:
        """The rows of a page, with the totals and the next page in headers."""
        size, number = int(request.param("per_page") or 10), int(request.param("page") or 1)
        if not 1 <= size <= 100 or number < 1:
            raise Refusal(400, "rest_invalid_param", "per_page must be between 1 and 100", "per_page")
        pages = -(-len(rows) // size)
        headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}
        if number < pages:
            query = {name: values[0] for name, values in request.query.items()} | {"page": str(number + 1)}
            headers["Link"] = f'<{ADDRESS}{request.path}?{urlencode(query)}>; rel="next"'
        return Reply.of(list(rows[(number - 1) * size : number * size]), headers=headers)

    def links(self, path: str) -> dict[str, Any]:
        """The links of a thing."""
        return {"_links": {"self": [{"href": f"{ADDRESS}{path}"}]}}

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON object of a request; 400 for another value."""
        found = request.json()
        if not isinstance(found, dict):
            raise Refusal(400, "rest_invalid_json", "Invalid JSON body passed.")
        return found


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode('ascii')}"


def times(name: str, moment: datetime | None) -> dict[str, str | None]:
    """A time in its two forms, both without a zone: the shop's, and UTC."""
    if moment is None:
        return {f"date_{name}": None, f"date_{name}_gmt": None}
    return {f"date_{name}": _plain(moment + ZONE), f"date_{name}_gmt": _plain(moment)}


def _plain(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def after(request: Request, name: str, moment: datetime) -> bool:
    """Whether a time passes a filter, which leaves its own second out and is local unless told otherwise."""
    wanted = request.param(name)
    if not wanted:
        return True
    shown = moment if request.param("dates_are_gmt") == "true" else moment + ZONE
    return _plain(shown) > wanted


def numbers(request: Request, name: str) -> set[int] | None:
    """A filter by ids, separated by commas; None without one."""
    given = request.param(name)
    return {int(each) for each in given.split(",")} if given else None


def sum_text(amount: Decimal, currency: str) -> str:
    """A sum as WooCommerce shows it: text with the shop's decimals."""
    return str(rounded(amount, currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """A sum in the shop's decimals."""
    return amount.quantize(Decimal(1).scaleb(-decimals_of(currency)), rounding=ROUND_HALF_UP)


def newest(things: Iterable[T], at: Callable[[T], Any]) -> list[T]:
    """Things by a time, newest first; of the same moment, the last made first."""
    made = sorted(enumerate(things), key=lambda pair: (at(pair[1]), pair[0]), reverse=True)
    return [thing for _, thing in made]
