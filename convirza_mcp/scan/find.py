"""Find one conversation by id, which the API cannot: in the cache, or by scanning views."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from convirza_mcp.api.models import MAX_SEARCH_LENGTH, Conversation, ConversationQuery, ConversationReader, View
from convirza_mcp.clock.window import Window
from convirza_mcp.scan.overlap_scan import OverlapScan
from convirza_mcp.scan.reading import Progress
from convirza_mcp.scan.results import Seen, WholeView
from convirza_mcp.text.phone import number_key, searchable_number

_OPEN_AND_CLOSED: tuple[View, ...] = ("allOpen", "close")


class HeldConversation(NamedTuple):
    """A cached row, its view, and the time of the read."""

    conversation: Conversation
    type: View
    as_of: datetime


def held_conversation(conversation_id: int, views: Sequence[WholeView]) -> HeldConversation | None:
    """Return the newest cached row of this conversation; if two are equally new, that of the closed view."""
    held = [
        HeldConversation(conversation, view.type, view.coverage.as_of)
        for view in views
        for conversation in view.conversations
        if conversation.conversation_id == conversation_id
    ]
    return max(held, key=lambda each: (each.as_of, each.type == "close"), default=None)


class ConversationFinder:
    """Scans of one question. `requests` counts their requests; `read` has the scan of each view."""

    def __init__(self, client: ConversationReader, window: Window, progress: Progress) -> None:
        self.requests = 0
        self.window = window
        self.read: dict[View, OverlapScan] = {}
        self._client = client
        self._progress = progress

    async def find(self, conversation_id: int, now: datetime) -> HeldConversation | None:
        """Read the views newest first, through the page with the conversation."""
        for view in _OPEN_AND_CLOSED:
            scan = self.read[view] = OverlapScan(self._client, self._query(view), self._count_request)
            while (page := await scan.next_page()) is not None:
                for each in page.conversations:
                    if each.conversation_id == conversation_id:
                        return HeldConversation(each, view, now)
        return None

    async def of_contact(self, source: str) -> tuple[list[Seen], bool]:
        """Return the open and closed conversations of the contact with this number, and whether they are all.

        One search per view. A conversation found in both is closed.
        """
        seen: dict[int, Seen] = {}
        all_of_them = True
        for view in _OPEN_AND_CLOSED:
            query = replace(self._query(view), search=searchable_number(source.strip())[:MAX_SEARCH_LENGTH])
            scan = OverlapScan(self._client, query, self._count_request)
            while (page := await scan.next_page()) is not None:
                # Only the first page of each window: more conversations of one contact do not fit an answer.
                scan.skip_window()
                all_of_them = all_of_them and page.total is not None and page.total <= page.received
                for each in page.conversations:
                    # Convirza's search matches parts of numbers and names, so compare whole numbers.
                    if number_key(each.source) == number_key(source):
                        seen[each.conversation_id] = Seen(each, view == "close")
        return list(seen.values()), all_of_them

    def _query(self, view: View) -> ConversationQuery:
        return ConversationQuery(type=view, start=self.window.start, end=self.window.end)

    async def _count_request(self) -> None:
        self.requests += 1
        await self._progress(self.requests, None)
