"""One place for what must outlive a process: intents and steps, tokens, rate budgets, jobs and their rows."""

from sellercare.store.engine import Store

__all__ = ["Store"]
