"""Stream every conversation of a view once, page by page, in little memory for any inbox.

Only ids and times are kept.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime

from convirza_mcp.api.models import ConversationPage, ConversationQuery, ConversationReader, View
from convirza_mcp.scan.overlap_scan import OverlapScan
from convirza_mcp.scan.reading import Progress
from convirza_mcp.scan.results import Coverage, Seen, sum_known


class ExportReading:
    """Scan of the views for `query`.

    The closed view is read first, so that a conversation in both counts as closed. A conversation that closes while the
    open views are read would then be in neither, so the closed view is read again if its total or first page changed.
    """

    def __init__(
        self, client: ConversationReader, query: ConversationQuery, views: tuple[View, ...], as_of: datetime
    ) -> None:
        self._client = client
        self._query = query
        self._as_of = as_of
        self._views = sorted(views, key=lambda view: view != "close")
        self._read: list[OverlapScan] = []
        self._ids: set[int] = set()

    def coverage(self, as_of: datetime) -> Coverage:
        """Return the coverage so far; the total is None if Convirza does not give it."""
        gap = next((pages.gap for pages in self._read if pages.gap is not None), None)
        windows = [window for pages in self._read for window in pages.windows]
        dropped = sum(len(window.dropped) for window in windows)
        # Count a conversation in two views once.
        total: int | None = len(self._ids)
        if gap is not None or dropped:
            announced = sum_known(pages.total for pages in self._read[: len(self._views)])
            total = None if announced is None else max(len(self._ids), announced)
        return Coverage(
            read=len(self._ids),
            total=total,
            requests=self.requests,
            as_of=as_of,
            gap=gap,
            unreadable={identifier: names for window in windows for identifier, names in window.unreadable.items()},
            dropped=dropped,
        )

    @property
    def requests(self) -> int:
        return sum(each.requests for each in self._read)

    async def pages(self, progress: Progress) -> AsyncGenerator[list[Seen], None]:
        """Yield each page's new conversations."""
        for view in self._views:
            async for page in self._pages_of(view, progress):
                yield page
        if len(self._views) > 1:
            closed, total = self._read[0], self._read[0].total
            heads = [await window.head() for window in closed.windows]
            if closed.total != total or not self._ids.issuperset(each for page in heads for each in page.ids):
                async for page in self._pages_of(self._views[0], progress):
                    yield page

    async def _pages_of(self, view: View, progress: Progress) -> AsyncGenerator[list[Seen], None]:
        async def on_page() -> None:
            await progress(self.requests, None)

        pages = OverlapScan(self._client, replace(self._query, type=view), on_page, self._as_of)
        self._read.append(pages)
        while (page := await pages.next_page()) is not None:
            yield self._new_on(page, view)
        newest = pages.windows[0]
        if len(pages.windows) > 1 and newest.ends_later and newest.gap is None:
            # A message moves its conversation there from an older window that was still unread.
            yield self._new_on(await newest.head_again(), view)

    def _new_on(self, page: ConversationPage, view: View) -> list[Seen]:
        new = [each for each in page.conversations if each.conversation_id not in self._ids]
        self._ids.update(each.conversation_id for each in new)
        return [Seen(each, view == "close") for each in new]
