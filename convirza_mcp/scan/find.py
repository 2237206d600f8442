"""Finding one conversation, which the API cannot be asked for: in memory, or by reading views until it comes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from convirza_mcp.api.models import Conversation, ConversationPage
from convirza_mcp.api.query import MAX_LIMIT, MAX_SEARCH_LENGTH, ConversationQuery, View
from convirza_mcp.api.reader import ConversationReader
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import BadRequestError
from convirza_mcp.scan.cache import Progress, WholeView
from convirza_mcp.scan.coverage import Coverage
from convirza_mcp.scan.overlap_scan import OverlapScan
from convirza_mcp.scan.seen import Seen
from convirza_mcp.scan.window_split import in_pieces
from convirza_mcp.text.compare import number_value

OPEN_AND_CLOSED: tuple[View, ...] = ("allOpen", "close")


@dataclass(slots=True)
class ViewSoFar:
    """How far one view has been read: `is_whole` once nothing in it can have been missed."""

    ids: set[int] = field(default_factory=set)
    is_whole: bool = False


class HeldConversation(NamedTuple):
    """A row from memory, the view it came from, and what that rests on."""

    conversation: Conversation
    type: View
    coverage: Coverage


def held_conversation(conversation_id: int, views: Sequence[WholeView]) -> HeldConversation | None:
    """The freshest row of this conversation in memory; of two equally fresh ones that of the closed view."""
    held = [
        HeldConversation(conversation, view.type, view.coverage)
        for view in views
        for conversation in view.conversations
        if conversation.conversation_id == conversation_id
    ]
    return max(held, key=lambda each: (each.coverage.as_of, each.type == "close"), default=None)


class Opening:
    """Reads on behalf of one question, one request after the other; `requests` counts them.

    `unreadable` names, by id, the fields that came in no readable form when a conversation was last read.
    """

    def __init__(self, client: ConversationReader, window: Window, progress: Progress) -> None:
        self.requests = 0
        self.window = window
        self.read: dict[View, ViewSoFar] = {}
        self.unreadable: dict[int, frozenset[str]] = {}
        self._client = client
        self._progress = progress

    async def find(self, conversation_id: int, view: View) -> Conversation | None:
        """Read the view newest first, up to the page that holds the conversation.

        Raises:
            ConvirzaError: a page could not be had.
        """
        so_far = self.read[view] = ViewSoFar()
        pages = OverlapScan(self._client, self._query(view))
        before = self.requests
        while (page := await pages.next_page()) is not None:
            await self._count(before + pages.requests)
            so_far.ids.update(page.ids)
            self._note_unreadable(page)
            if (hit := _on(page, conversation_id)) is not None:
                return hit
        for piece in pages.windows:
            if not piece.is_whole and piece.requests:
                # What moved while pages were read stands at the head now.
                head = await piece.head()
                await self._count(before + pages.requests)
                so_far.ids.update(head.ids)
                self._note_unreadable(head)
                if (hit := _on(head, conversation_id)) is not None:
                    return hit
        so_far.is_whole = all(piece.is_whole for piece in pages.windows)
        return None

    async def of_contact(self, source: str) -> tuple[list[Seen], bool]:
        """The open and closed conversations of the contact with this number, and whether those are all.

        One search a view. A conversation that is found in both counts as closed.

        Raises:
            ConvirzaError: a page could not be had.
        """
        seen: dict[int, Seen] = {}
        all_of_them = True
        for view in OPEN_AND_CLOSED:
            query = replace(self._query(view), search=source.strip()[:MAX_SEARCH_LENGTH])
            for page in await self._first_pages(query):
                self._note_unreadable(page)
                all_of_them = all_of_them and page.total is not None and page.total <= page.received
                for each in page.conversations:
                    # Convirza's search takes parts of numbers and names.
                    if contact_of(each) == number_value(source):
                        seen[each.conversation_id] = Seen(each, view == "close")
        return list(seen.values()), all_of_them

    def _query(self, view: View) -> ConversationQuery:
        return ConversationQuery(type=view, limit=MAX_LIMIT, start=self.window.start, end=self.window.end)

    async def _first_pages(self, query: ConversationQuery) -> list[ConversationPage]:
        """The first page of the query, or of each of its pieces where Convirza refuses the whole."""
        try:
            return [await self._page(query)]
        except BadRequestError:
            pieces = in_pieces(query)
            if len(pieces) == 1:
                raise
            return [await self._page(piece) for piece in pieces]

    async def _page(self, query: ConversationQuery) -> ConversationPage:
        page = await self._client.list_sms_conversations(query)
        await self._count(self.requests + 1)
        return page

    def _note_unreadable(self, page: ConversationPage) -> None:
        for conversation_id in page.ids:
            self.unreadable.pop(conversation_id, None)
        self.unreadable.update(page.unreadable_fields)

    async def _count(self, requests: int) -> None:
        self.requests = requests
        await self._progress(self.requests, None)


def contact_of(conversation: Conversation) -> str:
    """What tells a contact: the number's digits; where it has none, its text; empty where there is no number."""
    return number_value(conversation.source)


def _on(page: ConversationPage, conversation_id: int) -> Conversation | None:
    return next((each for each in page.conversations if each.conversation_id == conversation_id), None)
