"""Replies out of rows: the text is rendered, the thread looked at, and the key made that answers a buyer once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sellercare.adapter import Adapter
from sellercare.bulk.columns import Asked, BadRow, Cells, Draft, Patterns, missing_for_text
from sellercare.bulk.files import RawRow, normal
from sellercare.bulk.prepared import Prepared, Wishes, check_unasked, known_state
from sellercare.bulk.templates import (
    SECRET_IN_PUBLIC,
    SOURCES,
    Rendered,
    nothing,
    public_error,
    row_data,
    template,
    view,
)
from sellercare.calls import to_json
from sellercare.errors import BadInput, NotFound
from sellercare.models import Message, Model, Party, Reply, Thread, ThreadKind
from sellercare.shop import Checked
from sellercare.store.jobs import Job, JobRow, RowState

if TYPE_CHECKING:
    from sellercare.shop import Shop


@dataclass(frozen=True, slots=True)
class ReplyDraft:
    """A reply as the row asks for it. `template` is rendered later; `cells` are the row's data for it."""

    line: int
    account: str
    thread_id: str
    text: str = ""
    template: str = ""
    key: str = ""
    answers: str = ""
    to: Party = Party.BUYER
    cells: Mapping[str, Any] = field(default_factory=dict)


def reply_key(thread_id: str, answers: str, text: str) -> str:
    """The key of a reply without one: made of the thread, the buyer's message that it answers, and the text.

    Our own messages do not count, so a second run of the same file makes the same keys.
    """
    return "reply-" + hashlib.sha256(to_json([thread_id, answers, text])).hexdigest()


def _sketch_key(draft: ReplyDraft) -> str:
    """Until the buyer's last message is known: enough to find the same row twice in one file."""
    cells = sorted((name, str(value)) for name, value in draft.cells.items()) if draft.template else []
    return "planned-" + hashlib.sha256(to_json([draft.thread_id, draft.text, draft.template, cells])).hexdigest()


class Replies:
    """`messages.reply` in bulk."""

    name = "messages.reply"
    noun = "reply"
    command: type[Model] = Reply
    columns = ("account", "thread_id", "text", "template", "key", "answers", "to")

    def missing(self, columns: frozenset[str], asked: Asked) -> str:
        """Which thread, and what to say."""
        return missing_for_text(columns, asked, "thread_id")

    def read(self, row: RawRow, asked: Asked, patterns: Patterns) -> Draft:
        """The reply that a row asks for."""
        cells = Cells(row, asked)
        thread_id = cells.id("thread_id", patterns(cells.account).get("thread_id", ""))
        if not thread_id:
            raise BadRow("thread_id is empty")
        text, template = cells.text_or_template()
        return ReplyDraft(
            line=row.line,
            account=cells.account,
            thread_id=thread_id,
            text=text,
            template=template,
            key=cells.key(),
            answers=cells.id("answers"),
            to=_party(cells.text("to")),
            cells=cells.for_template(),
        )

    def sketch(self, shop: Shop, draft: ReplyDraft, wishes: Wishes) -> Prepared:
        """Plan without a call: rows and rules are checked, what needs the marketplace waits for the applying."""
        target = f"thread:{draft.thread_id}"
        rendered = Rendered(draft.text)
        if draft.template:
            compiled = template(draft.template)
            if compiled.asks_platform:
                content = _kept(draft, draft.text, template=draft.template, cells=draft.cells)
                return Prepared(target, draft.key or _sketch_key(draft), RowState.READY, content)
            rendered = compiled.render(row_data(draft.cells, draft.account), line=draft.line)
        check_unasked(shop, self.name, _reply(draft, rendered.text), draft.key, wishes)
        key = draft.key or (draft.answers and reply_key(draft.thread_id, draft.answers, rendered.text))
        return Prepared(target, key or _sketch_key(draft), RowState.READY, _kept(draft, rendered.text))

    def draft(self, row: JobRow) -> ReplyDraft:
        """The draft that `sketch` kept."""
        kept = row.content["draft"]
        return ReplyDraft(line=row.line, account=row.account, **kept | {"to": Party(kept.get("to", Party.BUYER))})

    def whole(self, row: JobRow) -> Model | None:
        """The reply, unless its template waits for the marketplace."""
        if "command" in row.content:
            return Reply.model_validate(row.content["command"])
        draft = self.draft(row)
        return None if draft.template else _reply(draft, draft.text)

    def prepare(self, shop: Shop, draft: ReplyDraft, wishes: Wishes) -> Prepared:
        """Plan with a look: at the thread, at its messages, at the order if the template wants it."""
        with shop.http.looking_once():
            return self._prepared(shop, draft, wishes)

    def _prepared(self, shop: Shop, draft: ReplyDraft, wishes: Wishes) -> Prepared:
        thread = _thread(shop, draft.thread_id)
        messages = _messages(shop, draft.thread_id)
        rendered = _rendered(shop, draft, thread)
        seen = draft.answers or _last_of(messages, Party.BUYER)
        key = draft.key or reply_key(draft.thread_id, seen, rendered.text)
        command = _reply(draft, rendered.text)
        checked = shop.check(self.name, command, key=key)
        state, note = known_state(checked.known)
        if state is RowState.READY and not wishes.even_if_answered:
            state, note = _answered(messages, rendered.text)
        if state is RowState.READY and rendered.gaps:
            note = f"the text has a gap where the marketplace withholds {', '.join(rendered.gaps)}"
        content = {"command": _plain(command), "seen": {"buyer": _last_of(messages, Party.BUYER)}}
        return Prepared(command.target, key, state, content, note, checked.money, checked.consequences)

    def look_costs(self, adapter: type[Adapter]) -> str:
        """The messages of the thread are read again."""
        return "a call for each row, which reads the thread" if adapter.supports["messages.messages"].offered else ""

    def look_changes(self, adapter: type[Adapter]) -> str:
        """What the adapter says about reading a thread."""
        return adapter.supports["messages.messages"].changes

    def look(self, shop: Shop, job: Job, row: JobRow) -> str:
        """Whether the buyer has written again, or somebody has answered by hand, since the plan."""
        seen = row.content.get("seen")
        if not seen or not shop.offers("messages.messages"):
            return ""
        command = row.content["command"]
        messages = _messages(shop, command["thread_id"])
        if _last_of(messages, Party.BUYER) != seen["buyer"]:
            return "the buyer has written again since it was planned"
        if Wishes.of(job).even_if_answered:
            return ""
        ours = shop.store.intents.taken_ids(row.account, row.target, job.created_at)
        last = next((each for each in reversed(messages) if each.author in (Party.BUYER, Party.SELLER)), None)
        if last is not None and last.author is Party.SELLER and last.id not in ours:
            return "somebody has answered the buyer since it was planned"
        return ""

    def agrees(self, shop: Shop, job: Job, row: JobRow, checked: Checked) -> str:
        """The checks before a reply do not read the thread."""
        return ""


def _party(text: str) -> Party:
    word = normal(text) or Party.BUYER.value
    known = [party.value for party in Party if party is not Party.UNKNOWN]
    if word not in known:
        raise BadRow(f"to is {text!r}; it may be {', '.join(known)}")
    return Party(word)


def _kept(draft: ReplyDraft, text: str, **more: Any) -> dict[str, Any]:
    """A draft as the plan keeps it: what is not empty."""
    fields = {"thread_id": draft.thread_id, "text": text, "key": draft.key, "answers": draft.answers, **more}
    if draft.to is not Party.BUYER:
        fields["to"] = draft.to.value
    return {"draft": {name: value for name, value in fields.items() if value}}


def _plain(command: Model) -> dict[str, Any]:
    return command.model_dump(mode="json", exclude_defaults=True)


def _reply(draft: ReplyDraft, text: str) -> Reply:
    return Reply(thread_id=draft.thread_id, text=text, to=draft.to, answers=draft.answers or None)


def _rendered(shop: Shop, draft: ReplyDraft, thread: Thread) -> Rendered:
    if not draft.template:
        return Rendered(draft.text)
    compiled = template(draft.template)
    if thread.kind is ThreadKind.PUBLIC_QUESTION and compiled.needs & SECRET_IN_PUBLIC:
        raise public_error("the answer to a public question")
    data = row_data(draft.cells, draft.account) | {name: nothing(name) for name in SOURCES}
    data |= {"thread": view("thread", thread), "buyer": view("buyer", thread.buyer)}
    if "order" in compiled.needs and thread.order_id and shop.offers("orders.get"):
        data["order"] = view("order", shop.orders.get(thread.order_id))
    return compiled.render(data, line=draft.line)


def _thread(shop: Shop, thread_id: str) -> Thread:
    try:
        return shop.messages.thread(thread_id)
    except NotFound:
        raise BadInput(
            f"There is no thread {thread_id!r} at {shop.adapter.title} for the account {shop.account_name!r}.",
            field="thread_id",
        ) from None


def _messages(shop: Shop, thread_id: str) -> Sequence[Message]:
    """The messages, oldest first. At the same moment the seller's come last: rather hold than answer twice."""
    if not shop.offers("messages.messages"):
        return ()
    found = list(shop.messages.messages(thread_id))
    if all(message.created_at is not None for message in found):
        found.sort(key=lambda message: (message.created_at, message.author is Party.SELLER, message.id or ""))
    return found


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same but for blanks, which platforms change."""
    return one.split() == other.split()


def _last_of(messages: Sequence[Message], party: Party) -> str:
    return next((message.id for message in reversed(messages) if message.author is party and message.id), "")


def _answered(messages: Sequence[Message], text: str) -> tuple[RowState, str]:
    """Hold a reply where the seller has spoken last, or has said the very same before: somebody may have answered."""
    for message in reversed(messages):
        if message.author is Party.SELLER and message.text and same_words(message.text, text):
            return RowState.HELD, "this very text is already in the thread; send it again with --even-if-answered"
    last = next((each for each in reversed(messages) if each.author in (Party.BUYER, Party.SELLER)), None)
    if last is not None and last.author is Party.SELLER:
        return RowState.HELD, "somebody has answered the buyer already; send it with --even-if-answered"
    return RowState.READY, ""


__all__ = ["Replies", "ReplyDraft", "reply_key", "same_words"]
