"""The period that another is compared to: as long, without a second in common, whatever the clocks do between."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from convirza_mcp.clock.periods import CompareTo, earlier
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError
from support.snapshots import Snapshot

DENVER = ZoneInfo("America/Denver")
ZONES = st.sampled_from([UTC, DENVER, ZoneInfo("Europe/London"), ZoneInfo("Pacific/Apia"), ZoneInfo("Asia/Kolkata")])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


def window(start: str, end: str, zone: ZoneInfo = DENVER) -> Window:
    first, last = (datetime.fromisoformat(each).replace(tzinfo=zone).astimezone(UTC) for each in (start, end))
    return Window(start=first, end=last, zone=zone)


@pytest.mark.parametrize(
    ("start", "end", "compare_to", "shown"),
    [
        # Both ends belong to a window, so a whole day ends a second before the next.
        ("2026-03-05T00:00", "2026-03-05T23:59:59", "previous", "2026-03-04 00:00:00 to 2026-03-04 23:59:59"),
        ("2026-03-02T00:00", "2026-03-06T16:12", "week_before", "2026-02-23 00:00:00 to 2026-02-27 16:12:00"),
        ("2026-03-02T00:00", "2026-03-06T16:12", "previous", "2026-02-25 07:47:59 to 2026-03-01 23:59:59"),
        ("2026-03-01T00:00", "2026-03-31T23:59:59", "month_before", "2026-02-01 00:00:00 to 2026-02-28 23:59:59"),
        ("2028-03-01T00:00", "2028-03-31T23:59:59", "month_before", "2028-02-01 00:00:00 to 2028-02-29 23:59:59"),
        ("2026-01-01T00:00", "2026-01-31T23:59:59", "month_before", "2025-12-01 00:00:00 to 2025-12-31 23:59:59"),
        ("2026-05-31T09:00", "2026-05-31T17:00", "month_before", "2026-04-30 09:00:00 to 2026-04-30 17:00:00"),
        # Clocks go forward on 2026-03-08: by the wall clock all the same.
        ("2026-03-09T08:00", "2026-03-13T18:00", "week_before", "2026-03-02 08:00:00 to 2026-03-06 18:00:00"),
        # Seven days until now touch the seven days before; of an hour skipped nothing counts twice.
        ("2026-03-03T16:12", "2026-03-10T16:12", "week_before", "2026-02-24 16:12:00 to 2026-03-03 16:11:59"),
        ("2026-03-03T15:12", "2026-03-10T16:12", "week_before", "2026-02-24 15:12:00 to 2026-03-03 15:11:59"),
    ],
)
def test_the_period_to_compare_with(start: str, end: str, compare_to: CompareTo, shown: str) -> None:
    asked = window(start, end)

    before = earlier(asked, compare_to)

    assert f"{before.stamp(before.start)} to {before.stamp(before.end)}" == shown


@given(MOMENTS, st.integers(1, 40 * 86_400), ZONES)
def test_previous_is_as_long_and_ends_a_second_before(start: datetime, seconds: int, zone: ZoneInfo) -> None:
    asked = Window(start=start, end=start + timedelta(seconds=seconds), zone=zone)

    before = earlier(asked, "previous")

    assert before.end - before.start == asked.end - asked.start
    assert asked.start - before.end == timedelta(seconds=1)


@given(MOMENTS, st.integers(1, 40 * 86_400), ZONES, st.sampled_from(["week_before", "month_before"]))
def test_an_earlier_wall_clock_shows_the_same_times(
    start: datetime, seconds: int, zone: ZoneInfo, compare_to: CompareTo
) -> None:
    asked = Window(start=start, end=start + timedelta(seconds=seconds), zone=zone)
    try:
        before = earlier(asked, compare_to)
    except InvalidArgumentError:
        assume(False)
    assert before.end < asked.start

    wall, was = (each.local(each.start).replace(tzinfo=None) for each in (asked, before))
    changes = {zone.utcoffset(was + timedelta(hours=hour)) for hour in (-3, 0, 3)}
    if len(changes) > 1:
        # Within hours of a change of clocks the time may be skipped.
        return
    if compare_to == "week_before":
        assert wall - was == timedelta(weeks=1)
    else:
        assert (wall.year * 12 + wall.month) - (was.year * 12 + was.month) == 1
        assert wall.time() == was.time()
        assert was.day == wall.day or (was + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("start", "end", "compare_to"),
    [
        ("2026-03-01T00:00", "2026-03-09T00:00", "week_before"),
        ("2026-03-01T00:00", "2026-04-02T00:00", "month_before"),
        # Ten weeks begin and end within the same shifted month.
        ("2026-01-01T00:00", "2026-03-12T00:00", "month_before"),
    ],
)
def test_periods_that_overlap_are_refused(start: str, end: str, compare_to: CompareTo, snapshot: Snapshot) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        earlier(window(start, end), compare_to)

    assert raised.value.argument == "compare_to"
    snapshot.shared(str(raised.value).replace(compare_to, "…"))
