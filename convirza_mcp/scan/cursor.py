"""A place in the order in which conversations change, as plain text that whoever asked can keep.

The order is by `conversation_updated`, then by id, so that of two rows in one moment neither is lost nor comes
twice. A cursor holds nothing but such a place: it is no secret, and grants nothing that the token does not.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

from convirza_mcp.clock.expressions import FORMS, read_span
from convirza_mcp.errors import InvalidArgumentError

_TEXT = re.compile(
    r"(?P<moment>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)~(?P<id>[0-9]{1,4300}|end)",
    re.ASCII,
)
_NO_ROW = "end"
_MOMENT = timedelta(microseconds=1)
_YEARS = range(1999, 2100)
"""Those that a time may name, and the moment before them."""

_SHORTEST_DAY = timedelta(hours=20)
"""A time expression that covers so much is a day. Where clocks are set back a clock time covers an hour more."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind the row with this time and id; without an id, behind every row of that moment.

    `moment` is aware UTC, to the microsecond. As text: `2026-03-05T10:35:00.123000Z~987654`, or `…Z~end`.
    """

    moment: datetime
    conversation_id: int | None = None

    @classmethod
    def read(cls, text: str, *, now: datetime, zone: tzinfo) -> Self:
        """The cursor that `text` is, or the one at the time that it names.

        Behind a time lies what is strictly after its first instant; behind a day lies everything from that
        day's beginning on.

        Raises:
            InvalidArgumentError: it is neither, or a time after `now`.
        """
        cursor = cls._from_text(text.strip()) if "~" in text else cls._at_time(text, now=now, zone=zone)
        if cursor is None:
            raise InvalidArgumentError(
                "since", f"`since` takes the cursor of an earlier answer as it was given, or {FORMS}."
            )
        return cursor

    @classmethod
    def _from_text(cls, text: str) -> Self | None:
        found = _TEXT.fullmatch(text)
        try:
            moment = datetime.fromisoformat(found["moment"]) if found else None
        except ValueError:
            return None
        if found is None or moment is None or moment.year not in _YEARS:
            return None
        return cls(moment, None if found["id"] == _NO_ROW else int(found["id"]))

    @classmethod
    def _at_time(cls, text: str, *, now: datetime, zone: tzinfo) -> Self | None:
        try:
            span = read_span(text, now=now, zone=zone)
        except ValueError:
            return None
        if span.first > now:
            raise InvalidArgumentError("since", "`since` takes a time in the past; nothing has changed after now yet.")
        if span.last - span.first >= _SHORTEST_DAY:
            return cls(span.first - _MOMENT)
        return cls(span.first)

    def is_before(self, updated: datetime, conversation_id: int) -> bool:
        """Whether the row with this aware time and id lies behind the cursor: is newer than it."""
        if updated != self.moment or self.conversation_id is None:
            return updated > self.moment
        return conversation_id > self.conversation_id

    def __str__(self) -> str:
        moment = self.moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00")
        return f"{moment}Z~{_NO_ROW if self.conversation_id is None else self.conversation_id}"
