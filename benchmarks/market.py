"""A platform for measuring writes: one POST a message, no look before it, an id in the answer."""

from __future__ import annotations

from typing import Any, ClassVar

from sellercare import interfaces, models
from sellercare.adapter import Adapter, Budget, Settings
from sellercare.calls import write
from sellercare.interfaces import VERBS, Context
from sellercare.support import Evidence, Readback, Repeat, WriteContract, impossible, native
from sellercare.writes import Step, Write

_REPLY = WriteContract(
    repeat=Repeat.ACTS_AGAIN, readback=Readback.NONE, absent_after=None, evidence=Evidence.ID, by_hand="the log"
)


class _Messages(interfaces.Messages):
    def thread(self, ctx: Context, thread_id: str) -> models.Thread:
        """A thread, without a call: writes are measured."""
        return models.Thread(id=thread_id)

    def reply(self, ctx: Context, command: models.Reply) -> Write[models.Message]:
        """One POST."""
        call = write("POST", "/threads/{id}/messages", ids={"id": command.thread_id}, json={"text": command.text})

        def result(kept: Any) -> models.Message:
            return models.Message(
                id=kept["send"]["id"], thread_id=command.thread_id, author=models.Party.SELLER, text=command.text
            )

        return Write((Step("send", lambda kept: call, commits=True, native_id=lambda kept: str(kept["id"])),), result)


class Market(Adapter):
    """It has no limit."""

    name = "market"
    title = "Market"
    kind = "reference"
    proof = "for measuring only"
    settings = Settings
    supports: ClassVar[Any] = {name: impossible("it is for measuring only") for name in VERBS} | {
        "messages.thread": native(),
        "messages.reply": native(contract=_REPLY),
    }
    messages = _Messages()


def with_limit(rate: float, burst: int, *, estimated: bool = False) -> type[Adapter]:
    """The same platform with a declared limit, true or not."""
    limit = Budget(rate=rate, burst=burst, estimated=estimated)
    return type("LimitedMarket", (Market,), {"budgets": (limit,), "supports": Market.supports})
