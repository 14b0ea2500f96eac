"""A Celery task that answers a buyer once, however often the queue delivers it.

The key comes with the task, from whoever wants the answer. So a retry, a second delivery after a worker died, and a
second task for the same ticket are all the same write.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from celery import Celery

import sellercare
from sellercare.errors import AlreadyDone, InProgress, OutcomeUnknown, TryLater

app = Celery("after_sales", broker="memory://")


@cache
def shop() -> sellercare.Shop:
    """One for each worker process; it serves all threads."""
    return sellercare.connect("my-shop")


# With a key, late acknowledgement is safe: a task that is delivered again is looked up, not sent again.
@app.task(bind=True, acks_late=True, reject_on_worker_lost=True, max_retries=20)
def answer(self: Any, ticket: str, thread_id: str, text: str) -> str | None:
    """Answer, and return the platform's id of the message, where it is known."""
    try:
        return shop().messages.reply(thread_id, text, key=f"ticket-{ticket}").id
    except AlreadyDone as done:  # answered long ago; the details were purged since
        return done.native_id
    except (InProgress, TryLater) as busy:  # nothing was sent, or another worker is at it
        raise self.retry(exc=busy, countdown=30) from busy
    except OutcomeUnknown as unknown:  # the retry looks it up; without proof nothing is sent
        raise self.retry(exc=unknown, countdown=600) from unknown


def main() -> None:
    """Run the task twice, here and now instead of in a worker."""
    app.conf.task_always_eager = True
    once, again = (answer.delay("4711", "thr_1", "Your parcel left today.").get() for _ in range(2))
    print("two deliveries, one message:", once)
    assert once == again


if __name__ == "__main__":
    main()
