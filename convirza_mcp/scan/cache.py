"""Cache of views: each is scanned once, shared by concurrent questions, and held for a minute.

Only in memory, only for this process's credentials, and at most `MAX_ROWS_HELD` rows in total.
"""

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from weakref import proxy

import anyio
from anyio.abc import TaskGroup

from convirza_mcp.api.models import ORDERS, ConversationQuery, ConversationReader, Order
from convirza_mcp.clock.durations import seconds_text
from convirza_mcp.clock.window import Window, up_to_the_second
from convirza_mcp.errors import AccountChangedError, APITimeoutError
from convirza_mcp.scan.parallel_scan import ParallelScan
from convirza_mcp.scan.reading import Progress, check_account, no_progress
from convirza_mcp.scan.results import RequestedView, WholeView
from convirza_mcp.settings import reading_seconds
from convirza_mcp.single_flight import FlightCancelledError, SingleFlight

CACHE_LIFETIME = timedelta(seconds=60)
MAX_ROWS_HELD = 100_000


class _Entry:
    """One view of one account: its scan, and the task that the scan runs in.

    `lends_window`: another view of the same question may be read in this one's window. A view that borrowed its window
    does not lend it; otherwise alternating questions would keep the same window forever.
    """

    def __init__(self, requested: RequestedView, window: Window, as_of: datetime, *, borrowed: bool) -> None:
        self.type = requested.type
        self.window = window
        self.as_of = as_of
        self.borrowed = borrowed
        self.scan: ParallelScan
        self.touched: float
        """Time of its last page, by the monotonic clock, because the wall clock can be set back."""
        self.flight: SingleFlight[None] | None = None
        self.stands_at = 0
        """End of the latest scan after which it was still as it was read."""
        self.confirming = anyio.Lock()
        self._view: WholeView | None = None

    @property
    def is_running(self) -> bool:
        return self.flight is not None and self.flight.is_running

    @property
    def lends_window(self) -> bool:
        return not (self.borrowed and self.scan.is_finished)

    @property
    def is_joinable(self) -> bool:
        """Return whether a question that does not borrow is reading: another one then gets the same answer."""
        return self.is_running and self.window.counted is not None

    @property
    def view(self) -> WholeView:
        if self._view is not None:
            return self._view
        scan = self.scan
        view = WholeView(self.type, scan.conversations(), scan.coverage(self.as_of), self.window, scan.holds_oldest)
        if scan.is_finished:
            # Cached, because it takes most of the time of a second question about a large view.
            self._view = view
        return view

    async def confirm(self, end: int) -> None:
        """Check whether the view is still as it was read, at the end of a later scan."""
        async with self.confirming:
            if self.stands_at < end and self.scan.is_whole:
                self._view = None
                await self.scan.confirm()
                self.stands_at = end


class RowBudget:
    """Budget for the rows of all caches of a process."""

    def __init__(self, most_rows: int = MAX_ROWS_HELD) -> None:
        self._most_rows = most_rows
        self.entries: dict[tuple[ViewCache, str, RequestedView, Order], _Entry] = {}

    @property
    def rows_held(self) -> int:
        return sum(entry.scan.rows_held for entry in self.entries.values())

    def trim(self) -> None:
        """Drop the least recently read views, except those being read, until the rows fit."""
        rows = self.rows_held
        for key, entry in sorted(self.entries.items(), key=lambda each: each[1].touched):
            if rows > self._most_rows and not entry.is_running:
                rows -= entry.scan.rows_held
                del self.entries[key]


PROCESS_ROWS = RowBudget()


class ViewCache:
    """Scan views for questions, in tasks of the group `tasks`, and hold them. `close` stops every scan.

    `timeout` is the time of a question, in seconds; shortly before its end, the answer uses the rows read so far. `now`
    dates answers, and `monotonic` decides how long rows are held.
    """

    def __init__(
        self,
        client: ConversationReader,
        tasks: TaskGroup,
        *,
        timeout: float,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        held_for: timedelta = CACHE_LIFETIME,
        rows: RowBudget = PROCESS_ROWS,
    ) -> None:
        self._client = client
        self._tasks = tasks
        self._timeout = timeout
        self._now = now
        self._monotonic = monotonic
        self._held_for = held_for.total_seconds()
        self._rows = rows
        self._ends = count(1)
        self._sweeping: SingleFlight[None] | None = None
        self._is_closed = False

    def close(self) -> None:
        """Stop every scan and drop every row. Any task may call it."""
        self._is_closed = True
        for entry in self._drop(lambda _: True):
            if entry.flight is not None:
                entry.flight.scope.cancel()
        if self._sweeping is not None:
            self._sweeping.scope.cancel()

    async def read_all(
        self,
        requested: Sequence[RequestedView],
        window: Window,
        *,
        order: Order = "desc",
        borrows: bool = True,
        progress: Progress = no_progress,
    ) -> list[WholeView]:
        """Return the whole views, read one after the other: each from the cache, by joining a scan, or by a new scan.

        With `asc`, an incomplete view contains the oldest rows. `window` is that of `requested` now. A cached answer
        has the window of its own time, and the other views are read in that window too; otherwise newer rows would be
        in one view and missing in another. Without `borrows`, such a question reads all views again, unless another
        of this kind is reading them.

        Raises:
            ConvirzaError: nothing could be read, or a page failed.
        """
        before = told = 0

        async def tell(scan: ParallelScan) -> None:
            # Over all views, because MCP requires progress to rise.
            nonlocal told
            pages, of = scan.pages
            if before + pages > told:
                told = before + pages
                await progress(told, None if of is None else max(told, before + of))

        entries: list[_Entry] = []
        with anyio.move_on_after(reading_seconds(self._timeout)):
            shared = await self._shared_window(requested, window, order, borrows=borrows)
            for each in requested:
                entries.append(await self._entry(each, shared, order, borrowed=shared is not window))
                await self._finish(entries[-1], tell)
                before += entries[-1].scan.requests
            # A conversation that moved from an unread view to one already read is in neither.
            for entry in entries:
                await entry.confirm(max(each.stands_at for each in entries))
        if not entries or not entries[0].scan.requests:
            raise APITimeoutError(
                f"Convirza did not answer within {seconds_text(self._timeout)}.",
                remedy="Try again, or raise CONVIRZA_TIMEOUT.",
            )
        # Too late to begin; the answer still says what is missing.
        shared = entries[0].window
        borrowed = shared is not window
        entries += [await self._entry(each, shared, order, borrowed=borrowed) for each in requested[len(entries) :]]
        return [entry.view for entry in entries]

    async def held(self) -> list[WholeView]:
        """Return the views cached for this credential, the latest first."""
        self._drop_old()
        account = await self._client.credential_fingerprint()
        entries = [
            entry for key, entry in self._rows.entries.items() if key[:2] == (self, account) and entry.scan.requests
        ]
        return [entry.view for entry in sorted(entries, key=lambda entry: entry.touched, reverse=True)]

    async def _shared_window(
        self, requested: Sequence[RequestedView], window: Window, order: Order, *, borrows: bool
    ) -> Window:
        """Return the window of a question about these views: that of the latest cached one, else `window`."""
        self._drop_old()
        account = await self._client.credential_fingerprint()
        held = (self._held(account, each, order) for each in requested)
        found = [[each for each in entries if borrows or not each.borrowed] for entries in held]
        for entry in found[0]:
            if all(any(each.window == entry.window for each in others) for others in found):
                return entry.window
        lenders = [each for entries in found for each in entries if each.lends_window and (borrows or each.is_joinable)]
        return max(lenders, key=lambda each: each.as_of).window if lenders else window

    def _held(self, account: str, requested: RequestedView, order: Order) -> Iterator[_Entry]:
        for each in dict.fromkeys((order, *ORDERS)):
            entry = self._rows.entries.get((self, account, requested, each))
            # In the other order, only a complete view can be used.
            if entry is not None and (each == order or entry.scan.is_whole):
                yield entry

    async def _entry(self, requested: RequestedView, window: Window, order: Order, *, borrowed: bool = False) -> _Entry:
        self._drop_old()
        account = await self._client.credential_fingerprint()
        for entry in self._held(account, requested, order):
            if entry.window == window:
                return entry
        entry = _Entry(requested, window, self._now(), borrowed=borrowed)
        start, end = window.bounds
        query = ConversationQuery(type=requested.type, order=order, start=start, end=end)
        # A weak proxy, because a reference cycle would outlive the minute.
        on_page = partial(self._on_page, account, proxy(entry))
        entry.scan = ParallelScan(self._client, query, on_page, up_to_the_second(entry.as_of))
        entry.touched = self._monotonic()
        self._rows.entries[self, account, requested, order] = entry
        return entry

    async def _finish(self, entry: _Entry, tell: Callable[[ParallelScan], Awaitable[None]]) -> None:
        while not entry.scan.is_finished:
            if self._is_closed:
                raise AccountChangedError("This account was closed while the inbox was read.", remedy="Ask again.")
            if entry.flight is None or not entry.flight.is_running:
                # When no question waits any more, the requests stop, and the pages stay for the next question.
                entry.flight = SingleFlight(self._tasks, partial(self._scan, entry), needs_waiter=True)
            with suppress(FlightCancelledError):
                await entry.flight.result(partial(tell, entry.scan))

    async def _on_page(self, account: str, entry: _Entry) -> None:
        # Before the page counts, because another account's rows must not mix with these.
        await check_account(self._client, account)
        if entry.flight is not None and entry.flight.is_running:
            entry.touched = self._monotonic()
            entry.flight.tell()

    async def _scan(self, entry: _Entry) -> None:
        try:
            await entry.scan.read()
            entry.stands_at = next(self._ends)
        except AccountChangedError:
            self._drop(lambda each: each is entry)
            raise
        finally:
            self._rows.trim()
            if self._sweeping is None or not self._sweeping.is_running:
                self._sweeping = SingleFlight(self._tasks, self._sweep)

    async def _sweep(self) -> None:
        # Drop rows even without further questions: do not hold messages longer than needed.
        while any(key[0] is self for key in self._rows.entries):
            await anyio.sleep(self._held_for / 4)
            self._drop_old()

    def _drop_old(self) -> None:
        oldest = self._monotonic() - self._held_for
        self._drop(lambda entry: entry.touched < oldest and not entry.is_running)

    def _drop(self, which: Callable[[_Entry], bool]) -> list[_Entry]:
        entries = self._rows.entries
        keys = [key for key, entry in entries.items() if key[0] is self and which(entry)]
        return [entries.pop(key) for key in keys]
