"""Waiting conversations: the rule, the wait and the reasons."""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.business_hours import BusinessHours
from convirza_mcp.rules.messages import remarks
from convirza_mcp.rules.place import sort_key
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.fold import name_key, on_one_line

# Cached, because a few names occur in tens of thousands of rows.
cached_name_key = lru_cache(maxsize=1024)(name_key)

_DECIDED_BY = frozenset({"unread_count", "conversation_status"})
"""The fields that decide whether an open conversation waits."""


def is_unread(conversation: Conversation) -> bool:
    """Return whether Convirza counts unread messages, or marks the conversation unread; either may be missing."""
    return bool(conversation.unread_count) or cached_name_key(conversation.conversation_status) == "unread"


def is_waiting(seen: Seen) -> bool:
    """Return whether it is open and unread. Which side wrote the latest message is undocumented, so unread decides."""
    return not seen.closed and is_unread(seen.conversation)


def is_read_but_incoming(seen: Seen) -> bool:
    """Return whether it is open and read, with `sms_type` incoming, whose meaning is undocumented."""
    return not seen.closed and not is_unread(seen.conversation) and name_key(seen.conversation.sms_type) == "incoming"


def has_no_read_state(conversation: Conversation) -> bool:
    """Return whether both fields that decide are missing or unreadable, as after a change of the API."""
    return conversation.unread_count is None and not conversation.conversation_status


@dataclass(frozen=True, slots=True)
class WaitClock:
    """Measures waits as of `now`, an aware instant, on the business's clock in `zone`."""

    hours: BusinessHours
    zone: tzinfo
    now: datetime

    def seconds_since(self, moment: datetime) -> float:
        """Return the seconds; 0 for a time after `now`, because clocks differ."""
        return self.hours.open_seconds(moment, self.now, self.zone)

    def __str__(self) -> str:
        if self.hours.is_round_the_clock:
            return "time since the latest message"
        return f"time since the latest message within business hours: {self.hours.text}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Conversation that waits for a reply; `seconds` are on the business's clock, None if it has no latest time."""

    conversation: Conversation
    seconds: float | None

    @property
    def wait(self) -> timedelta | None:
        """Return the wait in whole seconds."""
        return None if self.seconds is None else timedelta(seconds=int(self.seconds))

    @property
    def reasons(self) -> list[str]:
        """Return the reasons, such as `never answered`."""
        unread = self.conversation.unread_count
        found = [f"{unread} unread" if unread else "marked unread"]
        if not on_one_line(self.conversation.agent):
            found.append("no agent")
        if self.conversation.was_never_answered:
            found.append("never answered")
        return found + remarks(self.conversation.message)

    def is_at_least(self, seconds: float) -> bool:
        """Return whether it has waited at least this long; an unknown wait counts as at least 0."""
        return seconds <= 0 if self.seconds is None else self.seconds >= seconds

    def is_longer_than(self, seconds: float) -> bool:
        return self.seconds is not None and self.seconds > seconds


@dataclass(frozen=True, slots=True)
class WaitingList:
    """`ranked` has the waiting conversations, longest wait first. `read_but_incoming` counts open ones that do not wait
    although `sms_type` is incoming. `unclear` has the ids of open ones that may wait, because a field that decides is
    unreadable, or both are missing.
    """

    ranked: list[Waiting]
    read_but_incoming: int
    unclear: Set[int]

    @property
    def unknown_waits(self) -> int:
        return sum(each.seconds is None for each in self.ranked)


def waiting_list(seen: Iterable[Seen], wait: Callable[[datetime], float]) -> WaitingList:
    """Rank the conversations that wait; `wait` returns the seconds since an instant.

    Order: longest wait first; of equal waits the older message, then the smaller id; unknown waits last.
    """
    found: list[Waiting] = []
    read_but_incoming = 0
    unclear: set[int] = set()
    for each in seen:
        if is_waiting(each):
            updated = each.conversation.conversation_updated
            found.append(Waiting(each.conversation, None if updated is None else wait(updated)))
        elif not each.closed:
            read_but_incoming += is_read_but_incoming(each)
            if each.conversation.unreadable & _DECIDED_BY or has_no_read_state(each.conversation):
                unclear.add(each.conversation.conversation_id)
    found.sort(key=lambda each: (each.seconds is None, -(each.seconds or 0), *sort_key(each.conversation)))
    return WaitingList(found, read_but_incoming, unclear)
