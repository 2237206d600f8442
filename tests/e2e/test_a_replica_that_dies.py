"""Replicas behind a real nginx with the site of deploy/: one that dies costs only its calls."""

import signal
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import anyio
import httpx2
import pytest

from convirza_mcp.sandbox import Sandbox
from support.http_servers import headers, http_process, message
from support.nginx import needs_nginx, nginx
from support.ports import free_port

pytestmark = needs_nginx

TOOL = "list_sms_conversations"


@pytest.mark.long
async def test_a_replica_that_dies_costs_only_its_calls(tmp_path: Path, sandbox: Sandbox) -> None:
    calls = 2_000
    failed: list[int] = []
    statuses = Counter[int]()
    in_flight_at_death: set[int] = set()
    under_way: set[int] = set()
    limit = anyio.CapacityLimiter(16)
    with ExitStack() as stack:
        port = free_port()
        url = f"http://localhost:{port}/mcp"
        settings = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url, "CONVIRZA_HTTP_URL": url}
        settings["CONVIRZA_MAX_CALLS_PER_MINUTE"] = "0"
        replicas = [stack.enter_context(http_process(**settings)) for _ in range(3)]
        stack.enter_context(nginx(tmp_path, port, replicas))
        victim = replicas[0].process
        async with httpx2.AsyncClient(timeout=30) as client:

            async def call(number: int) -> None:
                async with limit:
                    if number == calls // 2:
                        in_flight_at_death.update(under_way)
                        victim.send_signal(signal.SIGKILL)
                    under_way.add(number)
                    body = message("tools/call", {"name": TOOL, "arguments": {"limit": number % 7 + 1}}, number)
                    try:
                        response = await client.post(url, json=body, headers=headers("tools/call", TOOL))
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
