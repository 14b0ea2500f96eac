"""What the platform allows right now for this one thread, order or return."""

from __future__ import annotations

from collections.abc import Sequence

from sellercare.errors import AmbiguousRefund, BadInput, NotAllowedNow, RuleBroken
from sellercare.models import (
    Decision,
    DecisionPart,
    IssueRefund,
    MessageOption,
    MessageTarget,
    RefundOption,
    RefundTarget,
    Reply,
    ReturnAction,
    ReturnVerb,
    StartThread,
)
from sellercare.rules import check_attachments
from sellercare.shop.draft import Draft
from sellercare.support import MovesMoney


def allowed(draft: Draft) -> None:
    """Ask the adapter, if it can tell, and complete the command with what was chosen. Makes no call offline."""
    if draft.offline:
        return
    if isinstance(draft.command, Reply | StartThread) and draft.shop.offers("messages.allowed"):
        _message(draft, draft.command)
    elif isinstance(draft.command, Decision) and draft.shop.offers("returns.allowed"):
        _decision(draft, draft.command)
    elif isinstance(draft.command, IssueRefund):
        _refund(draft, draft.command)


def _message(draft: Draft, command: Reply | StartThread) -> None:
    if isinstance(command, Reply):
        target = MessageTarget(thread_id=command.thread_id)
        wanted = None
    else:
        target = MessageTarget(order_id=command.order_id)
        wanted = command.option
    options = draft.shop.adapter.messages.allowed(draft.context, target)
    option = _pick(options, wanted, draft)
    draft.message_kind = option.kind
    _fits(option, command)
    if isinstance(command, StartThread) and command.option is None:
        draft.command = command.model_copy(update={"option": option.id})


def _fits(option: MessageOption, command: Reply | StartThread) -> None:
    """Raise BadInput for what this way to write wants and did not get, or has no place for."""
    text = command.text or ""
    if option.text and not text.strip():
        raise RuleBroken(f"This message ({option.title}) wants a text.", rule="empty-text", field="text")
    if text and not option.text:
        raise BadInput(f"This message ({option.title}) takes no text: the platform has its own.", field="text")
    if option.max_length is not None and len(text) > option.max_length:
        raise RuleBroken(
            f"The text has {len(text)} characters; here the platform takes {option.max_length}.",
            rule="max-length",
            field="text",
            next_step="Shorten it and try again.",
        )
    strange = sorted(getattr(command, "fields", {}).keys() - option.fields.keys())
    if strange:
        known = ", ".join(option.fields) or "none"
        raise BadInput(
            f"This message ({option.title}) has no field {strange[0]!r}.", field="fields", next_step=f"It has: {known}."
        )
    check_attachments(option, command.attachments)


def _pick(options: Sequence[MessageOption], wanted: str | None, draft: Draft) -> MessageOption:
    if wanted is not None:
        options = [option for option in options if option.id == wanted]
    open_now = [option for option in options if option.why_not is None]
    if not open_now:
        why = next((option.why_not for option in options), None) or "the platform offers nothing to write here"
        raise NotAllowedNow(f"{draft.name} is not allowed now: {why}.")
    if len(open_now) > 1 and isinstance(draft.command, StartThread):
        listed = "; ".join(f"{option.id} ({option.title})" for option in open_now)
        raise BadInput("There are several ways to write here.", field="option", next_step=f"Choose one: {listed}.")
    return open_now[0]


def _decision(draft: Draft, command: Decision) -> None:
    verb = ReturnVerb(draft.name.partition(".")[2])
    actions = draft.shop.adapter.returns.allowed(draft.context, command.return_id)
    mine = [action for action in actions if action.verb is verb]
    if not mine:
        offered = ", ".join(sorted({action.verb.value for action in actions})) or "nothing"
        raise NotAllowedNow(
            f"Return {command.return_id} cannot be given {draft.name} now.",
            next_step=f"What the platform accepts now: {offered}.",
        )
    action = _variant(mine, command)
    _only_what_it_takes(action, command)
    _complete(action, command)
    if action.consequences:
        draft.consequences.append(action.consequences)
    draft.moves, draft.at_stake = action.moves_money, action.most
    if action.moves_money is MovesMoney.YES:
        draft.money = command.amount or action.most
    if command.variant is None and action.variant is not None:
        draft.command = command.model_copy(update={"variant": action.variant})


def _variant(actions: Sequence[ReturnAction], command: Decision) -> ReturnAction:
    # Several variants are never picked from; but one without a name is what the decision plainly means.
    exact = [action for action in actions if action.variant == command.variant]
    if len(exact) == 1:
        return exact[0]
    plain = [action for action in actions if not action.by_name]
    if len(plain) == 1 and command.variant is None:
        return plain[0]
    if not any(action.variant for action in actions):
        raise BadInput(f"This decision has no variant {command.variant!r}: it comes in one way.", field="variant")
    listed = "; ".join(f"{action.variant} ({action.title})" for action in actions)
    raise BadInput("This decision comes in variants.", field="variant", next_step=f"Choose one: {listed}.")


def _only_what_it_takes(action: ReturnAction, command: Decision) -> None:
    """Raise BadInput for what this decision has no place for: nothing that was given is dropped without a word."""
    for part in DecisionPart:
        if part is DecisionPart.UNKNOWN or part in action.accepted or not command.gives(part):
            continue
        taken = ", ".join(sorted(action.accepted)) or "nothing further"
        raise BadInput(
            f"This decision ({action.title or action.verb}) has no place for {_PARTS[part]}.",
            field=part,
            next_step=f"It takes {taken}.",
        )


_PARTS = {
    DecisionPart.LINES: "single lines: it is about the whole",
    DecisionPart.REASON: "a reason",
    DecisionPart.NOTE: "a note",
    DecisionPart.AMOUNT: "an amount",
    DecisionPart.ATTACHMENTS: "files",
    DecisionPart.PARCEL: "a parcel",
}


def _complete(action: ReturnAction, command: Decision) -> None:
    """Raise BadInput for what the platform wants with this decision and did not get."""
    codes = [reason.code for reason in action.reasons]
    if codes and (command.reason is None or command.reason not in codes):
        raise BadInput(
            "The reason is missing." if command.reason is None else f"{command.reason!r} is no reason here.",
            field="reason",
            next_step=f"Choose one: {', '.join(codes)}.",
        )
    if action.note_required and not (command.note or "").strip():
        raise BadInput("The platform wants a note with this decision.", field="note")
    if action.note_max_length is not None and len(command.note or "") > action.note_max_length:
        raise BadInput(
            f"The note has {len(command.note or '')} characters; the platform takes {action.note_max_length}.",
            field="note",
        )
    if action.evidence_required and not command.attachments:
        raise BadInput("The platform wants evidence (a file) with this decision.", field="attachments")
    if command.amount is not None and action.most is not None and command.amount.currency != action.most.currency:
        raise BadInput(
            f"The amount is in {command.amount.currency}; money moves in {action.most.currency} here.", field="amount"
        )
    if action.amount_required and command.amount is None:
        raise BadInput("The platform wants an amount with this decision.", field="amount")


def _refund(draft: Draft, command: IssueRefund) -> None:
    """Choose the one option that fits; several are an error that lists them, never a silent pick."""
    target = RefundTarget(order_id=None if command.return_id else command.order_id, return_id=command.return_id)
    options = tuple(draft.shop.adapter.refunds.quote(draft.context, target))
    chosen = _option(options, command)
    draft.command = command.model_copy(update={"option": chosen})
    if chosen.consequences:
        draft.consequences.append(chosen.consequences)


def _option(options: tuple[RefundOption, ...], command: IssueRefund) -> RefundOption:
    where = f"return {command.return_id}" if command.return_id else f"order {command.order_id}"
    if not options:
        raise NotAllowedNow(f"There is nothing left to pay back for {where}.")
    if command.option_id is not None:
        fitting = [option for option in options if option.id == command.option_id]
        if fitting:
            return fitting[0]
        listed = ", ".join(option.id for option in options)
        raise BadInput(
            f"There is no refund option {command.option_id!r} for {where}.",
            field="option",
            next_step=f"Choose one: {listed}.",
        )
    if len(options) > 1:
        listed = "; ".join(f"{option.id}: {option.title}, up to {option.most}" for option in options)
        raise AmbiguousRefund(f"There are {len(options)} ways to pay back for {where}: {listed}.", options=options)
    return options[0]
