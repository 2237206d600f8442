"""List the changes in the inbox since a cursor. Each call reads again, so that no change is lost.

It is undocumented which time the API's window filters, so the cursor never becomes its `start`: each view is read
newest first, in a window that surely contains the changes, until a whole page has nothing newer.

Answers list the oldest change first, and the next cursor is at the last row shown: everything before it counts as
seen. Hence three rules:

* Pages arrive newest first, so an incomplete read lacks the *oldest* changes. Then no rows are shown and the cursor is
  unchanged: any row would move the cursor past unread changes.
* Changes dated after the last whole second before the read wait for the next call: only some of them were seen, and the
  current second may bring more that the cursor would skip. Convirza's clock decides, because it dates the changes; ours
  may be ahead.
* A conversation that changes in one view while another is read is missed, and may be older than the rows of the other
  view. So the heads of all views except the last are read again at the end, and the answer stops before the first
  missed change.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import anyio

from convirza_mcp.api.models import Conversation, ConversationPage, ConversationQuery, ConversationReader, View
from convirza_mcp.clock.durations import seconds_text
from convirza_mcp.clock.window import FORMS, Window, read_span
from convirza_mcp.errors import APITimeoutError, InvalidArgumentError
from convirza_mcp.scan.overlap_scan import OverlapScan, OverlapWindow
from convirza_mcp.scan.reading import Progress
from convirza_mcp.scan.results import Coverage, Gap, Seen, sum_known
from convirza_mcp.scan.view_scan import unpinned_times

_TEXT = re.compile(
    r"(?P<moment>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)~(?P<id>[0-9]{1,4300}|end)", re.ASCII
)
_NO_ROW = "end"
_MOMENT = timedelta(microseconds=1)
_YEARS = range(1999, 2100)
"""Years of accepted times, and the moment before them."""

_SHORTEST_DAY = timedelta(hours=20)
"""An expression that covers this much is a day; a clock time covers an hour more when clocks are set back."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Position after the row with this time and id; without an id, after every row of that moment.

    `moment` is aware UTC, to the microsecond. As text: `2026-03-05T10:35:00.123000Z~987654`, or `…Z~end`.
    """

    moment: datetime
    conversation_id: int | None = None

    @classmethod
    def read(cls, text: str, *, now: datetime, zone: tzinfo) -> Self:
        """Return the cursor in `text`, or the one at the time that it names; else raise `InvalidArgumentError`.

        A time's cursor excludes its first instant; a day's cursor includes everything from the start of the day.
        """
        cursor = cls._from_text(text.strip()) if "~" in text else cls._at_time(text, now=now, zone=zone)
        if cursor is None:
            raise InvalidArgumentError("since", f"`since` takes the unchanged cursor of an earlier answer, or {FORMS}.")
        return cursor

    @classmethod
    def _from_text(cls, text: str) -> Self | None:
        found = _TEXT.fullmatch(text)
        try:
            moment = datetime.fromisoformat(found["moment"]) if found else None
        except ValueError:
            return None
        if found is None or moment is None or moment.year not in _YEARS:
            return None
        return cls(moment, None if found["id"] == _NO_ROW else int(found["id"]))

    @classmethod
    def _at_time(cls, text: str, *, now: datetime, zone: tzinfo) -> Self | None:
        try:
            span = read_span(text, now=now, zone=zone)
        except ValueError:
            return None
        if span.first > now:
            raise InvalidArgumentError("since", "`since` takes a time in the past; nothing has changed after now yet.")
        if span.last - span.first >= _SHORTEST_DAY:
            return cls(span.first - _MOMENT)
        return cls(span.first)

    def is_before(self, updated: datetime, conversation_id: int) -> bool:
        """Return whether the row with this aware time and id is newer than the cursor."""
        if updated != self.moment or self.conversation_id is None:
            return updated > self.moment
        return conversation_id > self.conversation_id

    def __str__(self) -> str:
        moment = self.moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00")
        return f"{moment}Z~{_NO_ROW if self.conversation_id is None else self.conversation_id}"


REACH = timedelta(days=365)
"""How far back conversations are requested. If the window filters by start, an older one that changed today is not
listed at all."""

_CLOCKS_DIFFER_BY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Changes after `since` up to the last whole second before the read (`seen`), oldest first.

    `undated` are conversations read without `conversation_updated`; `ahead` counts those dated later.
    `changed_during_read`: changes happened during the read. `is_sure` is False if the oldest changes may not have been
    read; then `seen` must not be shown.
    """

    since: Cursor
    seen: list[Seen]
    undated: list[Seen]
    ahead: int
    changed_during_read: bool
    coverage: Coverage
    window: Window

    @property
    def is_sure(self) -> bool:
        # The next page was requested and empty, so the missing total does not matter.
        return self.coverage.gap in (None, Gap.UNCOUNTED)


def window_of(since: Cursor, *, now: datetime, zone: tzinfo) -> Window:
    """Return the window to request, to the second: from `REACH` before now, or from `since` if older, to now."""
    # One second after now, because the end may be exclusive; newer changes wait for the next call anyway.
    end = now.replace(microsecond=0) + timedelta(seconds=1)
    return Window(
        start=min(end - REACH, since.moment.replace(microsecond=0) - timedelta(seconds=1)), end=end, zone=zone
    )


class ChangesReading:
    """Read `views` until nothing newer than `since` can follow."""

    def __init__(
        self, client: ConversationReader, since: Cursor, views: Sequence[View], window: Window, progress: Progress
    ) -> None:
        self._since = since
        self._window = window
        self._until = _last_whole_second(window.end - timedelta(seconds=1))
        self._clock_is_read = False
        self._progress = progress
        self._views = [
            (view, OverlapScan(client, ConversationQuery(type=view, start=window.start, end=window.end), self._on_page))
            for view in views
        ]
        self._found: dict[int, Seen] = {}
        self._undated: dict[int, Seen] = {}
        self._ahead: set[int] = set()
        self._missed: tuple[datetime, int] | None = None
        self._has_moved = False
        self._done = False

    async def read(self, seconds: float) -> None:
        """Read for at most so many seconds; raise `APITimeoutError` if no page came in time."""
        with anyio.move_on_after(seconds):
            await self._read()
        if not any(pages.requests for _, pages in self._views):
            raise APITimeoutError(
                f"Convirza did not answer within {seconds_text(seconds)}.",
                remedy="Try again, or raise CONVIRZA_TIMEOUT.",
            )

    async def _read(self) -> None:
        for view, pages in self._views:
            while (page := await pages.next_page()) is not None:
                self._read_clock(page)
                self._take(view, page)
                if _ends_at(page, self._since):
                    # Skip only this window: if it filters by start, an older one may hold newer changes.
                    pages.skip_window()
        windows = [window for _, pages in self._views for window in pages.windows]
        for window in windows[:-1]:
            await self._read_head_again(window)
        self._done = True

    def changes(self, as_of: datetime) -> Changes:
        found = [each for each in self._found.values() if self._missed is None or place_of(each) < self._missed]
        return Changes(
            since=self._since,
            seen=sorted(found, key=place_of),
            undated=list(self._undated.values()),
            ahead=len(self._ahead),
            changed_during_read=self._missed is not None,
            coverage=self._coverage(as_of),
            window=self._window,
        )

    def _coverage(self, as_of: datetime) -> Coverage:
        parts = [pages.coverage(as_of) for _, pages in self._views]
        # Rows before the cursor are not needed, so leaving them unread is not a gap.
        gap = next((pages.gap for _, pages in self._views if pages.gap is not None), None)
        if not self._done:
            gap = Gap.TIME
        elif self._has_moved:
            gap = Gap.MOVED
        total = sum_known(pages.total for _, pages in self._views)
        read = len(set().union(*(pages.ids for _, pages in self._views)))
        return replace(Coverage.merge(parts, read), total=total, gap=gap)

    def _read_clock(self, page: ConversationPage) -> None:
        """Read Convirza's clock from the first page only, because later pages may show later changes."""
        answered = page.answered_at
        # A time that is days behind is a constant or a cache, and would hold back every change.
        if not self._clock_is_read and answered is not None and self._window.end - answered < _CLOCKS_DIFFER_BY:
            self._until = min(self._until, _last_whole_second(answered))
        self._clock_is_read = True

    async def _on_page(self) -> None:
        await self._progress(sum(pages.requests for _, pages in self._views), None)

    def _take(self, view: View, page: ConversationPage) -> None:
        for conversation in page.conversations:
            updated, identifier = conversation.conversation_updated, conversation.conversation_id
            if updated is None:
                self._undated[identifier] = _merged(self._undated.get(identifier), conversation, view)
            elif not self._since.is_before(updated, identifier):
                continue
            elif updated > self._until:
                self._ahead.add(identifier)
            else:
                self._found[identifier] = _merged(self._found.get(identifier), conversation, view)

    async def _read_head_again(self, window: OverlapWindow) -> None:
        head = await window.head()
        new = [
            each for each in head.conversations if window.seen.get(each.conversation_id) != each.conversation_updated
        ]
        for each in new:
            if each.conversation_updated and self._since.is_before(each.conversation_updated, each.conversation_id):
                place = (each.conversation_updated, each.conversation_id)
                self._missed = place if self._missed is None else min(self._missed, place)
        # More than a page of changes: the oldest are further down.
        self._has_moved = self._has_moved or (bool(new) and len(new) == len(head.conversations))


def _ends_at(page: ConversationPage, since: Cursor) -> bool:
    """Return whether the page shows that nothing newer follows."""
    dated = unpinned_times(page)
    # By time only, because the order of rows of one moment is undocumented. Rising times mean that it ignores the
    # order.
    return bool(dated) and dated[-1] <= dated[0] and max(dated) < since.moment


def _last_whole_second(moment: datetime) -> datetime:
    """Return the start of the last complete second; changes dated to it or before have happened."""
    return moment.replace(microsecond=0) - timedelta(seconds=1)


def _merged(known: Seen | None, conversation: Conversation, view: View) -> Seen:
    """Return the newer of two rows of one conversation; closed if either came from the closed view."""
    closed = view == "close" or (known is not None and known.closed)
    if known is not None and _updated(known.conversation) > _updated(conversation):
        conversation = known.conversation
    return Seen(conversation, closed)


def _updated(conversation: Conversation) -> float:
    return conversation.conversation_updated.timestamp() if conversation.conversation_updated else 0.0


def place_of(seen: Seen) -> tuple[datetime, int]:
    updated = seen.conversation.conversation_updated
    if updated is None:
        raise TypeError("a change has its time")
    return updated, seen.conversation.conversation_id
