"""Conversations: of each item one with its buyer, and one with Rakuten's customer service.

A look at an item marks its messages as read, and Rakuten then forgets them in its list of what is to be done. So
conversations are listed from that list and from what was looked at before and is not answered yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from sellercare.calls import Answer, Call, Json, Listings, Rows
from sellercare.errors import BadAnswer, BadInput, OutcomeUnknown
from sellercare.finding import CLOCK_SKEW, in_rows
from sellercare.interfaces import Context, Messages
from sellercare.looks import Look
from sellercare.models import (
    MarkRead,
    Message,
    MessageOption,
    MessageTarget,
    Party,
    Reply,
    StartThread,
    Thread,
    ThreadKind,
    ThreadQuery,
)
from sellercare.translation import instant, translated
from sellercare.writes import Found, Kept, Search, Step, Write
from sellercare_adapters.rakuten_fr import translate, wire
from sellercare_adapters.rakuten_fr.asking import MOST, asked, look_at, shown, told
from sellercare_adapters.rakuten_fr.translate import OF_RAKUTEN

_AT_ONCE = 200
"""Looks that are held against the journal at once."""

_FRESH = timedelta(minutes=1)
"""A look that is older may lack what was written by hand since."""

_TO_BUYER = "buyer"
_TO_RAKUTEN = "rakuten"
_ACTIONS = {
    _TO_BUYER: frozenset({"contactuseraboutitem"}),
    _TO_RAKUTEN: frozenset({"contactusaboutitem", "contactpriceministeraboutitem"}),
}
"""What an item offers where one may write; the second name is of 2011."""


class RakutenFrMessages(Messages):
    """Conversations."""

    def threads(self, ctx: Context, query: ThreadQuery) -> Listings[Thread]:
        """What waits for the seller. No item is looked at."""
        return [Rows(partial(_waiting, ctx), _thread_of, wire.TO_DO.name)]

    def thread(self, ctx: Context, thread_id: str) -> Thread:
        """A conversation. It is a look."""
        make = partial(_thread, ctx, of_rakuten=thread_id.endswith(OF_RAKUTEN))
        return translated(lambda payload: make(item_in(payload)), ctx.read(look_at(item_of(thread_id))), wire.ITEM.name)

    def messages(self, ctx: Context, thread_id: str) -> Listings[Message]:
        """The messages of a conversation, oldest first. It is a look."""
        seller, zone = ctx.settings.login, ctx.settings.zone

        def fetch() -> Sequence[Any]:
            return translated(partial(_rows, thread_id), ctx.read(look_at(item_of(thread_id))), wire.ITEM.name)

        make = partial(translate.message, thread_id=thread_id, seller=seller, zone=zone)
        return [Rows(fetch, make, wire.ITEM.name)]

    def allowed(self, ctx: Context, target: MessageTarget) -> Sequence[MessageOption]:
        """What the item offers now. It is a look."""
        item_id = item_of(target.thread_id or target.order_id or "")
        options = translated(_options, ctx.read(look_at(item_id)), wire.ITEM.name)
        if target.thread_id is None:
            return options
        wanted = _TO_RAKUTEN if target.thread_id.endswith(OF_RAKUTEN) else _TO_BUYER
        return [option for option in options if option.id == wanted]

    def reply(self, ctx: Context, command: Reply) -> Write[Message]:
        """Answer a buyer, or Rakuten: then the newest mail of theirs is answered, unless another one is named."""
        to_rakuten = command.thread_id.endswith(OF_RAKUTEN)
        if command.to is Party.PLATFORM and not to_rakuten:
            raise BadInput(
                "This conversation is with the buyer.",
                field="to",
                next_step=f"Write to customer service in the conversation {command.thread_id}{OF_RAKUTEN}.",
            )
        if command.answers and not to_rakuten:
            raise BadInput("Messages between buyer and seller do not answer one another at Rakuten.", field="answers")
        return _tell(ctx, command.thread_id, command.text, command.answers)

    def start(self, ctx: Context, command: StartThread) -> Write[Message]:
        """Write about an item: to its buyer, or to Rakuten."""
        thread_id = command.order_id + (OF_RAKUTEN if command.option == _TO_RAKUTEN else "")
        return _tell(ctx, thread_id, command.text or "", None)

    def mark_read(self, ctx: Context, command: MarkRead) -> Write[None]:
        """Looking at an item is what marks its messages as read: all of them."""
        item_id = item_of(command.thread_id)

        def find(search: Search) -> Found | None:
            rows = shown(ctx, asked(wire.TO_DO), wire.TO_DO)["items"]["item"]
            unread = any(row["itemid"] == item_id and _unread(row["causes"]["cause"]) for row in rows)
            return None if unread else Found(item_id, None)

        step = Step(
            "look",
            lambda kept: look_at(item_id),
            _marked,
            commits=True,
            find=find,
            native_id=lambda kept: item_id,
        )
        return Write((step,), lambda kept: None)


def item_of(thread_id: str) -> str:
    """The item of a conversation."""
    return thread_id.removesuffix(OF_RAKUTEN)


def item_in(payload: Any) -> wire.Item:
    """The item that was looked at."""
    item: wire.Item = payload[wire.ITEM.root]["response"]["item"]
    return item


def _marked(answer: Answer) -> Json:
    """That the item was shown, and so was marked; a page about maintenance shows none."""
    translated(item_in, answer.xml(wire.ITEM.lists), wire.ITEM.name)
    return None


def _rows(thread_id: str, payload: Any) -> list[dict[str, Any]]:
    item = item_in(payload)
    return translate.mails(item) if thread_id.endswith(OF_RAKUTEN) else translate.with_ids(item)


def _options(payload: Any) -> list[MessageOption]:
    actions = (item_in(payload).get("availableactions") or {"action": []})["action"]
    open_now = {action["actioncode"] for action in actions}
    titles = {action["actioncode"]: action["title"] for action in actions}
    options = []
    for id_, kind in ((_TO_BUYER, ThreadKind.PRIVATE), (_TO_RAKUTEN, ThreadKind.PLATFORM)):
        code = next(iter(_ACTIONS[id_] & open_now), "")
        why_not = None if code else f"Rakuten does not offer to write to the {id_} about this item now"
        title = titles.get(code, "") or f"write to the {id_}"
        options.append(
            MessageOption(id=id_, title=title, kind=kind, max_length=MOST, max_attachments=0, why_not=why_not)
        )
    return options


# --- what waits -----------------------------------------------------------------------------------------------------


def _unread(causes: Sequence[str]) -> bool:
    return any(cause.startswith("UNREAD_MESSAGE") for cause in causes)


def _waiting(ctx: Context) -> list[Any]:
    """A row for each conversation that Rakuten wants looked at, then for each that was and is not answered."""
    payload = ctx.read(asked(wire.TO_DO))
    rows = translated(_to_do, payload, wire.TO_DO.name)
    listed = {row["id"] for row in rows}
    all_looks, looked = ctx.looks.all(), []
    while some := list(islice(all_looks, _AT_ONCE)):
        written = ctx.looks.written([target for look in some for target in _targets(_item_id(look))])
        looked += [row for look in some for row in _looked(ctx, look, written) if row["id"] not in listed]
    return [*rows, *looked]


def _to_do(payload: Any) -> list[dict[str, Any]]:
    """One row a conversation: an item can have several causes."""
    rows = []
    for row in payload[wire.TO_DO.root]["response"]["items"]["item"]:
        causes = row["causes"]["cause"]
        of_rakuten = [cause for cause in causes if "CUSTOMER_SERVICE" in cause]
        # A message says more than the claim that it is about, and the claim is told by `return_id`.
        others = sorted(
            (cause for cause in causes if "CUSTOMER_SERVICE" not in cause), key=lambda each: each == "CLAIM"
        )
        if others:
            rows.append({**row, "id": row["itemid"], "cause": others[0]})
        if of_rakuten:
            rows.append({**row, "id": row["itemid"] + OF_RAKUTEN, "cause": of_rakuten[0]})
    return rows


def _item_id(look: Look) -> str:
    return look.thing.removeprefix("item-")


def _targets(item_id: str) -> tuple[str, str, str]:
    """What writes about an item name: its two conversations, and the order where one is started."""
    return f"thread:{item_id}", f"thread:{item_id}{OF_RAKUTEN}", f"order:{item_id}"


def _looked(ctx: Context, look: Look, written: Mapping[tuple[str, str], datetime]) -> Iterator[dict[str, Any]]:
    """The conversations of an item that was looked at, as far as they wait: the other side wrote last, or nobody knows
    what the look has shown. What the account has written or marked as read since waits no more."""
    item_id = _item_id(look)
    whole = look.kept_at is not None and look.kept_at >= look.begun_at
    if whole and look.answer is None:
        return  # purged
    with_buyer, with_rakuten, order = _targets(item_id)
    since = look.kept_at if whole and look.kept_at else look.begun_at
    open_now = [
        of_rakuten
        for of_rakuten, target, option in ((False, with_buyer, _TO_BUYER), (True, with_rakuten, _TO_RAKUTEN))
        if not any(at and at >= since for at in (written.get((target, "")), written.get((order, option))))
    ]
    item = _item_of(look) if whole and open_now else None
    for of_rakuten in open_now:
        row = {"id": item_id + (OF_RAKUTEN if of_rakuten else ""), "itemid": item_id}
        try:
            if item is None or translated(
                partial(translate.waits, seller=ctx.settings.login, of_rakuten=of_rakuten), item
            ):
                shown = item and translated(partial(_thread, ctx, of_rakuten=of_rakuten), item)
            else:
                continue
        except BadAnswer:
            shown = None
        if shown is not None or not of_rakuten:
            yield row | {"look": shown}


def _item_of(look: Look) -> wire.Item | None:
    """What a look has shown; None where that is nothing that can be read, so that somebody looks again."""
    try:
        return None if look.answer is None else translated(item_in, look.answer.xml(wire.ITEM.lists))
    except BadAnswer:
        return None


def _thread(ctx: Context, item: wire.Item, *, of_rakuten: bool) -> Thread:
    return translate.thread(item, ctx.settings.login, ctx.settings.zone, of_rakuten=of_rakuten)


def _thread_of(row: dict[str, Any]) -> Thread:
    if "cause" in row:
        return translate.thread_to_do(row)
    shown: Thread | None = row["look"]
    return Thread(id=row["id"], order_id=row["itemid"], raw=row) if shown is None else shown


# --- writing ----------------------------------------------------------------------------------------------------------


def _tell(ctx: Context, thread_id: str, text: str, answers: str | None) -> Write[Message]:
    """One message. Its answer says SENT and no id; a lost one is looked for in the item."""
    item_id, to_rakuten = item_of(thread_id), thread_id.endswith(OF_RAKUTEN)

    def rows(payload: Any) -> list[dict[str, Any]]:
        return translated(partial(_rows, thread_id), payload, wire.ITEM.name)

    def call(kept: Kept) -> Call:
        if not to_rakuten:
            return told(wire.TELL_BUYER, "messages", itemid=item_id, content=text)
        return told(
            wire.TELL_RAKUTEN,
            "messages",
            itemid=item_id,
            content=text,
            mailparentid=answers or _newest_mail(ctx, item_id),
        )

    def before() -> Json:
        """What the look of a moment ago has shown, that of `allowed`; a new one where work was taken up later."""
        look = ctx.looks.last(f"item-{item_id}")
        fresh = look and look.kept_at and look.kept_at >= max(look.begun_at, ctx.clock.now() - _FRESH)
        seen = look.answer.xml(wire.ITEM.lists) if look and fresh and look.answer else ctx.read(look_at(item_id))
        return [row["id"] for row in rows(seen)]

    def find(search: Search) -> Found | None:
        zone, seller = ctx.settings.zone, ctx.settings.login
        mine = [
            {**row, "at": translate.moment(row["senddate"], zone).isoformat()}
            for row in reversed(rows(ctx.read(look_at(item_id))))
            if translate.party(row["sender"], seller) is Party.SELLER
        ]

        def same(row: Any) -> bool:
            return _same(row["content"], text)

        found = in_rows(mine, search, same, made_at=lambda row: str(row["at"]))
        if found:
            since = search.sent_at - CLOCK_SKEW
            there = sum(same(row) and row["id"] not in search.taken and instant(row["at"]) >= since for row in mine)
            if there <= _others(ctx, thread_id, text, since):
                raise OutcomeUnknown("the same words were sent under another key, too, and Rakuten gives no ids")
        return None if found is None else Found(found.id, {"id": found.id, "senddate": found.kept["senddate"]})

    step = Step(
        "send", call, partial(_sent, to_rakuten), commits=True, find=find, native_id=lambda kept: kept.get("id")
    )
    return Write((step,), lambda kept: _told(ctx, thread_id, text, kept["send"]), before)


def _others(ctx: Context, thread_id: str, text: str, since: datetime) -> int:
    """How many messages of these words were said to be SENT in this conversation since, under other keys."""

    def same(target: str, content: Json) -> bool:
        to_rakuten = content.get("option") == _TO_RAKUTEN or target.endswith(OF_RAKUTEN)
        return to_rakuten is thread_id.endswith(OF_RAKUTEN) and _same(content.get("text", text), text)

    return sum(same(target, content) for target, content in ctx.looks.unnamed(_targets(item_of(thread_id)), since))


def _newest_mail(ctx: Context, item_id: str) -> str | None:
    """The id of the newest mail of Rakuten about an item that was looked at; None if there is none."""
    look = ctx.looks.last(f"item-{item_id}")
    if look is None or look.answer is None:
        return None
    found = item_in(look.answer.xml(wire.ITEM.lists))["mail"]
    theirs = (mail for mail in found if translate.party(mail["sender"], ctx.settings.login) is not Party.SELLER)
    return next((mail["mailid"] for mail in theirs), None)


def _sent(to_rakuten: bool, answer: Answer) -> Json:
    root = (wire.TELL_RAKUTEN if to_rakuten else wire.TELL_BUYER).root
    if answer.xml()[root]["response"]["status"] != "SENT":
        raise BadAnswer(f"{answer.where}: the status is not SENT.", path=f"$.{root}.response.status")
    return {}


def _same(found: str, sent: str) -> bool:
    """Whether a text is the one that was sent, but for blanks: those are trimmed and folded on the way."""
    return found.split() == sent.split()


def _told(ctx: Context, thread_id: str, text: str, kept: Json) -> Message:
    at = translate.moment(kept["senddate"], ctx.settings.zone) if "senddate" in kept else None
    return Message(
        id=kept.get("id"),
        thread_id=thread_id,
        author=Party.SELLER,
        author_name=ctx.settings.login,
        text=text,
        created_at=at,
        order_id=item_of(thread_id),
        raw=kept,
    )
