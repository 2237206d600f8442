from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError
from support.snapshots import Snapshot

DENVER = ZoneInfo("America/Denver")
NOW = datetime(2026, 11, 23, 16, 12, tzinfo=UTC)


def read(start: str | None, end: str | None, *, default_days: int = 7, api_default: bool = False) -> Window:
    return Window.read(start, end, now=NOW, zone=DENVER, default_days=default_days, api_default=api_default)


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        (None, None, "2026-11-16 09:12 to 2026-11-23 09:12 America/Denver"),
        ("24h", None, "2026-11-22 09:12 to 2026-11-23 09:12 America/Denver"),
        (None, "2026-11-01", "2026-10-26 00:59 to 2026-11-01 23:59 America/Denver"),
        ("yesterday", "yesterday", "2026-11-22 00:00 to 2026-11-22 23:59 America/Denver"),
        ("today", None, "2026-11-23 00:00 to 2026-11-23 09:12 America/Denver"),
        ("2026-12-31T23:00:00Z", "2027-01-01", "2026-12-31 16:00 to 2027-01-01 23:59 America/Denver"),
    ],
)
def test_a_window_says_what_it_covers(start: str | None, end: str | None, shown: str) -> None:
    window = read(start, end, api_default=False)

    assert str(window) == shown
    assert window.bounds == (window.start, window.end)


def test_the_api_s_own_window_sends_no_bounds_and_says_whose_it_is() -> None:
    window = read(None, None, api_default=True)

    assert window.bounds == (None, None)
    assert str(window) == "2026-11-16 09:12 to 2026-11-23 09:12 America/Denver (Convirza's own last 7 days)"


@pytest.mark.parametrize(("start", "end"), [("24h", None), (None, "now"), ("today", "now")])
def test_with_either_bound_both_are_sent(start: str | None, end: str | None) -> None:
    window = read(start, end, api_default=True)

    assert window.bounds == (window.start, window.end)
    assert "Convirza" not in str(window)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("1d", "2d"),
        ("now", "now"),
        ("today", "yesterday"),
        ("2030-01-01", None),
        ("2026-03-05T10:00Z", "2026-03-05T10:00Z"),
    ],
)
def test_an_end_that_is_not_after_the_start_is_refused(start: str, end: str | None, snapshot: Snapshot) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        read(start, end)

    assert caught.value.argument == "end"
    snapshot.shared(caught.value)


@pytest.mark.parametrize(("start", "end", "argument"), [("soon", None, "start"), (None, "later", "end")])
def test_a_time_that_cannot_be_read_is_named_and_not_repeated(
    start: str | None, end: str | None, argument: str, snapshot: Snapshot
) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        read(start, end)

    assert caught.value.argument == argument
    snapshot(caught.value)


@given(days=st.integers(1, 400), end=st.datetimes(datetime(2010, 1, 1), datetime(2090, 1, 1)))
def test_a_missing_start_lies_the_default_length_before_the_end(days: int, end: datetime) -> None:
    end = end.replace(microsecond=0)

    window = read(None, f"{end.isoformat()}Z", default_days=days)

    assert window.end == end.replace(tzinfo=UTC)
    assert window.end - window.start == timedelta(days=days)
