"""What inquiries and the cases that eBay decides share at Post-Order: a search, one document each, a history in it."""

from __future__ import annotations

from typing import Any, ClassVar

from sellercare.calls import Listing, Listings
from sellercare.http.pages import OnePage
from sellercare.interfaces import Context
from sellercare.models import Message, Return, ReturnQuery, Thread
from sellercare.translation import translated
from sellercare_adapters.ebay import ids
from sellercare_adapters.ebay import postorder_translate as translate
from sellercare_adapters.ebay.aftersales import Desk
from sellercare_adapters.ebay.postorder import CheckedPages, group_of, look, windows


class Claims(Desk):
    """The desk of one of the two. `resource` is its path, `dates` what its filters of time begin with."""

    resource: ClassVar[str]
    dates: ClassVar[str]
    history: ClassVar[str]
    capped: ClassVar[str]

    @property
    def group(self) -> str:
        """The budget of its calls."""
        return group_of(self.resource)

    @property
    def where(self) -> str:
        """What its document is called in errors."""
        return f"GET /post-order/v2/{self.resource}/{{id}}"

    def as_return(self, row: Any) -> Return:
        """A row of the search, or a document."""
        raise NotImplementedError

    def as_thread(self, row: Any) -> Thread:
        """The head of the history in a document."""
        raise NotImplementedError

    def fetched(self, ctx: Context, case: str) -> Any:
        """The document of one."""
        return ctx.read(look(ctx, f"/{self.resource}/{{id}}", ids={"id": case}, group=self.group))

    def listings(self, ctx: Context, query: ReturnQuery) -> Listings[Return]:
        """Those of the last 18 months; those of an order all at once."""
        params = {"order_id": query.order_id} if query.order_id else {}
        return [
            Listing(
                look(ctx, f"/{self.resource}/search", params=params, group=self.group),
                items="members",
                translate=self.as_return,
                pages=CheckedPages() if query.order_id else windows(ctx, self.dates),
                applied=frozenset({"order_id", "kind"}),
                capped=self.capped,
            )
        ]

    def get(self, ctx: Context, case: str) -> Return:
        """One of them."""
        return translated(self.as_return, self.fetched(ctx, case), self.where)

    def thread(self, ctx: Context, case: str) -> Thread:
        """The head of its history, with who wrote last."""
        return translated(self.as_thread, self.fetched(ctx, case), self.where)

    def messages(self, ctx: Context, case: str) -> Listings[Message]:
        """What was said and done in it."""
        thread_id = ids.case_id(self.prefix, case)
        return [
            Listing(
                look(ctx, f"/{self.resource}/{{id}}", ids={"id": case}, group=self.group),
                items=self.history,
                translate=lambda row: translate.claim_entry(row, thread_id),
                pages=OnePage(),
            )
        ]
