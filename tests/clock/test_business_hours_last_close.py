"""When the business last closed, as tools take it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK, BusinessHours, last_close
from convirza_mcp.clock.window import read_span

DENVER = ZoneInfo("America/Denver")
OFFICE = "Mon-Fri 08:00-18:00"


# 2 March 2026 is a Monday.
@pytest.mark.parametrize(
    ("hours", "now", "closed"),
    [
        (OFFICE, "2026-03-02 07:30", "2026-02-27T18:00"),
        (OFFICE, "2026-03-03 07:30", "2026-03-02T18:00"),
        (OFFICE, "2026-03-08 11:00", "2026-03-06T18:00"),
        # Later in the day it is still the morning's.
        (OFFICE, "2026-03-03 20:00", "2026-03-02T18:00"),
        ("Mon-Fri 08:00-12:00 13:00-18:00", "2026-03-03 12:30", "2026-03-02T18:00"),
        ("Mon-Fri 08:00-18:00, Sat 09:00-13:00", "2026-03-02 07:30", "2026-02-28T13:00"),
        ("Wed 09:00-17:00", "2026-03-04 16:00", "2026-02-25T17:00"),
        ("Mon-Fri 08:00-24:00", "2026-03-03 07:30", "2026-03-03T00:00"),
        # What closes after midnight closes for the day before.
        ("Mon-Sat 18:00-02:00", "2026-03-03 09:00", "2026-03-03T02:00"),
        ("Mon-Sat 18:00-02:00", "2026-03-03 01:00", "2026-03-01T02:00"),
        ("Mon-Sat 18:00-02:00", "2026-03-03 02:00", "2026-03-01T02:00"),
        # Also past the end of the week.
        ("Sun 22:00-02:00", "2026-03-02 09:00", "2026-03-02T02:00"),
        ("Sun 22:00-02:00", "2026-03-02 01:00", "2026-02-23T02:00"),
        ("Mon 00:00-02:00", "2026-03-02 09:00", "2026-02-23T02:00"),
        ("Sat-Thu 00:00-24:00", "2026-03-06 00:00", "2026-02-27T00:00"),
        # By the clock on the wall, whatever it skips or repeats.
        (OFFICE, "2026-03-09 07:30", "2026-03-06T18:00"),
        (OFFICE, "2026-11-02 07:30", "2026-10-30T18:00"),
    ],
)
def test_the_last_close_is_that_of_the_business_hours(hours: str, now: str, closed: str) -> None:
    here = datetime.fromisoformat(now).replace(tzinfo=DENVER).astimezone(UTC)

    assert last_close(BusinessHours.parse(hours), now=here, zone=DENVER) == closed
    assert read_span(closed, now=here, zone=DENVER).first < here


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        ("2026-03-02 00:00", "2026-02-27T17:30"),
        ("2026-03-02 23:59", "2026-02-27T17:30"),
        ("2026-03-03 07:30", "yesterday 17:30"),
        ("2026-03-08 07:30", "yesterday 17:30"),
    ],
)
def test_without_them_it_is_half_past_five_and_on_a_monday_fridays(now: str, closed: str) -> None:
    here = datetime.fromisoformat(now).replace(tzinfo=DENVER).astimezone(UTC)

    assert last_close(ROUND_THE_CLOCK, now=here, zone=DENVER) == closed
    assert read_span(closed, now=here, zone=DENVER).first < here
