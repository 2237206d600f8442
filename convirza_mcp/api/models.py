"""The API's request and answer: a validated query, and pages of conversations under Convirza's field names.

Values outside the documented bounds are refused here, before a request, because it is undocumented whether Convirza
refuses or silently clamps them.

Texts are as strangers typed them: clean them before you show them to a person, a terminal or a model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn, Protocol, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter

from convirza_mcp.clock.durations import HOUR, MINUTE
from convirza_mcp.errors import InvalidArgumentError, SettingsError

if TYPE_CHECKING:
    from convirza_mcp.api.users import UserPage, UserStatus

View = Literal["allOpen", "assignedToYou", "unassigned", "close"]
AnyView = Literal["allOpen", "assignedToYou", "unassigned", "close", "all"]
"""One of the API's views; `all`: `allOpen` and `close`."""

Order = Literal["desc", "asc"]

VIEWS: tuple[View, ...] = get_args(View)
ORDERS: tuple[Order, ...] = get_args(Order)
DEFAULT_LIMIT = 7
MAX_LIMIT = 200
MAX_SEARCH_LENGTH = 255
MAX_OFFSET = 1_000_000_000
"""Our own limit, since none is documented: far beyond any inbox, and exact in every language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationQuery:
    """Query for one page of one view.

    `offset` counts conversations, not pages. `search` matches contact names and phone numbers. `start` and
    `end` are aware date-times, sent in UTC to the second; with neither, Convirza's own last 7 days apply.
    Which of a conversation's times they filter is undocumented.

    Raises:
        InvalidArgumentError: a value lies outside the documented bounds.
    """

    offset: int = 0
    limit: int = DEFAULT_LIMIT
    type: View = "allOpen"
    search: str | None = None
    order: Order = "desc"
    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if not _is_whole(self.offset) or not 0 <= self.offset <= MAX_OFFSET:
            raise InvalidArgumentError("offset", f"`offset` takes a whole number from 0 to {MAX_OFFSET}.")
        if not _is_whole(self.limit) or not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidArgumentError("limit", f"`limit` takes a whole number from 1 to {MAX_LIMIT}.")
        if self.type not in VIEWS:
            raise InvalidArgumentError("type", f"`type` takes one of {', '.join(VIEWS)}.")
        if self.order not in ORDERS:
            raise InvalidArgumentError("order", f"`order` takes {' or '.join(ORDERS)}.")
        if self.search is not None and not _is_searchable(self.search):
            raise InvalidArgumentError("search", f"`search` takes text of 1 to {MAX_SEARCH_LENGTH} characters.")
        for name, moment in (("start", self.start), ("end", self.end)):
            if moment is not None and moment.utcoffset() is None:
                raise InvalidArgumentError(name, f"`{name}` takes a date-time with its zone.")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InvalidArgumentError("end", "`end` takes a time after `start`.")

    def parameters(self) -> dict[str, str]:
        """Return the query parameters as Convirza documents them, without None values."""
        sent = {"offset": str(self.offset), "limit": str(self.limit), "type": self.type, "order": self.order}
        if self.search is not None:
            sent["search"] = self.search
        for name, moment in (("start", self.start), ("end", self.end)):
            if moment is not None:
                sent[name] = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return sent


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


def _is_searchable(text: str) -> bool:
    # A lone surrogate cannot be sent: it has no UTF-8 form.
    return 1 <= len(text) <= MAX_SEARCH_LENGTH and not any("\ud800" <= character <= "\udfff" for character in text)


def _as_utc(moment: datetime) -> datetime:
    # Some systems write "no date" as 0001-01-01 or 9999-12-31, and neither exists in every zone.
    if not 1970 <= moment.year < 9999:
        raise ValueError("no date of a conversation")
    # Convirza documents UTC, so read a time without a zone as UTC.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _never_a_bool(value: object) -> object:
    # pydantic reads true as 1, which would be the id of another conversation.
    if isinstance(value, bool):
        raise ValueError("a bool is no id")  # noqa: TRY004 - pydantic takes ValueError for "not valid"
    return value


_Moment = Annotated[datetime, AfterValidator(_as_utc)]
LARGEST_ID = 2**63 - 1
"""The largest id of a database; a number of a thousand digits is not an id, and would fill a result."""

_Count = Annotated[int, Field(ge=0, le=LARGEST_ID)]
_Number = Annotated[int, Field(ge=-LARGEST_ID - 1, le=LARGEST_ID)]
# Nearly all durations have the documented form, `H:MM:SS` of any number of hours, which pydantic checks without calling
# Python code. Zero is refused: some systems write it for "no answer yet", so it tells neither that nor a quick answer.
_PlainDuration = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9]{1,6}:(?:[0-5][0-9]:(?:[0-5][1-9]|[1-5]0)|(?:[0-5][1-9]|[1-5]0):00)$|^0{0,5}[1-9][0-9]{0,5}:00:00$"
    ),
]
_ANY_DURATION = TypeAdapter(timedelta)


def _as_plain(text: str) -> str:
    """Return a duration that pydantic reads, such as `1 day, 2:03:04.5` or `PT3M21S`, as `HH:MM:SS`."""
    seconds = int(_ANY_DURATION.validate_python(text).total_seconds())
    # With one colon: hours and minutes, or minutes and seconds?
    if seconds <= 0 or text.count(":") == 1:
        raise ValueError("no duration of a response")
    return f"{seconds // HOUR:02}:{seconds // MINUTE % 60:02}:{seconds % 60:02}"


_OtherDuration = Annotated[str, AfterValidator(_as_plain)]
_Duration = Annotated[_PlainDuration | _OtherDuration | None, Field(union_mode="left_to_right")]
# Only this package sets the field, even if Convirza sends one of this name.
_Unreadable = Annotated[frozenset[str], BeforeValidator(lambda _: frozenset())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One conversation, with its latest message only: the API has no others.

    Every field except `conversation_id` may be None: Convirza gave no value, or an unreadable one. Times are
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
        """Return whether Convirza gave no first response time. An unreadable value does not count."""
        return self.first_response_time is None and "first_response_time" not in self.unreadable


CONVERSATION_FIELDS: tuple[str, ...] = tuple(each.name for each in fields(Conversation) if each.name != "unreadable")
"""The API's fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationPage:
    """One page of a view, in Convirza's order.

    `conversations` holds the rows with a usable id, `dropped` the indexes, from 0, of the others. `total` counts the
    whole view; None if Convirza gave no usable number. `answered_at` is Convirza's clock, aware; None if it gave no
    usable time. `unreadable` counts, by field name, the unreadable values that became None.
    """

    conversations: tuple[Conversation, ...]
    dropped: tuple[int, ...] = ()
    total: int | None
    answered_at: datetime | None = None
    request_id: str | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)

    @property
    def unreadable_fields(self) -> Mapping[int, frozenset[str]]:
        """Return the unreadable fields by conversation id."""
        return {each.conversation_id: each.unreadable for each in self.conversations if each.unreadable}

    @property
    def ids(self) -> tuple[int, ...]:
        """Return the conversations' ids in order, to detect that Convirza returned the same page again."""
        return tuple(each.conversation_id for each in self.conversations)

    @property
    def received(self) -> int:
        """Return how many rows Convirza sent."""
        return len(self.conversations) + len(self.dropped)

    @property
    def is_empty(self) -> bool:
        """Return whether Convirza sent no row and a total of 0.

        Unreadable rows, a missing total or a contradicting total do not count as empty.
        """
        return not self.received and self.total == 0

    def rows_through(self, count: int) -> int:
        """Return how many rows Convirza sent through the first `count` conversations."""
        rows = count
        for place in self.dropped:
            if place < rows or count == len(self.conversations):
                rows += 1
        return rows


class ConversationReader(Protocol):
    """A source of pages of conversations, with the identity of their account."""

    async def credential_fingerprint(self) -> str:
        """Return a hash that identifies the account's data in memory, and does not reveal the token."""

    async def list_sms_conversations(self, query: ConversationQuery | None = None) -> ConversationPage:
        """Return one page of one view."""

    async def list_users(self, status: "UserStatus" = "active", *, offset: int = 0) -> "UserPage":
        """Return one page of the account's users of this status."""


class RefusingReader:
    """Reader that raises the settings error for every question, and makes no request.

    For a server whose settings come from a form. If such a server refused to start, its user would see neither the
    exit code nor stderr, only a client that reports a lost server.
    """

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    async def credential_fingerprint(self) -> NoReturn:
        raise SettingsError(self._sentence)

    async def list_sms_conversations(self, query: ConversationQuery | None = None) -> NoReturn:
        raise SettingsError(self._sentence)

    async def list_users(self, status: "UserStatus" = "active", *, offset: int = 0) -> NoReturn:
        raise SettingsError(self._sentence)
