"""Scores, from Allegro's sales quality, and the account itself."""

from __future__ import annotations

from sellercare.calls import Call, Listing, Listings, read
from sellercare.errors import Forbidden
from sellercare.http.pages import OnePage
from sellercare.interfaces import Account, Context, Scores
from sellercare.models import AccountCheck, Score, ScoreQuery
from sellercare.translation import translated
from sellercare_adapters.allegro import translate, wire

_QUALITY = "/sale/quality"
_PROFILE = "allegro:api:profile:read"

SCOPES = (
    "allegro:api:messaging",
    "allegro:api:disputes",
    "allegro:api:ratings",
    _PROFILE,
    "allegro:api:orders:read",
    "allegro:api:orders:write",
    "allegro:api:payments:read",
    "allegro:api:payments:write",
    "allegro:api:sale:offers:read",
)
"""What the adapter's calls need, by the description."""

# A call that a scope opens, and what stops without it. Scopes for writing cannot be tried without writing.
_PROBES = (
    (read("/messaging/threads", params={"limit": 1}), "allegro:api:messaging", "messages"),
    (read("/sale/issues", params={"limit": 1}), "allegro:api:disputes", "disputes and claims"),
    (read("/sale/user-ratings", params={"limit": 1}), "allegro:api:ratings", "reviews"),
    (read("/order/checkout-forms", params={"limit": 1}), "allegro:api:orders:read", "orders and returns"),
    (read("/payments/refunds", params={"limit": 1}), "allegro:api:payments:read", "refunds"),
)

_WRITING = {
    "allegro:api:orders:write": "without it no return can be declined",
    "allegro:api:payments:write": "without it nothing can be paid back",
}


class AllegroScores(Scores):
    """Sales quality. The description does not say in which order the days come."""

    def current(self, ctx: Context) -> Score:
        """The newest day; a score without a value where Allegro has none for the seller."""
        payload = ctx.read(read(_QUALITY))

        def newest(found: wire.Quality) -> Score:
            return max(map(translate.score, found["quality"]), key=_day, default=Score(raw=payload))

        return translated(newest, payload, f"GET {_QUALITY}")

    def history(self, ctx: Context, query: ScoreQuery) -> Listings[Score]:
        """The days that Allegro keeps."""
        return [
            Listing(
                read(_QUALITY),
                items="quality",
                translate=translate.score,
                pages=OnePage(),
                capped="Allegro keeps 30 days of sales quality.",
            )
        ]


def _day(score: Score) -> str:
    return str(score.on)


class AllegroAccount(Account):
    """The account."""

    def check(self, ctx: Context) -> AccountCheck:
        """Who the token belongs to, which scopes it lacks, and until when it holds; costs six calls.

        Scopes for writing are only known where Allegro named the token's scopes when it was given.
        """
        me = _me(ctx)
        found = me or AccountCheck(ok=False)
        shut = [f"{scope}: without it there are no {what}" for call, scope, what in _PROBES if _shut(ctx, call)]
        granted = ctx.granted()
        known = granted.scopes or tuple(_WRITING)
        cut_off = len(shut) == len(_PROBES)
        if me is None:
            shut.append(f"{_PROFILE}: without it nobody knows whose account it is, and there are no scores")
        missing = shut + [f"{scope}: {what}" for scope, what in _WRITING.items() if scope not in known]
        notes = [] if granted.scopes else ["Scopes for writing cannot be tried without writing."]
        if cut_off:
            # A restricted account is cut off from everything, which looks like missing scopes (#13556).
            notes.append("Everything is forbidden: Allegro may have restricted the account.")
        told = {
            "ok": not missing,
            "missing": tuple(missing),
            "notes": tuple(notes),
            "scopes": granted.scopes,
            "expires_at": granted.expires_at,
        }
        return found.model_copy(update=told)


def _me(ctx: Context) -> AccountCheck | None:
    """Whose token it is; None where even that is forbidden."""
    try:
        return translated(translate.account, ctx.read(read("/me")), "GET /me")
    except Forbidden:
        return None


def _shut(ctx: Context, call: Call) -> bool:
    try:
        ctx.read(call)
    except Forbidden:
        return True
    return False
