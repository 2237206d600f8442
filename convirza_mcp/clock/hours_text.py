"""Business hours as people write them: `Mon-Fri 08:00-18:00`, `Monday to Friday 8am-6pm, Sun closed`, `24/7`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from convirza_mcp.text.typed import plain

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# T and S alone are two days each.
_NAMES = {name: day for day, full in enumerate(_FULL) for name in (full, f"{full}s", full[:3], full[:2])}
_NAMES |= {"m": 0, "w": 2, "f": 4, "tues": 1, "weds": 2, "thur": 3, "thurs": 3}
_WEEK = (0, 6)
_GROUPS = {"weekdays": (0, 4), "weekends": (5, 6), "daily": _WEEK, "every ?day": _WEEK, "7 days(?: a week)?": _WEEK}

_TO = r"(?:\s*-+\s*|\s+(?:to|thru|through|till|until)\s+)"
_HALF = r"[ap](?:\.?\s?m)?\b\.?"
_TIME = (
    r"(?:12\s?)?(?:noon|midnight)"
    rf"|(?:[0-9]{{1,2}}(?:[:.h][0-9]{{2}}){{0,2}}|[0-9]{{3,4}})(?:\s*(?:{_HALF}|h(?:rs|ours)?\b|uhr\b))?"
)
_WHOLE_DAY = r"24\s?(?:h|hrs|hours)\b(?: a day)?|all day"
_ITEM = re.compile(
    r"[\s,;|&/:()\[\]=@*+•·]+|(?:and|from|on|open|hours|(?:business|office|opening) hours)\b"
    rf"|(?P<closed>closed|off)\b|(?P<whole>{_WHOLE_DAY})|(?P<group>{'|'.join(_GROUPS)})\b"
    rf"|(?P<start>{_TIME}){_TO}(?P<end>{_TIME})(?![0-9:.])"
    rf"|(?P<first>[a-z]+)(?![a-z])\.?(?:{_TO}(?P<last>(?!closed|off)[a-z]+)(?![a-z])\.?)?"
    # As in `- Mon-Fri` and `Sat - closed`.
    r"|-(?=\s)",
    re.ASCII,
)
_ARROWS = str.maketrans("~→", "--")
_BETWEEN = re.compile(r"\bbetween (.{1,12}?) and (?=[0-9nm])", re.ASCII)
_CLOCK = re.compile(r"([0-9]{1,2}?)(?:[:.h]?([0-9]{2})(?:[:.]00)?)?\s*([ap])?[a-z. ]*", re.ASCII)
_ALWAYS = re.compile(
    rf"(?:open )?(?:24 ?[/x] ?7(?: ?/ ?365)?|always(?: open)?|round[ -]the[ -]clock|{_WHOLE_DAY})", re.ASCII
)
_NOON, _ONE_PM = 12 * 60, 13 * 60
_EARLIEST = 6 * 60
"""A start before this is doubtful without am, pm or 24-hour times: 1-5 may be the afternoon's."""


class AmbiguousHoursError(ValueError):
    """Business hours that may mean more than one thing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Days from `first` to `last`, 0 for Monday, and spans in minutes of a day; none if the business is closed."""

    first: int
    last: int
    spans: tuple[tuple[int, int], ...]

    @property
    def days(self) -> list[int]:
        return [(self.first + day) % 7 for day in range((self.last - self.first) % 7 + 1)]

    def __str__(self) -> str:
        days = _DAYS[self.first] if self.first == self.last else f"{_DAYS[self.first]}-{_DAYS[self.last]}"
        return " ".join([days, *(f"{_shown(start)}-{_shown(end)}" for start, end in self.spans)])


def read_hours(text: str) -> list[Entry]:
    """Return each range of days in `text` with its times, which may come before their days if they do throughout.

    Raises:
        AmbiguousHoursError: times may be of the morning or the evening, or a day is open and closed.
        ValueError: it is anything else.
    """
    text = _BETWEEN.sub(r"\1 - ", plain(text).lower().translate(_ARROWS))
    if _ALWAYS.fullmatch(text):
        return [Entry(0, 6, ((0, 2 * _NOON),))]
    items = list(_items(text))
    times = {item: (_Time.read(item["start"]), _Time.read(item["end"])) for item in items if item["start"]}
    written = [time for pair in times.values() for time in pair]
    by_24 = any(time.is_by_24_hours for time in written) and not any(time.half for time in written)
    runs = [list(run) for _, run in groupby(items, key=_is_of_days)]
    if len(runs) % 2 and len(runs) > 2 and len(runs[-2]) > 1 and runs[-2][-1]["closed"]:
        # `Mon-Fri 9-17, closed Sat`: the last days come after their word.
        *runs, open_at, days = runs
        runs += [open_at[:-1], days, open_at[-1:]]
    if not runs or len(runs) % 2:
        raise ValueError("days without times, or times without days")
    first, second = runs[::2], runs[1::2]
    of_days, of_times = (first, second) if _is_of_days(items[0]) else (second, first)
    entries = []
    for days, open_at in zip(of_days, of_times, strict=True):
        spans = tuple(
            _span(*times[item], by_24=by_24) if item in times else (0, 2 * _NOON)
            for item in open_at
            if not item["closed"]
        )
        if spans and len(spans) < len(open_at):
            raise AmbiguousHoursError("open and closed")
        entries += [Entry(*_day_range(item), spans) for item in days]
    closed = {day for entry in entries if not entry.spans for day in entry.days}
    entries = [entry for entry in entries if entry.spans]
    if not entries or closed & {day for entry in entries for day in entry.days}:
        raise AmbiguousHoursError("open and closed")
    return entries


def _items(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        found = _ITEM.match(text, at)
        if found is None:
            raise ValueError("neither days nor times")
        if found.lastgroup is not None:
            yield found
        at = found.end()


def _is_of_days(item: re.Match[str]) -> bool:
    return bool(item["first"] or item["group"])


def _day_range(item: re.Match[str]) -> tuple[int, int]:
    if item["group"]:
        return next(days for group, days in _GROUPS.items() if re.fullmatch(group, item["group"]))
    names = [item["first"], item["last"] or item["first"]]
    if any(name not in _NAMES for name in names):
        raise ValueError("no day")
    first, last = (_NAMES[name] for name in names)
    if item["last"] and first == last:
        raise ValueError("a range of days from one to itself may mean one day or all")
    return first, last


class _Time(NamedTuple):
    """A time of day as written, such as `08`, `30` and `p` for 08:30 pm; `half` is `a` or `p`."""

    hour: str
    minute: str | None
    half: str | None

    @classmethod
    def read(cls, text: str) -> "_Time":
        if text.endswith(("noon", "midnight")):
            return cls("12", None, "p" if text.endswith("noon") else "a")
        found = _CLOCK.fullmatch(text)
        time = None if found is None else cls(*found.groups())
        if time is None or int(time.minute or 0) > 59 or time.written > (_NOON + 59 if time.half else 2 * _NOON):
            raise ValueError("no time of day")
        return time

    @property
    def written(self) -> int:
        """Return the minutes on a 24-hour clock."""
        return int(self.hour) * 60 + int(self.minute or 0)

    @property
    def is_padded(self) -> bool:
        return self.hour.startswith("0")

    @property
    def is_by_24_hours(self) -> bool:
        return self.half is None and (self.written >= _ONE_PM or self.is_padded)

    @property
    def candidates(self) -> list[int]:
        """Return the possible minutes of the day, given whether other times have am or pm."""
        if self.half is None and (self.written >= _ONE_PM or int(self.hour) == 0):
            return [self.written]
        morning = self.written % _NOON
        if self.half is None and int(self.hour) != 12:
            return [morning, morning + _NOON]
        return [morning if self.half == "a" else morning + _NOON]


def _span(start: _Time, end: _Time, *, by_24: bool) -> tuple[int, int]:
    if by_24 or (start.half is None and end.half is None):
        # 22:00-2 passes midnight, and 10:00-02:00; 9-5 in 24-hour times is a slip. Without any other sign of 24-hour
        # times, 9:00-12:00 is the morning, and 9-12 is ambiguous.
        is_full = all(time.minute and len(time.hour) == 2 for time in (start, end))
        passes = end.written < start.written and (start.written >= _ONE_PM or end.is_padded or is_full)
        plain_enough = by_24 or bool(start.minute and end.minute and start.written >= _EARLIEST)
        if start.written == 2 * _NOON:
            raise ValueError("no time of day to open at")
        # From a time to itself: nothing, half a day, or a whole one.
        if not plain_enough or (end.written <= start.written and not passes):
            raise AmbiguousHoursError("morning or evening")
        return start.written, end.written
    firsts, lasts = start.candidates, [each or 2 * _NOON for each in end.candidates]
    if len(firsts) == len(lasts) == 1 and firsts != lasts:
        return firsts[0], lasts[0]
    found = [(first, last) for first in firsts for last in lasts if first < last]
    likely = [pair for pair in found if pair[0] >= _EARLIEST] if len(found) > 1 else found
    if len(likely) != 1:
        raise AmbiguousHoursError("morning or evening")
    return likely[0]


def _shown(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
