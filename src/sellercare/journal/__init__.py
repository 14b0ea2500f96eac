"""The journal: every write as an intent with steps, an outcome, and later its settlement."""

from sellercare.journal.journal import Journal
from sellercare.journal.task import Outcome
from sellercare.store.records import Intent, IntentState

__all__ = ["Intent", "IntentState", "Journal", "Outcome"]
