"""A small shop, put into a running Medusa server through its own REST APIs, and orders made to measure in it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import requests

PRICES = {"MUG-1": 12, "SCARF-1": 40, "LAMP-1": 85.5}
SHIPPING = 5
LABEL = 4
BUYERS = ("ada@example.com", "ben@example.com")


class ServerSaidNo(Exception):
    """The server answered with an error status."""


class Rest:
    """JSON calls to one server with fixed headers."""

    def __init__(self, base_url: str, headers: dict[str, str] | None = None) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self.session.headers.update(headers or {})

    def send(self, method: str, path: str, body: Any = None) -> requests.Response:
        """The bare answer, whatever its status."""
        return self.session.request(method, self.base_url + path, json=body, timeout=60)

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.send(method, path, body)
        if not answer.ok:
            raise ServerSaidNo(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()


@dataclass
class Facts:
    """What was seeded: keys and ids that tests need. Plain text, so that it is kept beside the database dump."""

    secret_key: str
    publishable_key: str
    location_id: str
    region_id: str
    channel_id: str
    shipping_option_id: str
    return_option_id: str
    return_reason_id: str
    variants: dict[str, str] = field(default_factory=dict)
    products: dict[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def sign_in(base_url: str, email: str, password: str, who: str = "user") -> str:
    """A token for an administrator (`user`) or a buyer (`customer`)."""
    return str(Rest(base_url)("POST", f"/auth/{who}/emailpass", {"email": email, "password": password})["token"])


def seed(base_url: str, email: str, password: str) -> Facts:
    """Make channel, region, warehouse, delivery, three products, a return reason, two buyers and the keys."""
    admin = Rest(base_url, {"Authorization": f"Bearer {sign_in(base_url, email, password)}"})
    secret = admin("POST", "/admin/api-keys", {"title": "live tests", "type": "secret"})["api_key"]["token"]
    channel = admin("GET", "/admin/sales-channels")["sales_channels"][0]["id"]
    store = admin("GET", "/admin/stores")["stores"][0]["id"]
    euro = [{"currency_code": "eur", "is_default": True}]
    admin("POST", f"/admin/stores/{store}", {"supported_currencies": euro, "default_sales_channel_id": channel})
    publishable = admin("POST", "/admin/api-keys", {"title": "web", "type": "publishable"})["api_key"]
    admin("POST", f"/admin/api-keys/{publishable['id']}/sales-channels", {"add": [channel]})
    region_wanted = {
        "name": "Germany",
        "currency_code": "eur",
        "countries": ["de"],
        "payment_providers": ["pp_system_default"],
    }
    region = admin("POST", "/admin/regions", region_wanted)["region"]["id"]
    admin("POST", "/admin/tax-regions", {"country_code": "de", "provider_id": "tp_system"})
    location, zone = _warehouse(admin, channel)
    profile = _profile(admin)
    reason = admin("POST", "/admin/return-reasons", {"value": "damaged", "label": "Arrived damaged"})["return_reason"]
    facts = Facts(
        secret_key=secret,
        publishable_key=publishable["token"],
        location_id=location,
        region_id=region,
        channel_id=channel,
        shipping_option_id=_option(admin, "Parcel", zone, profile, SHIPPING, is_return=False),
        return_option_id=_option(admin, "Return label", zone, profile, LABEL, is_return=True),
        return_reason_id=reason["id"],
    )
    for sku, price in PRICES.items():
        product = _product(admin, sku, price, channel, profile, location)
        facts.products[sku] = product["id"]
        facts.variants[sku] = product["variants"][0]["id"]
    for buyer in BUYERS:
        _register(base_url, publishable["token"], buyer, password)
    return facts


def _warehouse(admin: Rest, channel: str) -> tuple[str, str]:
    address = {"address_1": "1 Depot", "city": "Berlin", "country_code": "de"}
    location = admin("POST", "/admin/stock-locations", {"name": "Depot", "address": address})["stock_location"]["id"]
    path = f"/admin/stock-locations/{location}"
    admin("POST", f"{path}/sales-channels", {"add": [channel]})
    admin("POST", f"{path}/fulfillment-providers", {"add": ["manual_manual"]})
    sets = admin("POST", f"{path}/fulfillment-sets?fields=*fulfillment_sets", {"name": "Parcels", "type": "shipping"})
    set_id = sets["stock_location"]["fulfillment_sets"][0]["id"]
    area = {"name": "Germany", "geo_zones": [{"type": "country", "country_code": "de"}]}
    zones = admin("POST", f"/admin/fulfillment-sets/{set_id}/service-zones?fields=*service_zones", area)
    return location, zones["fulfillment_set"]["service_zones"][0]["id"]


def _profile(admin: Rest) -> str:
    profiles = admin("GET", "/admin/shipping-profiles")["shipping_profiles"]
    if profiles:
        return str(profiles[0]["id"])
    made = admin("POST", "/admin/shipping-profiles", {"name": "All", "type": "default"})
    return str(made["shipping_profile"]["id"])


def _option(admin: Rest, name: str, zone: str, profile: str, price: int, *, is_return: bool) -> str:
    code = name.lower().replace(" ", "-")
    wanted = {
        "name": name,
        "service_zone_id": zone,
        "shipping_profile_id": profile,
        "provider_id": "manual_manual",
        "price_type": "flat",
        "type": {"label": name, "description": name, "code": code},
        "prices": [{"currency_code": "eur", "amount": price}],
        "rules": [
            {"attribute": "is_return", "operator": "eq", "value": str(is_return).lower()},
            {"attribute": "enabled_in_store", "operator": "eq", "value": "true"},
        ],
    }
    return str(admin("POST", "/admin/shipping-options", wanted)["shipping_option"]["id"])


def _product(admin: Rest, sku: str, price: float, channel: str, profile: str, location: str) -> Any:
    variant = {
        "title": "One",
        "sku": sku,
        "manage_inventory": True,
        "options": {"Size": "One"},
        "prices": [{"currency_code": "eur", "amount": price}],
    }
    wanted = {
        "title": sku.split("-")[0].title(),
        "status": "published",
        "shipping_profile_id": profile,
        "sales_channels": [{"id": channel}],
        "options": [{"title": "Size", "values": ["One"]}],
        "variants": [variant],
    }
    path = "/admin/products?fields=id,*variants,*variants.inventory_items"
    product = admin("POST", path, wanted)["product"]
    stock = product["variants"][0]["inventory_items"][0]["inventory_item_id"]
    level = {"location_id": location, "stocked_quantity": 1000}
    admin("POST", f"/admin/inventory-items/{stock}/location-levels", level)
    return product


def _register(base_url: str, publishable_key: str, email: str, password: str) -> None:
    made = Rest(base_url)("POST", "/auth/customer/emailpass/register", {"email": email, "password": password})
    headers = {"x-publishable-api-key": publishable_key, "Authorization": f"Bearer {made['token']}"}
    name = email.split("@")[0].title()
    Rest(base_url, headers)("POST", "/store/customers", {"email": email, "first_name": name, "last_name": "Buyer"})


class Shop:
    """Buyers and staff at work by hand: orders, shipments, payments, returns and reviews that tests start from."""

    def __init__(self, base_url: str, facts: Facts, email: str, password: str) -> None:
        self.base_url, self.facts, self.password = base_url, facts, password
        self.admin = Rest(base_url, {"Authorization": f"Bearer {sign_in(base_url, email, password)}"})
        self._buyers: dict[str, Rest] = {}

    def buyer(self, email: str) -> Rest:
        """The shop's web site as this buyer sees it."""
        if email not in self._buyers:
            token = sign_in(self.base_url, email, self.password, "customer")
            headers = {"x-publishable-api-key": self.facts.publishable_key, "Authorization": f"Bearer {token}"}
            self._buyers[email] = Rest(self.base_url, headers)
        return self._buyers[email]

    def order(
        self,
        lines: dict[str, int] | None = None,
        *,
        email: str = BUYERS[0],
        paid: bool = True,
        shipped: bool = True,
        delivered: bool = False,
    ) -> Any:
        """Buy, and pay and ship as told. The order as the server shows it, with items and payments."""
        site, facts = self.buyer(email), self.facts
        address = {
            "first_name": "A",
            "last_name": "Buyer",
            "address_1": "1 High Street",
            "city": "Berlin",
            "postal_code": "10115",
            "country_code": "de",
        }
        wanted = {
            "region_id": facts.region_id,
            "sales_channel_id": facts.channel_id,
            "email": email,
            "shipping_address": address,
            "billing_address": address,
        }
        cart = site("POST", "/store/carts", wanted)["cart"]["id"]
        for sku, quantity in (lines or {"MUG-1": 2, "SCARF-1": 1}).items():
            line = {"variant_id": facts.variants[sku], "quantity": quantity}
            site("POST", f"/store/carts/{cart}/line-items", line)
        site("POST", f"/store/carts/{cart}/shipping-methods", {"option_id": facts.shipping_option_id})
        collection = site("POST", "/store/payment-collections", {"cart_id": cart})["payment_collection"]["id"]
        provider = {"provider_id": "pp_system_default"}
        site("POST", f"/store/payment-collections/{collection}/payment-sessions", provider)
        order = self.see(site("POST", f"/store/carts/{cart}/complete", {})["order"]["id"])
        if paid:
            self.admin("POST", f"/admin/payments/{payment_of(order)}/capture", {})
        if shipped or delivered:
            self.ship(order, delivered=delivered)
        return self.see(order["id"])

    def see(self, order_id: str) -> Any:
        """The order as the server shows it to staff."""
        fields = "id,display_id,status,*items,*payment_collections.payments,*payment_collections.payments.refunds"
        return self.admin("GET", f"/admin/orders/{order_id}?fields={fields},*fulfillments,*returns")["order"]

    def ship(self, order: Any, *, delivered: bool = False) -> None:
        """Pack and send all of it."""
        items = [{"id": item["id"], "quantity": item["quantity"]} for item in order["items"]]
        path = f"/admin/orders/{order['id']}/fulfillments"
        made = {"items": items, "location_id": self.facts.location_id}
        self.admin("POST", path, made)
        parcel = self.see(order["id"])["fulfillments"][0]["id"]
        label = {"tracking_number": "T", "tracking_url": "https://example.com/t", "label_url": "https://example.com/l"}
        self.admin("POST", f"{path}/{parcel}/shipments", {"items": items, "labels": [label]})
        if delivered:
            self.admin("POST", f"{path}/{parcel}/mark-as-delivered", {})

    def buyer_returns(self, order: Any, sku: str, quantity: int = 1, *, email: str = BUYERS[0]) -> str:
        """The buyer asks for a return on the web site; its id."""
        wanted = {
            "order_id": order["id"],
            "items": [{"id": line_of(order, sku), "quantity": quantity, "reason_id": self.facts.return_reason_id}],
            "return_shipping": {"option_id": self.facts.return_option_id},
        }
        return str(self.buyer(email)("POST", "/store/returns", wanted)["return"]["id"])

    def review(self, order: Any, sku: str, rating: int, text: str) -> str:
        """A buyer's review of one line; its id."""
        review = {
            "order_id": order["id"],
            "order_line_item_id": line_of(order, sku),
            "rating": rating,
            "content": text,
            "images": [],
        }
        made = self.buyer(BUYERS[0])("POST", "/store/product-reviews", {"reviews": [review]})
        return str(made["product_reviews"][0]["id"])


def payment_of(order: Any) -> str:
    """The id of the order's first payment."""
    return str(order["payment_collections"][0]["payments"][0]["id"])


def line_of(order: Any, sku: str) -> str:
    """The id of the order's line with this article number."""
    return str(next(item["id"] for item in order["items"] if item["variant_sku"] == sku))
