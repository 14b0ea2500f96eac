"""What writes do at Acme, as agreed with each seller: the setting `contract` names one of these."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from sellercare import support as s
from sellercare.interfaces import VERBS

Name = Literal["mixed", "keyed", "marker", "difference", "late", "refuses_repeats", "blind"]

# Acme acts within 30 seconds after the last byte of a request, or never. `late` accounts see it 20 seconds later.
_TOLD: Any = {"notifies_buyer": True, "by_hand": "the seller pages of Acme", "source": "docs/adapters/acme.md, Writes"}
_PLAIN = s.WriteContract(s.Repeat.ACTS_AGAIN, s.Readback.BY_DIFFERENCE, timedelta(seconds=30), s.Evidence.ID, **_TOLD)
_LATE = replace(_PLAIN, absent_after=timedelta(seconds=50))
_STATE = replace(_LATE, repeat=s.Repeat.HARMLESS, readback=s.Readback.BY_STATE, evidence=s.Evidence.ECHO)
_KEYED = replace(_PLAIN, repeat=s.Repeat.HARMLESS, readback=s.Readback.BY_KEY, key=s.NativeKey(timedelta(days=1)))
_BY_NAME = {
    "keyed": _KEYED,
    "marker": replace(_PLAIN, readback=s.Readback.BY_MARKER),
    "difference": _PLAIN,
    "late": _LATE,
    "refuses_repeats": replace(_PLAIN, repeat=s.Repeat.REFUSED, nothing_happened=s.REFUSALS - {409}),
    "blind": replace(_PLAIN, readback=s.Readback.NONE, absent_after=None, evidence=s.Evidence.NOTHING),
}
_MAKES = {"messages.reply": "thread", "messages.start": "order", "returns.open": "order", "refunds.issue": "order"}


def contract_of(verb: str, name: str) -> s.WriteContract:
    """The contract of a write. The name switches the four that make something; the others set a state."""
    if verb not in _MAKES:
        return replace(_STATE, serialize_by=verb.partition("s.")[0].replace("message", "thread"))
    money: Any = {"money": s.MovesMoney.YES, "settles": s.Settles.LATER} if verb == "refunds.issue" else {}
    return replace(_BY_NAME.get(name, _KEYED if money else _PLAIN), serialize_by=_MAKES[verb], **money)


def supports(name: str) -> dict[str, s.Support]:
    """Acme's answers to an account with this contract: yes to every verb."""
    why = "the setting `contract` decides how a lost one is found again"
    writes = {verb: s.native(contract=contract_of(verb, name)) for verb in VERBS if VERBS[verb].is_write}
    whole = {"lines": "Acme cancels whole orders; pay lines back instead."}
    writes["orders.cancel"] = replace(writes["orders.cancel"], refuses=whole)
    switched = {verb: replace(writes[verb], condition=why) for verb in _MAKES}
    return {verb: s.native() for verb in VERBS} | writes | switched
