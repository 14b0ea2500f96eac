"""Ids that Allegro does not have and we derive. Their forms are stable: journals and spreadsheets keep them.

`issue:UUID` is a dispute or claim, both as a return and as the thread of its chat. `issue:UUID/TYPE` is an option of
`messages.start`. In an order, `delivery`, `additional-services`, `overpaid`, `deposit:LINE` and `surcharge:PAYMENT`
name the parts that have no line id at Allegro. `payment:UUID` is a refund option.
"""

from __future__ import annotations

from sellercare.errors import BadInput

_ISSUE = "issue:"

DELIVERY = "delivery"
SERVICES = "additional-services"
OVERPAID = "overpaid"
DEPOSIT = "deposit:"
SURCHARGE = "surcharge:"
PAYMENT = "payment:"
MESSAGE_CENTER = "message"


def issue_id(native: str) -> str:
    """Our id of a dispute or claim, and of its chat."""
    return _ISSUE + native


def issue_of(our_id: str) -> str | None:
    """Allegro's id of the dispute or claim that our id names; None if it names something else."""
    return our_id.removeprefix(_ISSUE) if our_id.startswith(_ISSUE) else None


def option_id(issue: str, message_type: str) -> str:
    """Our id of the option to write a message of this type into an issue's chat."""
    return f"{issue_id(issue)}/{message_type}"


def option_of(our_id: str) -> tuple[str, str]:
    """Allegro's id of the issue, and the message type, that an option names. Raises BadInput."""
    issue, slash, message_type = our_id.removeprefix(_ISSUE).partition("/")
    if not our_id.startswith(_ISSUE) or not slash:
        raise BadInput(f"{our_id!r} is not an option of this order.", field="option")
    return issue, message_type
