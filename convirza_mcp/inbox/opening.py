"""Finding one conversation, which the API cannot be asked for: in memory, or by reading views until it comes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.models import Conversation, ConversationPage
from convirza_mcp.api.query import MAX_LIMIT, MAX_SEARCH_LENGTH, ConversationQuery, View
from convirza_mcp.errors import RequestRejected
from convirza_mcp.inbox.narrowing import Seen
from convirza_mcp.inbox.phone_digits import digits_of
from convirza_mcp.inbox.views import Progress, WholeView
from convirza_mcp.inbox.window import Window

OPEN_AND_CLOSED: tuple[View, ...] = ("allOpen", "close")
MOST_CONVERSATIONS = 60_000
_LONGEST_PIECE = timedelta(days=31)
"""What Convirza's neighbouring endpoint allows; asked in pieces only where the whole is refused."""

Found = TypeVar("Found")


@dataclass(slots=True)
class ViewSoFar:
    """How far one view has been read: `is_whole` once nothing in it can have been missed."""

    ids: set[int] = field(default_factory=set)
    is_whole: bool = False


def held_conversation(conversation_id: int, views: Sequence[WholeView]) -> tuple[Conversation, datetime] | None:
    """The freshest row of this conversation in memory, and as of when it is."""
    held = [
        (view.coverage.as_of, conversation)
        for view in views
        for conversation in view.conversations
        if conversation.conversation_id == conversation_id
    ]
    if not held:
        return None
    as_of, conversation = max(held, key=lambda each: each[0])
    return conversation, as_of


class Opening:
    """Reads on behalf of one question, one request after the other; `requests` counts them."""

    def __init__(self, client: ConvirzaClient, window: Window, progress: Progress) -> None:
        self.requests = 0
        self.window = window
        self.read: dict[View, ViewSoFar] = {}
        self._client = client
        self._progress = progress
        self._pieces = [(window.start, window.end)]

    async def find(self, conversation_id: int, view: View) -> Conversation | None:
        """Read the view newest first, up to the page that holds the conversation.

        Raises:
            ConvirzaError: a page could not be had.
        """

        async def through_pieces() -> Conversation | None:
            so_far = self.read[view] = ViewSoFar()
            whole = True
            for start, end in self._pieces:
                query = ConversationQuery(type=view, limit=MAX_LIMIT, start=start, end=end)
                piece = _Walk(conversation_id)
                hit = await piece.through(self._page, query, so_far.ids)
                if hit is not None:
                    return hit
                whole = whole and piece.is_whole
            so_far.is_whole = whole
            return None

        return await self._in_pieces_if_need_be(through_pieces)

    async def with_number(self, source: str) -> tuple[list[Seen], bool]:
        """The open and closed conversations of the contact with this number, and whether those are all.

        One search a view. A conversation that is found in both counts as closed.

        Raises:
            ConvirzaError: a page could not be had.
        """
        digits = digits_of(source)

        async def through_pieces() -> tuple[dict[int, Seen], bool]:
            seen: dict[int, Seen] = {}
            all_of_them = True
            for view in OPEN_AND_CLOSED:
                for start, end in self._pieces:
                    query = ConversationQuery(
                        type=view, limit=MAX_LIMIT, search=source.strip()[:MAX_SEARCH_LENGTH], start=start, end=end
                    )
                    page = await self._page(query)
                    all_of_them = all_of_them and page.total is not None and page.total <= page.received
                    for each in page.conversations:
                        # Convirza's search takes parts of numbers and names.
                        if digits_of(each.source) == digits:
                            seen[each.conversation_id] = Seen(each, view == "close")
            return seen, all_of_them

        seen, all_of_them = await self._in_pieces_if_need_be(through_pieces)
        return list(seen.values()), all_of_them

    async def _page(self, query: ConversationQuery) -> ConversationPage:
        page = await self._client.list_sms_conversations(query)
        self.requests += 1
        await self._progress(self.requests, None)
        return page

    async def _in_pieces_if_need_be(self, ask: Callable[[], Awaitable[Found]]) -> Found:
        try:
            return await ask()
        except RequestRejected:
            # The documentation names no longest window here; a neighbouring endpoint has one.
            start, end = self._pieces[0]
            if len(self._pieces) > 1 or end - start <= _LONGEST_PIECE:
                raise
            self._pieces = _newest_first(start, end)
            return await ask()


def _newest_first(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The window in pieces that touch."""
    bounds = [end]
    while bounds[-1] - _LONGEST_PIECE > start:
        bounds.append(bounds[-1] - _LONGEST_PIECE)
    return [(earlier, later) for later, earlier in pairwise([*bounds, start])]


class _Walk:
    """Through the pages of one query, until the conversation comes or the pages end."""

    def __init__(self, conversation_id: int) -> None:
        self.is_whole = False
        self._wanted = conversation_id
        self._totals: set[int] = set()
        self._dropped = 0

    async def through(
        self,
        ask: Callable[[ConversationQuery], Awaitable[ConversationPage]],
        query: ConversationQuery,
        ids: set[int],
    ) -> Conversation | None:
        """The conversation, or None; every id that was read is added to `ids`."""
        mine: set[int] = set()
        first: list[int] | None = None
        offset = 0
        while offset < MOST_CONVERSATIONS:
            page = await ask(replace(query, offset=offset))
            hit, page_ids = self._look_at(page)
            ids.update(page_ids)
            mine.update(page_ids)
            if hit is not None:
                return hit
            if page.received == 0 or page_ids == first:
                # The end; or an API that gives the same page again, for ever.
                break
            first = page_ids if first is None else first
            offset += page.received
            if page.total is not None and offset >= page.total:
                break
        if self._agrees(mine):
            self.is_whole = True
            return None
        # What moved while pages were read stands at the head now.
        hit, page_ids = self._look_at(await ask(replace(query, offset=0)))
        ids.update(page_ids)
        return hit

    def _look_at(self, page: ConversationPage) -> tuple[Conversation | None, list[int]]:
        self._dropped += len(page.dropped)
        if page.total is not None:
            self._totals.add(page.total)
        hit = next((each for each in page.conversations if each.conversation_id == self._wanted), None)
        return hit, [each.conversation_id for each in page.conversations]

    def _agrees(self, ids: set[int]) -> bool:
        return self._totals == {len(ids) + self._dropped}
