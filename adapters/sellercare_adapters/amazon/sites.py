"""Amazon's marketplaces: the site, its id, and the region whose host serves it.

Ids from the dossier of github.com/saleweaver/python-amazon-sp-api at 0b7646db (2026-08-01), regions from Amazon's
"SP-API endpoints" page.
"""

from __future__ import annotations

from typing import NamedTuple

from sellercare.errors import ConfigError
from sellercare.interfaces import Context

HOSTS = {
    "na": "https://sellingpartnerapi-na.amazon.com",
    "eu": "https://sellingpartnerapi-eu.amazon.com",
    "fe": "https://sellingpartnerapi-fe.amazon.com",
}


class Marketplace(NamedTuple):
    """One marketplace: Amazon's id, its region, and the host of its shop pages and of Seller Central."""

    id: str
    region: str
    domain: str


MARKETPLACES = {
    "US": Marketplace("ATVPDKIKX0DER", "na", "amazon.com"),
    "CA": Marketplace("A2EUQ1WTGCTBG2", "na", "amazon.ca"),
    "MX": Marketplace("A1AM78C64UM0Y8", "na", "amazon.com.mx"),
    "BR": Marketplace("A2Q3Y263D00KWC", "na", "amazon.com.br"),
    "UK": Marketplace("A1F83G8C2ARO7P", "eu", "amazon.co.uk"),
    "DE": Marketplace("A1PA6795UKMFR9", "eu", "amazon.de"),
    "FR": Marketplace("A13V1IB3VIYZZH", "eu", "amazon.fr"),
    "IT": Marketplace("APJ6JRA9NG5V4", "eu", "amazon.it"),
    "ES": Marketplace("A1RKKUPIHCS9HS", "eu", "amazon.es"),
    "NL": Marketplace("A1805IZSGTT6HS", "eu", "amazon.nl"),
    "SE": Marketplace("A2NODRKZP88ZB9", "eu", "amazon.se"),
    "PL": Marketplace("A1C3SOZRARQ6R3", "eu", "amazon.pl"),
    "BE": Marketplace("AMEN7PMS3EDWL", "eu", "amazon.com.be"),
    "IE": Marketplace("A28R8C7NBKEWEA", "eu", "amazon.ie"),
    "TR": Marketplace("A33AVAJ2PDY3EV", "eu", "amazon.com.tr"),
    "AE": Marketplace("A2VIGQ35RCS4UG", "eu", "amazon.ae"),
    "SA": Marketplace("A17E79C6D8DWNP", "eu", "amazon.sa"),
    "IN": Marketplace("A21TJRUUN4KGV", "eu", "amazon.in"),
    "JP": Marketplace("A1VC38T7YXB528", "fe", "amazon.co.jp"),
    "AU": Marketplace("A39IBJ37TRP1C6", "fe", "amazon.com.au"),
    "SG": Marketplace("A19VAU5U5O7RUS", "fe", "amazon.sg"),
}
"""The marketplaces by site."""

SITES = tuple(MARKETPLACES)

_BY_ID = {place.id: site for site, place in MARKETPLACES.items()}


def site_of(marketplace_id: str | None) -> str | None:
    """The site of a marketplace; Amazon's own id for one that is not listed here."""
    return _BY_ID.get(marketplace_id or "", marketplace_id)


def marketplace(ctx: Context) -> str:
    """The id of the account's marketplace. Raises ConfigError where its region has another host than the account's."""
    place = MARKETPLACES[ctx.site]
    if place.region != ctx.settings.region:
        mine = ", ".join(site for site, other in MARKETPLACES.items() if other.region == ctx.settings.region)
        raise ConfigError(
            f"The site {ctx.site} is not in Amazon's region {ctx.settings.region!r}.",
            setting="site",
            next_step=f"Set the site of the account ({mine}), or the region.",
        )
    return place.id
