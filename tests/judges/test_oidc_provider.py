"""The HTTP command with tokens of a real OIDC provider, and the official client."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from judges.installed import FOLDER, needs_judges, surroundings
from support.http_servers import headers, http_process, message

_IS_INSTALLED = FOLDER is not None and (Path(FOLDER) / "node_modules" / "oidc-provider").exists()
pytestmark = [needs_judges, pytest.mark.skipif(not _IS_INSTALLED, reason="JUDGES is older than its package.json")]
SCRIPT = Path(__file__).with_name("oidc_provider.mjs")
OTHER = "https://other.example.com/mcp"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def issuer(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    assert FOLDER is not None
    folder = tmp_path_factory.mktemp("provider")
    # Node looks for packages beside the script.
    (folder / "node_modules").symlink_to(Path(FOLDER).resolve() / "node_modules")
    script = shutil.copy(SCRIPT, folder)
    with subprocess.Popen(
        [str(Path(FOLDER).resolve() / "bin" / "node"), script, str(free_port()), f"http://127.0.0.1:{port}/mcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        env=surroundings(folder),
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def url(port: int, issuer: str) -> Iterator[str]:
    settings = {"CONVIRZA_HTTP_AUTH": "oidc", "CONVIRZA_OIDC_ISSUER": issuer, "CONVIRZA_OIDC_SCOPE": "sms:read"}
    with http_process("--demo", "--port", str(port), **settings) as server:
        yield server.url


async def token(issuer: str, resource: str, scope: str = "sms:read") -> str:
    form = {"grant_type": "client_credentials", "scope": scope, "resource": resource}
    async with httpx2.AsyncClient() as client:
        answer = await client.post(f"{issuer}/token", data=form, auth=("sms", "secret"))
    found: str = answer.json()["access_token"]
    return found


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_token_of_the_provider_lets_in(url: str, issuer: str, era: str) -> None:
    given = {"Authorization": f"Bearer {await token(issuer, url)}"}
    async with (
        httpx2.AsyncClient(headers=given) as http,
        Client(streamable_http_client(url, http_client=http), mode=era) as client,
    ):
        page = await client.call_tool("list_sms_conversations", {"limit": 2})

    assert len(page.structured_content["rows"]) == 2


async def test_other_tokens_do_not(url: str, issuer: str) -> None:
    async with httpx2.AsyncClient() as client:

        async def status(given: str) -> int:
            body = message("server/discover")
            return (await client.post(url, json=body, headers=headers("server/discover", token=given))).status_code

        good = await token(issuer, url)
        assert await status(good) == 200
        assert await status(await token(issuer, OTHER)) == 401
        assert await status(await token(issuer, url, "other")) == 403
        assert await status(good[:-8] + "AAAAAAAA") == 401
