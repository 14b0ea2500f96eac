"""After a write: a person's word where there is no proof, and what the platform made of what it accepted."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from sellercare.errors import InProgress, NotFound
from sellercare.interfaces import VERBS
from sellercare.journal import Intent, IntentState, Outcome
from sellercare.journal.task import lease_seconds, owner_name, settlement_of
from sellercare.models import (
    Decision,
    IssueRefund,
    Message,
    Party,
    Refund,
    RefundState,
    Reply,
    ReplyToReview,
    Review,
    ReviewReply,
)
from sellercare.support import Settles, WriteContract

if TYPE_CHECKING:
    from sellercare.shop.shop import Shop

FOLLOWED = "refunds.issue"
"""The verb whose settlement can be asked for. What became of the others shows in the thing itself."""


def say(shop: Shop, intent: Intent, *, landed: bool, native_id: str | None, who: str) -> Intent:
    """Decide an unknown write of this account by a person's word. `native_id` is the platform's id of what landed.

    One that did not land may be sent again under its key; what was begun for it is taken back first.
    """
    contract = _contract(shop, intent.verb)
    settlement = "pending" if landed and contract.settles is Settles.LATER else ""
    said = partial(shop.store.words.say, intent.id, landed=landed, native_id=native_id, who=who, settlement=settlement)
    if landed:
        said()
        return shop.store.intents.get(intent.id)
    owner = owner_name()
    seconds = lease_seconds(shop.settings.timeout, shop.patience)
    held = shop.store.intents.take(intent.id, owner, seconds, alone=False)
    if held is None:
        raise InProgress("Somebody is looking this write up right now.", next_step="Wait for it.")
    try:
        if held.state is IntentState.UNKNOWN:
            _take_back(shop, held, contract)
        said(owner=owner)
    finally:
        shop.store.intents.release(intent.id, owner)
    return shop.store.intents.get(intent.id)


def _take_back(shop: Shop, intent: Intent, contract: WriteContract) -> None:
    """Undo the steps before the committing one, as far as they can be: it will begin anew.

    Under our lease: a worker that is about to send would otherwise lose what it builds on.
    """
    group, _, name = intent.verb.partition(".")
    records = shop.store.intents.steps(intent.id)
    if not any(record.state == "done" for record in records.values()):
        return
    write = getattr(getattr(shop.adapter, group), name)(shop.context(verb=intent.verb, key=intent.key), _asked(intent))
    kept = {name: record.kept for name, record in records.items() if record.state == "done"}
    for step in reversed(write.steps):
        if step.name in kept and step.undo is not None:
            with suppress(NotFound):  # it is gone already
                shop.http.write(step.undo(kept), contract)
            shop.store.intents.forget_steps(intent.id, step.name)


def follow(shop: Shop, intent: Intent) -> str:
    """Ask what became of a confirmed refund, keep it, and return it: pending, done or failed; empty where the platform
    does not tell. Raises PlatformError."""
    if intent.verb != FOLLOWED or not intent.native_id:
        return ""
    refund = _refund(shop, intent)
    if refund is None or refund.state is RefundState.UNKNOWN:
        return ""
    settlement = settlement_of(refund, _contract(shop, intent.verb))
    if refund.state is RefundState.PENDING:
        settlement = "pending"
    if settlement != intent.settlement:
        shop.store.intents.set_settlement(intent.id, settlement)
    return settlement


def _refund(shop: Shop, intent: Intent) -> Refund | None:
    if shop.offers("refunds.get"):
        return shop.refunds.get(intent.native_id or "")
    order = intent.target.removeprefix("order:") if intent.target.startswith("order:") else None
    if order is None or not shop.offers("refunds.list"):
        return None
    return next((each for each in shop.refunds.list(order_id=order) if each.id == intent.native_id), None)


def told_by_hand(shop: Shop, intent: Intent) -> Outcome[Any] | None:
    """The outcome of a write that a person said has landed, for a repeated key; None for all others.

    No answer of the platform was ever seen, so the model is read where the platform shows it, or says what was sent.
    """
    if intent.state is not IntentState.CONFIRMED:
        return None
    word = shop.store.words.last(intent.id)
    if word is None or not word.landed:
        return None
    model = _model(shop, intent, _asked(intent))
    return Outcome(intent.id, intent.state.value, model, settlement=intent.settlement, repeated=True)


def _model(shop: Shop, intent: Intent, command: Any) -> Any:
    native_id = intent.native_id or None
    if isinstance(command, Reply):
        return Message(id=native_id, thread_id=command.thread_id, author=Party.SELLER, text=command.text)
    if isinstance(command, IssueRefund):
        shown = _refund(shop, intent) if native_id else None
        return shown or Refund(
            id=native_id, order_id=command.order_id, return_id=command.return_id, amount=command.amount
        )
    if isinstance(command, Decision) and shop.offers("returns.get"):
        return shop.returns.get(command.return_id)
    if isinstance(command, ReplyToReview):
        return Review(id=command.review_id, reply=ReviewReply(text=command.text))
    return None


def _asked(intent: Intent) -> Any:
    command = VERBS[intent.verb].command
    assert command is not None
    return command.model_validate(intent.content)


def _contract(shop: Shop, verb: str) -> WriteContract:
    contract = shop.supports(verb).contract
    assert contract is not None
    return contract


__all__ = ["FOLLOWED", "follow", "say", "told_by_hand"]
