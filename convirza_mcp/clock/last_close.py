"""When the business last closed, written as a time that tools take."""

from datetime import datetime, timedelta, tzinfo

from convirza_mcp.clock.business_hours import BusinessHours

_USUAL_CLOSE = "17:30"
_MONDAY = 0


def last_close(hours: BusinessHours, *, now: datetime, zone: tzinfo) -> str:
    """The last close of an earlier day than today, by the business hours, on the clock of `zone`.

    Where they are not set: yesterday 17:30, and on a Monday that of Friday, so that no weekend is lost.
    """
    closed = hours.closed_before_today(now, zone)
    if closed is not None:
        return f"{closed:%Y-%m-%dT%H:%M}"
    today = now.astimezone(zone).date()
    if today.weekday() == _MONDAY:
        return f"{today - timedelta(days=3)}T{_USUAL_CLOSE}"
    return f"yesterday {_USUAL_CLOSE}"
