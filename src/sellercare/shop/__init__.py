"""What `connect()` returns: one account, with the same verbs everywhere."""

from sellercare.shop.connecting import connect
from sellercare.shop.draft import Checked
from sellercare.shop.results import Results
from sellercare.shop.shop import Shop

__all__ = ["Checked", "Results", "Shop", "connect"]
