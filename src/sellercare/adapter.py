"""What an adapter is: a declaration, and one object an interface. It holds no state and sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from sellercare.calls import Answer, Call
from sellercare.errors import PlatformError
from sellercare.interfaces import (
    VERBS,
    Account,
    Events,
    Messages,
    Orders,
    Refunds,
    Returns,
    Reviews,
    Scores,
    Verb,
    implemented,
)
from sellercare.support import Proof, Proved, Support, parts_of

INTERFACE_VERSION = 1
"""Rises when a verb or a promise changes in a way that adapters must follow."""


class Settings(BaseModel):
    """The settings of an adapter. Secrets are `SecretStr`. Base URLs can always be overridden.

    A field with `json_schema_extra={"of": "app"}` belongs to the developer's app and is shared by its accounts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    timeout: float = Field(default=30.0, gt=0, description="seconds that one call may take")
    user_agent: str = Field(default="sellercare", description="what we call ourselves")


EVERY_CALL = "*"
"""The group of a budget that counts every call, whatever its own group."""


_WHOSE = {"app": "your app", "credential": "the seller", "account": "the account"}


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit on calls: `rate` a second on average, `burst` at once, shared by all who share the scope.

    `group` is the calls' group; calls of a group without a budget count against `default`, if there is one. Budgets
    of the group `EVERY_CALL` count all calls besides. A call may count against several budgets (per user and per app).
    Name the group of a write after its interface or verb (`messages`, `refunds.issue`): by that a bulk plan knows how
    long it takes.

    `estimated` is for a platform that publishes no number: the rate is a careful guess, and sellercare goes a little
    faster for as long as nothing is refused. A published rate is never exceeded. Either way a platform that refuses
    earlier is believed. `rate` and `burst` are in units: a call takes one, or as many as its `cost` says.
    """

    rate: float
    burst: int = 1
    scope: Literal["app", "credential", "account"] = "account"
    group: str = "default"
    source: str = ""
    estimated: bool = False

    @property
    def says(self) -> str:
        """The limit in words: `5 a second from the account`."""
        each = f"{self.rate:g} a second" if self.rate >= 1 else f"one in {1 / self.rate:g} seconds"
        return f"{each} from {_WHOSE[self.scope]}"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an answer tells of the limit that its call counted against; None for what it does not tell.

    `rate` in units a second, `remaining` units now, `resets_in` the seconds until there are units again after none.
    `asked` is how many units have to be there for such a call to be let in, `took` how many it then used: a query may
    be let in by what it could find, and pay for what it found.
    """

    rate: float | None = None
    remaining: float | None = None
    resets_in: float | None = None
    asked: float | None = None
    took: float | None = None


@dataclass(frozen=True, slots=True)
class NoAuth:
    """Calls go out as they are."""


@dataclass(frozen=True, slots=True)
class FixedAuth:
    """What never changes, made from the settings: headers (a key, a Basic user and password), or parameters.

    `params` go into the address of every call; they are as secret as headers, and in no log. Calls to a base that is
    named in `bases` get what stands there instead (a second credential, for another API of the same platform).
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    bases: Mapping[str, FixedAuth] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class OAuth2:
    """OAuth 2 with tokens of one seller, kept in the store.

    `rotates`: each refresh answers with a new refresh token and kills the old one, so one refresher at a time
    stores the new pair before using it. The access token goes into `header` after `prefix`; calls to a base that is
    named in `prefixes` use the prefix there. At the token endpoint the client authenticates with HTTP Basic, or with
    its id and secret in the `form`. `device_url` and `authorize_url` serve `sellercare accounts add`. `given_access`
    and `given_refresh` are tokens from the settings, for a first start.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str = ""
    device_url: str = ""
    redirect_uri: str = ""
    scopes: tuple[str, ...] = ()
    rotates: bool = True
    header: str = "Authorization"
    prefix: str = "Bearer "
    prefixes: Mapping[str, str] = field(default_factory=dict)
    client: Literal["basic", "form"] = "basic"
    given_access: str = field(default="", repr=False)
    given_refresh: str = field(default="", repr=False)


Auth = NoAuth | FixedAuth | OAuth2


@dataclass(frozen=True, slots=True)
class Problem:
    """What a platform says in an answer with an error status, in its own words.

    `text` is meant for people; it may not hold secrets, and the core cuts it to a line.
    """

    code: str = ""
    text: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it is about to leave, for `Adapter.sign`. `url` is the whole address with its query; `headers` hold
    the credential; `body` is empty where there is none; `at` is the time by our clock (UTC)."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """What proves a request: further headers, and parameters that are put behind those of its address."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)


ErrorTable = Mapping[str | int, type[PlatformError]]
"""Which error a native code, or else a status, becomes. The core knows 401, 403, 404, 409, 429 and 5xx by itself."""


class Adapter:
    """One platform. Subclasses set the class variables first, then one object an interface.

    Every verb has an entry in `supports`; a missing or unknown one, or one that claims what no method does, is an
    error when the class is made, so that an adapter cannot be silent about a verb.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[Literal["marketplace", "storefront", "helpdesk", "reference"]]
    interface_version: ClassVar[int] = INTERFACE_VERSION
    proof: ClassVar[str]
    """How the claims were proved, in a sentence: live server, published description, samples, dossier only."""

    proved_by: ClassVar[Proof] = Proof.DOSSIER
    """The level of proof, which every capability table shows. The suite holds it against what was there to prove by."""

    proved_otherwise: ClassVar[Mapping[str, Proved]] = {}
    """Interfaces (`returns`) and verbs (`orders.cancel`) of another level than `proved_by`; a verb wins over its
    interface. Where the parts of a verb differ: `{Proof.DESCRIPTION: "payment disputes", Proof.DOSSIER: "returns"}`."""

    settings: ClassVar[type[Settings]]
    sites: ClassVar[tuple[str, ...]] = ()
    """The places to sell that one credential may have; the first is the default. Empty: there is only one."""

    budgets: ClassVar[tuple[Budget, ...]] = ()
    errors: ClassVar[ErrorTable] = {}
    errors_in_success: ClassVar[bool] = False
    """Whether an answer with a good status may be an error (GraphQL, old XML services): `problem` then reads every
    answer, and an empty Problem says that all is well. Whether a write with such an answer did nothing is told by
    the native codes in its contract's `nothing_happened`."""

    request_id_header: ClassVar[str] = ""
    id_patterns: ClassVar[Mapping[str, str]] = {}
    """The form of ids where it is fixed, by column of a file (`order_id`, `return_id`, `thread_id`), as a regular
    expression: an id whose leading zeros a spreadsheet has cut is found out by it."""
    supports: ClassVar[Mapping[str, Support]]

    orders: ClassVar[Orders] = Orders()
    messages: ClassVar[Messages] = Messages()
    returns: ClassVar[Returns] = Returns()
    refunds: ClassVar[Refunds] = Refunds()
    reviews: ClassVar[Reviews] = Reviews()
    scores: ClassVar[Scores] = Scores()
    events: ClassVar[Events] = Events()
    account: ClassVar[Account] = Account()

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if "supports" in cls.__dict__:
            check_declaration(cls)

    @classmethod
    def proofs(cls, verb: str) -> Mapping[Proof, str]:
        """The levels of proof of a verb, the strongest first, each with its part; empty where it is all of the verb."""
        interface = verb.partition(".")[0]
        return parts_of(cls.proved_otherwise.get(verb, cls.proved_otherwise.get(interface, cls.proved_by)))

    @classmethod
    def levels(cls, *interfaces: str) -> tuple[Proof, ...]:
        """The levels of proof of all verbs that are offered, or of those of some interfaces, the strongest first."""
        verbs = [verb for verb, support in cls.supports.items() if support.offered]
        if interfaces:
            verbs = [verb for verb in verbs if verb.partition(".")[0] in interfaces]
        met = {level for verb in verbs for level in cls.proofs(verb)}
        return tuple(level for level in Proof if level in met) or (cls.proved_by,)

    @staticmethod
    def auth(settings: Any) -> Auth:
        """How calls are authorised, made from the settings."""
        return NoAuth()

    @staticmethod
    def bases(settings: Any) -> Mapping[str, str]:
        """The base URLs by name; `Call.base` picks one."""
        return {"api": settings.base_url}

    @staticmethod
    def headers(settings: Any, call: Call, locale: str) -> Mapping[str, str]:
        """The headers of every call; a call's own headers win over them."""
        return {"Accept": "application/json"}

    @staticmethod
    def sign(settings: Any, call: Call, request: Outgoing) -> Signature | None:
        """The signature of a request, or None for one that goes without.

        Asked for once an attempt, last of all: what it sees is what is sent. Raises ConfigError where a key is missing.
        """
        return None

    @staticmethod
    def problem(answer: Answer) -> Problem:
        """What an answer with an error status says. May raise anything: then the core says what it knows.

        With `errors_in_success` it also gets the answers with a good status; what it raises about those is nothing.
        """
        return Problem()

    @staticmethod
    def told(call: Call, answer: Answer) -> Allowance | None:
        """What an answer, good or bad, tells of the limit. May raise anything: then it told nothing."""
        return None

    @staticmethod
    def live_supports(ctx: Any) -> Mapping[str, Support]:
        """Answers that depend on the account (a plugin, a plan), found out by reads. Overrides `supports`."""
        return {}


def check_declaration(adapter: type[Adapter]) -> None:
    """Raise TypeError where a declaration is not complete or not true to the methods."""
    missing = sorted(VERBS.keys() - adapter.supports.keys())
    unknown = sorted(adapter.supports.keys() - VERBS.keys())
    if missing or unknown:
        raise TypeError(f"{adapter.__name__}.supports: missing {missing}, unknown {unknown}")
    for name, support in adapter.supports.items():
        interface = getattr(adapter, name.partition(".")[0])
        has_method = implemented(interface, name)
        if support.offered and not has_method:
            raise TypeError(f"{adapter.__name__} declares {name} as {support.level} but has no method for it")
        if has_method and not support.offered:
            raise TypeError(f"{adapter.__name__} has a method for {name} but declares it {support.level}")
        if not support.offered and not support.text:
            raise TypeError(f"{adapter.__name__} gives no reason why {name} is {support.level}")
        if support.offered and VERBS[name].is_write and support.contract is None:
            raise TypeError(f"{adapter.__name__} declares {name} without a write contract")
        _check_taken(f"{adapter.__name__}.supports[{name!r}]", VERBS[name], support)
    _check_proof(adapter)


def _check_taken(where: str, verb: Verb, support: Support) -> None:
    """Raise TypeError where something is wanted or refused that cannot be given, or without a sentence."""
    fields = verb.command.model_fields if verb.command is not None else {}
    may_be_given = {name for name, field in fields.items() if not field.is_required()}
    named = {**support.wants, **support.refuses, **({"reason": "codes"} if support.reasons else {})}
    strange = sorted(named.keys() - may_be_given)
    if strange:
        raise TypeError(f"{where}: {verb.name} takes no {', '.join(strange)} as an option")
    if not all(named.values()):
        raise TypeError(f"{where}: say why something is wanted or refused, in a sentence for the seller")
    if support.wants.keys() & support.refuses.keys():
        raise TypeError(f"{where}: what is wanted cannot be refused")


def _check_proof(adapter: type[Adapter]) -> None:
    """Raise TypeError where a level of proof is declared for what is not offered, or says nothing."""
    offered = {name for name, support in adapter.supports.items() if support.offered}
    known = offered | {name.partition(".")[0] for name in offered}
    for name, proved in adapter.proved_otherwise.items():
        where = f"{adapter.__name__}.proved_otherwise[{name!r}]"
        if name not in known:
            raise TypeError(f"{where}: no verb or interface that is offered")
        if not isinstance(proved, Proof) and (len(proved) < 2 or not all(proved.values())):
            raise TypeError(f"{where}: two levels or more, each with the part that it is about")


__all__ = [
    "EVERY_CALL",
    "INTERFACE_VERSION",
    "Adapter",
    "Allowance",
    "Auth",
    "Budget",
    "ErrorTable",
    "FixedAuth",
    "NoAuth",
    "OAuth2",
    "Outgoing",
    "Problem",
    "Settings",
    "Signature",
    "check_declaration",
]
