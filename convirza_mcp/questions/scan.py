"""Stream every conversation of a view, page by page, for exports and programs."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from convirza_mcp.accounts.account import Request
from convirza_mcp.answers.hints import Hint
from convirza_mcp.answers.records import clean_conversation
from convirza_mcp.api.models import AnyView, Conversation, ConversationQuery
from convirza_mcp.clock.window import Window, up_to_the_second
from convirza_mcp.questions.filters import NO_FILTERS, Filters, in_window
from convirza_mcp.questions.scope import views_of
from convirza_mcp.questions.teams import Teams, teams_of
from convirza_mcp.questions.windows import window_to_read
from convirza_mcp.scan.export import ExportReading
from convirza_mcp.scan.reading import check_account
from convirza_mcp.scan.results import Coverage, Gap, Seen
from convirza_mcp.text.phone import typed_number


class Scan:
    """Stream of a view of any size, in little memory: `async for conversation in scan`, or page by page.

    `filters` has the conditions. `coverage` says how much was read, and is not complete before the iteration ends.
    `notes` say what the conditions could not check.
    """

    def __init__(
        self,
        request: Request,
        window: Window,
        *,
        view: AnyView = "allOpen",
        search: str | None = None,
        filters: Filters = NO_FILTERS,
    ) -> None:
        self._only = filters.conditions(request, view)
        self._filters = filters
        start, end = window_to_read(filters.by_time, window, request.now).bounds
        query = ConversationQuery(search=search and typed_number(search), start=start, end=end)
        self.window = window
        self._request = request
        views, as_of = views_of(filters.view(view)), up_to_the_second(request.now)
        self._reading = ExportReading(request.account.reader, query, views, as_of)
        self._has_ended = False
        self.notes: tuple[Hint, ...] = ()

    @property
    def coverage(self) -> Coverage:
        coverage = self._reading.coverage(self._request.now)
        return coverage if self._has_ended else replace(coverage, gap=Gap.UNFINISHED)

    async def pages(self) -> AsyncGenerator[list[Seen], None]:
        """Yield the new conversations of each page that meet the conditions, and of one account only."""
        reader = self._request.account.reader
        account = await reader.credential_fingerprint()
        teams = await teams_of(self._request) if self._only.needs_teams else Teams()
        self.notes = () if teams.note is None else (teams.note,)
        terms = self._filters.terms(self._request, self.window, self._request.now, teams)
        conditions = [] if self._filters.by_time == "latest" else [in_window(self.window, terms)]
        conditions += [self._only.holding(terms)] if self._only else []
        async with aclosing(self._reading.pages(self._request.progress)) as pages:
            async for page in pages:
                await check_account(reader, account)
                yield [each for each in page if all(holds(each) for holds in conditions)]
        self._has_ended = True

    async def __aiter__(self) -> AsyncGenerator[Conversation, None]:
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for seen in page:
                    yield clean_conversation(seen.conversation)
