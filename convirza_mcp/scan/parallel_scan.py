"""Scan a whole view: each page once, up to four in parallel, with a check that the rows are complete.

Newest first, an insertion or a move only pushes rows down, so rows come twice and none is skipped, and what was
missed is on the first page: reading that again repairs it. A row that leaves pulls the others up, and one is skipped
at a page's edge: then the total fell, and the view is not complete.

If the total may be wrong, or a page was full at the announced end, reading continues to a page that is not full.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import anyio

from convirza_mcp.api.models import Conversation, ConversationPage, ConversationQuery, ConversationReader
from convirza_mcp.errors import BadRequestError, ConvirzaError
from convirza_mcp.scan.results import Gap, sum_known
from convirza_mcp.scan.view_scan import AT_ONCE, MAX_CONVERSATIONS, OnPage, ViewScan, WindowScan, unpinned_times


class ParallelWindow(WindowScan):
    """All pages of one query. After a cancelled or failed read, the next one continues with the missing pages."""

    def __init__(
        self, reader: ConversationReader, query: ConversationQuery, on_page: OnPage, as_of: datetime | None = None
    ) -> None:
        super().__init__(reader, query, on_page, as_of)
        self._held: dict[int, ConversationPage] = {}
        self._empty_from: int | None = None
        self._repeated = False
        self._confirmations: list[ConversationPage] = []

    @property
    def planned(self) -> int | None:
        return None if self.total is None else max(1, -(-min(self.total, MAX_CONVERSATIONS) // self._step))

    def conversations(self) -> Iterator[Conversation]:
        """Return the rows in the query's order; a row may be duplicated."""
        if self._head_again is not None:
            yield from self._head_again.conversations
        for offset in sorted(self._held):
            yield from self._held[offset].conversations
        # Last, because the rows already read stay as they were.
        for page in self._confirmations:
            yield from page.conversations

    async def read(self) -> None:
        if not self._held:
            await self._read_page(0)
        while offsets := self._missing():
            # Without a total the last page is unknown, so read one page at a time.
            await self._read_pages(offsets if self._totals else offsets[:1])
        if not self._repeated and not self._agrees() and (self.total or 0) <= MAX_CONVERSATIONS:
            await self._repair()
        self.gap = self._gap_at_end()
        self.is_finished = True

    async def confirm(self) -> None:
        """Request the first page once more, and add its new rows; if more has changed, the view no longer stands."""
        # Unconfirmed until the answer arrives.
        self.gap = Gap.MOVED
        with suppress(ConvirzaError):
            self._confirmations.append(await self._request_head())
            if self._head_total == self.total and self._agrees():
                self.gap = None

    async def _read_pages(self, offsets: list[int]) -> None:
        waiting = deque(offsets)
        failures: list[ConvirzaError] = []

        async def read_on() -> None:
            while waiting and not self._repeated:
                offset = waiting.popleft()
                if self._empty_from is not None and offset > self._empty_from:
                    return
                try:
                    await self._read_page(offset)
                except ConvirzaError as error:
                    failures.append(error)
                    tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            for _ in range(min(AT_ONCE, len(offsets))):
                tasks.start_soon(read_on)
        if failures:
            raise failures[0]

    async def _read_page(self, offset: int) -> None:
        page = await self._request(offset)
        self._repeated = self._take(offset, page) or self._repeated
        self._held[offset] = page
        if not page.received:
            self._empty_from = offset if self._empty_from is None else min(self._empty_from, offset)

    def _missing(self) -> list[int]:
        if self._repeated:
            return []
        limits = (MAX_CONVERSATIONS, self.total, self._empty_from)
        end = min(limit for limit in limits if limit is not None)
        missing = [offset for offset in range(0, end, self._step) if offset not in self._held]
        if not missing and self._may_go_on() and max(self._held) + self._step < MAX_CONVERSATIONS:
            missing.append(max(self._held) + self._step)
        return missing

    def _may_go_on(self) -> bool:
        """Return whether more rows may follow after the announced end."""
        last, first = max(self._held), self._held[0]
        is_beyond = self.total is None or last + self._step > self.total
        counts_the_page = first.total is not None and first.total <= first.received
        return self._held[last].received >= self._step and (is_beyond or counts_the_page)

    def _gap_at_end(self) -> Gap | None:
        if self._repeated:
            return Gap.REPEATED
        if self._agrees():
            return None
        if self.total is None or len(self.seen) > self.total:
            return Gap.UNCOUNTED
        if self._empty_from is not None and not self._shrank:
            return Gap.FEWER
        return Gap.MOST if self.total > MAX_CONVERSATIONS else Gap.MOVED


class ParallelScan(ViewScan[ParallelWindow]):
    """All conversations of one view; `read` continues where it stopped."""

    strategy = ParallelWindow
    is_finished = False

    @property
    def pages(self) -> tuple[int, int | None]:
        """Return the number of pages read, and of how many, if known."""
        return self.requests, sum_known(window.planned for window in self.windows)

    @property
    def rows_held(self) -> int:
        return sum(len(window.seen) for window in self.windows)

    @property
    def holds_oldest(self) -> bool:
        """Return whether an incomplete read has the oldest conversations: with `asc`, if the first page is in order."""
        first = self.windows[0].first_page
        if self.is_whole or first is None or self.windows[0].query.order == "desc":
            return self.is_whole
        times = unpinned_times(first)
        return not times or times[0] <= times[-1]

    def conversations(self) -> tuple[Conversation, ...]:
        """Return the conversations read, each once, in the query's order."""
        found: dict[int, Conversation] = {}
        for window in self.windows:
            for conversation in window.conversations():
                found.setdefault(conversation.conversation_id, conversation)
        return tuple(found.values())

    async def confirm(self) -> None:
        """Request the first pages again, because conversations may have changed since the complete read."""
        for window in self.windows:
            await window.confirm()

    async def read(self) -> None:
        """Read to the end."""
        while unfinished := [window for window in self.windows if not window.is_finished]:
            try:
                await unfinished[0].read()
            except BadRequestError:
                if not self.shorten(unfinished[0]):
                    raise
        newest = self.windows[0]
        if len(self.windows) > 1 and newest.ends_later and newest.query.order == "desc" and newest.is_whole:
            # A message moves its conversation there from an older window that was still unread.
            await newest.confirm()
        self.is_finished = True
