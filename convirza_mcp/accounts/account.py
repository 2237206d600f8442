"""One account: everything that answers questions about one Convirza login."""

import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from anyio.abc import TaskGroup

from convirza_mcp.accounts.calls import CallLimit
from convirza_mcp.api.models import ConversationReader
from convirza_mcp.clock.window import utc_now
from convirza_mcp.scan.reading import Progress, check_account, no_progress
from convirza_mcp.settings import Settings, demo_environment, wants_demo
from convirza_mcp.single_flight import background_tasks

if TYPE_CHECKING:
    from convirza_mcp.accounts.users import UserList
    from convirza_mcp.scan.cache import RowBudget, ViewCache
    from convirza_mcp.scan.latest import Poller

Given = ParamSpec("Given")
Found = TypeVar("Found")
Closed = TypeVar("Closed", "ViewCache", "Poller", "UserList")


class Reads:
    """Cache, poller and users of an account, each imported and made at its first use: one page needs none of them."""

    def __init__(
        self,
        reader: ConversationReader,
        tasks: TaskGroup,
        *,
        timeout: float,
        clock: Callable[[], datetime],
        rows: "RowBudget | None",
    ) -> None:
        self._reader = reader
        self._tasks = tasks
        self._timeout = timeout
        self._clock = clock
        self._rows = rows
        self._open: list[ViewCache | Poller | UserList] = []
        self._is_closed = False

    def close(self) -> None:
        """Stop all reads, and each one that begins later."""
        self._is_closed = True
        while self._open:
            self._open.pop().close()

    @cached_property
    def views(self) -> "ViewCache":
        from convirza_mcp.scan.cache import PROCESS_ROWS, ViewCache

        rows = self._rows or PROCESS_ROWS
        return self._closing(ViewCache(self._reader, self._tasks, timeout=self._timeout, now=self._clock, rows=rows))

    @cached_property
    def poller(self) -> "Poller":
        from convirza_mcp.scan.latest import Poller

        return self._closing(Poller(self._reader, self._tasks, now=self._clock))

    @cached_property
    def users(self) -> "UserList":
        from convirza_mcp.accounts.users import UserList

        return self._closing(UserList(self._reader, self._tasks))

    def _closing(self, made: Closed) -> Closed:
        self._open.append(made)
        if self._is_closed:
            self.close()
        return made


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Account:
    """Reader, reads, settings, call limit and clock of one account.

    In a privacy mode, `reader` wraps the client and returns rows without contacts.
    """

    reader: ConversationReader
    reads: Reads
    settings: Settings
    limit: CallLimit
    clock: Callable[[], datetime] = utc_now

    @property
    def views(self) -> "ViewCache":
        return self.reads.views

    @property
    def poller(self) -> "Poller":
        return self.reads.poller

    @property
    def users(self) -> "UserList":
        return self.reads.users

    def request(self, progress: Progress = no_progress) -> "Request":
        """Begin one request, with the current time as its "now"."""
        return Request(account=self, now=self.clock(), progress=progress)


class Request(NamedTuple):
    """Context of a question besides its arguments: the account, one "now", and the progress callback."""

    account: Account
    now: datetime
    progress: Progress = no_progress


def within_one_account(
    question: Callable[Concatenate[Request, Given], Coroutine[Any, Any, Found]],
) -> Callable[Concatenate[Request, Given], Coroutine[Any, Any, Found]]:
    """Make a question raise `AccountChangedError` if another account's token comes into use while it reads."""

    @wraps(question)
    async def checked(request: Request, /, *args: Given.args, **given: Given.kwargs) -> Found:
        reader = request.account.reader
        account = await reader.credential_fingerprint()
        found = await question(request, *args, **given)
        await check_account(reader, account)
        return found

    return checked


@asynccontextmanager
async def open_account(
    client: AbstractAsyncContextManager[ConversationReader],
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    tasks: TaskGroup | None = None,
    rows: "RowBudget | None" = None,
    read_key: Callable[[], bytes] | None = None,
) -> AsyncIterator[Account]:
    """Open the client behind the privacy mode, and close both when the block ends.

    Background work runs in `tasks`, so that one task can open an account and another close it; by default in a group of
    the block. `rows` limits the rows that all accounts of a process hold together. `read_key` returns the key for
    aliases; the default is the one of the settings, else this machine's.

    Only this code opens a client to answer questions, so no other code can bypass the privacy mode.
    """
    async with client as opened:
        reader = opened
        if settings.privacy != "off":
            # Imported here, because most servers run without it.
            from convirza_mcp.privacy.reader import PrivatePages

            if read_key is None and (key := settings.alias_key) is not None:
                read_key = _always(key)
            reader = PrivatePages(opened, settings.privacy, timeout=settings.timeout, read_key=read_key)
        async with background_tasks() if tasks is None else nullcontext(tasks) as group:
            reads = Reads(reader, group, timeout=settings.timeout, clock=clock, rows=rows)
            limit = CallLimit(settings.max_calls_per_minute)
            try:
                yield Account(reader=reader, reads=reads, settings=settings, limit=limit, clock=clock)
            finally:
                reads.close()


@contextmanager
def account_settings(environ: Mapping[str, str] = os.environ, *, demo: bool = False) -> Iterator[Settings]:
    """Read the settings; with `demo`, or if `environ` asks for it, those of a demo inbox that lasts for the block.

    Raises:
        SettingsError: a variable's value cannot be used.
    """
    if not (demo or wants_demo(environ)):
        yield Settings.from_environment(environ)
        return
    # Only the demo needs a web server's imports.
    from convirza_mcp.sandbox import Sandbox

    # Keep all settings except the account.
    settings = Settings.from_environment(demo_environment(environ))
    with Sandbox() as sandbox:
        yield replace(settings, base_url=sandbox.base_url, oauth_url=sandbox.oauth_url, token=sandbox.token)


def _always(key: bytes) -> Callable[[], bytes]:
    return lambda: key
