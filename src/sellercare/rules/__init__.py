"""A marketplace's own law as data: what may be written, how soon to act, and what software may not do at all.

Each adapter brings a `rules.toml`; every rule has its source and date.
"""

from sellercare.rules.book import Deadline, Forbidden, MessageRule, RuleBook, Use, check_attachments, rules_of

__all__ = ["Deadline", "Forbidden", "MessageRule", "RuleBook", "Use", "check_attachments", "rules_of"]
