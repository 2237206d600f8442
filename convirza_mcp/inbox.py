"""`Inbox`: the questions, for Python programs."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Self, TypedDict, Unpack

from convirza_mcp.accounts.account import Account, Request, account_settings, open_account
from convirza_mcp.answers.records import clean_conversation
from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.models import LARGEST_ID, AnyView, Order, View
from convirza_mcp.clock.periods import CompareTo
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.questions import changes, conversation, figures, page, scan, search, summary, waiting
from convirza_mcp.questions.filters import Filters
from convirza_mcp.questions.scope import read_window
from convirza_mcp.rules.by_time import DEFAULT_TARGET, ByTime
from convirza_mcp.rules.grouping import GroupBy
from convirza_mcp.scan.results import Seen
from convirza_mcp.settings import Privacy, Settings

When = str | date | datetime
"""`7d`, `last-week`, `2026-03-05`, an ISO 8601 date-time, or Python's own; without an offset in the inbox's zone."""


class Narrowed(TypedDict, total=False):
    """Filter by one agent (`none`: unassigned) and one business line, by name, number or a part. If several fit, a
    result has no rows, and its `narrowing` has the `matches`.
    """

    agent: str | None
    phone_number: str | None


class Scope(Narrowed, total=False):
    """Conversations to read, by default of the last 30 days.

    `only`: conditions that must all hold, comma-separated, such as `unread, team=Boise`. `late` and `missed_target` use
    `target_minutes`, by default 15.
    """

    start: When | None
    end: When | None
    only: str | None
    target_minutes: int


class TimedScope(Scope, total=False):
    """`Scope` with `by_time`, the time for `start`, `end` and groups of time: `latest`, `started` or `closed`."""

    by_time: ByTime


class Inbox:
    """Answers questions about one Convirza SMS inbox. Use it as an async context manager.

    >>> async with Inbox.from_environment() as inbox:
    ...     waiting = await inbox.waiting(start="7d", agent="Priya")

    `timezone` is an IANA zone in which times are read and days counted; by default the machine's. Waits count within
    `business_hours`, such as `Mon-Fri 08:00-18:00`; by default round the clock. `holidays`, such as `US-UT`, are
    closed. `lines_file` is a CSV file of `phone_number,name,campaign`. `timeout` is in seconds, for one
    question. `privacy` as in `CONVIRZA_PRIVACY`: `mask` or `strict` let no contact's name or number through.

    Results are frozen and carry `coverage` and `window`. Texts in them are cleaned of control and hidden characters;
    they are still strangers' words. Every method may raise `ConvirzaError`; for an invalid argument,
    `InvalidArgumentError`.

    Raises:
        SettingsError: an argument cannot be used; the message names its setting.
    """

    _opening: Callable[[], AbstractAsyncContextManager[Account]]
    _account: Account | None = None

    def __init__(
        self,
        client: ConvirzaClient,
        *,
        timezone: str = "",
        business_hours: str = "",
        holidays: str = "",
        lines_file: str = "",
        privacy: Privacy = "off",
        timeout: float = 30.0,
    ) -> None:
        settings = Settings.from_environment(
            {
                "CONVIRZA_TIMEZONE": timezone,
                "CONVIRZA_BUSINESS_HOURS": business_hours,
                "CONVIRZA_HOLIDAYS": holidays,
                "CONVIRZA_LINES_FILE": lines_file,
                "CONVIRZA_PRIVACY": privacy,
                "CONVIRZA_TIMEOUT": str(timeout),
            }
        )
        self._opening = lambda: open_account(client, settings)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Return an inbox that reads the `CONVIRZA_*` variables when it is entered.

        Entering it raises `SettingsError` for an invalid variable. With `CONVIRZA_DEMO=true`, it uses the demo inbox
        and needs no account.
        """

        inbox = cls.__new__(cls)
        inbox._opening = lambda: _open_configured(os.environ if environ is None else environ)
        return inbox

    async def __aenter__(self) -> Self:
        self._open = AsyncExitStack()
        self._account = await self._open.enter_async_context(self._opening())
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._account = None
        await self._open.__aexit__(*error)

    async def page(
        self,
        view: View = "allOpen",
        *,
        start: When | None = None,
        end: When | None = None,
        search: str | None = None,
        order: Order = "desc",
        offset: int = 0,
        limit: int = 50,
    ) -> page.InboxPage:
        """Return one page, as Convirza lists it; by default of the last 7 days.

        `search` is part of a contact's name or number. The result's `next_offset` is where the next page begins.
        """
        request = self._request()
        window = page.read_page_window(request, _text(start), _text(end))
        found = await page.page(request, window, view=view, search=search, order=order, offset=offset, limit=limit)
        rows = tuple(map(clean_conversation, found.rows))
        return replace(found, page=replace(found.page, conversations=rows))

    async def conversation(
        self, conversation_id: int, *, start: When | None = None, end: When | None = None
    ) -> conversation.ConversationDetails:
        """Find one conversation by its id, and its contact's others.

        Raises:
            ConversationNotFoundError: it is not in the window.
        """
        if not 0 <= conversation_id <= LARGEST_ID:
            takes = f"`conversation_id` takes a whole number from 0 to {LARGEST_ID}."
            raise InvalidArgumentError("conversation_id", takes)
        request = self._request()
        window = read_window(request, _text(start), _text(end))
        found = await conversation.conversation(request, window, conversation_id)
        others = None if found.others is None else _clean(found.others)
        return replace(found, conversation=clean_conversation(found.conversation), others=others)

    async def search(
        self, query: str | None = None, view: AnyView = "all", **scope: Unpack[TimedScope]
    ) -> search.SearchResult:
        """Find conversations by the words of their latest message, their contact's name and their numbers.

        Without a query, every conversation that meets the conditions.
        """
        request, window, filters = self._scope(scope)
        found = await search.search(request, window, query, view=view, filters=filters)
        return replace(found, rows=_clean(found.rows))

    async def waiting(
        self, view: View = "allOpen", *, min_wait: timedelta = timedelta(0), **scope: Unpack[Scope]
    ) -> waiting.WaitingConversations:
        """Rank the conversations that wait for a reply, longest first.

        Each row has its `conversation`, its `wait` on the business's clock (None if unknown), and `reasons`.
        """
        request, window, filters = self._scope(scope)
        found = await waiting.waiting(request, window, view=view, min_wait=min_wait, filters=filters)
        rows = (replace(each, conversation=clean_conversation(each.conversation)) for each in found.rows)
        return replace(found, rows=tuple(rows))

    async def summary(
        self,
        view: AnyView = "all",
        *,
        group_by: GroupBy = "none",
        then_by: GroupBy = "none",
        compare_to: CompareTo | None = None,
        **scope: Unpack[TimedScope],
    ) -> figures.InboxSummary:
        """Count the inbox and measure its response times, exactly, by one or two groupings on request.

        With `compare_to` (`previous`, `week_before` or `month_before`), each group has the figures of that period, too.
        """
        request, window, filters = self._scope(scope)
        return await summary.summary(
            request, window, group_by=group_by, then_by=then_by, compare_to=compare_to, view=view, filters=filters
        )

    async def changes(self, since: When, view: AnyView = "all", **narrowed: Unpack[Narrowed]) -> changes.InboxChanges:
        """List what has changed since a time or an earlier result's `cursor`, oldest change first."""
        text = since.isoformat() if isinstance(since, date) else since
        found = await changes.changes(self._request(), text, Filters(**narrowed).names, view=view)
        return replace(found, rows=_clean(found.rows))

    def scan(
        self,
        view: AnyView = "allOpen",
        *,
        search: str | None = None,
        start: When | None = None,
        end: When | None = None,
        only: str | None = None,
        by_time: ByTime = "latest",
        target_minutes: int = DEFAULT_TARGET,
    ) -> scan.Scan:
        """Iterate over every conversation of a view that meets the conditions, page by page, in little memory.

        >>> async for conversation in inbox.scan("allOpen", start="30d"):
        ...     print(conversation.conversation_id)
        """
        request = self._request()
        filters = Filters(only=only, by_time=by_time, target_minutes=target_minutes)
        window = read_window(request, _text(start), _text(end))
        return scan.Scan(request, window, view=view, search=search, filters=filters)

    def _scope(self, scope: Mapping[str, Any]) -> tuple[Request, Window, Filters]:
        request, given = self._request(), dict(scope)
        start, end = given.pop("start", None), given.pop("end", None)
        return request, read_window(request, _text(start), _text(end)), Filters(**given)

    def _request(self) -> Request:
        if self._account is None:
            raise RuntimeError("Use an Inbox inside its `async with` block.")
        return self._account.request()


@asynccontextmanager
async def _open_configured(environ: Mapping[str, str]) -> AsyncIterator[Account]:
    with account_settings(environ) as settings:
        async with open_account(ConvirzaClient.from_settings(settings), settings) as account:
            yield account


def _text(when: When | None) -> str | None:
    return when.isoformat() if isinstance(when, date) else when


def _clean(rows: tuple[Seen, ...]) -> tuple[Seen, ...]:
    return tuple(Seen(clean_conversation(each.conversation), each.closed) for each in rows)
