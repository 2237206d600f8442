"""Holidays on the business's clock, against counting the minutes one by one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK, BusinessHours, last_close
from convirza_mcp.clock.public_holidays import PublicHolidays
from convirza_mcp.errors import SettingsError
from convirza_mcp.settings import Settings

UTAH = PublicHolidays("US-UT")
DENVER = ZoneInfo("America/Denver")
# Easter and New Year meet the changes of clocks in some years.
BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")
PLACES = st.sampled_from(["US", "US-UT", "DE-BY", "AU-NSW", "JP"])
HOURS = st.sampled_from(["Mon-Fri 08:00-18:00", "Mon-Sun 22:00-02:00", "Mon-Sat 00:00-24:00", "Sun 01:00-04:00"])
BASES = st.dates(date(2024, 12, 20), date(2028, 1, 10)).map(lambda day: datetime(day.year, day.month, day.day, 7))


def plain_days(place: str) -> frozenset[date]:
    country, _, region = place.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=range(2024, 2030)))


@settings(max_examples=40)
@given(PLACES, HOURS, BASES, st.integers(0, 4 * 24 * 60), st.sampled_from([DENVER, BERLIN, LORD_HOWE]))
@example("US", "Mon-Sun 22:00-02:00", datetime(2027, 12, 30, 5), 5_000, DENVER)  # observed in the year before
@example("DE-BY", "Mon-Sat 00:00-24:00", datetime(2024, 3, 28, 5), 5_000, BERLIN)  # Easter and a change of clocks
def test_open_time_equals_a_count_minute_by_minute(
    place: str, hours: str, base: datetime, minutes: int, zone: ZoneInfo
) -> None:
    week = BusinessHours.parse(hours)
    start, days = base.replace(tzinfo=UTC), plain_days(place)
    instants = [(start + timedelta(minutes=minute)).astimezone(zone) for minute in range(minutes)]
    plainly = [week.is_open(local) and local.date() not in days for local in instants]
    closed = week.without(PublicHolidays.read(place.lower()))

    assert closed.open_seconds(start, start + timedelta(minutes=minutes), zone) == 60 * sum(plainly)
    assert [closed.is_open(local) for local in instants[::97]] == plainly[::97]


@pytest.mark.parametrize(
    ("hours", "now", "closed"),
    [
        # The Friday after Thanksgiving, and the Monday after a Saturday's holiday that is observed on Friday.
        ("Mon-Fri 08:00-18:00", "2026-11-27T09:00", "2026-11-25T18:00"),
        ("Mon-Fri 08:00-18:00", "2026-07-06T09:00", "2026-07-02T18:00"),
        # On the holiday itself; and a night that midnight ends.
        ("Mon-Fri 08:00-18:00", "2026-11-26T12:00", "2026-11-25T18:00"),
        ("Mon-Sun 22:00-02:00", "2026-11-26T12:00", "2026-11-26T00:00"),
        ("Thu 08:00-18:00", "2026-11-27T09:00", "2026-11-19T18:00"),
    ],
)
def test_the_last_close_is_before_the_holiday(hours: str, now: str, closed: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=DENVER)

    assert last_close(BusinessHours.parse(hours).without(UTAH), now=at, zone=DENVER) == closed


def test_round_the_clock_has_no_holidays() -> None:
    assert ROUND_THE_CLOCK.without(UTAH) == ROUND_THE_CLOCK
    assert BusinessHours.parse("Mon 08:00-18:00").without(UTAH).text == "Mon 08:00-18:00, closed on holidays of US-UT"


@pytest.mark.parametrize(
    ("text", "place"), [("us", "US"), (" US-ut ", "US-UT"), ("US–UT", "US-UT"), ("DE-BY", "DE-BY"), ("USA", "USA")]
)
def test_a_place_is_read_in_any_case(text: str, place: str) -> None:
    given = {"CONVIRZA_TIMEZONE": "UTC", "CONVIRZA_HOLIDAYS": text, "CONVIRZA_BUSINESS_HOURS": "Mon 08:00-18:00"}
    read = Settings.from_environment(given)

    assert read.holidays == PublicHolidays(place)
    assert read.business_hours == BusinessHours.parse("Mon 08:00-18:00").without(PublicHolidays(place))


@pytest.mark.parametrize("text", ["XX", "US-XX", "US-", "-", "US UT", "United States", "US, CA", "US-UT-1"])
def test_an_unknown_place_is_one_sentence(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"CONVIRZA_HOLIDAYS": text})

    assert str(refused.value) == "CONVIRZA_HOLIDAYS takes a country or a region of it, such as US or US-UT."


def test_without_the_package_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "holidays", None)

    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"CONVIRZA_HOLIDAYS": "US"})

    assert str(refused.value) == (
        'CONVIRZA_HOLIDAYS needs the package holidays. Run `pip install "convirza-mcp[holidays]"`.'
    )
