"""Ids of intents."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from sellercare.store.records import new_id

MOMENTS = st.floats(0, 4e9)


@given(MOMENTS)
def test_an_id_is_a_uuid_of_version_7_that_tells_when(now: float) -> None:
    """The fields are those of RFC 9562, section 5.7."""
    made = uuid.UUID(new_id(now))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(now * 1000)
    assert new_id(now) != new_id(now)


@given(MOMENTS, MOMENTS)
def test_ids_sort_by_time(one: float, other: float) -> None:
    earlier, later = sorted((one, other))
    if int(earlier * 1000) < int(later * 1000):
        assert new_id(earlier) < new_id(later)
