"""Run blocking work in a daemon thread that interpreter exit does not join.

AnyIO's own worker threads are joined at exit, and a name look-up or a read from a network disk may take minutes:
a deadline would not end the process.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

import anyio
import anyio.lowlevel

Result = TypeVar("Result")


class DaemonThread(Generic[Result]):
    """One run of `work`, started at once. Several tasks of one event loop may wait for it."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._loop = anyio.lowlevel.current_token()
        self._done = anyio.Event()
        self._result: list[Result] = []
        self._failure: Exception | None = None
        threading.Thread(target=self._run, name="convirza-mcp blocking work", daemon=True).start()

    async def done(self) -> None:
        """Wait until `work` ends, with or without an error."""
        await self._done.wait()

    async def result(self) -> Result:
        """Return what `work` returns, or raise what it raises. Cancelling ends the wait; the thread runs on."""
        await self._done.wait()
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        return self._result[0]

    def _run(self) -> None:
        try:
            self._result.append(self._work())
        except Exception as error:  # noqa: BLE001 - `result` raises it
            self._failure = error
        # Imported here, because a token in the settings needs no thread.
        import anyio.from_thread

        # The loop may have closed in the meantime.
        with suppress(RuntimeError):
            anyio.from_thread.run_sync(self._done.set, token=self._loop)


async def run_in_daemon_thread(work: Callable[[], Result]) -> Result:
    """Run `work` in its own thread and return its result; see `DaemonThread`."""
    return await DaemonThread(work).result()
