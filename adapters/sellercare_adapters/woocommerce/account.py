"""The account: what its keys may see, and what is missing."""

from __future__ import annotations

from sellercare.calls import read
from sellercare.errors import Forbidden, NotFound, Unauthorized
from sellercare.interfaces import Account, Context
from sellercare.models import AccountCheck
from sellercare.translation import translated
from sellercare_adapters.woocommerce.reading import ME


class WooCommerceAccount(Account):
    """The shop, as the credentials see it."""

    def check(self, ctx: Context) -> AccountCheck:
        """Look at orders, reviews, the list of all refunds and, with an application password, its user.

        Costs up to five calls. Raises Unauthorized for keys that the shop does not accept. Whether a key may write is
        not told by any read.
        """
        ctx.read(read("/orders", params={"per_page": 1}))
        missing = [says for path, says in _WANTED.items() if not _sees(ctx, path)]
        if ctx.settings.all_refunds and not _sees(ctx, "/refunds"):
            missing.append("GET /refunds: set all_refunds = false, and refunds are read order by order")
        notes = ["Keys and application passwords do not expire. Whether a key may write shows at the first write."]
        if ctx.settings.base_url.startswith("http:"):
            notes.append("The shop is reached without TLS: WooCommerce refuses its keys there, and anybody can read.")
        me, seller_id, name = None, None, None
        if ctx.settings.has_password:
            me = ctx.read(read(ME, base="wp"))
            seller_id, name = translated(lambda row: (str(row["id"]), str(row["name"])), me, f"GET {ME}")
        else:
            missing.append("application password: reviews cannot be answered")
        return AccountCheck(
            ok=True,
            seller_id=seller_id,
            name=name,
            missing=tuple(missing),
            notes=tuple(notes),
            raw=me,
        )


_WANTED = {
    "/products/reviews": "products/reviews: reviews cannot be read",
    "/payment_gateways": "payment_gateways: it cannot be told what may be paid back",
}


def _sees(ctx: Context, path: str) -> bool:
    try:
        ctx.read(read(path, params={"per_page": 1} if path != "/payment_gateways" else {}))
    except (Forbidden, NotFound, Unauthorized):
        return False
    return True
