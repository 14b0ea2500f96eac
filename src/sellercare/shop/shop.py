"""One account at one platform, with the same verbs everywhere."""

from __future__ import annotations

import getpass
import uuid
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar, overload

from sellercare.adapter import Adapter, Settings
from sellercare.clock import Clock
from sellercare.http import Http
from sellercare.http.recent import Recent
from sellercare.interfaces import Context, Granted
from sellercare.journal import Intent, Journal, Outcome
from sellercare.journal.fingerprint import platform_key
from sellercare.models import Model
from sellercare.shop import pipeline, settling
from sellercare.shop.draft import Checked, Draft
from sellercare.shop.stage_support import demand
from sellercare.shop.verbs import (
    AccountVerbs,
    EventVerbs,
    MessageVerbs,
    OrderVerbs,
    RefundVerbs,
    ReturnVerbs,
    ReviewVerbs,
    ScoreVerbs,
)
from sellercare.store import Store
from sellercare.store.limits import Limits
from sellercare.support import Support
from sellercare.work import Works

M = TypeVar("M")


class Shop:
    """An account. Made by `sellercare.connect`; safe to share between threads. `works.watch` may be set to a function
    that is told how far reports and exports are that a call waits for.

    Reads raise PlatformError and its children. Writes raise NothingSent before anything leaves, Refused when the
    platform said no, and OutcomeUnknown when no proof came back.
    """

    def __init__(
        self,
        *,
        account_name: str,
        credential: str,
        adapter: type[Adapter],
        settings: Settings,
        http: Http,
        store: Store,
        clock: Clock,
        site: str,
        locale: str,
        patience: float,
        limits: Limits | None = None,
    ) -> None:
        self.account_name = account_name
        self.credential = credential
        self.adapter = adapter
        self.settings = settings
        self.http = http
        self.store = store
        self.clock = clock
        self.site = site
        self.locale = locale
        self.patience = patience
        self.limits = limits or Limits()
        self.journal = Journal(store.intents, clock)
        self.orders = OrderVerbs(self)
        self.messages = MessageVerbs(self)
        self.returns = ReturnVerbs(self)
        self.refunds = RefundVerbs(self)
        self.reviews = ReviewVerbs(self)
        self.scores = ScoreVerbs(self)
        self.events = EventVerbs(self)
        self.account = AccountVerbs(self)
        self.works = Works()
        self._recent = Recent(http, clock)
        self._live_supports: Mapping[str, Support] | None = None

    def __repr__(self) -> str:
        return f"<Shop {self.account_name!r} at {self.adapter.title}>"

    @overload
    def supports(self) -> Mapping[str, Support]: ...
    @overload
    def supports(self, verb: str) -> Support: ...
    def supports(self, verb: str | None = None) -> Mapping[str, Support] | Support:
        """What this account can do: for all verbs, or for one. May ask the platform, once, where a plugin or plan
        decides. Raises KeyError for a verb that does not exist."""
        if verb is not None:
            return self.supports_now(verb, offline=False)
        if any(answer.condition for answer in self.adapter.supports.values()):
            return {**self.adapter.supports, **self._live()}
        return self.adapter.supports

    def supports_now(self, verb: str, offline: bool) -> Support:
        """The answer for one verb; offline, the brochure's."""
        answer = self.adapter.supports[verb]
        if answer.condition and not offline:
            return self._live().get(verb, answer)
        return answer

    def offers(self, verb: str) -> bool:
        """Whether the adapter has the verb at all."""
        return self.adapter.supports[verb].offered

    def demand(self, verb: str) -> None:
        """Raise Impossible or NotYet unless the verb is offered to this account."""
        demand(verb, self.adapter.title, self.supports_now(verb, offline=False))

    def context(self, *, verb: str = "", key: str = "") -> Context:
        """What an adapter's method receives."""
        native_key = platform_key(self.adapter.name, self.account_name, verb, key) if key else ""
        return Context(
            self.http,
            self.settings,
            self.site,
            self.clock,
            self.locale,
            native_key,
            self._granted,
            self.works,
            self.store.looks(self.account_name),
            self._recent.read,
        )

    def fresh_key(self) -> str:
        """A key that nobody used."""
        return str(uuid.uuid4())

    def check(
        self,
        verb: str,
        command: Model,
        *,
        key: str | None,
        offline: bool = False,
        run: str = "",
        limits: Limits | None = None,
    ) -> Checked:
        """What a write would do. Sends no write; offline, makes no call at all. Raises NothingSent errors.

        That it is above a limit is told by `Checked.above`, and is no error here.
        """
        mine = self.limits_with(limits)
        draft = Draft(self, verb, command, key or "", offline=offline, run=run, limits=mine)
        return pipeline.run(draft, pipeline.CHECKS).checked

    def write(
        self,
        verb: str,
        command: Model,
        *,
        key: str | None,
        who: str = "",
        why: str = "",
        run: str = "",
        limits: Limits | None = None,
        approved_by: str = "",
        agree: Callable[[Checked], None] | None = None,
        consent: bool = False,
        new: bool = False,
    ) -> Outcome[Any]:
        """Write, and say what became of it. Raises only NothingSent errors: the rest is in the outcome.

        `run` names the run whose limit it counts for; `limits` are held beside the account's own. What is above
        them raises AboveLimit, unless `approved_by` says who lets it go, which is recorded. `agree` is asked with what
        was checked before anything is recorded, and may raise NothingSent. `consent` says that you know what follows
        from it, where its contract names consequences; without it such a write raises ConsentNeeded. `new` says that
        you have asked the journal for the key just now, with many others, and it knew none.
        """
        draft = Draft(
            self,
            verb,
            command,
            key or "",
            who=who or self._user,
            why=why,
            run=run,
            limits=self.limits_with(limits),
            approved_by=approved_by,
            agree=agree,
            consent=consent,
            new=new,
        )
        pipeline.run(draft, pipeline.WRITE)
        assert draft.outcome is not None
        return draft.outcome

    def written(
        self, verb: str, command: Model, key: str | None, approved_by: str = "", *, consent: bool = False
    ) -> Any:
        """Write, and return the model. Raises what went wrong."""
        outcome = self.write(verb, command, key=key, approved_by=approved_by, consent=consent)
        if outcome.error is not None:
            raise outcome.error
        return outcome.model

    def settle(self, intent_id: str, *, landed: bool, native_id: str | None = None, who: str = "") -> Intent:
        """Say what became of a write whose outcome is unknown, after looking at the marketplace.

        Nothing else moves one without proof. One that landed is confirmed (`native_id` is the platform's id of it); one
        that did not may be sent again under its key. Who said it, and when, is kept. Raises KeyError for no such
        write, BadInput where the outcome is known.
        """
        return settling.say(self, self._mine(intent_id), landed=landed, native_id=native_id, who=who or user())

    def follow(self, intent_id: str) -> str:
        """Ask what the platform made of a confirmed refund: pending, done or failed; empty where it does not tell.

        Accepted is not paid, and what was paid may be called off later. Raises PlatformError, and KeyError for no such
        write.
        """
        return settling.follow(self, self._mine(intent_id))

    @cached_property
    def _user(self) -> str:
        """Asked once: the system reads a file for it."""
        return user()

    def _mine(self, intent_id: str) -> Intent:
        intent = self.store.intents.get(intent_id)
        if intent.account != self.account_name:
            raise KeyError(intent_id)
        return intent

    def limits_with(self, limits: Limits | None) -> Limits:
        """The account's own limits, and others beside them."""
        return self.limits if limits is None else self.limits.with_stricter(limits)

    def close(self) -> None:
        """Close the connections of this account and its store."""
        self.http.close()
        self.store.close()

    def __enter__(self) -> Shop:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _granted(self) -> Granted:
        tokens = self.store.tokens.load(self.credential)
        return Granted(tokens.scopes, tokens.expires_at) if tokens else Granted()

    def _live(self) -> Mapping[str, Support]:
        if self._live_supports is None:
            self._live_supports = self.adapter.live_supports(self.context())
        return self._live_supports


def user() -> str:
    """Who runs this program, for the journal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user entry
        return ""
