"""Answers that may be given again for a while, because a platform asks callers to keep them: public keys, say."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from sellercare.calls import Call, Json, Sender
from sellercare.clock import Clock

_MOST = 100


class Recent:
    """The documents of reads, kept in memory for one account. Safe between threads; the oldest make room."""

    def __init__(self, sender: Sender, clock: Clock) -> None:
        self._sender = sender
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, ...], tuple[datetime, Json]] = {}

    def read(self, call: Call, good_for: timedelta) -> Json:
        """The document of a read, as it was up to `good_for` ago. What went wrong is not kept."""
        name = (call.base, call.url or call.full_path(), repr(sorted(call.params.items())))
        with self._lock:
            at, document = self._kept.get(name, (None, None))
        now = self._clock.now()
        if at is not None and now - at < good_for:
            return document
        document = self._sender.read(call).payload()
        with self._lock:
            self._kept.pop(name, None)
            if len(self._kept) >= _MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[name] = (now, document)
        return document
