"""One account: everything that answers questions about one Convirza login."""

import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from anyio.abc import TaskGroup

from convirza_mcp.accounts.calls import CallLimit
from convirza_mcp.accounts.users import UserList
from convirza_mcp.api.models import ConversationReader
from convirza_mcp.clock.window import utc_now
from convirza_mcp.scan.cache import PROCESS_ROWS, Progress, RowBudget, ViewCache, check_account, no_progress
from convirza_mcp.scan.latest import Poller
from convirza_mcp.settings import Settings, demo_environment, wants_demo
from convirza_mcp.single_flight import background_tasks

Given = ParamSpec("Given")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Account:
    """Reader, cache, poller, users, settings, call limit and clock of one account.

    In a privacy mode, `reader` wraps the client and returns rows without contacts.
    """

    reader: ConversationReader
    settings: Settings
    views: ViewCache
    poller: Poller
    users: UserList
    limit: CallLimit
    clock: Callable[[], datetime] = utc_now

    def request(self, progress: Progress = no_progress) -> "Request":
        """Begin one request, with the current time as its "now"."""
        return Request(account=self, now=self.clock(), progress=progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
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
    rows: RowBudget = PROCESS_ROWS,
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
            views = ViewCache(reader, group, timeout=settings.timeout, now=clock, rows=rows)
            poller = Poller(reader, group, now=clock)
            users = UserList(reader, group)
            try:
                yield Account(
                    reader=reader,
                    settings=settings,
                    views=views,
                    poller=poller,
                    users=users,
                    limit=CallLimit(settings.max_calls_per_minute),
                    clock=clock,
                )
            finally:
                views.close()
                poller.close()
                users.close()


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
