"""Terms of conditions and groups: the clock, the target, the time that counts, and team membership."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from operator import attrgetter
from typing import NamedTuple

from convirza_mcp.api.models import Conversation
from convirza_mcp.business_lines import BusinessLines
from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK, BusinessHours
from convirza_mcp.clock.durations import MINUTE
from convirza_mcp.rules.by_time import DEFAULT_TARGET, TIME_FIELDS, ByTime
from convirza_mcp.rules.messages import stop_request


class Member(NamedTuple):
    """Group, parent group and account of a user, by name; None if Convirza does not return it."""

    team: str | None = None
    parent_group: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Terms of conditions and groups. `zone` decides days and hours, `hours` are the business's; `now` is aware.
    `members` has users by `ct_user_id`, `lines` the business's names for its lines. `stop_request` recognizes a request
    to stop; a caller can pass a cached one, because it is slow.
    """

    zone: tzinfo = UTC
    hours: BusinessHours = ROUND_THE_CLOCK
    now: datetime
    by_time: ByTime = "latest"
    target_minutes: int = DEFAULT_TARGET
    members: Mapping[int, Member] = field(default_factory=dict)
    lines: BusinessLines = field(default_factory=dict)
    stop_request: Callable[[str | None], str | None] = stop_request

    @property
    def target_seconds(self) -> int:
        return self.target_minutes * MINUTE

    @property
    def time_of(self) -> Callable[[Conversation], datetime | None]:
        """Return the time of the conversation that the question uses."""
        return attrgetter(TIME_FIELDS[self.by_time])
