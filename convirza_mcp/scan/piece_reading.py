"""One query's pages, read once, and the arithmetic that tells whether that was all.

Offsets give no consistency: while pages are read, conversations are inserted at the head, move there, or leave.
What saves the count is arithmetic. Newest first, an insertion or a move only pushes rows down, so rows come
twice and none is skipped, and what was missed stands on the first page: reading that again repairs it. A row
that leaves pulls the others up, and one is skipped at a page's edge: then the total went down, and the view is
not called complete.

A total may as well count the page, or be made up. Where it could, and where a page was full at the announced end,
reading goes on to a page that is not.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import anyio

from convirza_mcp.api.models import Conversation, ConversationPage
from convirza_mcp.api.query import MAX_LIMIT, ConversationQuery, Order
from convirza_mcp.api.reader import ConversationReader
from convirza_mcp.errors import ConvirzaError
from convirza_mcp.scan.coverage import Coverage, Gap

MOST_CONVERSATIONS = 60_000
AT_ONCE = 4
MOST_BARREN = 4
"""Full pages of nothing new that are no drift any more: the API gives the same again, whatever the offset."""

Advanced = Callable[[], Awaitable[None]]


async def _nobody() -> None:
    """Who wants to know that a page came, where nobody does."""


class PieceReading:
    """The pages of one query, as far as they have been read.

    With `last_page_next` those after the first are asked for from the last one back.
    """

    def __init__(self, query: ConversationQuery) -> None:
        self.query = query
        self.last_page_next = False
        self.ids: set[int] = set()
        self.requests = 0
        self._held: dict[int, ConversationPage] = {}
        self._head_again: ConversationPage | None = None
        self._step = MAX_LIMIT
        self._empty_from: int | None = None
        self._totals: set[int] = set()
        self._total: int | None = None
        self._shrank = False
        self._late = False
        self._read_backwards = False
        self._barren = 0
        self._repeated = False
        self._done = False
        self._has_changed_since = False

    @property
    def is_finished(self) -> bool:
        return self._done

    @property
    def holds_oldest(self) -> bool:
        if self.query.order == "asc":
            return 0 in self._held and _is_in_order(self._held[0], "asc")
        last = max(0, (self._total or 0) - 1) // self._step * self._step
        reached = self._done or (self._total is not None and last in self._held)
        return reached and 0 in self._held and _is_in_order(self._held[0], "desc")

    @property
    def planned(self) -> int | None:
        return None if self._total is None else max(1, -(-min(self._total, MOST_CONVERSATIONS) // self._step))

    def in_order(self) -> Iterator[Conversation]:
        if self._head_again is not None:
            yield from self._head_again.conversations
        for offset in sorted(self._held):
            yield from self._held[offset].conversations

    def coverage(self, now: datetime) -> Coverage:
        unreadable: dict[int, frozenset[str]] = {}
        for page in (*self._held.values(), *filter(None, (self._head_again,))):
            unreadable.update(page.unreadable_fields)
        return Coverage(
            read=len(self.ids),
            total=self._total,
            requests=self.requests,
            as_of=now,
            gap=self._gap(),
            unreadable=unreadable,
            dropped=self._dropped,
        )

    @property
    def _dropped(self) -> int:
        return sum(len(page.dropped) for page in self._held.values())

    async def read(self, client: ConversationReader, advanced: Advanced) -> None:
        if self._done:
            return
        if not self._held:
            await self._ask(client, 0, advanced)
        while offsets := self._missing():
            # Without a total there is no telling which page is the last: then one after the other.
            await self._ask_for(client, offsets if self._total is not None else offsets[:1], advanced)
        if not self._repeated and not self._agrees() and (self._total or 0) <= MOST_CONVERSATIONS:
            # The one repair: what moved while pages were read stands at the head now.
            self._head_again, _ = await self._page(client, 0, advanced)
        self._done = True

    async def confirm(self, client: ConversationReader) -> None:
        """Ask for the first page once more: where it or the total is another, conversations have come or gone."""
        changed, self._has_changed_since = self._has_changed_since, True
        first = self._head_again or self._held[0]
        # Where this does not come through, it has not been confirmed.
        with suppress(ConvirzaError):
            again, _ = await self._page(client, 0, _nobody)
            self._has_changed_since = changed or (again.ids, again.total) != (first.ids, first.total)

    async def _ask_for(self, client: ConversationReader, offsets: list[int], advanced: Advanced) -> None:
        waiting = deque(offsets)
        failures: list[ConvirzaError] = []

        async def keep_asking() -> None:
            while (offset := self._next_of(waiting)) is not None:
                try:
                    await self._ask(client, offset, advanced)
                except ConvirzaError as error:
                    failures.append(error)
                    tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            for _ in range(min(AT_ONCE, len(offsets))):
                tasks.start_soon(keep_asking)
        if failures:
            raise failures[0]

    def _next_of(self, waiting: deque[int]) -> int | None:
        if self._repeated or not waiting:
            return None
        # Where the announced end turned out to be empty, only the other direction finds the true one.
        if self.last_page_next and self._empty_from is None:
            self._read_backwards = self._read_backwards or len(waiting) > 1
            return waiting.pop()
        offset = waiting.popleft()
        return None if self._empty_from is not None and offset > self._empty_from else offset

    def _missing(self) -> list[int]:
        """The offsets that are still to be asked for, in order."""
        if self._repeated:
            return []
        end = MOST_CONVERSATIONS
        if self._total is not None:
            end = min(end, self._total)
        if self._empty_from is not None:
            end = min(end, self._empty_from)
        missing = [offset for offset in range(0, end, self._step) if offset not in self._held]
        if not missing and self._may_go_on() and max(self._held) + self._step < MOST_CONVERSATIONS:
            missing.append(max(self._held) + self._step)
        return missing

    def _may_go_on(self) -> bool:
        """Whether more may follow although the announced end has been reached."""
        last, first = max(self._held), self._held[0]
        is_beyond = self._total is None or last + self._step > self._total
        counts_the_page = first.total is not None and first.total <= first.received
        return self._held[last].received >= self._step and (is_beyond or counts_the_page)

    async def _ask(self, client: ConversationReader, offset: int, advanced: Advanced) -> None:
        page, new = await self._page(client, offset, advanced)
        if not offset and 0 < page.received < MAX_LIMIT and (page.total is None or page.total > page.received):
            # Convirza gives smaller pages than were asked for: go at its pace.
            self._step = page.received
        self._held[offset] = page
        if page.received == 0:
            self._empty_from = offset if self._empty_from is None else min(self._empty_from, offset)
        elif offset and page.received >= self._step and not new:
            self._barren += 1
            self._repeated = self._barren > MOST_BARREN or page.ids == self._held[0].ids

    async def _page(self, client: ConversationReader, offset: int, advanced: Advanced) -> tuple[ConversationPage, int]:
        """The page, and how many of its conversations had not come before."""
        highest_before = max(self._totals, default=0)
        page = await client.list_sms_conversations(replace(self.query, offset=offset))
        self.requests += 1
        known = len(self.ids)
        for conversation in page.conversations:
            self.ids.add(conversation.conversation_id)
            updated, end = conversation.conversation_updated, self.query.end
            self._late = self._late or (updated is not None and end is not None and updated > end)
        if page.total is not None:
            # Pages under way at once come in any order: only one that was asked for later tells of a loss.
            self._shrank = self._shrank or page.total < highest_before
            self._totals.add(page.total)
            self._total = page.total if page.total >= highest_before else self._total
        new = len(self.ids) - known
        await advanced()
        return page, new

    def _agrees(self) -> bool:
        """Whether the pages fit together: as many different conversations as the one total that all pages gave.

        Where the total grew, it must have been confirmed by the repair. Towards the newest, one that leaves and one
        that comes between two answers keep the total and still move a row past the edge: there nothing may have come.
        """
        if self._has_changed_since:
            return False
        if self._late and (self.query.order == "asc" or self._read_backwards):
            return False
        steady = len(self._totals) == 1 or (self._head_again is not None and self._head_again.total == self._total)
        return steady and not self._shrank and len(self.ids) + self._dropped == self._total

    def _gap(self) -> Gap | None:
        if self._repeated:
            return Gap.REPEATED
        if not self._done:
            return Gap.TIME
        if self._agrees():
            return None
        if self._total is None or len(self.ids) > max(self._totals):
            return Gap.UNCOUNTED
        if self._empty_from is not None and not self._shrank:
            return Gap.FEWER
        return Gap.MOST if self._total > MOST_CONVERSATIONS else Gap.MOVED


def _is_in_order(page: ConversationPage, order: Order) -> bool:
    """Whether the page shows that the order was heeded. Pinned rows may come first in any order: they show nothing."""
    times = [each.conversation_updated for each in page.conversations if each.conversation_updated and not each.pin]
    return not times or (times[0] <= times[-1] if order == "asc" else times[-1] <= times[0])
