"""A simulated platform acts and loses its answer. The buyer is answered once, and paid back once, all the same."""

from __future__ import annotations

from decimal import Decimal

import sellercare
from sellercare import Money
from sellercare.simulator import FakeClock, Fault, InProcess, World
from sellercare_adapters.acme.face import AcmeFace


def main() -> None:
    """Answer and pay back while answers get lost, then count what the platform did."""
    world = World(seed=1, clock=FakeClock())
    order = world.order()
    question = world.message(world.thread(order), "The lid is missing.")
    face = AcmeFace(world)
    shop = sellercare.connect(
        "acme",
        base_url="http://acme.invalid",
        api_key="acme-key",
        store="sqlite://",
        clock=world.clock,
        transport=InProcess(face),
    )

    face.faults.add(Fault("lost_answer", on="POST *", times=2))
    shop.messages.reply(question.thread_id, "A new one is on its way.", key="ticket-1")
    shop.refunds.issue(order_id=order.id, amount=Money(amount=Decimal("5.00"), currency="EUR"), key="refund-1")

    print("messages:", world.count("message"), "refunds:", world.count("refund"))
    print("answers lost:", face.faults.injected["lost_answer"])
    assert (world.count("message"), world.count("refund")) == (1, 1)


if __name__ == "__main__":
    main()
