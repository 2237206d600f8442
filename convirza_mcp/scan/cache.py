"""The views that questions are about: each read once, shared by who asks at the same time, held for a minute.

Held in memory only, for this process's credential only, and never more than `MOST_ROWS_HELD`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from types import TracebackType
from typing import Any, NamedTuple, Self

import anyio

from convirza_mcp.api.models import Conversation
from convirza_mcp.api.query import ConversationQuery, Order, View
from convirza_mcp.api.reader import ConversationReader
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import AccountChangedError, APITimeoutError
from convirza_mcp.scan.coverage import Coverage
from convirza_mcp.scan.view_reading import ViewReading
from convirza_mcp.settings import reading_seconds

HELD_FOR = timedelta(seconds=60)
MOST_ROWS_HELD = 100_000

Progress = Callable[[int, int | None], Awaitable[None]]
"""Told the pages read, and of how many where that is known."""


async def no_progress(_: int, __: int | None) -> None:
    """For who does not want to know."""


class AskedView(NamedTuple):
    """A view and its window as they were asked for, before "now" is filled in: by this it is found again."""

    type: View
    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class WholeView:
    """What came of reading a view: each conversation once, in the order read, and what that covers."""

    type: View
    conversations: tuple[Conversation, ...]
    coverage: Coverage
    window: Window
    holds_oldest: bool
    """Whether a cut left the oldest conversations in."""
    derived: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What questions made of it that the next one can use, for as long as it is held."""


@dataclass(slots=True)
class _Entry:
    account: str
    type: View
    reading: ViewReading
    order: Order
    as_of: datetime
    touched: datetime
    askers: int = 0
    scope: anyio.CancelScope | None = None
    failure: Exception | None = None
    turned: anyio.Event = field(default_factory=anyio.Event)
    made: WholeView | None = None
    """Made once: a second question about a large view is mostly waiting for this."""
    finished: int = 0
    """When its reading ended, and when it was last seen to stand as it was read, in the order of all such events."""
    confirmed: int = 0
    confirming: anyio.Lock = field(default_factory=anyio.Lock)

    @property
    def is_running(self) -> bool:
        return self.scope is not None

    @property
    def is_whole(self) -> bool:
        return self.reading.coverage(self.as_of).gap is None

    def turn(self) -> None:
        """Wake who waits for news."""
        self.turned.set()
        self.turned = anyio.Event()

    @property
    def whole(self) -> WholeView:
        if self.made is not None:
            return self.made
        reading = self.reading
        whole = WholeView(
            self.type, reading.conversations(), reading.coverage(self.as_of), reading.window, reading.holds_oldest
        )
        if self.reading.is_finished:
            self.made = whole
        return whole


async def check_account(client: ConversationReader, account: str) -> None:
    """See that what is read is still this account's.

    Raises:
        AccountChangedError: another token has come into use.
    """
    if await client.credential_fingerprint() != account:
        raise AccountChangedError("The Convirza login was changed while the inbox was read.", remedy="Ask again.")


class _Rising:
    """Progress over several views: it only ever rises, as MCP demands."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._before = 0
        self._told = 0

    async def tell(self, pages: int, of: int | None) -> None:
        if self._before + pages > self._told:
            self._told = self._before + pages
            await self._progress(self._told, None if of is None else max(self._told, self._before + of))

    def next_view(self, pages: int) -> None:
        self._before += pages


class ViewCache:
    """Reads views for questions. An async context manager: its end stops every reading.

    `timeout` is what a question may take, in seconds; an answer is made of what there is shortly before.
    """

    def __init__(
        self,
        client: ConversationReader,
        *,
        timeout: float,
        now: Callable[[], datetime],
        held_for: timedelta = HELD_FOR,
    ) -> None:
        self._client = client
        self._timeout = timeout
        self._now = now
        self._held_for = held_for
        self._events = count(1)
        self._is_clearing = False
        self._entries: dict[tuple[str, AskedView], _Entry] = {}
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

    async def read(
        self, asked: AskedView, window: Window, *, order: Order = "desc", progress: Progress = no_progress
    ) -> WholeView:
        """One whole view, as `read_all` reads several."""
        (whole,) = await self.read_all([asked], window, order=order, progress=progress)
        return whole

    async def read_all(
        self, asked: Sequence[AskedView], window: Window, *, order: Order = "desc", progress: Progress = no_progress
    ) -> list[WholeView]:
        """The whole views, one after the other: each from memory, by joining a reading, or by reading it.

        Who asks for `asc` must not lose the oldest to a cut: a reading in the other order turns to them when he
        joins it. `window` is what `asked` means now; an answer from memory has the window of its own time.

        Raises:
            ConvirzaError: nothing could be read, or a page failed.
        """
        rising = _Rising(progress)
        entries: list[_Entry] = []
        with anyio.move_on_after(reading_seconds(self._timeout)):
            for each in asked:
                entries.append(await self._entry(each, window, order))
                await self._follow(entries[-1], rising.tell)
                rising.next_view(entries[-1].reading.pages[0])
            await self._confirm(entries)
        if not entries or not entries[0].reading.pages[0]:
            raise APITimeoutError(
                f"Convirza did not answer within {self._timeout:g} seconds.",
                remedy="Try again, or raise CONVIRZA_TIMEOUT.",
            )
        # Too late even to begin: what the answer lacks is said all the same.
        entries += [await self._entry(each, window, order) for each in asked[len(entries) :]]
        return [entry.whole for entry in entries]

    async def held(self) -> list[WholeView]:
        """What is in memory for this credential now, the latest first.

        Raises:
            MissingCredentialError: there is no token.
        """
        self._drop_old()
        ours = await self._client.credential_fingerprint()
        entries = [entry for (fingerprint, _), entry in self._entries.items() if fingerprint == ours]
        fresh = sorted(entries, key=lambda entry: entry.touched, reverse=True)
        return [entry.whole for entry in fresh if entry.reading.pages[0]]

    async def _entry(self, asked: AskedView, window: Window, order: Order) -> _Entry:
        self._drop_old()
        account = await self._client.credential_fingerprint()
        key = (account, asked)
        entry = self._entries.get(key)
        if entry is not None and (entry.order == order or entry.is_whole or not entry.reading.is_finished):
            if order == "asc":
                entry.reading.read_oldest_next()
            return entry
        now = self._now()
        reading = ViewReading(self._client, ConversationQuery(type=asked.type, order=order), window)
        entry = self._entries[key] = _Entry(account, asked.type, reading, order, as_of=now, touched=now)
        return entry

    async def _confirm(self, entries: Sequence[_Entry]) -> None:
        """Look whether the views still stand as they were read when the last of them was.

        What left a view that was yet to be read, for one that had been, is in neither.
        """
        last = max(entry.finished for entry in entries)
        for entry in entries:
            async with entry.confirming:
                if entry.finished < last and entry.confirmed < last and entry.is_whole:
                    await entry.reading.confirm()
                    entry.made = None
                    entry.confirmed = next(self._events)

    async def _follow(self, entry: _Entry, progress: Progress) -> None:
        entry.askers += 1
        try:
            while not entry.reading.is_finished:
                # Also where the asker before has just gone, and his reading ends with him.
                if not entry.is_running:
                    entry.failure = None
                    entry.scope = anyio.CancelScope()
                    self._tasks.start_soon(self._run, entry, entry.scope)
                turned = entry.turned
                await turned.wait()
                if entry.failure is not None:
                    raise entry.failure
                await progress(*entry.reading.pages)
        finally:
            entry.askers -= 1
            if not entry.askers and entry.scope is not None:
                # Nobody is left who wants to know: stop the requests, keep the pages.
                entry.scope.cancel()

    async def _run(self, entry: _Entry, scope: anyio.CancelScope) -> None:
        async def advanced() -> None:
            # Before the page is taken in: another account's must not stand among this one's.
            await check_account(self._client, entry.account)
            entry.touched = self._now()
            entry.turn()

        try:
            with scope:
                await entry.reading.read(advanced)
                entry.finished = next(self._events)
        except AccountChangedError as error:
            entry.failure = error
            self._entries = {key: each for key, each in self._entries.items() if each is not entry}
        except Exception as error:  # noqa: BLE001 - whose question it is gets it; here it would end the whole server
            entry.failure = error
        finally:
            entry.scope = None
            entry.turn()
            self._drop_old()
            if not self._is_clearing:
                self._is_clearing = True
                self._tasks.start_soon(self._clear)

    async def _clear(self) -> None:
        # Also where nobody asks any more: what people wrote is not kept for longer than it is of use.
        while self._entries:
            await anyio.sleep(self._held_for.total_seconds() / 4)
            self._drop_old()
        self._is_clearing = False

    def _drop_old(self) -> None:
        now = self._now()
        idle = [(key, entry) for key, entry in self._entries.items() if not entry.askers and not entry.is_running]
        for key, entry in idle:
            if now - entry.touched > self._held_for:
                del self._entries[key]
        rows = sum(entry.reading.rows_held for entry in self._entries.values())
        for key, entry in sorted(idle, key=lambda each: each[1].touched):
            if rows > MOST_ROWS_HELD and key in self._entries:
                rows -= entry.reading.rows_held
                del self._entries[key]
