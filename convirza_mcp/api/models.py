"""Conversations and pages of them, as Convirza gives them, under Convirza's own field names.

Texts are as strangers typed them: code that shows one to a person, a terminal or a model cleans it first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints

from convirza_mcp.clock.durations import PLAIN_DURATION, plain_duration


def _as_utc(moment: datetime) -> datetime:
    # 0001-01-01 and 9999-12-31 are how some systems write "no date", and neither exists in every zone.
    if not 1970 <= moment.year < 9999:
        raise ValueError("no date of a conversation")
    # Convirza documents UTC; a time without a zone is taken at that word.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _never_a_bool(value: object) -> object:
    # pydantic reads true as 1, which would be somebody's conversation.
    if isinstance(value, bool):
        raise ValueError("a bool is no id")  # noqa: TRY004 - pydantic takes ValueError for "not valid"
    return value


_Moment = Annotated[datetime, AfterValidator(_as_utc)]
LARGEST_ID = 2**63 - 1
"""As large as a database holds them; a number of a thousand digits is no id, and fills a result."""

_Count = Annotated[int, Field(ge=0, le=LARGEST_ID)]
_Number = Annotated[int, Field(ge=-LARGEST_ID - 1, le=LARGEST_ID)]
# Nearly all durations have the documented form, which pydantic checks without calling Python.
_PlainDuration = Annotated[str, StringConstraints(pattern=PLAIN_DURATION)]
_OtherDuration = Annotated[str, AfterValidator(plain_duration)]
_Duration = Annotated[_PlainDuration | _OtherDuration | None, Field(union_mode="left_to_right")]
# Only this package fills the field, whatever Convirza may send under its name.
_Unreadable = Annotated[frozenset[str], BeforeValidator(lambda _: frozenset())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One conversation, with its latest message only: the API has no others.

    Every field but `conversation_id` may be None: Convirza gave nothing, or nothing readable. Times are
    aware. `first_response_time` and `avg_response_time` are `H:MM:SS`, of any number of hours, never zero.
    `unreadable` names the fields that held a value that could not be read.

    Undocumented, and assumed here: `phone_number` is the business's line and `source` / `source_name` the
    contact, by analogy with calls in the same API. `conversation_status` and `sms_type` are free strings.
    `closed_at` does not tell whether a conversation is closed; the view it was asked from does.
    """

    __pydantic_config__ = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    conversation_id: Annotated[_Count, BeforeValidator(_never_a_bool)]
    phone_number: str | None = None
    first_response_time: _Duration = None
    avg_response_time: _Duration = None
    sms_type: str | None = None
    conversation_started: _Moment | None = None
    conversation_updated: _Moment | None = None
    source: str | None = None
    source_name: str | None = None
    conversation_status: str | None = None
    ct_user_id: _Number | None = None
    pin: bool | None = None
    message: str | None = None
    unread_count: _Count | None = None
    agent: str | None = None
    closed_at: _Moment | None = None
    unreadable: _Unreadable = frozenset()

    @property
    def was_never_answered(self) -> bool:
        """Whether Convirza gave no first response time. A value that could not be read is no such sign."""
        return self.first_response_time is None and "first_response_time" not in self.unreadable


CONVERSATION_FIELDS: tuple[str, ...] = tuple(each.name for each in fields(Conversation) if each.name != "unreadable")
"""The API's fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationPage:
    """One page of a view, in Convirza's order.

    `conversations` holds the rows with a usable id, `dropped` the places, from 0, of those without. `total`
    counts the whole view; None where Convirza gave no usable number. `answered_at` is Convirza's clock, aware; None
    where it gave no usable time. `unreadable` counts, by field name, the
    values that could not be read and became None; `unreadable_fields` names those of each conversation, by its id.
    """

    conversations: tuple[Conversation, ...]
    dropped: tuple[int, ...] = ()
    total: int | None
    answered_at: datetime | None = None
    request_id: str | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    unreadable_fields: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[int, ...]:
        """The conversations' ids, in order: what tells whether Convirza gave the same page again."""
        return tuple(each.conversation_id for each in self.conversations)

    @property
    def received(self) -> int:
        """How many rows Convirza sent."""
        return len(self.conversations) + len(self.dropped)

    @property
    def is_empty(self) -> bool:
        """Whether Convirza sent no row and says that the view has none.

        Rows that could not be read are no sign of that, and neither is a total that is missing or contradicts.
        """
        return not self.received and self.total == 0

    def rows_through(self, count: int) -> int:
        """How many rows Convirza sent up to the end of the first `count` conversations."""
        rows = count
        for place in self.dropped:
            if place < rows or count == len(self.conversations):
                rows += 1
        return rows
