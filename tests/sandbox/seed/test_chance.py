"""Ages become moments in business hours, and keep their order."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.sandbox.seed.chance import busy_moment

WEEK = 7 * 24 * 60 * 60
TIMES = st.integers(0, 4_000_000_000)
AGES = st.integers(0, 300 * 24 * 60 * 60)


@given(TIMES, AGES, AGES)
def test_what_is_older_never_comes_later(now: int, age: int, other: int) -> None:
    younger, older = sorted((age, other))

    assert busy_moment(now, older) <= busy_moment(now, younger) <= now


@given(TIMES, AGES, st.integers(0, 50))
def test_whole_weeks_are_whole_weeks(now: int, age: int, weeks: int) -> None:
    assert busy_moment(now, age + weeks * WEEK) == busy_moment(now, age) - weeks * WEEK
    assert busy_moment(now + weeks * WEEK, age) == busy_moment(now, age) + weeks * WEEK


@given(TIMES)
def test_a_moment_of_age_zero_is_now(now: int) -> None:
    assert busy_moment(now, 0) == now


def test_an_hour_of_an_average_week_is_minutes_of_a_morning_and_a_whole_night() -> None:
    # Thursday, 10:30 and 05:00 by the business's clock.
    morning = int(datetime(2026, 3, 5, 15, 30, tzinfo=UTC).timestamp())
    night = int(datetime(2026, 3, 5, 10, 0, tzinfo=UTC).timestamp())

    assert morning - busy_moment(morning, 3600) == 1_088
    assert night - busy_moment(night, 3600) == 30_646
