"""An event loop whose time passes at once while every task waits: `@pytest.mark.virtual_time`.

A deadline then comes neither early on a busy machine nor after a real wait. It is only for tests that are done in one
thread and in memory: the loop does not wait for a thread, a socket or a process before its next timer.
"""

import asyncio
import selectors
from typing import Any


class _ImpatientSelector(selectors.DefaultSelector):
    loop: "VirtualTimeLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select()
        found = super().select(0)
        if not found:
            self.loop.passed += timeout
        return found


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.passed = 0.0
        selector = _ImpatientSelector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.passed


BACKEND: tuple[str, dict[str, Any]] = ("asyncio", {"loop_factory": VirtualTimeLoop})
