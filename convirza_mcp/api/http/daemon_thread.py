"""Blocking work that nobody has to wait for.

A worker thread of the event loop is waited for when the process ends, and a look-up of a name or a read from a
network's disk may take minutes: a deadline would be none. These threads die with the process.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")


async def in_abandonable_thread(work: Callable[[], Result]) -> Result:
    """What `work` returns or raises. Cancelling ends the waiting, and leaves the thread to itself."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[Result] = loop.create_future()

    def settle(outcome: Result | None, failure: Exception | None) -> None:
        if result.done():
            return
        if failure is not None:
            result.set_exception(failure)
        else:
            result.set_result(outcome)  # type: ignore[arg-type] # one of the two was given

    def run() -> None:
        outcome: Result | None = None
        failure: Exception | None = None
        try:
            outcome = work()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            failure = error
        # The loop is closed when nobody has waited long enough.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, outcome, failure)

    threading.Thread(target=run, name="abandonable", daemon=True).start()
    return await result
