"""Answers of the store that arrive after later ones."""

from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio

from convirza_mcp.api.login.shared_pair import SHARED_LOGIN, SharedPair
from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.protocol import Store, Stored
from convirza_mcp.store.sqlite import SQLiteStore
from support.logins import FIRST, SECOND, Clock, login
from support.stores import STORE_KEYS


class SlowOnce:
    """A store whose answer to the next question, once `is_slow` is set, arrives when `arrives` is."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_slow = False
        self.answered, self.arrives = anyio.Event(), anyio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def get(self, name: str) -> Stored | None:
        is_slow, self.is_slow = self.is_slow, False
        found = await self._store.get(name)
        if is_slow:
            self.answered.set()
            await self.arrives.wait()
        return found


async def test_an_answer_from_before_a_refresh_does_not_count_as_fresh(tmp_path: Path, clock: Clock) -> None:
    async with aclosing(SQLiteStore(tmp_path / "store.sqlite")) as sqlite:
        store = SlowOnce(sqlite)
        pair = SharedPair(store, SHARED_LOGIN, Cipher(STORE_KEYS), monotonic=clock.monotonic)  # type: ignore[arg-type]
        old, new = login(clock, access_token=FIRST), login(clock, access_token=SECOND)
        await pair.write(old)
        store.is_slow = True
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pair.read)
            await store.answered.wait()
            assert await pair.replace(old.pair, new)
            store.arrives.set()

        assert await pair.current() == new
