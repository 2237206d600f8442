"""Replicas behind a real nginx with the site of deploy/: streams pass, and a replica that dies costs only its calls."""

import re
import shutil
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx2
import pytest
from mcp import Client

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.setup.doctor.checks.remote import check_remote
from support.documents import ROOT
from support.http_servers import HttpProcess, headers, http_process, message
from support.ports import free_port

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")

TOOL = "list_sms_conversations"


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    replicas: list[HttpProcess]


@contextmanager
def site(folder: Path, sandbox: Sandbox, replicas: int) -> Iterator[Site]:
    """nginx on a free port, without TLS, in front of replicas that have its address as their public one."""
    port = free_port()
    url = f"http://localhost:{port}/mcp"
    settings = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url, "CONVIRZA_HTTP_URL": url}
    with ExitStack() as stack:
        running = [
            stack.enter_context(http_process(CONVIRZA_MAX_CALLS_PER_MINUTE="0", **settings)) for _ in range(replicas)
        ]
        text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
        servers = "\n".join(f"    server 127.0.0.1:{each.address[1]};" for each in running)
        text = re.sub(r"    server 127\.0\.0\.1:8788;", servers, text)
        text = re.sub(r"    (listen \[|ssl_certificate).*\n", "", text)
        text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace("sms.example.com", "localhost")
        # The port is part of this address.
        text = text.replace("Host $host;", "Host $http_host;")
        temporary = "\n".join(
            f"    {each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        whole = f"daemon off;\npid {folder}/nginx.pid;\nerror_log stderr error;\nevents {{}}\n"
        whole += f"http {{\n    access_log off;\n{temporary}\n{text}\n}}\n"
        file = folder / "nginx.conf"
        file.write_text(whole, encoding="utf-8")
        nginx = stack.enter_context(
            subprocess.Popen(["nginx", "-c", str(file), "-p", str(folder)], stderr=subprocess.DEVNULL)
        )
        stack.callback(nginx.terminate)
        wait_for(port)
        yield Site(url, running)


def wait_for(port: int) -> None:
    for _ in range(1_000):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            continue
        return
    raise AssertionError


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("nginx"), sandbox, 1) as site_of_one:
        yield site_of_one


@pytest.mark.parametrize("era", ["auto", "legacy"])
@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_official_client_connects(one: Site, era: str, slash: str) -> None:
    async with Client(one.url + slash, mode=era) as client:
        page = await client.call_tool(TOOL, {"limit": 2})

    assert len(page.structured_content["rows"]) == 2


async def test_the_address_is_the_public_one(one: Site) -> None:
    async with httpx2.AsyncClient() as client:
        card = await client.get(f"{one.url}/server-card", headers={"X-Forwarded-Host": "evil.example"})

    assert [each["url"] for each in card.json()["remotes"]] == [one.url]


@pytest.mark.long
async def test_doctor_finds_nothing_wrong(one: Site) -> None:
    findings = await check_remote(one.url, None, lambda _: None)

    assert [(each.name, each.ok) for each in findings] == [
        ("address", True),
        ("challenge", None),
        ("documents", True),
        ("stream", True),
    ]


@pytest.mark.long
async def test_a_replica_that_dies_costs_only_its_calls(tmp_path: Path, sandbox: Sandbox) -> None:
    calls = 2_000
    failed: list[int] = []
    statuses = Counter[int]()
    in_flight_at_death: set[int] = set()
    under_way: set[int] = set()
    limit = anyio.CapacityLimiter(16)
    with site(tmp_path, sandbox, 3) as served:
        victim = served.replicas[0].process
        async with httpx2.AsyncClient(timeout=30) as client:

            async def call(number: int) -> None:
                async with limit:
                    if number == calls // 2:
                        in_flight_at_death.update(under_way)
                        victim.send_signal(signal.SIGKILL)
                    under_way.add(number)
                    body = message("tools/call", {"name": TOOL, "arguments": {"limit": number % 7 + 1}}, number)
                    response = await client.post(served.url, json=body, headers=headers("tools/call", TOOL))
                    under_way.discard(number)
                statuses[response.status_code] += 1
                if response.status_code != 200:
                    failed.append(number)
                    return
                answer = response.json()
                assert answer["id"] == number
                assert len(answer["result"]["structuredContent"]["rows"]) == number % 7 + 1

            async with anyio.create_task_group() as tasks:
                for number in range(calls):
                    tasks.start_soon(call, number)

    assert {*statuses} <= {200, 502}, statuses
    # A call that began while the process was dying may be among them.
    assert len({*failed} - in_flight_at_death) <= 16
    assert len(failed) <= 16
    assert victim.returncode is not None or victim.wait(5) is not None
