"""The newest open conversations as one page shows them: what tells cheaply that an inbox has changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

import anyio

from convirza_mcp.api.conversation_reader import ConversationReader
from convirza_mcp.api.models import Conversation
from convirza_mcp.api.query import MAX_LIMIT, ConversationQuery
from convirza_mcp.errors import ConvirzaError
from convirza_mcp.inbox.views import check_account

Mark = tuple[datetime | None, int | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One look: whose inbox it was, how many conversations were open, and a mark of each of the newest.

    Two looks are equal where nothing that a page can show has changed. A closing, or an opened old conversation, shows
    in the total; what becomes of a conversation beyond the newest, and leaves the total alone, is not seen.
    """

    account: str
    total: int | None
    marks: Mapping[int, Mark]

    def changed_since(self, earlier: "Glimpse") -> frozenset[int]:
        """The conversations that are new, look otherwise or are there no longer."""
        if self.account != earlier.account:
            return frozenset(self.marks) | frozenset(earlier.marks)
        both = self.marks.keys() | earlier.marks.keys()
        return frozenset(each for each in both if self.marks.get(each) != earlier.marks.get(each))


class NewestPage:
    """Looks at the inbox no more often than is asked for: between two looks the last one counts for everybody.

    That holds for a look that failed as well. Another account's inbox is looked at anew.
    """

    def __init__(self, client: ConversationReader, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._looking = anyio.Lock()
        self._account = ""
        self._looked_at = -inf
        self._seen: Glimpse | ConvirzaError | None = None

    async def look(self, *, not_older_than: float, days: int) -> Glimpse:
        """What was last seen, where that is not older than so many seconds, else a new look: one page of so many days.

        Raises:
            ConvirzaError: the page could not be read.
        """
        async with self._looking:
            account = await self._client.credential_fingerprint()
            began = anyio.current_time()
            if account != self._account or began - self._looked_at >= not_older_than or self._seen is None:
                self._account, self._looked_at = account, began
                self._seen = await self._outcome(account, days)
            if isinstance(self._seen, ConvirzaError):
                raise self._seen
            return self._seen

    async def _outcome(self, account: str, days: int) -> Glimpse | ConvirzaError:
        end = self._now()
        query = ConversationQuery(limit=MAX_LIMIT, start=end - timedelta(days=days), end=end)
        try:
            page = await self._client.list_sms_conversations(query)
            await check_account(self._client, account)
        except ConvirzaError as error:
            return error
        return Glimpse(account, page.total, {each.conversation_id: _mark(each) for each in page.conversations})


def _mark(conversation: Conversation) -> Mark:
    return (
        conversation.conversation_updated,
        conversation.unread_count,
        conversation.agent,
        conversation.conversation_status,
    )
