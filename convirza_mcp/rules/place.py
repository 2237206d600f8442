"""Position where a partial list continues, independent of later changes."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self, TypeVar

from convirza_mcp.api.models import Conversation
from convirza_mcp.errors import InvalidArgumentError

_TEXT = re.compile(
    r"(?P<moment>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z|never)~(?P<id>[0-9]{1,19})",
    re.ASCII,
)
_NEVER = "never"

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""Times before and after all others."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Place:
    """Position after the conversation with this latest message's time and id.

    As text: `2026-03-05T10:35:00Z~987654`.
    """

    updated: datetime | None
    conversation_id: int

    @classmethod
    def of(cls, conversation: Conversation) -> Self:
        return cls(conversation.conversation_updated, conversation.conversation_id)

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """Return the place that `text` names; None for None. Other text raises `InvalidArgumentError`."""
        if text is None:
            return None
        if found := _TEXT.fullmatch(text.strip()):
            moment, identifier = found["moment"], int(found["id"])
            with suppress(ValueError):
                return cls(None if moment == _NEVER else datetime.fromisoformat(moment), identifier)
        raise InvalidArgumentError(
            "after", "`after` takes the value from an answer's left_out, such as 2026-03-05T10:35:00Z~987654."
        )

    def __str__(self) -> str:
        if self.updated is None:
            return f"{_NEVER}~{self.conversation_id}"
        return f"{self.updated.astimezone(UTC).isoformat().removesuffix('+00:00')}Z~{self.conversation_id}"


def sort_key(conversation: Conversation, undated: datetime = FIRST) -> tuple[datetime, int]:
    """Return the key by time, `undated` without one, and id."""
    # Compare the times themselves: all from Convirza are in UTC, and converting each to a number takes longer.
    return conversation.conversation_updated or undated, conversation.conversation_id


def behind(
    rows: Sequence[Row], place: Place | None, of: Callable[[Row], Conversation], *, newest_first: bool
) -> list[Row]:
    """Return the rows that come after the place; all without one. Rows without a time are last in either order."""
    if place is None:
        return list(rows)
    undated = FIRST if newest_first else LAST
    last = (place.updated or undated, place.conversation_id)
    keys = ((row, sort_key(of(row), undated)) for row in rows)
    return [row for row, key in keys if (key < last if newest_first else key > last)]
