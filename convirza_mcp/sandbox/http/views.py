"""The inbox by view: the conversations of each of the four views, with their order and ranges."""

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import ge, le, neg
from typing import Any, overload

from convirza_mcp.sandbox.http.query import Query, View
from convirza_mcp.sandbox.http.variants import Answers, served_row
from convirza_mcp.sandbox.seed.conversation import Conversation

Shown = View | int
"""A view that all users share, or the `ct_user_id` of the user who sees it as `assignedToYou`."""


def shown_in(conversation: Conversation) -> tuple[Shown, ...]:
    """Return the views that show a conversation; `assignedToYou` and `unassigned` are open."""
    if conversation.closed:
        return ("close",)
    agent_id: int | None = conversation.row["ct_user_id"]
    return ("allOpen", "unassigned" if agent_id is None else agent_id)


def _shown(view: View, user_id: int) -> Shown:
    return user_id if view == "assignedToYou" else view


class Rows(Sequence[dict[str, Any]]):
    """Rows stored as the JSON that is served, which takes a fifth of the memory, and decoded when read."""

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
    """Conversations in serving order, each with the time that a range filters."""

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
        # If the range filters another time than the sort key, bisection does not work.
        return [position for position, time in zip(self.positions, self._times, strict=True) if start <= time <= end]


class Inbox:
    """Seeded conversations, sorted once, so that the cost of a page does not depend on their number."""

    def __init__(self, conversations: Iterable[Conversation], *, answers: Answers) -> None:
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        ids, ranks, updated, window_times = array("q"), array("q"), array("q"), array("q")
        encoded: list[bytes] = []
        shown: list[tuple[Shown, ...]] = []
        self._searched: list[str] = []
        for conversation in conversations:
            # A lone surrogate in a text has no UTF-8; its backslash form is JSON's own escape for it.
            encoded.append(encode(served_row(conversation, answers)).encode("utf-8", "backslashreplace"))
            self._searched.append(f"{conversation.row['source_name'] or ''}\n{conversation.row['source']}".casefold())
            ids.append(conversation.row["conversation_id"])
            ranks.append(answers.rank(conversation))
            updated.append(conversation.updated)
            window_times.append(answers.window_time(conversation))
            shown.append(shown_in(conversation))
        self.rows = Rows(encoded)
        everything = range(len(encoded))
        orders = {
            True: sorted(everything, key=lambda position: (ranks[position], -updated[position], ids[position])),
            False: sorted(everything, key=lambda position: (ranks[position], updated[position], ids[position])),
        }
        self._times, self._ids = window_times, ids
        self._runs: dict[tuple[Shown, bool], list[_Run]] = {}
        for newest_first, order in orders.items():
            members: dict[Shown, list[int]] = {}
            for position in order:
                for each in shown[position]:
                    members.setdefault(each, []).append(position)
            for each, positions in members.items():
                self._runs[each, newest_first] = self._split(positions, ranks)
        # Keep the matches for the next pages of the same search.
        self._matching = lru_cache(maxsize=16)(self._match)

    def ids(self, view: View, user_id: int) -> frozenset[int]:
        """Return the `conversation_id` of every conversation in a user's view."""
        runs = self._runs.get((_shown(view, user_id), True), [])
        return frozenset(self._ids[position] for run in runs for position in run.positions)

    def select(self, query: Query, user_id: int) -> list[int]:
        """Return the positions in `rows` of all conversations that match in a user's view, in serving order."""
        start, end = query.start.timestamp(), query.end.timestamp()
        shown = _shown(query.view, user_id)
        if query.search:
            runs = self._matching(shown, query.newest_first, query.search.casefold())
        else:
            runs = self._runs.get((shown, query.newest_first), [])
        found: list[int] = []
        for run in runs:
            found += run.within(start, end)
        return found

    def _split(self, order: list[int], ranks: Sequence[int]) -> list[_Run]:
        # Times restart with each rank, so bisect only within a rank.
        return [_Run(list(run), self._times) for _, run in groupby(order, ranks.__getitem__)]

    def _match(self, shown: Shown, newest_first: bool, part: str) -> list[_Run]:
        # A line break between name and number, so that nothing matches across both.
        if "\n" in part:
            return []
        searched = self._searched
        return [
            _Run([position for position in run.positions if part in searched[position]], self._times)
            for run in self._runs.get((shown, newest_first), [])
        ]
