"""Poll the page of the newest open conversations, the cheapest way to detect a change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import inf
from operator import attrgetter

import anyio
from anyio.abc import TaskGroup

from convirza_mcp.api.models import MAX_LIMIT, ConversationQuery, ConversationReader
from convirza_mcp.single_flight import SingleFlight

_version = attrgetter("conversation_updated", "unread_count", "agent", "conversation_status")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Result of one poll: the account, the number of open conversations, and the changeable fields of the newest.

    Two snapshots are equal if nothing on the page changed. A closed or reopened conversation changes the total; a
    change beyond the newest page that leaves the total unchanged is not seen.
    """

    account: str
    total: int | None
    versions: Mapping[int, object]

    def changed_since(self, earlier: "Snapshot") -> frozenset[int]:
        """Return the conversations that are new, changed or gone."""
        is_same, both = self.account == earlier.account, self.versions.keys() | earlier.versions.keys()
        return frozenset(each for each in both if not is_same or self.versions.get(each) != earlier.versions.get(each))


class Poller:
    """Poll the newest page at most once per interval; callers in between share the last result, or its failure.

    Another account's inbox gets a new poll. A poll is a task in the group `tasks`; `close` stops it.
    """

    def __init__(self, client: ConversationReader, tasks: TaskGroup, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._tasks = tasks
        self._now = now
        self._account = ""
        self._polled_at = -inf
        self._flight: SingleFlight[Snapshot] | None = None

    def close(self) -> None:
        """Stop a running poll. Any task may call it."""
        if self._flight is not None:
            self._flight.scope.cancel()

    async def poll(self, *, max_age: float, days: int) -> Snapshot:
        """Return the last snapshot if it is at most `max_age` seconds old, else a new one: one page of `days` days."""
        account = await self._client.credential_fingerprint()
        now = anyio.current_time()
        is_old = account != self._account or self._polled_at < now - max_age
        if self._flight is None or (is_old and not self._flight.is_running):
            self._account, self._polled_at = account, now
            self._flight = SingleFlight(self._tasks, partial(self._request, days))
        return await self._flight.result()

    def seconds_until(self, seconds: float) -> float:
        """Return how long it is until the last poll is `seconds` old; all of them if it is older or there was none."""
        left = self._polled_at + seconds - anyio.current_time()
        return left if 0 < left <= seconds else seconds

    async def _request(self, days: int) -> Snapshot:
        end = self._now()
        query = ConversationQuery(limit=MAX_LIMIT, start=end - timedelta(days=days), end=end)
        while True:
            page = await self._client.list_sms_conversations(query)
            before, self._account = self._account, await self._client.credential_fingerprint()
            if self._account == before:
                rows = {each.conversation_id: _version(each) for each in page.conversations}
                return Snapshot(before, page.total, rows)
