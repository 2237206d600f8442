from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.clock.window import Span, read_span

DENVER = ZoneInfo("America/Denver")
# A Monday, 09:12:30.5 in Denver.
NOW = datetime(2026, 11, 23, 16, 12, 30, 500_000, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("now", "2026-11-23T16:12:30", "2026-11-23T16:12:31"),
        ("90m", "2026-11-23T14:42:30", "2026-11-23T14:42:31"),
        ("24h", "2026-11-22T16:12:30", "2026-11-22T16:12:31"),
        ("7d", "2026-11-16T16:12:30", "2026-11-16T16:12:31"),
        ("2w", "2026-11-09T16:12:30", "2026-11-09T16:12:31"),
        ("today", "2026-11-23T07:00:00", "2026-11-24T06:59:59"),
        ("yesterday", "2026-11-22T07:00:00", "2026-11-23T06:59:59"),
        (" Yesterday ", "2026-11-22T07:00:00", "2026-11-23T06:59:59"),
        # Across the change of clocks on 2026-11-01: the month began an hour earlier by UTC.
        ("this-week", "2026-11-23T07:00:00", "2026-11-30T06:59:59"),
        ("last-week", "2026-11-16T07:00:00", "2026-11-23T06:59:59"),
        ("this-month", "2026-11-01T06:00:00", "2026-12-01T06:59:59"),
        ("last-month", "2026-10-01T06:00:00", "2026-11-01T05:59:59"),
        (" Last  WEEK", "2026-11-16T07:00:00", "2026-11-23T06:59:59"),
        ("this_month", "2026-11-01T06:00:00", "2026-12-01T06:59:59"),
        ("2026-03-05", "2026-03-05T07:00:00", "2026-03-06T06:59:59"),
        ("12:00", "2026-11-23T19:00:00", "2026-11-23T19:00:00"),
        ("9:05", "2026-11-23T16:05:00", "2026-11-23T16:05:00"),
        ("today 08:30:15", "2026-11-23T15:30:15", "2026-11-23T15:30:15"),
        ("yesterday  17:30", "2026-11-23T00:30:00", "2026-11-23T00:30:00"),
        ("2026-03-05T10:30:00Z", "2026-03-05T10:30:00", "2026-03-05T10:30:00"),
        ("2026-03-05t10:30z", "2026-03-05T10:30:00", "2026-03-05T10:30:00"),
        ("2026-03-05T10:30:00.250Z", "2026-03-05T10:30:00", "2026-03-05T10:30:01"),
        ("2026-03-05T10:30:00,123456789Z", "2026-03-05T10:30:00", "2026-03-05T10:30:01"),
        ("2026-03-05T10:30:00+02:00", "2026-03-05T08:30:00", "2026-03-05T08:30:00"),
        ("2026-03-05T10:30:00-0730", "2026-03-05T18:00:00", "2026-03-05T18:00:00"),
        ("2026-03-05 10:30 +01", "2026-03-05T09:30:00", "2026-03-05T09:30:00"),
        ("2026-03-05 10:30", "2026-03-05T17:30:00", "2026-03-05T17:30:00"),
    ],
)
def test_each_form_names_its_span(text: str, first: str, last: str) -> None:
    assert read_span(text, now=NOW, zone=DENVER) == Span(utc(first), utc(last))


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "next tuesday", "tomorrow", "next-week", "lastweek", "last-week 12:00", "last-weeks", "-7d"),
        *("7", "7 y", "1.5h", "20260305", "2026-W10-4", "2026-3-5", "2026-02-30", "0000-01-01", "0001-01-01"),
        *("1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "10000-01-01", "2026-03-05T25:00Z", "24:00", "12:60"),
        *("2026-03-05T10:30:00+99:00", "999999w", "2026-03-05T10:30:00Z; drop", "nan"),
    ],
)
def test_text_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="^(?!.*convirza)"):
        read_span(text, now=NOW, zone=DENVER)


def test_an_ambiguous_clock_time_covers_both_readings() -> None:
    # In Denver clocks went back at 02:00 on 2026-11-01: 01:30 was twice.
    assert read_span("2026-11-01 01:30", now=NOW, zone=DENVER) == Span(
        utc("2026-11-01T07:30:00"), utc("2026-11-01T08:30:00")
    )


def test_a_clock_time_that_was_skipped_covers_both_ways_to_read_it() -> None:
    # Clocks went forward at 02:00 on 2026-03-08: there was no 02:30.
    assert read_span("2026-03-08 02:30", now=NOW, zone=DENVER) == Span(
        utc("2026-03-08T08:30:00"), utc("2026-03-08T09:30:00")
    )


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Denver", "2026-03-08", 23),
        ("America/Denver", "2026-11-01", 25),
        # No midnight on this day: clocks go from 24:00 to 01:00.
        ("America/Santiago", "2026-09-06", 23),
        # Two midnights: clocks go from 01:00 back to 00:00.
        ("America/Havana", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
    ],
)
def test_a_day_is_as_long_as_it_was(zone: str, day: str, hours: float) -> None:
    span = read_span(day, now=NOW, zone=ZoneInfo(zone))

    assert span.last - span.first == timedelta(hours=hours) - timedelta(seconds=1)


ZONES = st.sampled_from(
    ["UTC", "America/Denver", "America/Havana", "Europe/London", "Asia/Kolkata", "Pacific/Apia", "America/Santiago"]
).map(ZoneInfo)


@given(zone=ZONES, day=st.dates(date(2001, 1, 1), date(2098, 12, 30)))
def test_days_follow_each_other_without_gap_or_overlap(zone: ZoneInfo, day: date) -> None:
    one = read_span(day.isoformat(), now=NOW, zone=zone)
    following = read_span((day + timedelta(days=1)).isoformat(), now=NOW, zone=zone)

    assert following.first - one.last == timedelta(seconds=1)
    # Every instant of the span is on that day.
    assert one.first.astimezone(zone).date() == day
    assert one.last.astimezone(zone).date() == day


@pytest.mark.parametrize(
    ("now", "text", "first", "last"),
    [
        ("2027-01-01T12:00", "last-month", "2026-12-01", "2026-12-31"),
        ("2027-01-01T12:00", "this-week", "2026-12-28", "2027-01-03"),
        ("2027-01-03T23:59", "last-week", "2026-12-21", "2026-12-27"),
        ("2026-12-31T23:59", "this-month", "2026-12-01", "2026-12-31"),
        ("2026-03-31T12:00", "last-month", "2026-02-01", "2026-02-28"),
        ("2028-03-01T00:00", "last-month", "2028-02-01", "2028-02-29"),
        ("2026-02-28T12:00", "this-month", "2026-02-01", "2026-02-28"),
        ("2026-11-01T23:59", "last-week", "2026-10-19", "2026-10-25"),
        # The week in which clocks went back, seen from its end.
        ("2026-11-02T00:00", "last-week", "2026-10-26", "2026-11-01"),
    ],
)
def test_a_week_and_a_month_are_of_the_calendar(now: str, text: str, first: str, last: str) -> None:
    local = datetime.fromisoformat(now).replace(tzinfo=DENVER)

    span = read_span(text, now=local, zone=DENVER)

    days = [read_span(day, now=local, zone=DENVER) for day in (first, last)]
    assert (span.first, span.last) == (days[0].first, days[1].last)


MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2098, 12, 30)).map(lambda moment: moment.replace(tzinfo=UTC))


@given(zone=ZONES, now=MOMENTS, unit=st.sampled_from(["week", "month"]))
def test_this_period_holds_today_and_follows_the_last_period(zone: ZoneInfo, now: datetime, unit: str) -> None:
    last, this, today = (read_span(text, now=now, zone=zone) for text in (f"last-{unit}", f"this-{unit}", "today"))

    assert this.first - last.last == timedelta(seconds=1)
    assert this.first <= today.first < today.last <= this.last
    for span in (last, this):
        first, final = (moment.astimezone(zone).date() for moment in (span.first, span.last))
        after = final + timedelta(days=1)
        assert (first.weekday(), (after - first).days) == (0, 7) if unit == "week" else first.day == after.day == 1
        assert unit == "week" or first.month == final.month


@given(
    zone=ZONES, moment=st.datetimes(datetime(2001, 1, 1), datetime(2098, 12, 30)), offset=st.integers(-14 * 60, 14 * 60)
)
def test_an_offset_makes_the_zone_irrelevant(zone: ZoneInfo, moment: datetime, offset: int) -> None:
    sign = "-" if offset < 0 else "+"
    text = f"{moment.replace(microsecond=0).isoformat()}{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}"

    span = read_span(text, now=NOW, zone=zone)

    assert span.first == span.last == moment.replace(microsecond=0, tzinfo=UTC) - timedelta(minutes=offset)


@given(text=st.text(max_size=40))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    try:
        span = read_span(text, now=NOW, zone=DENVER)
    except ValueError:
        return
    assert span.first <= span.last
