"""Three replicas behind nginx with one login in Redis, and one that is killed while the login is refreshed."""

import json
import select
import signal
import socket
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anyio
import anyio.to_thread
import httpx2
import pytest

from convirza_mcp.api.login.oauth import read_token_response
from convirza_mcp.api.login.store import StoredCredential
from convirza_mcp.sandbox import Sandbox
from support.http_servers import HttpProcess, headers, http_process, message
from support.nginx import needs_nginx, nginx
from support.ports import free_port
from support.stores import STORE_KEYS, RedisServer, read_login, redis_server, write_login

pytestmark = [
    needs_nginx,
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="Linux tells which process has a connection"),
]

TOOL = "list_sms_conversations"
REFRESH = "/oauth/refresh-token"
_CALLS_BEFORE_THE_KILL = 40


class Gate(ThreadingHTTPServer):
    """Stands before the sandbox's OAuth service. Holds the first refresh, before or after the service has it."""

    def __init__(self, url: str, *, before: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Held)
        self.service, self.before = url, before
        self.reached, self.opened = threading.Event(), threading.Event()
        self.peers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Held(BaseHTTPRequestHandler):
    server: Gate

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.peers.append(self.client_address[1])
        if self.server.before and not self._passes():
            return
        sent = {"Content-Type": self.headers["Content-Type"]}
        answer = httpx2.post(self.server.service + self.path, content=body, headers=sent)
        if not self.server.before and not self._passes():
            return
        self.send_response(answer.status_code)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def _passes(self) -> bool:
        """Wait until the gate is open; return whether the client is still there."""
        self.server.reached.set()
        self.server.opened.wait()
        gone = select.select([self.connection], [], [], 0)[0] and not self.connection.recv(1, socket.MSG_PEEK)
        return not gone

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base class's name
        pass


def has_connection(process: HttpProcess, port: int) -> bool:
    """Whether the process has the end of a connection with this local port."""
    lines = Path("/proc/net/tcp").read_text("ascii").splitlines()
    sockets = {f"socket:[{line.split()[9]}]" for line in lines if f":{port:04X} " in line[:20]}
    return any(str(each.readlink()) in sockets for each in Path(f"/proc/{process.process.pid}/fd").iterdir())


class Team:
    """The site, and what its calls came to."""

    def __init__(self, url: str, redis: RedisServer, sandbox: Sandbox, gate: Gate, replicas: list[HttpProcess]) -> None:
        self.url, self.redis, self.address = url, redis, redis.address
        self.sandbox, self.gate, self.replicas = sandbox, gate, replicas
        self.statuses = Counter[int]()
        self.codes = Counter[str]()

    @property
    def refreshes(self) -> list[int]:
        return [each.status for each in self.sandbox.requests if each.path == REFRESH]

    async def call(self, client: httpx2.AsyncClient, number: int) -> bool:
        """Make one call; return whether it was answered. A wrong answer fails the test."""
        body = message("tools/call", {"name": TOOL, "arguments": {"limit": number % 7 + 1}}, number)
        try:
            response = await client.post(self.url, json=body, headers=headers("tools/call", TOOL))
        except httpx2.RemoteProtocolError:
            # The replica died within its answer.
            self.statuses[502] += 1
            return False
        self.statuses[response.status_code] += 1
        if response.status_code != 200:
            return False
        # After 15 seconds it comes as a stream, behind a ping.
        answer = json.loads(response.text[response.text.index("{") :])
        assert answer["id"] == number
        if answer["result"].get("isError"):
            self.codes[answer["result"]["content"][0]["text"].rpartition("[")[2].rstrip("]")] += 1
            return False
        assert len(answer["result"]["structuredContent"]["rows"]) == number % 7 + 1
        return True

    async def calls_with_a_kill(self, calls: int, *, of_refresher: bool) -> None:
        """Make calls, 16 at once; kill a replica early on, while the refresh is under way."""
        limit = anyio.CapacityLimiter(16)
        killed = anyio.Event()
        async with httpx2.AsyncClient(timeout=60) as client, anyio.create_task_group() as tasks:

            async def call(number: int) -> None:
                async with limit:
                    if number == _CALLS_BEFORE_THE_KILL:
                        await anyio.to_thread.run_sync(self.gate.reached.wait)
                        self._kill(of_refresher=of_refresher)
                        killed.set()
                    await self.call(client, number)

            for number in range(calls):
                tasks.start_soon(call, number)
            await killed.wait()

    def _kill(self, *, of_refresher: bool) -> None:
        (peer,) = self.gate.peers
        victim = next(each for each in self.replicas if has_connection(each, peer) == of_refresher)
        victim.process.send_signal(signal.SIGKILL)
        victim.process.wait()
        self.gate.opened.set()


def due_login(sandbox: Sandbox, gate: Gate) -> StoredCredential:
    """A login that is due for a refresh, and still valid for an hour."""
    pair = read_token_response(json.dumps(sandbox.issue()).encode(), now=datetime.now(UTC))
    ends = datetime.now(UTC) + timedelta(hours=1)
    pair = replace(pair, expires_at=ends, obtained_at=ends - timedelta(days=7))
    return StoredCredential(pair, account="5ad0c0", oauth_url=gate.url)


@asynccontextmanager
async def team(folder: Path, *, before: bool) -> AsyncIterator[Team]:
    with Sandbox() as sandbox, redis_server(folder / "redis") as redis, ExitStack() as stack:
        gate = stack.enter_context(Gate(sandbox.oauth_url, before=before))
        threading.Thread(target=gate.serve_forever, daemon=True).start()
        stack.callback(gate.shutdown)
        stack.callback(gate.opened.set)
        await write_login(redis.address, due_login(sandbox, gate))
        port = free_port()
        settings = {
            "CONVIRZA_BASE_URL": sandbox.base_url,
            "CONVIRZA_OAUTH_URL": gate.url,
            "CONVIRZA_HTTP_URL": f"http://localhost:{port}/mcp",
            "CONVIRZA_STORE": redis.address,
            "CONVIRZA_STORE_KEYS": STORE_KEYS,
            "CONVIRZA_MAX_CALLS_PER_MINUTE": "0",
        }
        replicas = [stack.enter_context(http_process(**settings)) for _ in range(3)]
        stack.enter_context(nginx(folder, port, replicas, in_turn=True))
        yield Team(settings["CONVIRZA_HTTP_URL"], redis, sandbox, gate, replicas)


async def test_the_refresh_survives_the_death_of_another_replica(tmp_path: Path) -> None:
    async with team(tmp_path, before=False) as served:
        await served.calls_with_a_kill(2_000, of_refresher=False)
        kept = await read_login(served.address)

    assert served.statuses[200] >= 2_000 - 16
    assert served.statuses.keys() <= {200, 502}
    assert served.codes == {}
    assert served.refreshes == [200]
    assert kept is not None
    assert (kept.refresh_asked_at, kept.pair.obtained_at > datetime.now(UTC) - timedelta(hours=1)) == (None, True)


async def test_a_refresh_that_convirza_never_got_is_made_by_another_replica(tmp_path: Path) -> None:
    async with team(tmp_path, before=True) as served:
        await served.calls_with_a_kill(200, of_refresher=True)
        assert served.refreshes == []
        assert served.codes == {}
        served.sandbox.expire_access_tokens()
        # The dead replica's lock lasts for 45 seconds.
        with anyio.fail_after(3 * 45):
            async with httpx2.AsyncClient(timeout=60) as client:
                while not await served.call(client, 1):
                    pass
        kept = await read_login(served.address)

    assert served.statuses.keys() <= {200, 502}
    assert served.refreshes == [200]
    assert kept is not None
    assert kept.refresh_asked_at is None


async def test_a_refresh_whose_answer_died_is_not_sent_again_before_the_token_ends(tmp_path: Path) -> None:
    async with team(tmp_path, before=False) as served:
        await served.calls_with_a_kill(200, of_refresher=True)
        assert served.refreshes == [200]
        assert served.codes == {}
        served.sandbox.expire_access_tokens()
        with anyio.fail_after(3 * 45):
            async with httpx2.AsyncClient(timeout=60) as client:
                while "login_expired" not in served.codes:
                    assert not await served.call(client, 1)
                # Convirza refused it, and a new login counts at once.
                await write_login(served.address, due_login(served.sandbox, served.gate))
                while not await served.call(client, 1):
                    pass

    assert served.statuses.keys() <= {200, 502}
    assert served.refreshes[:2] == [200, 401]


async def test_without_the_store_calls_go_on_and_no_replica_is_ready(tmp_path: Path) -> None:
    async with team(tmp_path, before=False) as served, httpx2.AsyncClient(timeout=60) as client:
        served.gate.opened.set()

        async def until_ready(*, is_ready: bool) -> None:
            urls = [f"http://127.0.0.1:{each.address[1]}/readyz" for each in served.replicas]
            with anyio.fail_after(60):
                while {(await client.get(url)).status_code for url in urls} != {200 if is_ready else 503}:
                    pass

        # Each replica in turn.
        assert all([await served.call(client, number) for number in range(6)])
        served.redis.stop()
        await until_ready(is_ready=False)
        assert all([await served.call(client, number) for number in range(6)])
        served.redis.start()
        await until_ready(is_ready=True)
        assert all([await served.call(client, number) for number in range(6)])

    assert served.refreshes == [200]
