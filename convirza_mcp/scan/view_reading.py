"""Reading a whole view: every page of it, once, and an honest word on whether that was all."""

from dataclasses import replace
from datetime import datetime

from convirza_mcp.api.models import Conversation
from convirza_mcp.api.query import MAX_LIMIT, ConversationQuery
from convirza_mcp.api.reader import ConversationReader
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import BadRequestError
from convirza_mcp.scan.coverage import Coverage
from convirza_mcp.scan.piece_reading import Advanced, PieceReading
from convirza_mcp.scan.window_split import in_pieces


class ViewReading:
    """One view in one window, as far as it has been read; `read` goes on from there."""

    def __init__(self, client: ConversationReader, query: ConversationQuery, window: Window) -> None:
        self.window = window
        self._client = client
        start, end = window.bounds
        self._pieces = [PieceReading(replace(query, start=start, end=end, limit=MAX_LIMIT, offset=0))]
        self._split = False
        self._oldest_next = False

    @property
    def is_finished(self) -> bool:
        return all(piece.is_finished for piece in self._pieces)

    @property
    def pages(self) -> tuple[int, int | None]:
        """How many pages have been read, and of how many, where that is known."""
        planned = [piece.planned for piece in self._pieces]
        return (
            sum(piece.requests for piece in self._pieces),
            None if None in planned else sum(each or 0 for each in planned),
        )

    @property
    def rows_held(self) -> int:
        return sum(len(piece.ids) for piece in self._pieces)

    @property
    def holds_oldest(self) -> bool:
        """Whether the page with the oldest conversations has been read."""
        first, last = self._pieces[0], self._pieces[-1]
        return first.holds_oldest if first.query.order == "asc" else last.holds_oldest

    def read_oldest_next(self) -> None:
        """From now on ask for the oldest pages first, whatever the order: for who must not lose those."""
        self._oldest_next = self._pieces[0].query.order == "desc"
        for piece in self._pieces:
            piece.last_page_next = self._oldest_next

    def conversations(self) -> tuple[Conversation, ...]:
        """What has been read, each conversation once, in the order asked for."""
        found: dict[int, Conversation] = {}
        for piece in self._pieces:
            for conversation in piece.in_order():
                found.setdefault(conversation.conversation_id, conversation)
        return tuple(found.values())

    def coverage(self, now: datetime) -> Coverage:
        """What has been read up to `now`."""
        parts = [piece.coverage(now) for piece in self._pieces]
        if len(parts) == 1:
            return parts[0]
        return Coverage.together(parts, sum(1 for _ in self.conversations()))

    async def confirm(self) -> None:
        """Ask once more whether what was read whole still stands: conversations may have come or gone meanwhile."""
        for piece in self._pieces:
            await piece.confirm(self._client)

    async def read(self, advanced: Advanced) -> None:
        """Read on to the end; `advanced` is called after every page.

        Raises:
            ConvirzaError: a page could not be had; what was read stays.
        """
        try:
            await self._read(advanced)
        except BadRequestError:
            pieces = in_pieces(self._pieces[0].query)
            if self._split or len(pieces) == 1:
                raise
            self._split = True
            self._pieces = [PieceReading(query) for query in pieces]
            if self._oldest_next:
                self.read_oldest_next()
            await self._read(advanced)

    async def _read(self, advanced: Advanced) -> None:
        while unfinished := [piece for piece in self._pieces if not piece.is_finished]:
            await unfinished[-1 if self._oldest_next else 0].read(self._client, advanced)
