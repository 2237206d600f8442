"""The store as an SQLite file, for the programs of one machine.

Each write is one immediate transaction. SQLite's locks do not work on network file systems.
"""

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from convirza_mcp.errors import StoreUnavailableError
from convirza_mcp.files import PrivateFolder, private_folder
from convirza_mcp.store.checks import check_name, check_value, held_lock
from convirza_mcp.store.protocol import Stored

FILE_NAME = "store.sqlite"
_BUSY_SECONDS = 5.0
_LONGEST_SECONDS = 10.0
_OLDEST = (3, 35)
"""The first SQLite with RETURNING. Some Linux distributions' Python 3.11 has an older one."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_TABLES = """
CREATE TABLE IF NOT EXISTS stored (name TEXT PRIMARY KEY, value BLOB, version INTEGER, ends REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counted (name TEXT PRIMARY KEY, number INTEGER, ends REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS locked (name TEXT PRIMARY KEY, owner TEXT, ends REAL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stored_ends ON stored (ends);
CREATE INDEX IF NOT EXISTS counted_ends ON counted (ends);
"""
# An end so far away was written before the clock was set back.
_DELETE_ENDED = "DELETE FROM {} WHERE ends <= ? OR (name = ? AND ends > ?)"

Result = TypeVar("Result")


class SQLiteStore:
    """The store in a file; None is `FILE_NAME` in the private folder.

    `now` returns the Unix time, and `busy_seconds` are how long it waits for other programs, for tests.
    """

    def __init__(
        self, path: Path | None = None, *, now: Callable[[], float] = time.time, busy_seconds: float = _BUSY_SECONDS
    ) -> None:
        self._path = path
        self._now = now
        self._busy_seconds = busy_seconds
        self._connection: sqlite3.Connection | None = None
        self._one_at_a_time = anyio.CapacityLimiter(1)

    async def get(self, name: str) -> Stored | None:
        check_name(name)

        def read(connection: sqlite3.Connection) -> Stored | None:
            found = _one(connection, "SELECT value, version FROM stored WHERE name = ? AND ends > ?", name, self._now())
            return None if found is None else Stored(*found)

        return await self._run(read, begin="BEGIN")

    async def put(self, name: str, value: bytes, *, seconds: float, version: int | None = None) -> int | None:
        check_name(name)
        check_value(value)

        def write(connection: sqlite3.Connection) -> int | None:
            now = self._now()
            connection.execute("DELETE FROM stored WHERE ends <= ?", (now,))
            found = _one(connection, "SELECT version FROM stored WHERE name = ?", name)
            current = 0 if found is None else found[0]
            if version is not None and version != current:
                return None
            row = (name, value, current + 1, now + seconds)
            connection.execute("INSERT OR REPLACE INTO stored VALUES (?, ?, ?, ?)", row)
            return int(current + 1)

        return await self._run(write)

    async def delete(self, name: str) -> bool:
        check_name(name)

        def remove(connection: sqlite3.Connection) -> bool:
            deleted = _one(connection, "DELETE FROM stored WHERE name = ? RETURNING ends", name)
            return deleted is not None and bool(deleted[0] > self._now())

        return await self._run(remove)

    async def count(self, name: str, *, seconds: float) -> int:
        check_name(name)

        def add(connection: sqlite3.Connection) -> int:
            now = self._now()
            connection.execute(_DELETE_ENDED.format("counted"), (now, name, now + 2 * seconds))
            counted = _one(
                connection,
                "INSERT INTO counted VALUES (?, 1, ?) ON CONFLICT DO UPDATE SET number = number + 1 RETURNING number",
                name,
                now + seconds,
            )
            return int(counted[0])

        return await self._run(add)

    async def names(self, prefix: str) -> list[str]:
        def read(connection: sqlite3.Connection) -> list[str]:
            found = connection.execute(
                "SELECT name FROM stored WHERE name >= ? AND name < ? AND ends > ? ORDER BY name",
                (prefix, f"{prefix}\x7f", self._now()),
            )
            return [name for (name,) in found]

        return await self._run(read, begin="BEGIN")

    def lock(self, name: str, *, seconds: float, wait: float) -> AbstractAsyncContextManager[None]:
        check_name(name)

        async def take(owner: str) -> bool:
            def insert(connection: sqlite3.Connection) -> bool:
                now = self._now()
                connection.execute(_DELETE_ENDED.format("locked"), (now, name, now + 2 * seconds))
                row = (name, owner, now + seconds)
                return connection.execute("INSERT OR IGNORE INTO locked VALUES (?, ?, ?)", row).rowcount == 1

            return await self._run(insert)

        async def release(owner: str) -> None:
            delete = "DELETE FROM locked WHERE name = ? AND owner = ?"
            await self._run(lambda connection: connection.execute(delete, (name, owner)))

        return held_lock(take, release, wait=wait)

    async def aclose(self) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._close, limiter=self._one_at_a_time)

    async def _run(self, work: Callable[[sqlite3.Connection], Result], *, begin: str = "BEGIN IMMEDIATE") -> Result:
        """Run `work` in a thread, as one transaction."""

        def transact() -> Result:
            if self._connection is None:
                self._connection = self._connect()
            # A transaction that is to write must begin as one: to upgrade a read may fail without waiting.
            self._connection.execute(begin)
            with self._connection:
                return work(self._connection)

        with _store_errors(), anyio.fail_after(_LONGEST_SECONDS):
            return await anyio.to_thread.run_sync(transact, limiter=self._one_at_a_time)

    def _connect(self) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreUnavailableError(
                "The store needs SQLite 3.35 or later.", remedy="Use a Python with a newer one."
            )
        path = self._path
        if path is None:
            path = private_folder() / FILE_NAME
            PrivateFolder(path.parent).make()
        # SQLite would create it with the umask, and gives the files beside it the mode of this one.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        status = path.stat()
        if os.name == "posix" and (status.st_mode & _OTHERS or status.st_uid != os.geteuid()):
            raise StoreUnavailableError(
                "The store's file can be read or changed by other users.",
                remedy="Run `chmod 600` on it, and check its owner.",
            )
        connection = sqlite3.connect(path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A refreshed login must survive a power failure.
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_TABLES)
        except BaseException:
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError):
        raise StoreUnavailableError(
            "The store's file cannot be read or written.",
            remedy="Check that CONVIRZA_STORE names a file on a local disk that the server's user can write.",
        ) from None


def _one(connection: sqlite3.Connection, statement: str, *values: object) -> Any:
    """Return the first row; None without one."""
    return connection.execute(statement, values).fetchone()
