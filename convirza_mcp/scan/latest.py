"""The newest open conversations as one page shows them: what tells cheaply that an inbox has changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from types import TracebackType
from typing import Self

import anyio

from convirza_mcp.api.models import Conversation
from convirza_mcp.api.query import MAX_LIMIT, ConversationQuery
from convirza_mcp.api.reader import ConversationReader
from convirza_mcp.scan.cache import check_account

Mark = tuple[datetime | None, int | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look: whose inbox it was, how many conversations were open, and a mark of each of the newest.

    Two looks are equal where nothing that a page can show has changed. A closing, or an opened old conversation, shows
    in the total; what becomes of a conversation beyond the newest, and leaves the total alone, is not seen.
    """

    account: str
    total: int | None
    marks: Mapping[int, Mark]

    def changed_since(self, earlier: "Snapshot") -> frozenset[int]:
        """The conversations that are new, look otherwise or are there no longer."""
        if self.account != earlier.account:
            return frozenset(self.marks) | frozenset(earlier.marks)
        both = self.marks.keys() | earlier.marks.keys()
        return frozenset(each for each in both if self.marks.get(each) != earlier.marks.get(each))


class Poller:
    """Looks at the inbox no more often than is asked for: between two looks the last one counts for everybody.

    That holds for a look that failed as well. Another account's inbox is looked at anew. An async context manager: a
    look is a task of its own, which whoever waited for it may leave, and which the block's end stops.
    """

    def __init__(self, client: ConversationReader, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._account = ""
        self._looked_at = -inf
        self._seen: Snapshot | Exception | None = None
        self._ended: anyio.Event | None = None
        self._tasks = anyio.create_task_group()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._tasks.cancel_scope.cancel()
        # As if the block had ended well: its own error goes on as it is, not wrapped into a group.
        await self._tasks.__aexit__(None, None, None)

    async def poll(self, *, max_age: float, days: int) -> Snapshot:
        """What was last seen, where that is not older than so many seconds, else a new look: one page of so many days.

        Raises:
            ConvirzaError: the page could not be read.
        """
        oldest = anyio.current_time() - max_age
        while True:
            account = await self._client.credential_fingerprint()
            if self._ended is not None:
                await self._ended.wait()
            elif self._seen is not None and account == self._account and self._looked_at >= oldest:
                break
            else:
                self._account, self._looked_at = account, anyio.current_time()
                self._ended = anyio.Event()
                self._tasks.start_soon(self._look, account, days, self._ended)
        if isinstance(self._seen, Exception):
            # Raised for everybody who asks meanwhile, who would all be in its traceback.
            raise self._seen.with_traceback(None)
        return self._seen

    def seconds_until(self, seconds: float) -> float:
        """How long it is until the last look is so many seconds old; as many where there was none, or it is older."""
        left = self._looked_at + seconds - anyio.current_time()
        return left if 0 < left <= seconds else seconds

    async def _look(self, account: str, days: int, ended: anyio.Event) -> None:
        try:
            self._seen = await self._outcome(account, days)
        finally:
            self._ended = None
            ended.set()

    async def _outcome(self, account: str, days: int) -> Snapshot | Exception:
        end = self._now()
        query = ConversationQuery(limit=MAX_LIMIT, start=end - timedelta(days=days), end=end)
        try:
            page = await self._client.list_sms_conversations(query)
            await check_account(self._client, account)
        except Exception as error:  # noqa: BLE001 - who waits for the look gets it; here it would end the whole server
            return error
        return Snapshot(account, page.total, {each.conversation_id: _mark(each) for each in page.conversations})


def _mark(conversation: Conversation) -> Mark:
    return (
        conversation.conversation_updated,
        conversation.unread_count,
        conversation.agent,
        conversation.conversation_status,
    )
