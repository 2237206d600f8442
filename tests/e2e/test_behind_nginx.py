"""Replicas behind a real nginx with the site of deploy/: streams pass, and a replica that dies costs only its calls."""

import signal
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
from support.http_servers import HttpProcess, headers, http_process, message
from support.nginx import needs_nginx, nginx
from support.ports import free_port

pytestmark = needs_nginx

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
        stack.enter_context(nginx(folder, port, running))
        yield Site(url, running)


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
                    try:
                        response = await client.post(served.url, json=body, headers=headers("tools/call", TOOL))
                    except httpx2.RemoteProtocolError:
                        # The replica died within its answer.
                        response = httpx2.Response(502)
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
