import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from convirza_mcp.store.opening import open_store
from convirza_mcp.store.protocol import Store
from convirza_mcp.store.sqlite import SQLiteStore
from support.stores import RedisServer, redis_server


@dataclass
class Backing:
    """What stores are opened on. SQLite's clock can be put forward; for Redis, time has to pass."""

    address: str
    path: Path | None
    later: float = 0.0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        if self.path is None:
            store = open_store(self.address)
        else:
            store = SQLiteStore(self.path, now=lambda: time.time() + self.later)
        async with aclosing(store):
            yield store

    async def pass_by(self, seconds: float) -> None:
        if self.path is None:
            await anyio.sleep(seconds)
        else:
            self.later += seconds


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["sqlite", "redis"])
def backing(request: pytest.FixtureRequest, tmp_path: Path) -> Backing:
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite"
        return Backing(f"sqlite:{path}", path)
    # One server for many tests: each has a database of its own.
    server: RedisServer = request.getfixturevalue("redis")
    return Backing(f"{server.address.removesuffix('/0')}/{next(_DATABASES) % 16}", None)


_DATABASES = iter(range(1, 1_000))


@pytest.fixture
async def store(backing: Backing) -> AsyncIterator[Store]:
    async with backing.opened() as store:
        if backing.path is None:
            for name in await store.names(""):
                await store.delete(name)
        yield store
