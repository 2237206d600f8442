"""The server over HTTP: as a process on loopback, and as an ASGI application in this one."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx2

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.transports.http.app import HttpApp, http_app
from convirza_mcp.transports.http.connections import configured_server
from convirza_mcp.transports.http.settings import HttpSettings
from support.processes import ENVELOPE, environment

URL = "https://sms.example.com/mcp"
MODULE = ("-m", "convirza_mcp")
MODERN = {"MCP-Protocol-Version": "2026-07-28"}
ACCEPTS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


def message(method: str, params: dict[str, Any] | None = None, number: int = 1) -> dict[str, Any]:
    """A request of the later protocol era."""
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": {**(params or {}), "_meta": ENVELOPE}}


def headers(method: str, name: str | None = None, token: str | None = None) -> dict[str, str]:
    """The headers of a request of the later protocol era."""
    found = {**ACCEPTS, **MODERN, "Mcp-Method": method}
    if name is not None:
        found["Mcp-Name"] = name
    return found if token is None else found | {"Authorization": f"Bearer {token}"}


@dataclass(frozen=True, slots=True)
class HttpProcess:
    process: "subprocess.Popen[str]"
    url: str

    @property
    def address(self) -> tuple[str, int]:
        parts = httpx2.URL(self.url)
        return parts.host, parts.port or 80

    def connections_to(self, url: str) -> int:
        """The process's open connections to a port of this computer. Linux only."""
        port = f"{httpx2.URL(url).port:04X}"
        rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
        inodes = {f"socket:[{each[9]}]" for each in rows if each[2].endswith(f":{port}") and each[3] == "01"}
        links = []
        for each in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with suppress(OSError):
                links.append(str(each.readlink()))
        return sum(each in inodes for each in links)

    def end(self, within: float) -> tuple[int, str]:
        """Exit status and the rest of stderr; fails when it takes longer."""
        _, err = self.process.communicate(timeout=within)
        return self.process.returncode, err


@contextmanager
def http_process(*options: str, program: Sequence[str] = MODULE, **settings: str) -> Iterator[HttpProcess]:
    """`convirza-mcp serve --http` on a free port of loopback."""
    with subprocess.Popen(
        [sys.executable, *program, "serve", "--http", "--port", "0", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**{"CONVIRZA_TIMEZONE": "UTC", **settings}),
        encoding="utf-8",
    ) as process:
        try:
            yield HttpProcess(process, _announced(process))
        finally:
            process.kill()


async def until(what: Callable[[], bool], seconds: float = 10) -> None:
    with anyio.fail_after(seconds):
        while not what():  # noqa: ASYNC110 - another process has no event to wait for
            await anyio.sleep(0.02)


async def check_upstream_is_freed(url: str, era: str, connections: Callable[[], int]) -> None:
    """Call a server whose Convirza does not answer, and leave: its upstream request ends, which was promised in 1 s."""
    params = {"name": "list_sms_conversations", "arguments": {}}
    if era == "modern":
        body, fields = message("tools/call", params), headers("tools/call", params["name"])
    else:
        body, fields = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}, ACCEPTS
    content = json.dumps(body).encode()
    address = httpx2.URL(url)
    lines = [f"{name}: {value}" for name, value in fields.items()]
    head = [f"POST {address.path} HTTP/1.1", f"Host: {address.netloc.decode()}", *lines]
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall("\r\n".join([*head, f"Content-Length: {len(content)}", "", ""]).encode() + content)
        await until(lambda: connections() == 1)
    await until(lambda: connections() == 0, seconds=3)


def _announced(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        found = re.search(r"convirza-mcp serves .*?(http://[^\s,]+/mcp)\. ", line)
        if found:
            return found[1]
    raise AssertionError(said)


@asynccontextmanager
async def running(app: HttpApp, listening: socket.socket, **options: Any) -> AsyncIterator[None]:
    """Serve in this event loop. The server ends as uvicorn's does, but does not look only every 0.1 s."""
    started, ended = anyio.Event(), anyio.Event()
    server = configured_server(app, started.set, **options)

    async def shutdown(sockets: Sequence[socket.socket]) -> None:
        app.stop()
        for each in server.servers:
            each.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        with anyio.fail_after(10):
            while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110 - uvicorn has no event
                await anyio.sleep(0.001)
        await server.lifespan.shutdown()

    server.main_loop, server.shutdown = ended.wait, shutdown
    with closing(listening):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: server.serve(sockets=[listening]))
            await started.wait()
            try:
                yield
            finally:
                ended.set()


@asynccontextmanager
async def serving(
    transport: httpx2.AsyncBaseTransport, http: HttpSettings | None = None, *, url: str = URL, **options: Any
) -> AsyncIterator[tuple[HttpApp, httpx2.AsyncClient]]:
    """The application in this process, and a client for it. `transport` stands for Convirza."""
    settings = Settings(token="CNVZ-AT-7f3e9d")
    app = http_app(
        settings,
        http or HttpSettings(http_url=url),
        url=url,
        open_client=lambda _, tasks: ConvirzaClient.from_settings(settings, transport=transport, tasks=tasks),
        **options,
    )
    inner: Any = app.guard.app
    async with (
        inner.router.lifespan_context(inner),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app.guard), base_url=httpx2.URL(url).copy_with(path="/")
        ) as client,
    ):
        yield app, client
