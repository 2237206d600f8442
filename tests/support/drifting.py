"""The one reader in memory: an inbox that moves while its pages are read, as a script or a test says."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal

from hypothesis import strategies as st

from convirza_mcp.api.models import Conversation, ConversationPage, ConversationQuery

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)

Move = Callable[["DriftingInbox"], None]


def insert(inbox: "DriftingInbox") -> None:
    """Add a conversation, the newest."""
    inbox.make_newest(max(inbox.times, default=0) + 1)


def delete(place: float) -> Move:
    """Take one out, as when it is closed: from the newest (0) to the oldest (1)."""

    def move(inbox: "DriftingInbox") -> None:
        if inbox.ids:
            inbox.ids.pop(int(place * (len(inbox.ids) - 1)))

    return move


def update(place: float) -> Move:
    """Give one a new message, which makes it the newest."""

    def move(inbox: "DriftingInbox") -> None:
        if inbox.ids:
            inbox.make_newest(inbox.ids.pop(int(place * (len(inbox.ids) - 1))))

    return move


PLACES = st.floats(0, 1, allow_nan=False)
MOVES = st.one_of(st.just(insert), PLACES.map(delete), PLACES.map(update))
SCRIPTS = st.lists(st.lists(MOVES, max_size=3), max_size=8)


class DriftingInbox:
    """A `ConversationReader`; `ids` are newest first, and before each answer but the first the next of `moves` happens.

    It holds the conversations given, or as many as a number says. `before_answer` is awaited before each answer, to
    wait, to fail, or to change what it holds. `states` holds the ids that were there at each answer, `requests` the
    queries. `total` replaces the true total: by a number, by None, or by the rows on the page. `ignores_offset` and
    `largest_page` are faults of an API.
    """

    def __init__(
        self,
        conversations: int | Sequence[Conversation],
        moves: Sequence[Sequence[Move]] = (),
        *,
        total: int | Literal["true", "page"] | None = "true",
        ignores_offset: bool = False,
        largest_page: int = 200,
        before_answer: Callable[[ConversationQuery], Awaitable[None]] | None = None,
    ) -> None:
        given = () if isinstance(conversations, int) else conversations
        self.ids = list(range(conversations, 0, -1)) if isinstance(conversations, int) else []
        self.times = {each: BEGAN + timedelta(minutes=each) for each in self.ids}
        self.given: dict[int, Conversation] = {}
        self.hold(*given)
        self.states: list[frozenset[int]] = []
        self.requests: list[ConversationQuery] = []
        self.account = "an account"
        self.before_answer = before_answer
        self._moves = iter(moves)
        self._total = total
        self._ignores_offset = ignores_offset
        self._largest_page = largest_page

    def hold(self, *given: Conversation) -> None:
        """Hold these conversations and no other given ones, newest first."""
        self.ids = [each for each in self.ids if each not in self.given] + [each.conversation_id for each in given]
        self.given = {each.conversation_id: each for each in given}
        self.times |= {each.conversation_id: each.conversation_updated or BEGAN for each in given}

    def make_newest(self, conversation_id: int) -> None:
        """Put it first, with a time later than the end of any window that was asked for before."""
        self.ids.insert(0, conversation_id)
        self.times[conversation_id] = max([NOW, *self.times.values()]) + timedelta(seconds=1)

    async def credential_fingerprint(self) -> str:
        return self.account

    async def list_sms_conversations(self, query: ConversationQuery | None = None) -> ConversationPage:
        query = ConversationQuery() if query is None else query
        if self.before_answer is not None:
            await self.before_answer(query)
        if self.requests:
            for move in next(self._moves, ()):
                move(self)
        self.requests.append(query)
        if not self.states or len(self.states[-1]) != len(self.ids) or not self.states[-1].issuperset(self.ids):
            self.states.append(frozenset(self.ids))
        offset = 0 if self._ignores_offset else query.offset
        ids = self.ids if query.order == "desc" else self.ids[::-1]
        if query.search:
            ids = [each for each in ids if query.search in _searched(self.given.get(each))]
        page = ids[offset : offset + min(query.limit, self._largest_page)]
        total = len(ids) if self._total == "true" else len(page) if self._total == "page" else self._total
        return ConversationPage(conversations=tuple(map(self._conversation, page)), total=total)

    def _conversation(self, conversation_id: int) -> Conversation:
        updated = self.times[conversation_id]
        found = self.given.get(conversation_id)
        if found is None:
            return conversation(conversation_id, updated)
        return found if found.conversation_updated in (None, updated) else replace(found, conversation_updated=updated)


def _searched(found: Conversation | None) -> str:
    return "" if found is None else f"{found.source or ''}\n{found.source_name or ''}"


@lru_cache(maxsize=100_000)
def conversation(conversation_id: int, updated: datetime) -> Conversation:
    return Conversation(conversation_id=conversation_id, conversation_updated=updated)
