"""The pages of a view one after the other, each joined to the one before, so that no row is skipped between.

Offsets give no consistency: a row that leaves the view pulls the others up, and the next offset then skips one.
So each page is asked for from the last row of the page before on. Where it does not begin with a row that was
seen already, something was pulled past the edge, and reading goes back a page. Rows that are pushed down come
twice, which their ids tell.

Joins cost a row a page. After a page's worth of them, 40,000 rows down, what leaves is told by the total alone.

The first two pages are asked for one by one, since most readings need no more; then up to four at once, each from
where the one before it will end if it is full. What does not join is asked for anew.
"""

from dataclasses import replace
from datetime import datetime

import anyio

from convirza_mcp.api.models import ConversationPage
from convirza_mcp.api.query import MAX_LIMIT, ConversationQuery
from convirza_mcp.api.reader import ConversationReader
from convirza_mcp.errors import BadRequestError, ConvirzaError
from convirza_mcp.scan.coverage import Gap
from convirza_mcp.scan.piece_reading import AT_ONCE, MOST_BARREN, MOST_CONVERSATIONS
from convirza_mcp.scan.window_split import in_pieces

_MOST_SETBACKS = 8
_MOST_JOINS = MAX_LIMIT
_ALONE = 2
"""Pages that are asked for one by one."""


class OverlapScan:
    """A view in a window, in pieces of 31 days from the newest on where Convirza refuses the whole.

    Pieces touch, so a conversation may come in two of them.
    """

    def __init__(self, client: ConversationReader, query: ConversationQuery) -> None:
        self._client = client
        self._query = query
        self.windows = [OverlapWindow(client, query)]
        self._at = 0

    async def next_page(self) -> ConversationPage | None:
        """The next page, in the query's order; None at the end.

        Raises:
            ConvirzaError: the page could not be had.
        """
        while self._at < len(self.windows):
            try:
                page = await self.windows[self._at].next_page()
            except BadRequestError:
                queries = in_pieces(self._query)
                if len(self.windows) > 1 or len(queries) == 1 or self.windows[0].seen:
                    raise
                self.windows = [OverlapWindow(self._client, query) for query in queries]
                continue
            if page is not None:
                return page
            self._at += 1
        return None

    def skip_window(self) -> None:
        """Read no more of the piece that the last page came from."""
        self._at += 1

    @property
    def is_finished(self) -> bool:
        return self._at >= len(self.windows)

    @property
    def requests(self) -> int:
        return sum(piece.requests for piece in self.windows)

    @property
    def total(self) -> int | None:
        totals = [piece.total for piece in self.windows]
        return None if None in totals else sum(each or 0 for each in totals)

    @property
    def gap(self) -> Gap | None:
        return next((piece.gap for piece in self.windows if piece.gap is not None), None)

    @property
    def unreadable(self) -> dict[int, frozenset[str]]:
        """The fields that came in no readable form, by conversation id."""
        return {identifier: names for piece in self.windows for identifier, names in piece.unreadable.items()}

    @property
    def dropped(self) -> int:
        return sum(piece.dropped for piece in self.windows)


class OverlapWindow:
    """The pages of one query.

    `seen` holds the time of each conversation that came, by id. `gap` is why the pages ended before the view did.
    """

    def __init__(self, client: ConversationReader, query: ConversationQuery) -> None:
        self.query = replace(query, limit=MAX_LIMIT, offset=0)
        self.seen: dict[int, datetime | None] = {}
        self.requests = 0
        self.total: int | None = None
        self.gap: Gap | None = None
        self.unreadable: dict[int, frozenset[str]] = {}
        self._client = client
        self._offset = 0
        self._is_joined = False
        self._joins = 0
        self._totals: set[int | None] = set()
        self._dropped: set[int] = set()
        self._first: ConversationPage | None = None
        self._ended = False
        self._setbacks = 0
        self._barren = 0
        self._taken = 0
        self._ahead: dict[int, ConversationPage] = {}

    async def next_page(self) -> ConversationPage | None:
        """The next page; None at the end.

        Raises:
            ConvirzaError: the page could not be had.
        """
        while not self._ended:
            if self._offset not in self._ahead:
                await self._ask_on()
            page = self._ahead.pop(self._offset)
            before, self.total = self.total, page.total if page.total is not None else self.total
            self._totals.add(page.total)
            if self._offset and not self._continues(page, before):
                self._go_back(page)
                continue
            if self._is_again(page):
                self._end(Gap.REPEATED)
                break
            self._first = self._first or page
            self._take(page)
            await self._account_for_the_rest()
            return page
        return None

    @property
    def dropped(self) -> int:
        """How many rows had no usable id."""
        return len(self._dropped)

    @property
    def is_whole(self) -> bool:
        """Whether the view ended, with as many different conversations as the one total that all pages gave."""
        return self._ended and self.gap is None and self._totals == {len(self.seen) + len(self._dropped)}

    async def head(self) -> ConversationPage:
        """The first page as it is now; reading goes on where it was."""
        page = await self._ask(0)
        self._totals.add(page.total)
        self.total = self.total if page.total is None else page.total
        return page

    async def _ask(self, offset: int) -> ConversationPage:
        page = await self._client.list_sms_conversations(replace(self.query, offset=offset))
        self.requests += 1
        return page

    async def _ask_on(self) -> None:
        """Ask for the page at the offset, and where many are being read for those that should follow it."""
        self._ahead.clear()
        failures: dict[int, ConvirzaError] = {}

        async def ask(offset: int) -> None:
            try:
                self._ahead[offset] = await self._ask(offset)
            except ConvirzaError as error:
                failures[offset] = error

        async with anyio.create_task_group() as tasks:
            for offset in self._next_offsets():
                tasks.start_soon(ask, offset)
        if self._offset in failures:
            # Of the others nothing is needed yet: they are asked for again when they are.
            raise failures[self._offset]

    def _next_offsets(self) -> list[int]:
        offsets, joins = [self._offset], self._joins
        most = 1 if self._taken < _ALONE else min(AT_ONCE, self._taken)
        end = min(self.total or 0, MOST_CONVERSATIONS)
        while len(offsets) < most:
            joined = joins < _MOST_JOINS
            joins += joined
            following = offsets[-1] + MAX_LIMIT - joined
            if following >= end:
                break
            offsets.append(following)
        return offsets

    def _is_again(self, page: ConversationPage) -> bool:
        """Whether Convirza gives the same rows whatever the offset."""
        if not self._offset or self._first is None or not page.ids:
            return False
        if not any(each not in self.seen for each in page.ids[self._is_joined :]):
            self._barren += 1
        return self._barren > MOST_BARREN or (len(page.ids) > 1 and page.ids == self._first.ids)

    async def _account_for_the_rest(self) -> None:
        """Where fewer came than there are at the end, the others came meanwhile and stand at the head; or got lost."""
        if not self._ended or self.gap is not None or not self._lacks(0):
            return
        head = await self.head()
        if self._lacks(sum(each not in self.seen for each in head.ids)):
            self.gap = Gap.MOVED

    def _lacks(self, came: int) -> bool:
        return len(self.seen) + len(self._dropped) + came < (self.total or 0)

    def _continues(self, page: ConversationPage, total: int | None) -> bool:
        if not self._is_joined:
            return page.total is None or total is None or page.total >= total
        # A row with another time than before has moved: it joins nothing.
        first = next(iter(page.conversations), None)
        return (
            first is not None
            and 0 not in page.dropped
            and first.conversation_id in self.seen
            and self.seen[first.conversation_id] == first.conversation_updated
        )

    def _go_back(self, page: ConversationPage) -> None:
        self._ahead.clear()
        self._setbacks += 1
        if self._setbacks > _MOST_SETBACKS:
            self._end(Gap.MOVED if page.received else Gap.FEWER)
        self._offset = max(0, self._offset - MAX_LIMIT)
        self._is_joined = self._offset > 0

    def _take(self, page: ConversationPage) -> None:
        self._taken += 1
        self.seen.update((each.conversation_id, each.conversation_updated) for each in page.conversations)
        self._dropped.update(self._offset + place for place in page.dropped)
        self.unreadable.update(page.unreadable_fields)
        beyond = self._offset + page.received
        # A full page is followed by an attempt whatever the total says, but not where the total has to be relied on.
        is_full = page.received >= MAX_LIMIT
        relied_on = self._joins >= _MOST_JOINS and not self._is_joined and beyond == page.total
        if relied_on or (not is_full and page.total is not None and beyond >= page.total):
            self._end(None)
        elif page.received <= (1 if self._is_joined else 0):
            self._end(Gap.UNCOUNTED if page.total is None else Gap.FEWER if page.total > beyond else None)
        elif beyond >= MOST_CONVERSATIONS:
            self._end(Gap.MOST)
        else:
            place = page.received - 1
            while place in page.dropped:
                place -= 1
            self._is_joined = place > 0 and self._joins < _MOST_JOINS
            self._joins += self._is_joined
            self._offset = self._offset + place if self._is_joined else beyond

    def _end(self, gap: Gap | None) -> None:
        self._ended = True
        self.gap = gap
