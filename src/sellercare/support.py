"""What an adapter says about a verb: whether it is there, how, and what a write of it does.

Plain dataclasses without heavy imports: a capability table is printed from them, and every promise that a
write keeps (journal, guards, plans) is decided by its `WriteContract`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias


class Level(StrEnum):
    """The four honest answers."""

    NATIVE = "native"
    EMULATED = "emulated"
    IMPOSSIBLE = "impossible"
    NOT_YET = "not_yet"


class Proof(StrEnum):
    """What an adapter's claims were held against, the strongest first."""

    LIVE = "live"
    DESCRIPTION = "description"
    SAMPLES = "samples"
    DOSSIER = "dossier"
    OURS = "ours"

    @property
    def meaning(self) -> str:
        """The level in a sentence."""
        return _PROOFS[self]


_PROOFS = {
    Proof.LIVE: "Tried on a running server of the platform's own software.",
    Proof.DESCRIPTION: "Held against the platform's own machine-readable description; never tried on the platform.",
    Proof.SAMPLES: "Held against answers that the platform recorded or published; never tried on the platform.",
    Proof.DOSSIER: "Written from what is said about the platform; nothing of the platform's own was held against it.",
    Proof.OURS: "The platform is ours: its simulation is its description.",
}

Proved: TypeAlias = Proof | Mapping[Proof, str]
"""How a verb was proved: one level, or where its parts differ, the level of each with what it is about."""


def parts_of(proved: Proved) -> Mapping[Proof, str]:
    """The levels, the strongest first, each with the part that it is about; empty where it is about all."""
    if isinstance(proved, Proof):
        return {proved: ""}
    return {level: proved[level] for level in Proof if level in proved}


class Repeat(StrEnum):
    """What the platform does when the same request comes twice."""

    ACTS_AGAIN = "acts_again"
    REFUSED = "refused"
    HARMLESS = "harmless"


class Readback(StrEnum):
    """How a landed write can be found."""

    BY_KEY = "by_key"
    BY_MARKER = "by_marker"
    BY_DIFFERENCE = "by_difference"
    BY_STATE = "by_state"
    NONE = "none"


class Evidence(StrEnum):
    """What a good answer shows. With NOTHING a 2xx is not yet a yes."""

    ID = "id"
    ECHO = "echo"
    NOTHING = "nothing"


class MovesMoney(StrEnum):
    """Whether a write moves money. LATER: if the buyer accepts, without us."""

    NO = "no"
    YES = "yes"
    MAYBE = "maybe"
    LATER = "later"


class Settles(StrEnum):
    """When the platform has done what it accepted."""

    NOW = "now"
    LATER = "later"


REFUSALS = frozenset({400, 401, 403, 404, 405, 406, 409, 410, 411, 413, 415, 422, 429})
"""The HTTP statuses that prove, unless a contract says otherwise, that a write did nothing."""


@dataclass(frozen=True, slots=True)
class NativeKey:
    """The platform's own idempotency key, and how long it is remembered (None: as long as was seen)."""

    remembered: timedelta | None = None


@dataclass(frozen=True, slots=True)
class WriteContract:
    """What a write does at this platform. Journal, guards, plans and people depend on each field.

    `absent_after`: how long after the last byte an absent write proves that nothing happened (None: never).
    `serialize_by`: writes with the same target wait for each other (`order`, `thread`, `return`, `review`).
    `nothing_happened`: the statuses, and the native codes of `Adapter.problem`, that prove that the write did nothing.
    `by_hand`: where a person looks when the outcome stays unknown. `consequences`: what follows besides what is asked
    for, in sentences; such a write is not sent before somebody was told and has consented.
    """

    repeat: Repeat
    readback: Readback
    absent_after: timedelta | None
    evidence: Evidence
    key: NativeKey | None = None
    money: MovesMoney = MovesMoney.NO
    settles: Settles = Settles.NOW
    notifies_buyer: bool = False
    reversible: bool = False
    serialize_by: str | None = None
    nothing_happened: frozenset[int | str] = REFUSALS
    by_hand: str = ""
    source: str = ""
    consequences: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """An adapter's answer about one verb.

    `text` says how (emulated), why (impossible, not yet) or what is special (native). `changes` says what a read
    changes at the platform, such as "marks the thread as read": nobody does that unasked. `lost` and `costs` belong
    to an emulation. `condition` names the plan, role, edition or plugin that decides. `by_hand` is where a person
    does it.

    What a write takes is held against this by the core, before any call: `wants` names what has to be given, `refuses`
    what may be given with the verb elsewhere and has no place here, each with a sentence for the seller; `reasons` are
    the platform's codes with their meaning (empty: any words, unless refused). What one action or option of the moment
    takes is told by that.
    """

    level: Level
    text: str = ""
    lost: str = ""
    costs: str = ""
    condition: str = ""
    by_hand: str = ""
    contract: WriteContract | None = None
    changes: str = ""
    wants: Mapping[str, str] = field(default_factory=dict)
    refuses: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def offered(self) -> bool:
        """Whether the verb can be called."""
        return self.level in (Level.NATIVE, Level.EMULATED)


def native(
    text: str = "",
    *,
    contract: WriteContract | None = None,
    condition: str = "",
    changes: str = "",
    wants: Mapping[str, str] | None = None,
    refuses: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Support:
    """The platform has the verb itself."""
    return Support(
        Level.NATIVE,
        text,
        condition=condition,
        contract=contract,
        changes=changes,
        wants=wants or {},
        refuses=refuses or {},
        reasons=reasons or {},
    )


def emulated(
    how: str,
    *,
    lost: str = "",
    costs: str = "",
    contract: WriteContract | None = None,
    condition: str = "",
    wants: Mapping[str, str] | None = None,
    refuses: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Support:
    """The verb is put together from other calls; says how, what is lost and what it costs."""
    return Support(
        Level.EMULATED,
        how,
        lost=lost,
        costs=costs,
        condition=condition,
        contract=contract,
        wants=wants or {},
        refuses=refuses or {},
        reasons=reasons or {},
    )


def impossible(why: str, *, by_hand: str = "") -> Support:
    """The platform has no such thing; says why, and where a person does it by hand."""
    return Support(Level.IMPOSSIBLE, why, by_hand=by_hand)


def not_yet(why: str, *, by_hand: str = "") -> Support:
    """The platform has it, the adapter does not."""
    return Support(Level.NOT_YET, why, by_hand=by_hand)
