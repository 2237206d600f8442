"""Stream the pages of a view. Each page overlaps the previous one by a row, so that no row is skipped.

A row that leaves the view pulls the others up, and the next offset then skips one. So each page starts at the last row
of the previous page. If it does not begin with a known row, a row moved past the edge, and the scan goes back a page.
Rows that are pushed down come twice, and are recognized by id. A row updated before it was read is at the head: if the
pages are inconsistent, the head is read again as the last page.

An overlap costs one row per page. After a page's worth of overlaps, 40,000 rows down, only the total shows what left.

The first two pages are requested one by one, because most scans need no more; then up to four in parallel, each at the
expected end of the previous one. A page without overlap is requested again.
"""

from datetime import datetime

import anyio

from convirza_mcp.api.models import MAX_LIMIT, ConversationPage, ConversationQuery, ConversationReader
from convirza_mcp.errors import BadRequestError, ConvirzaError
from convirza_mcp.scan.results import Gap
from convirza_mcp.scan.view_scan import AT_ONCE, MAX_CONVERSATIONS, OnPage, ViewScan, WindowScan

_MAX_RETRIES = 8
_MAX_OVERLAPS = MAX_LIMIT
_ALONE = 2
"""Pages that are requested one by one."""


class OverlapWindow(WindowScan):
    """Pages of one query, in sequence."""

    def __init__(
        self, reader: ConversationReader, query: ConversationQuery, on_page: OnPage, as_of: datetime | None = None
    ) -> None:
        super().__init__(reader, query, on_page, as_of)
        self._latest_total: int | None = None
        self._offset = 0
        self._overlaps = 0
        self._is_overlapping = False
        self._retries = 0
        self._taken = 0
        self._ahead: dict[int, ConversationPage] = {}

    @property
    def total(self) -> int | None:
        return self._latest_total

    async def next_page(self) -> ConversationPage | None:
        """Return the next page; None at the end."""
        while not self.is_finished:
            if self._offset not in self._ahead:
                await self._request_ahead()
            page = self._ahead.pop(self._offset)
            if not self._continues(page):
                self._go_back(page)
            elif self._take(self._offset, page):
                self._finish(Gap.REPEATED)
            else:
                self._advance(page)
                return page
        if self.gap is None and self._head_again is None and not self._agrees():
            return await self.head_again()
        return None

    async def head_again(self) -> ConversationPage:
        """Return the current first page, and take its rows for rows of a scan that has ended."""
        known = set(self.seen)
        page = await self._repair()
        self._note_total(page)
        # More than a page of changes: the rest is further down.
        if self.count < (self.total or 0) or (page.received >= self._step and known.isdisjoint(page.ids)):
            self.gap = Gap.MOVED
        return page

    async def head(self) -> ConversationPage:
        """Return the current first page; the scan continues where it was."""
        page = await self._request(0)
        self._note_total(page)
        return page

    async def _request_ahead(self) -> None:
        self._ahead.clear()
        failures: dict[int, ConvirzaError] = {}

        async def request(offset: int) -> None:
            try:
                self._ahead[offset] = await self._request(offset)
            except ConvirzaError as error:
                failures[offset] = error

        async with anyio.create_task_group() as tasks:
            for offset in self._next_offsets():
                tasks.start_soon(request, offset)
        if self._offset in failures:
            # The other pages are not needed yet; they are requested again when needed.
            raise failures[self._offset]

    def _next_offsets(self) -> list[int]:
        offsets, overlaps = [self._offset], self._overlaps
        most = 1 if self._taken < _ALONE else min(AT_ONCE, self._taken)
        end = min(self.total or 0, MAX_CONVERSATIONS)
        while len(offsets) < most:
            overlapping = overlaps < _MAX_OVERLAPS
            overlaps += overlapping
            following = offsets[-1] + self._step - overlapping
            if following >= end:
                break
            offsets.append(following)
        return offsets

    def _note_total(self, page: ConversationPage) -> None:
        self._latest_total = self._latest_total if page.total is None else page.total

    def _continues(self, page: ConversationPage) -> bool:
        total = self._latest_total
        self._note_total(page)
        if not self._offset:
            return True
        if not self._is_overlapping:
            return page.total is None or total is None or page.total >= total
        # A row with a new time has moved, so it is not an overlap.
        first = next(iter(page.conversations), None)
        return (
            first is not None
            and 0 not in page.dropped
            and first.conversation_id in self.seen
            and self.seen[first.conversation_id] == first.conversation_updated
        )

    def _go_back(self, page: ConversationPage) -> None:
        self._ahead.clear()
        self._retries += 1
        if self._retries > _MAX_RETRIES:
            self._finish(Gap.MOVED if page.received else Gap.FEWER)
        self._offset = max(0, self._offset - MAX_LIMIT)
        self._is_overlapping = self._offset > 0

    def _advance(self, page: ConversationPage) -> None:
        self._taken += 1
        beyond = self._offset + page.received
        # A full page is followed by an attempt whatever the total says, but not where the total has to be relied on.
        is_full = page.received >= MAX_LIMIT
        relied_on = self._overlaps >= _MAX_OVERLAPS and not self._is_overlapping and beyond == page.total
        if relied_on or (not is_full and page.total is not None and beyond >= page.total):
            self._finish(None)
        elif page.received <= (1 if self._is_overlapping else 0):
            self._finish(Gap.UNCOUNTED if page.total is None else Gap.FEWER if page.total > beyond else None)
        elif beyond >= MAX_CONVERSATIONS:
            self._finish(Gap.MOST)
        else:
            place = page.received - 1
            while place in page.dropped:
                place -= 1
            self._is_overlapping = place > 0 and self._overlaps < _MAX_OVERLAPS
            self._overlaps += self._is_overlapping
            self._offset = self._offset + place if self._is_overlapping else beyond

    def _finish(self, gap: Gap | None) -> None:
        self.is_finished = True
        self.gap = gap


class OverlapScan(ViewScan[OverlapWindow]):
    """Pages of one view, in sequence. A page may repeat rows of earlier ones."""

    strategy = OverlapWindow
    _at = 0
    """Index of the current window."""

    async def next_page(self) -> ConversationPage | None:
        """Return the next page, in the query's order; None at the end."""
        while self._at < len(self.windows):
            window = self.windows[self._at]
            try:
                page = await window.next_page()
            except BadRequestError:
                if not self.shorten(window):
                    raise
                continue
            if page is not None:
                return page
            self._at += 1
        return None

    def skip_window(self) -> None:
        """Read no more of the window that the last page came from."""
        self._at += 1
