"""An inbox that moves while its pages are read."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from support.rows import row

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)

Move = Callable[["DriftingInbox"], None]


def insert(inbox: "DriftingInbox") -> None:
    """A new conversation, the newest."""
    inbox.comes_now(max(inbox.times, default=0) + 1)


def delete(place: float) -> Move:
    """One leaves, as when it is closed: from the newest (0) to the oldest (1)."""

    def move(inbox: "DriftingInbox") -> None:
        if inbox.ids:
            inbox.gone.append(inbox.ids.pop(int(place * (len(inbox.ids) - 1))))

    return move


def update(place: float) -> Move:
    """One gets a message, and is the newest."""

    def move(inbox: "DriftingInbox") -> None:
        if inbox.ids:
            inbox.comes_now(inbox.ids.pop(int(place * (len(inbox.ids) - 1))))

    return move


class DriftingInbox:
    """`ids` newest first; before each answer but the first the next of `moves` happens.

    `states` is what was there at each answer. `total` replaces the true one, `ignores_offset` and `largest_page`
    are faults of an API.
    """

    def __init__(
        self,
        size: int,
        moves: Sequence[Sequence[Move]] = (),
        *,
        total: Any = ...,
        ignores_offset: bool = False,
        largest_page: int = 200,
        end_is_404: bool = False,
    ) -> None:
        self.ids = list(range(size, 0, -1))
        self.gone: list[int] = []
        self.times = {each: BEGAN + timedelta(minutes=each) for each in self.ids}
        self.states: list[frozenset[int]] = []
        self.requests: list[httpx2.Request] = []
        self._moves = iter(moves)
        self._total = total
        self._ignores_offset = ignores_offset
        self._largest_page = largest_page
        self._end_is_404 = end_is_404

    def comes_now(self, conversation_id: int) -> None:
        """It is the newest, and newer than any window that was asked for before."""
        self.ids.insert(0, conversation_id)
        self.times[conversation_id] = max([NOW, *self.times.values()]) + timedelta(seconds=1)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.requests:
            for move in next(self._moves, ()):
                move(self)
        self.requests.append(request)
        self.states.append(frozenset(self.ids))
        asked = request.url.params
        offset = 0 if self._ignores_offset else int(asked["offset"])
        ids = self.ids if asked["order"] == "desc" else self.ids[::-1]
        page = ids[offset : offset + min(int(asked["limit"]), self._largest_page)]
        if self._end_is_404 and offset and not page:
            return httpx2.Response(404, json={"message": "Not found", "requestId": "r-1"})
        rows = [row(each, conversation_updated=self.times[each].isoformat()) for each in page]
        total = len(ids) if self._total is ... else self._total
        return httpx2.Response(200, json={"data": {"total": total, "conversation": rows}})
