"""Single flight: one task for many waiting callers, in a task group that outlives them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import anyio
from anyio.abc import TaskGroup

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


class FlightCancelledError(Exception):
    """The task was cancelled before it had a result."""


class SingleFlight(Generic[T]):
    """One run of `work` in `tasks`. `scope` cancels it.

    A caller that stops waiting leaves the task running; with `needs_waiter`, the last caller to leave cancels it.
    """

    def __init__(
        self,
        tasks: TaskGroup,
        work: Callable[[], Awaitable[T]],
        *,
        shield: bool = False,
        needs_waiter: bool = False,
    ) -> None:
        self.scope = anyio.CancelScope(shield=shield)
        self.is_running = True
        self._needs_waiter = needs_waiter
        self._waiters = 0
        self._news = anyio.Event()
        self._outcome: T | Exception = FlightCancelledError()
        tasks.start_soon(self._run, work)

    async def result(self, on_news: Callable[[], Awaitable[None]] | None = None) -> T:
        """Wait for the result, awaiting `on_news` each time that the task calls `tell`.

        Raises:
            FlightCancelledError: the task was cancelled.
            Exception: a copy of the task's own, so that no traceback grows with the number of callers.
        """
        self._waiters += 1
        try:
            while self.is_running:
                await self._news.wait()
                if on_news is not None:
                    await on_news()
        finally:
            self._waiters -= 1
            if self._needs_waiter and not self._waiters:
                self.scope.cancel()
        if isinstance(self._outcome, Exception):
            raise copy_error(self._outcome)
        return self._outcome

    def tell(self) -> None:
        """Wake the callers that wait."""
        self._news.set()
        self._news = anyio.Event()

    async def _run(self, work: Callable[[], Awaitable[T]]) -> None:
        try:
            with self.scope:
                self._outcome = await work()
        except Exception as error:  # noqa: BLE001 - the callers that wait get it; here it would end the whole server
            self._outcome = error
        finally:
            self.is_running = False
            self._news.set()


def copy_error(error: E) -> E:
    """Return an error of the same type, text and attributes, to be raised in another caller."""
    # Not through the constructor, which may take other arguments than the attributes it sets.
    copy = type(error).__new__(type(error), *error.args)
    copy.__dict__.update(error.__dict__)
    copy.__cause__, copy.__suppress_context__ = error.__cause__, error.__suppress_context__
    return copy.with_traceback(error.__traceback__)


@asynccontextmanager
async def background_tasks() -> AsyncIterator[TaskGroup]:
    """Yield a task group whose tasks end with the block, whose own error goes on as it is, in no group."""
    tasks = await anyio.create_task_group().__aenter__()
    try:
        yield tasks
    finally:
        tasks.cancel_scope.cancel()
        await tasks.__aexit__(None, None, None)
