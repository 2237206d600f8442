"""The store in Redis or Valkey, for replicas on several machines. Needs the extra `redis`."""

import re
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from math import ceil
from typing import Any

import anyio

from convirza_mcp.errors import SettingsError, StoreUnavailableError
from convirza_mcp.store.checks import check_name, check_value, held_lock
from convirza_mcp.store.protocol import Stored

try:
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError
except ImportError:
    raise SettingsError(
        "CONVIRZA_STORE needs the package redis.", remedy='Run `pip install "convirza-mcp[redis]"`.'
    ) from None

_PREFIX = "convirza-mcp"
_MOST_CONNECTIONS = 16
_SECONDS = 3.0
"""Seconds for one command, and for opening a connection."""

# A value is stored behind its version and a space, so that one key has both.
_PUT = """
local found = redis.call('GET', KEYS[1])
local version = found and tonumber(string.match(found, '^%d+')) or 0
if ARGV[1] ~= '' and tonumber(ARGV[1]) ~= version then return false end
redis.call('SET', KEYS[1], string.format('%d ', version + 1) .. ARGV[2], 'PX', ARGV[3])
return version + 1
"""
_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class RedisStore:
    """The store at a `redis://` or `rediss://` address, which may hold a user name and a password."""

    def __init__(self, address: str) -> None:
        try:
            pool: Any = BlockingConnectionPool.from_url(
                address,
                max_connections=_MOST_CONNECTIONS,
                timeout=_SECONDS,
                socket_timeout=_SECONDS,
                socket_connect_timeout=_SECONDS,
                # With the later protocol, the package does not see that an idle connection was closed.
                protocol=2,
                # After a lost answer, a second attempt would delete, count or compare twice.
                retry=Retry(NoBackoff(), 0),
            )
            pool.make_connection()
        except (ValueError, TypeError, RedisError):
            # The fault may hold the password.
            raise SettingsError(
                "CONVIRZA_STORE takes an address such as rediss://user:password@redis.example.com:6379.",
                remedy="Percent-encode special characters of the password.",
            ) from None
        self._redis: Any = Redis(connection_pool=pool)

    async def get(self, name: str) -> Stored | None:
        with _answer():
            found = await self._redis.get(_key("value", name))
        if found is None:
            return None
        version, _, value = found.partition(b" ")
        return Stored(value, int(version))

    async def put(self, name: str, value: bytes, *, seconds: float, version: int | None = None) -> int | None:
        check_value(value)
        expected = "" if version is None else version
        written: int | None = await self._run(_PUT, _key("value", name), expected, value, _milliseconds(seconds))
        return written

    async def delete(self, name: str) -> bool:
        with _answer():
            return bool(await self._redis.delete(_key("value", name)))

    async def count(self, name: str, *, seconds: float) -> int:
        return int(await self._run(_COUNT, _key("count", name), _milliseconds(seconds)))

    async def names(self, prefix: str) -> list[str]:
        escaped = re.sub(r"[\\*?\[\]^]", r"\\\g<0>", prefix)
        with _answer():
            found = {each async for each in self._redis.scan_iter(f"{_PREFIX}:value:{escaped}*", count=1000)}
        return sorted(each.decode().removeprefix(f"{_PREFIX}:value:") for each in found)

    def lock(self, name: str, *, seconds: float, wait: float) -> AbstractAsyncContextManager[None]:
        key = _key("lock", name)

        async def take(owner: str) -> bool:
            with _answer():
                return bool(await self._redis.set(key, owner, nx=True, px=_milliseconds(seconds)))

        return held_lock(take, partial(self._run, _RELEASE, key), wait=wait)

    async def aclose(self) -> None:
        with anyio.CancelScope(shield=True):
            await self._redis.aclose(close_connection_pool=True)

    async def _run(self, script: str, key: str, *values: Any) -> Any:
        with _answer():
            return await self._redis.eval(script, 1, key, *values)


@contextmanager
def _answer() -> Iterator[None]:
    """Bound the wait for an answer. Each error is `from None`: the library's own may hold the address."""
    try:
        with anyio.fail_after(2 * _SECONDS):
            yield
    except (AuthenticationError, NoPermissionError):
        raise StoreUnavailableError(
            "The store refused the user name, the password or a permission.",
            remedy="Check CONVIRZA_STORE and the user's rights in the store.",
        ) from None
    except ResponseError:
        raise StoreUnavailableError(
            "The store refused a command.",
            remedy="It must be Redis 6.2 or later, or Valkey, with free memory, and not a read-only replica.",
        ) from None
    except (RedisError, OSError):
        raise StoreUnavailableError(
            "The store does not answer.", remedy="Check that it runs, and the address in CONVIRZA_STORE."
        ) from None


def _key(kind: str, name: str) -> str:
    check_name(name)
    return f"{_PREFIX}:{kind}:{name}"


def _milliseconds(seconds: float) -> int:
    return max(1, ceil(seconds * 1000))
