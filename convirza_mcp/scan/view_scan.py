"""The page engine: request the pages of a view, and account for their rows.

Offsets give no consistency: while pages are read, conversations are inserted at the head, move there, or leave. A
total may count the page only, or be made up. Two strategies build on this module, since neither can do the other's
work at the same cost:

* `parallel_scan` requests each page once, four at a time, holds the rows, and shows by arithmetic that they are all.
  A row that leaves meanwhile makes it incomplete.
* `overlap_scan` streams pages that share a row, so a caller can stop early and a row that leaves hides no other.
  It holds ids only. The shared rows cost it one request more, in a view of 400 conversations as in one of 40,000.

Readers raise the `ConvirzaError` of the first page that failed; earlier pages are kept.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from convirza_mcp.api.models import MAX_LIMIT, ConversationPage, ConversationQuery, ConversationReader
from convirza_mcp.scan.results import Coverage, Gap, sum_known

MAX_CONVERSATIONS = 60_000
AT_ONCE = 4
LONGEST_WINDOW = timedelta(days=31)
"""The documentation names no longest window for conversations; a neighboring endpoint allows 31 days."""

_MAX_DUPLICATE_PAGES = 4
"""Drift does not explain more full pages without a new row: the API ignores the offset."""

OnPage = Callable[[], Awaitable[None]]


async def ignore_page() -> None:
    """Do nothing when a page arrives."""


class WindowScan:
    """Pages of one query, as far as they were read.

    `seen` maps the id of each conversation to its `conversation_updated`; `dropped` holds the places of rows without a
    usable id. `gap` is set once the scan is finished. `as_of` is the time when it began, for a window that ends later.
    """

    def __init__(
        self, reader: ConversationReader, query: ConversationQuery, on_page: OnPage, as_of: datetime | None = None
    ) -> None:
        self.query = replace(query, limit=MAX_LIMIT, offset=0)
        self.seen: dict[int, datetime | None] = {}
        self.unreadable: dict[int, frozenset[str]] = {}
        self.requests = 0
        self.gap: Gap | None = None
        self.is_finished = False
        self._reader = reader
        self._on_page = on_page
        self._step = MAX_LIMIT
        self.first_page: ConversationPage | None = None
        self._head_again: ConversationPage | None = None
        self._head_total: int | None = None
        self._totals: set[int] = set()
        self._shrank = False
        self._as_of = min((each for each in (query.end, as_of) if each is not None), default=None)
        self._changed_since = False
        self.dropped: set[int] = set()
        self._duplicate_pages = 0

    @property
    def total(self) -> int | None:
        return max(self._totals, default=None)

    @property
    def count(self) -> int:
        """Return the number of distinct rows read, including those without a usable id."""
        return len(self.seen) + len(self.dropped)

    @property
    def ends_later(self) -> bool:
        """Return whether a message that arrives during the read moves its conversation into the window."""
        return self._as_of is not None and self.query.end is not None and self._as_of < self.query.end

    @property
    def is_whole(self) -> bool:
        """Return whether the rows are those of the view at one moment."""
        return self.is_finished and self.gap is None and self._agrees()

    def coverage(self, as_of: datetime) -> Coverage:
        return Coverage(
            read=len(self.seen),
            total=self.total,
            requests=self.requests,
            as_of=as_of,
            gap=self.gap if self.is_finished else Gap.TIME,
            unreadable=self.unreadable,
            dropped=len(self.dropped),
        )

    async def _request(self, offset: int) -> ConversationPage:
        largest = max(self._totals, default=0)
        page = await self._reader.list_sms_conversations(replace(self.query, offset=offset))
        self.requests += 1
        await self._on_page()
        if page.total is not None:
            # Parallel answers arrive in any order: only a page requested after a larger total arrived proves a loss.
            self._shrank = self._shrank or page.total < largest
            self._totals.add(page.total)
        return page

    def _take(self, offset: int, page: ConversationPage) -> bool:
        """Count the page's rows. Return True if the API gives the same rows whatever the offset."""
        before = len(self.seen)
        if not offset:
            self.first_page = page
            if 0 < page.received < MAX_LIMIT and (page.total is None or page.total > page.received):
                # Convirza gives smaller pages than requested: go at its pace.
                self._step = page.received
        self.dropped.update(offset + place for place in page.dropped)
        self._note_rows(page)
        if not offset or page.received < self._step or len(self.seen) > before:
            return False
        self._duplicate_pages += 1
        return self._duplicate_pages > _MAX_DUPLICATE_PAGES or (
            self.first_page is not None and page.ids == self.first_page.ids
        )

    def _note_rows(self, page: ConversationPage) -> None:
        as_of = self._as_of
        for each in page.conversations:
            updated = self.seen[each.conversation_id] = each.conversation_updated
            if updated is not None and as_of is not None and updated > as_of:
                self._changed_since = True
        self.unreadable.update(page.unreadable_fields)

    async def _repair(self) -> ConversationPage:
        """Read the first page again, where rows that moved during the read are now."""
        self._head_again = await self._request_head()
        return self._head_again

    async def _request_head(self) -> ConversationPage:
        page = await self._request(0)
        self._note_rows(page)
        self._head_total = page.total
        return page

    def _agrees(self) -> bool:
        """Return whether the pages are consistent: as many distinct rows as the one total of all pages.

        If the total grew, the first page must have confirmed it. With `asc`, a row that leaves and one that arrives
        between two answers keep the total and still move a row past the edge, so there no row may have arrived.
        """
        if self._changed_since and self.query.order == "asc":
            return False
        steady = len(self._totals) == 1 or self._head_total == self.total
        return steady and not self._shrank and self.count == self.total


Window = TypeVar("Window", bound=WindowScan)


class ViewScan(Generic[Window]):
    """One view in one window, or in shorter ones where Convirza refuses it.

    `on_page` is awaited after each answer, before its rows count. Windows touch, so a conversation may come in two.
    """

    strategy: type[Window]

    def __init__(
        self,
        reader: ConversationReader,
        query: ConversationQuery,
        on_page: OnPage = ignore_page,
        as_of: datetime | None = None,
    ) -> None:
        self._reader = reader
        self._on_page = on_page
        self._as_of = as_of
        self.windows = [self.strategy(reader, query, on_page, as_of)]

    @property
    def requests(self) -> int:
        return sum(window.requests for window in self.windows)

    @property
    def gap(self) -> Gap | None:
        return next((window.gap for window in self.windows if window.gap is not None), None)

    @property
    def is_whole(self) -> bool:
        return all(window.is_whole for window in self.windows)

    @property
    def total(self) -> int | None:
        return sum_known(window.total for window in self.windows)

    @property
    def ids(self) -> set[int]:
        return set().union(*(window.seen for window in self.windows))

    def coverage(self, as_of: datetime) -> Coverage:
        parts = [window.coverage(as_of) for window in self.windows]
        return parts[0] if len(parts) == 1 else Coverage.merge(parts, len(self.ids))

    def shorten(self, refused: Window) -> bool:
        """Replace a window that Convirza refused by shorter ones. Return False if there are none to try."""
        queries = _shorter(refused.query, self._as_of)
        if not queries:
            return False
        windows = [self.strategy(self._reader, query, self._on_page, self._as_of) for query in queries]
        windows[0].requests = refused.requests
        place = self.windows.index(refused)
        self.windows[place : place + 1] = windows
        return True


def unpinned_times(page: ConversationPage) -> list[datetime]:
    """Return the known times of a page's rows, except pinned ones, which may come first in any order."""
    return [each.conversation_updated for each in page.conversations if each.conversation_updated and not each.pin]


def _shorter(query: ConversationQuery, as_of: datetime | None) -> list[ConversationQuery]:
    """Return shorter queries for a refused one, in its order: windows of `LONGEST_WINDOW`, or one that ends at `as_of`.

    Windows touch: whether their ends count is undocumented, and a conversation that comes twice is told by its id.
    """
    start, end = query.start, query.end
    if start is None or end is None:
        return []
    if end - start <= LONGEST_WINDOW:
        # Convirza may refuse an end in the future.
        return [replace(query, end=as_of)] if as_of is not None and start < as_of < end else []
    queries = []
    while end - start > LONGEST_WINDOW:
        if query.order == "asc":
            queries.append(replace(query, start=start, end=start + LONGEST_WINDOW))
            start += LONGEST_WINDOW
        else:
            queries.append(replace(query, start=end - LONGEST_WINDOW, end=end))
            end -= LONGEST_WINDOW
    return [*queries, replace(query, start=start, end=end)]
