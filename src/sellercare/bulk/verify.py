"""What a job says it has done, held against what the marketplace shows: through the public reads, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any

from sellercare.bulk.accounts import Accounts
from sellercare.bulk.plan import KINDS, WORKERS, in_order
from sellercare.bulk.prepared import verb_of
from sellercare.bulk.replies import same_words
from sellercare.errors import NotFound, PlatformError, SellercareError, StoreError
from sellercare.journal import Intent
from sellercare.models import Delivery, Message, Party, RefundState, ReturnState
from sellercare.store import Store
from sellercare.store.jobs import BATCH, Job, JobRow, RowState

if TYPE_CHECKING:
    from sellercare.shop import Shop

CHECKED = (RowState.CONFIRMED, RowState.DONE, RowState.UNKNOWN)
"""The rows that are read back. The others were not sent, or were refused."""

_SOON = timedelta(minutes=1)

_AFTER = {
    "returns.approve": {
        ReturnState.APPROVED,
        ReturnState.IN_TRANSIT,
        ReturnState.PARTLY_RECEIVED,
        ReturnState.RECEIVED,
        ReturnState.REFUNDED,
        ReturnState.CLOSED,
    },
    "returns.decline": {ReturnState.DECLINED, ReturnState.ESCALATED, ReturnState.CLOSED},
    "returns.receive": {
        ReturnState.PARTLY_RECEIVED,
        ReturnState.RECEIVED,
        ReturnState.REFUNDED,
        ReturnState.CLOSED,
    },
}
"""The states in which a return may be found after a decision: the decision's own, and those that follow."""


class Agreement(StrEnum):
    """Whether the marketplace shows what the job says."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNCHECKED = "cannot be checked"


@dataclass(frozen=True, slots=True)
class Verified:
    """One row that was read back. `why` says how it differs, or why it cannot be checked."""

    row: JobRow
    agreement: Agreement
    why: str = ""
    native_id: str | None = None


_Found = tuple[Agreement, str]
_AGREES: _Found = (Agreement.AGREES, "")


def verify(store: Store, accounts: Accounts, job: Job, *, workers: int = WORKERS) -> Iterator[Verified]:
    """Read back every row that was sent, or may have been, in the order of the file. Sends no write.

    Raises what concerns all rows: StoreError, and an account that cannot be opened.
    """
    rows = store.jobs.rows(job.id, *CHECKED)
    kind = KINDS[job.verb]

    def one(row: JobRow) -> Verified:
        verb = verb_of(kind, row.content)
        intent = store.intents.get(row.intent_id) if row.intent_id else None
        intent = intent or store.intents.find(row.account, verb, row.key or "")
        if intent is None:
            return Verified(row, Agreement.UNCHECKED, "the journal does not know it")
        found = _checked(accounts, verb, row, intent)
        return Verified(row, *_of_unknown(row, found), native_id=intent.native_id)

    if job.verb == "reviews.reply":
        yield from _answers(store, accounts, rows)
    else:
        yield from in_order(one, rows, workers)


def _checked(accounts: Accounts, verb: str, row: JobRow, intent: Intent) -> _Found:
    if intent.purged_at is not None or not row.content or "command" not in row.content:
        return Agreement.UNCHECKED, "its details were purged"
    shop = accounts.shop(row.account)
    try:
        return _CHECKS[verb](shop, verb, row, intent)
    except StoreError:
        raise
    except NotFound:
        return Agreement.DIFFERS, "the marketplace does not show it any more"
    except PlatformError as error:
        return Agreement.UNCHECKED, error.message
    except SellercareError as error:
        return Agreement.UNCHECKED, error.message


def _of_unknown(row: JobRow, found: _Found) -> _Found:
    """What is found for a row whose outcome is unknown."""
    if row.state is not RowState.UNKNOWN or found[0] is Agreement.UNCHECKED:
        return found
    if found[0] is Agreement.AGREES:
        return Agreement.DIFFERS, "its outcome is unknown, and the marketplace shows it; see `sellercare jobs settle`"
    return Agreement.UNCHECKED, f"its outcome is unknown: {found[1]}"


def _reply(shop: Shop, verb: str, row: JobRow, intent: Intent) -> _Found:
    read = shop.supports("messages.messages")
    if not read.offered:
        return Agreement.UNCHECKED, f"{shop.adapter.title} does not show the messages of a thread"
    if read.changes:
        return Agreement.UNCHECKED, f"reading it {read.changes}"
    text = row.content["command"]["text"]
    messages = [each for each in shop.messages.messages(row.content["command"]["thread_id"]) if _by_seller(each)]
    same = [each for each in messages if same_words(text, each.text or "")]
    ours = next((each for each in messages if each.id == intent.native_id), None) if intent.native_id else None
    if ours is None and not same:
        return Agreement.DIFFERS, "it is not in the thread"
    if ours is not None and ours not in same:
        return Agreement.DIFFERS, "its text is not the one that was sent"
    if (ours or same[-1]).delivery is Delivery.BLOCKED:
        return Agreement.DIFFERS, "the marketplace does not deliver it"
    taken = shop.store.intents.taken_ids(row.account, row.target, intent.created_at)
    again = [each for each in same if each is not (ours or same[-1]) and each.id not in taken and _since(each, intent)]
    return (Agreement.DIFFERS, f"the same text is there again ({again[0].id})") if again else _AGREES


def _by_seller(message: Message) -> bool:
    return message.author is Party.SELLER


def _since(message: Message, intent: Intent) -> bool:
    sent = intent.sent_at or intent.created_at
    return message.created_at is not None and message.created_at >= sent - _SOON


def _refund(shop: Shop, verb: str, row: JobRow, intent: Intent) -> _Found:
    if not shop.offers("refunds.get"):
        return Agreement.UNCHECKED, f"{shop.adapter.title} does not show single refunds"
    if not intent.native_id:
        return Agreement.UNCHECKED, "the marketplace told no id of it"
    refund = shop.refunds.get(intent.native_id)
    asked = None if row.amount is None else (row.amount, row.currency)
    if asked and refund.amount is not None and (refund.amount.amount, refund.amount.currency) != asked:
        return Agreement.DIFFERS, f"{refund.amount} was paid back, and {row.amount:f} {row.currency} was asked for"
    if refund.state is RefundState.FAILED:
        return Agreement.DIFFERS, "the marketplace called it off: the money was not paid back"
    if refund.state is RefundState.PENDING:
        return Agreement.AGREES, "accepted, not paid yet"
    return _AGREES


def _decision(shop: Shop, verb: str, row: JobRow, intent: Intent) -> _Found:
    if not shop.offers("returns.get"):
        return Agreement.UNCHECKED, f"{shop.adapter.title} does not show single returns"
    if verb not in _AFTER:
        return Agreement.UNCHECKED, "an offer does not show in the state of a return"
    found = shop.returns.get(row.content["command"]["return_id"])
    if found.state is ReturnState.UNKNOWN:
        return Agreement.UNCHECKED, f"the return is in a state that we do not know ({found.native_state})"
    if found.state in _AFTER[verb]:
        return _AGREES
    return Agreement.DIFFERS, f"the return is {found.state.value}"


_CHECKS: Mapping[str, Callable[[Any, str, JobRow, Intent], _Found]] = {
    "messages.reply": _reply,
    "refunds.issue": _refund,
    **{f"returns.{name}": _decision for name in ("approve", "decline", "receive", "offer")},
}


def _answers(store: Store, accounts: Accounts, rows: Iterable[JobRow]) -> Iterator[Verified]:
    """Answers to reviews. Platforms list reviews and show no single one: a batch is held against one listing."""
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        shown: dict[tuple[str, str], str | None] = {}
        problems: dict[str, str] = {}
        for name in {row.account for row in batch}:
            wanted = {_review_id(row) for row in batch if row.account == name}
            problems[name] = _listed(accounts.shop(name), wanted, shown)
        for row in batch:
            yield Verified(row, *_of_unknown(row, _answer(row, shown, problems[row.account])))


def _listed(shop: Shop, wanted: set[str], shown: dict[tuple[str, str], str | None]) -> str:
    """Take the answers of these reviews out of the listing; why some are not there."""
    if not shop.offers("reviews.list"):
        return f"{shop.adapter.title} does not list reviews"
    try:
        for review in shop.reviews.list():
            if review.id in wanted:
                shown[(shop.account_name, review.id)] = review.reply.text if review.reply else None
                wanted.discard(review.id)
            if not wanted:
                break
    except PlatformError as error:
        return error.message
    return "the marketplace does not list the review"


def _answer(row: JobRow, shown: Mapping[tuple[str, str], str | None], problem: str) -> _Found:
    at = (row.account, _review_id(row))
    if not row.content or "command" not in row.content:
        return Agreement.UNCHECKED, "its details were purged"
    if at not in shown:
        return Agreement.UNCHECKED, problem
    text = shown[at]
    if text is None:
        return Agreement.DIFFERS, "the review has no answer"
    if not same_words(row.content["command"]["text"], text):
        return Agreement.DIFFERS, "the answer is not the one that was sent"
    return _AGREES


def _review_id(row: JobRow) -> str:
    return row.target.partition(":")[2]


__all__ = ["CHECKED", "Agreement", "Verified", "verify"]
