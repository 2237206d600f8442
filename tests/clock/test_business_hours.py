"""The business's clock, against counting the minutes one by one."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK, BusinessHours

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ZONES = [
    UTC,
    timezone(timedelta(hours=5, minutes=45)),
    *(
        ZoneInfo(name)
        for name in (
            "America/Denver",
            "Europe/Berlin",
            "Australia/Lord_Howe",  # changes by half an hour
            "America/Sao_Paulo",  # had its changes at midnight, until 2019
            "Africa/Casablanca",
            "Pacific/Apia",  # left out a whole day in 2011
        )
    ),
]
OFFICE = BusinessHours.parse("Mon-Fri 08:00-18:00, Sat 09:00-13:00")
DENVER = ZoneInfo("America/Denver")
HOUR = 3600

minutes_of_day = st.integers(0, 24 * 60 - 1)
instants = st.datetimes(datetime(2010, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)
entries = st.tuples(st.integers(0, 6), st.integers(0, 6), minutes_of_day, minutes_of_day).filter(
    lambda entry: entry[2] != entry[3]
)
weeks = st.lists(entries, min_size=1, max_size=5)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def written(week: list[tuple[int, int, int, int]]) -> str:
    return ", ".join(
        f"{DAYS[first]}{'' if first == last else '-' + DAYS[last]} {clock(start)}-{clock(end)}"
        for first, last, start, end in week
    )


def is_open(week: list[tuple[int, int, int, int]], local: datetime) -> bool:
    """By what the clock on the wall shows, without any of the arithmetic under test."""
    minute = local.hour * 60 + local.minute
    today, yesterday = local.weekday(), (local.weekday() - 1) % 7
    for first, last, start, end in week:
        days = [first]
        while days[-1] != last:
            days.append((days[-1] + 1) % 7)
        if start < end:
            if today in days and start <= minute < end:
                return True
        elif (today in days and minute >= start) or (yesterday in days and minute < end):
            return True
    return False


def counted(week: list[tuple[int, int, int, int]], start: datetime, end: datetime, zone: object) -> int:
    seconds = 0
    while start < end:
        seconds += 60 * is_open(week, start.astimezone(zone))
        start += timedelta(minutes=1)
    return seconds


# 2026-03-08 and 2026-11-01 are Denver's changes, 2011-12-30 is missing in Apia.
@given(week=weeks, start=instants, minutes=st.integers(0, 4 * 24 * 60), zone=st.sampled_from(ZONES))
@example(week=[(6, 6, 60, 180)], start=datetime(2026, 3, 7, 12, tzinfo=UTC), minutes=3000, zone=DENVER)
@example(week=[(6, 6, 60, 120)], start=datetime(2026, 10, 31, 12, tzinfo=UTC), minutes=3000, zone=DENVER)
@example(week=[(0, 6, 540, 600)], start=datetime(2011, 12, 28, tzinfo=UTC), minutes=6000, zone=ZONES[-1])
def test_waiting_time_equals_a_count_minute_by_minute(
    week: list[tuple[int, int, int, int]], start: datetime, minutes: int, zone: object
) -> None:
    end = start + timedelta(minutes=minutes)

    assert BusinessHours.parse(written(week)).open_seconds(start, end, zone) == counted(week, start, end, zone)


@given(week=weeks, moments=st.tuples(instants, instants, instants).map(sorted), zone=st.sampled_from(ZONES))
def test_parts_add_up_and_nothing_runs_backwards(
    week: list[tuple[int, int, int, int]], moments: list[datetime], zone: object
) -> None:
    first, middle, last = moments
    hours = BusinessHours.parse(written(week))
    whole = hours.open_seconds(first, last, zone)
    part = hours.open_seconds(first, middle, zone)

    assert part + hours.open_seconds(middle, last, zone) == whole
    assert 0 <= part <= whole <= (last - first).total_seconds()
    assert hours.open_seconds(last, first, zone) == 0


@given(start=instants, end=instants, zone=st.sampled_from(ZONES))
def test_round_the_clock_is_the_time_that_passed(start: datetime, end: datetime, zone: object) -> None:
    passed = max(0, (end - start).total_seconds())

    assert ROUND_THE_CLOCK.open_seconds(start.astimezone(zone), end.astimezone(zone), zone) == passed
    assert BusinessHours.parse("Mon-Sun 00:00-24:00") == ROUND_THE_CLOCK


@pytest.mark.parametrize(
    ("text", "start", "end", "hours"),
    [
        # Friday afternoon to Monday morning.
        ("Mon-Fri 08:00-18:00", "2026-03-06T16:00-07:00", "2026-03-09T09:00-06:00", 3),
        # The night in which an hour is left out, and the one in which an hour comes twice.
        ("Sat 22:00-06:00", "2026-03-07T12:00-07:00", "2026-03-08T12:00-06:00", 7),
        ("Sat 22:00-06:00", "2026-10-31T12:00-06:00", "2026-11-01T12:00-07:00", 9),
        # Three years of 52 weeks and their odd days.
        ("Mon 09:00-10:00", "2023-01-01T00:00-07:00", "2026-01-01T00:00-07:00", 157),
    ],
)
def test_waiting_time_of_known_weeks(text: str, start: str, end: str, hours: int) -> None:
    moments = datetime.fromisoformat(start), datetime.fromisoformat(end)

    assert BusinessHours.parse(text).open_seconds(*moments, DENVER) == hours * HOUR


def test_fractions_of_a_second_count() -> None:
    opening = datetime(2026, 3, 6, 8, tzinfo=DENVER)

    assert OFFICE.open_seconds(opening - timedelta(seconds=1), opening + timedelta(seconds=0.5), DENVER) == 0.5


def span(day: int, start: int, end: int) -> tuple[int, int]:
    return (day * 24 + start) * HOUR, (day * 24 + end) * HOUR


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Mon 08:00-18:00", [span(0, 8, 18)]),
        ("mon 8:00 - 18:00", [span(0, 8, 18)]),
        ("  TUE-wed   08:00-24:00 ", [span(1, 8, 24), span(2, 8, 24)]),
        ("Fri-Mon 10:00-11:00", [span(0, 10, 11), span(4, 10, 11), span(5, 10, 11), span(6, 10, 11)]),
        ("Mon 08:00-12:00 13:00-17:00", [span(0, 8, 12), span(0, 13, 17)]),
        ("Mon 13:00-17:00, Mon 08:00-12:00", [span(0, 8, 12), span(0, 13, 17)]),
        ("Mon 08:00-12:00, Mon 11:00-17:00, Mon 17:00-18:00", [span(0, 8, 18)]),
        ("Mon 22:00-02:00", [span(0, 22, 26)]),
        ("Sun 22:00-02:00", [span(0, 0, 2), span(6, 22, 24)]),
        ("Sun 22:00-00:00", [span(6, 22, 24)]),
        ("Mon 00:00-24:00, Tue 00:00-24:00", [span(0, 0, 48)]),
    ],
)
def test_business_hours_are_read(text: str, spans: list[tuple[int, int]]) -> None:
    assert list(BusinessHours.parse(text).spans) == spans


def test_the_text_is_shown_tidied() -> None:
    assert BusinessHours.parse(" MON-fri  08:00-18:00 ,sat 09:00-13:00 ").text == "Mon-Fri 08:00-18:00, Sat 09:00-13:00"


@pytest.mark.parametrize(
    "text",
    [
        *("", ",", "Mon", "08:00-18:00", "Mon 08:00", "Moo 08:00-18:00", "Mon-Moo 08:00-18:00"),
        *("Mon-Mon 08:00-18:00", "Mon 08:00-08:00", "Mon 24:00-08:00", "Mon 08:00-24:01", "Mon 08:00-25:00"),
        *("Mon 08:60-18:00", "Mon 08:00-18:60", "Mon 108:00-18:00", "Mon 08:00-18:000"),
    ],
)
def test_text_that_is_no_business_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whoever reads a setting names it
        BusinessHours.parse(text)
