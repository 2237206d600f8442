"""A server behind a real nginx and a real Caddy, with the files of deploy/."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.setup.doctor.checks.remote import check_remote
from support.caddy import caddy, needs_caddy
from support.http_servers import HttpProcess, check_upstream_is_freed, headers, http_process, message
from support.nginx import needs_nginx, nginx
from support.ports import free_port

pytestmark = pytest.mark.long

PROXIES = [pytest.param(nginx, id="nginx", marks=needs_nginx), pytest.param(caddy, id="Caddy", marks=needs_caddy)]
TOOL = "list_sms_conversations"


@contextmanager
def site(proxy: Any, folder: Path, sandbox: Sandbox) -> Iterator[tuple[str, HttpProcess]]:
    """The public address and the server behind it."""
    port = free_port()
    url = f"http://localhost:{port}/mcp"
    settings = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url, "CONVIRZA_HTTP_URL": url}
    with http_process(**settings) as server, proxy(folder, port, [server]):
        yield url, server


@pytest.fixture(scope="module", params=PROXIES)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox
) -> Iterator[tuple[str, HttpProcess]]:
    with site(request.param, tmp_path_factory.mktemp("proxy"), sandbox) as found:
        yield found


@pytest.mark.parametrize("era", ["auto", "legacy"])
@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_official_client_connects(served: tuple[str, HttpProcess], era: str, slash: str) -> None:
    async with Client(served[0] + slash, mode=era) as client:
        page = await client.call_tool(TOOL, {"limit": 2})

    assert len(page.structured_content["rows"]) == 2


async def test_no_answer_names_the_inner_address(served: tuple[str, HttpProcess]) -> None:
    url, server = served
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    root = url.removesuffix("/mcp")
    asked = [("GET", f"{root}{path}") for path in ("/", "/mcp", "/mcp/", "/mcp/server-card", "/nowhere", "/healthz")]
    asked += [("GET", f"{root}/.well-known/oauth-protected-resource{path}") for path in ("", "/mcp")]
    asked += [("POST", url), ("POST", f"{url}/")]
    async with httpx2.AsyncClient(headers=forged) as client:
        answers = [
            await client.request(method, each, json=message("server/discover"), headers=headers("server/discover"))
            for method, each in asked
        ]

    whole = "".join(f"{each.headers} {each.text}" for each in answers)
    assert str(server.address[1]) not in whole
    assert "evil.example" not in whole
    assert not any("location" in each.headers for each in answers)
    assert {found.rstrip("/") for found in re.findall(r"http://localhost[^\"\\s]*", whole)} == {url}


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_closing_the_stream_frees_the_upstream_request(proxy: Any, era: str, tmp_path: Path) -> None:
    with Sandbox(delay=20.0) as slow, site(proxy, tmp_path, slow) as (url, server):
        await check_upstream_is_freed(url, era, lambda: server.connections_to(slow.base_url))


async def test_doctor_finds_nothing_wrong_and_a_ping_comes(served: tuple[str, HttpProcess]) -> None:
    findings = await check_remote(served[0], None, lambda _: None)

    assert [(each.name, each.ok) for each in findings] == [
        ("address", True),
        ("readiness", True),
        ("challenge", None),
        ("documents", True),
        ("stream", True),
    ]
