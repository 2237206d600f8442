"""The inbox by view: which conversations each of the four shows, in which order, within which range."""

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import ge, le, neg
from typing import Any, get_args, overload

from convirza_mcp.sandbox.http.query import Query, View
from convirza_mcp.sandbox.http.variants import Answers, served_row
from convirza_mcp.sandbox.seed.conversation import Conversation


def views_of(conversation: Conversation, user_id: int) -> tuple[View, ...]:
    """Return the views that show a conversation to the user with this id; `assignedToYou` and `unassigned` are open."""
    if conversation.closed:
        return ("close",)
    agent_id = conversation.row["ct_user_id"]
    if agent_id is None:
        return ("allOpen", "unassigned")
    return ("allOpen", "assignedToYou") if agent_id == user_id else ("allOpen",)


class Rows(Sequence[dict[str, Any]]):
    """Rows kept as the JSON they are served as, which takes a fifth of the memory, and decoded when they are read."""

    def __init__(self, encoded: list[bytes]) -> None:
        self.encoded = encoded

    def __len__(self) -> int:
        return len(self.encoded)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [json.loads(row) for row in self.encoded[index]]
        row: dict[str, Any] = json.loads(self.encoded[index])
        return row


class _Run:
    """Conversations in the order they are served, with the time of each that a range filters."""

    def __init__(self, positions: list[int], times: Sequence[int]) -> None:
        self.positions = positions
        self._times = array("q", [times[position] for position in positions])
        self._rises = all(map(le, self._times, self._times[1:]))
        self._falls = all(map(ge, self._times, self._times[1:]))

    def within(self, start: float, end: float) -> list[int]:
        if self._rises:
            return self.positions[bisect_left(self._times, start) : bisect_right(self._times, end)]
        if self._falls:
            first = bisect_left(self._times, -end, key=neg)
            return self.positions[first : bisect_right(self._times, -start, key=neg)]
        # A range on another time than the one that orders has nothing to bisect.
        return [position for position, time in zip(self.positions, self._times, strict=True) if start <= time <= end]


class Inbox:
    """Seeded conversations, sorted once so that a page costs the same whatever their number."""

    def __init__(self, conversations: Iterable[Conversation], *, user_id: int, answers: Answers) -> None:
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        ids, ranks, updated, window_times = array("q"), array("q"), array("q"), array("q")
        encoded: list[bytes] = []
        members: dict[View, set[int]] = {view: set() for view in get_args(View)}
        self._searched: list[str] = []
        for position, conversation in enumerate(conversations):
            # A lone surrogate in a text has no UTF-8; its backslash form is JSON's own escape for it.
            encoded.append(encode(served_row(conversation, answers)).encode("utf-8", "backslashreplace"))
            self._searched.append(f"{conversation.row['source_name'] or ''}\n{conversation.row['source']}".casefold())
            ids.append(conversation.row["conversation_id"])
            ranks.append(answers.rank(conversation))
            updated.append(conversation.updated)
            window_times.append(answers.window_time(conversation))
            for view in views_of(conversation, user_id):
                members[view].add(position)
        self.rows = Rows(encoded)
        self.ids = {view: frozenset(ids[position] for position in shown) for view, shown in members.items()}
        everything = range(len(encoded))
        orders = {
            True: sorted(everything, key=lambda position: (ranks[position], -updated[position], ids[position])),
            False: sorted(everything, key=lambda position: (ranks[position], updated[position], ids[position])),
        }
        self._times = window_times
        self._runs = {
            (view, newest_first): self._split([position for position in order if position in shown], ranks)
            for newest_first, order in orders.items()
            for view, shown in members.items()
        }
        # Keep the matches for the next pages of the same search.
        self._matching = lru_cache(maxsize=16)(self._match)

    def select(self, query: Query) -> list[int]:
        """Return the positions in `rows` of all matching conversations, in serving order."""
        start, end = query.start.timestamp(), query.end.timestamp()
        if query.search:
            runs = self._matching(query.view, query.newest_first, query.search.casefold())
        else:
            runs = self._runs[query.view, query.newest_first]
        found: list[int] = []
        for run in runs:
            found += run.within(start, end)
        return found

    def _split(self, order: list[int], ranks: Sequence[int]) -> list[_Run]:
        # The times begin anew with each rank, so that only within one they can be bisected.
        return [_Run(list(run), self._times) for _, run in groupby(order, ranks.__getitem__)]

    def _match(self, view: View, newest_first: bool, part: str) -> list[_Run]:
        # The line break stands between name and number, so that nothing matches across the two.
        if "\n" in part:
            return []
        searched = self._searched
        return [
            _Run([position for position in run.positions if part in searched[position]], self._times)
            for run in self._runs[view, newest_first]
        ]
