"""Answers of the store that arrive after later ones."""

from contextlib import aclosing
from pathlib import Path

import anyio

from convirza_mcp.api.login.shared_pair import SHARED_LOGIN, SharedPair
from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.protocol import Stored
from convirza_mcp.store.sqlite import SQLiteStore
from support.logins import FIRST, SECOND, Clock, login
from support.stores import STORE_KEYS


class SlowOnce(SQLiteStore):
    """A store whose answer to the next question, once `is_slow` is set, arrives when `arrives` is."""

    is_slow = False

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.answered, self.arrives = anyio.Event(), anyio.Event()

    async def get(self, name: str) -> Stored | None:
        is_slow, self.is_slow = self.is_slow, False
        found = await super().get(name)
        if is_slow:
            self.answered.set()
            await self.arrives.wait()
        return found


async def test_an_answer_from_before_a_refresh_does_not_count_as_fresh(tmp_path: Path, clock: Clock) -> None:
    async with aclosing(SlowOnce(tmp_path / "store.sqlite")) as store:
        pair = SharedPair(store, SHARED_LOGIN, Cipher(STORE_KEYS), monotonic=clock.monotonic)
        old, new = login(clock, access_token=FIRST), login(clock, access_token=SECOND)
        await pair.write(old)
        store.is_slow = True
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pair.read)
            await store.answered.wait()
            assert await pair.replace(old.pair, new)
            store.arrives.set()

        assert await pair.current() == new
