"""The stages of a write, in order. Those before `record` change nothing anywhere and may be run alone, as a check."""

from __future__ import annotations

from collections.abc import Callable

from sellercare.errors import SellercareError, StoreError
from sellercare.shop.draft import Draft
from sellercare.shop.stage_allowed import allowed
from sellercare.shop.stage_guards import guards
from sellercare.shop.stage_limits import limits
from sellercare.shop.stage_recall import recall
from sellercare.shop.stage_record import record
from sellercare.shop.stage_rules import rules
from sellercare.shop.stage_send import send
from sellercare.shop.stage_support import support

Stage = Callable[[Draft], None]

CHECKS: tuple[Stage, ...] = (support, recall, allowed, rules, guards, limits)
WRITE: tuple[Stage, ...] = (*CHECKS, record, send)


_OF_THE_WORLD: tuple[Stage, ...] = (allowed, rules, guards, limits)
"""The checks whose answer changes with the world, and so by the write itself."""


def run(draft: Draft, stages: tuple[Stage, ...]) -> Draft:
    """Take a draft through the stages. What is already known by its key skips the checks: it was checked before."""
    for stage in stages:
        if draft.known is not None and stage in _OF_THE_WORLD:
            continue
        try:
            stage(draft)
        except StoreError:
            raise
        except SellercareError:
            if stage not in _OF_THE_WORLD or recall not in stages or not _known_by_now(draft):
                raise
    return draft


def _known_by_now(draft: Draft) -> bool:
    """Whether another worker wrote under this key while we checked: then that is why the check failed."""
    draft.new = False
    recall(draft)
    return draft.known is not None
