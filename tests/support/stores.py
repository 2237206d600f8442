"""A real redis-server on loopback, or the one that REDIS_SERVER names, and programs that share a store."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from convirza_mcp.api.login.shared_pair import SHARED_LOGIN, SharedPair
from convirza_mcp.api.login.store import StoredCredential
from convirza_mcp.store.encryption import Cipher
from convirza_mcp.store.opening import open_store
from support.ports import free_port
from support.processes import environment

SERVER = os.environ.get("REDIS_SERVER", "redis-server")
PASSWORD = "st:re/p@ss#word"
QUOTED = "st%3Are%2Fp%40ss%23word"
STORE_KEYS = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@dataclass(slots=True)
class RedisServer:
    """A server that asks for a password, with its data in `folder`; `tls` are its options for TLS alone."""

    folder: Path
    tls: tuple[str, ...] = ()
    port: int = 0
    process: "subprocess.Popen[str] | None" = field(default=None, repr=False)

    @property
    def address(self) -> str:
        return f"redis{'s' if self.tls else ''}://:{QUOTED}@localhost:{self.port}/0"

    def start(self) -> None:
        """Start it, on the port of an earlier start."""
        for _ in range(10):
            port = self.port or free_port()
            listening = ["--tls-port", str(port), "--port", "0", *self.tls] if self.tls else ["--port", str(port)]
            kept = ["--dir", str(self.folder), "--save", "", "--appendonly", "yes", "--appendfsync", "always"]
            self.process = subprocess.Popen(
                [SERVER, *listening, "--bind", "127.0.0.1", "--requirepass", PASSWORD, *kept],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
            )
            assert self.process.stdout is not None
            for line in self.process.stdout:
                if "Ready to accept connections" in line:
                    self.port = port
                    return
                if "Failed finding TLS support" in line:
                    pytest.skip(f"{SERVER} is built without TLS")
            self.stop()
        raise AssertionError

    def stop(self) -> None:
        """Kill it, as a failing machine would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None


@contextmanager
def redis_server(folder: Path, *tls: str) -> Iterator[RedisServer]:
    """Run a server; skip the test where it or its Python package is not installed."""
    pytest.importorskip("redis", reason="the package redis is not installed")
    if shutil.which(SERVER) is None:
        pytest.skip(f"{SERVER} is not installed")
    folder.mkdir(exist_ok=True)
    server = RedisServer(folder, tls)
    try:
        server.start()
        yield server
    finally:
        server.stop()


async def write_login(address: str, credential: StoredCredential) -> None:
    """Store the login that serves all callers."""
    async with aclosing(open_store(address)) as store:
        await SharedPair(store, SHARED_LOGIN, Cipher(STORE_KEYS)).write(credential)


async def read_login(address: str) -> StoredCredential | None:
    async with aclosing(open_store(address)) as store:
        return await SharedPair(store, SHARED_LOGIN, Cipher(STORE_KEYS)).read()


_OPENED = """
import os, sys
import anyio
from convirza_mcp.store.opening import open_store

async def main():
    store = open_store(os.environ["CONVIRZA_STORE"])
    await store.get("connected")
    print("ready", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def programs(address: str, work: str, number: int) -> Iterator[list["subprocess.Popen[str]"]]:
    """Run programs that open the store, and then all at once do `work`, the lines of a coroutine."""
    lines = "".join(f"    {line}\n" for line in work.strip().splitlines())
    started = [
        subprocess.Popen(
            [sys.executable, "-c", f"{_OPENED}{lines}    await store.aclose()\n\nanyio.run(main)\n"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(CONVIRZA_STORE=address),
            encoding="utf-8",
        )
        for _ in range(number)
    ]
    try:
        for each in started:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        for each in started:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        yield started
    finally:
        for each in started:
            each.kill()
            each.communicate()


def all_said(address: str, work: str, number: int) -> list[str]:
    """Return what each program printed."""
    with programs(address, work, number) as started:
        return [each.communicate(timeout=60)[0] for each in started]
