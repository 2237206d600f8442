"""Replicas behind a real Caddy with the file of deploy/: streams pass, and only replicas that agree get calls."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest
from mcp import Client

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.setup.doctor.checks.remote import check_remote
from support.documents import ROOT
from support.http_servers import HttpProcess, http_process
from support.ports import free_port
from support.stores import STORE_KEYS

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed"),
]

TOOL = "list_sms_conversations"


@contextmanager
def caddy(folder: Path, port: int, replicas: list[HttpProcess]) -> Iterator[None]:
    """Serve `localhost` on `port`, without TLS."""
    text = (ROOT / "deploy" / "Caddyfile").read_text("utf-8").replace("{$SMS_HOST}", f"http://localhost:{port}")
    for number, replica in enumerate(replicas, 1):
        text = text.replace(f"replica-{number}:8788", f"127.0.0.1:{replica.address[1]}")
    file = folder / "Caddyfile"
    file.write_text(f"{{\n\tadmin off\n}}\n{text}", encoding="utf-8")
    with subprocess.Popen(
        ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)],
        env={"HOME": str(folder), "PATH": "/usr/bin"},
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stderr is not None
            assert any("serving initial configuration" in line for line in process.stderr)
            yield
        finally:
            process.kill()


@contextmanager
def site(folder: Path, *zones: str) -> Iterator[str]:
    port = free_port()
    with Sandbox() as sandbox:
        settings = {
            "CONVIRZA_TOKEN": sandbox.token,
            "CONVIRZA_BASE_URL": sandbox.base_url,
            "CONVIRZA_HTTP_URL": f"http://localhost:{port}/mcp",
            "CONVIRZA_STORE": f"sqlite:{folder / 'store.sqlite'}",
            "CONVIRZA_STORE_KEYS": STORE_KEYS,
        }
        first, second = (http_process(**settings | {"CONVIRZA_TIMEZONE": zone}) for zone in zones)
        with first as one, second as other, caddy(folder, port, [one, other]):
            yield settings["CONVIRZA_HTTP_URL"]


async def test_clients_of_both_eras_connect_and_nothing_is_changed(tmp_path: Path) -> None:
    with site(tmp_path, "UTC", "UTC") as url:
        for era in ("auto", "legacy"):
            async with Client(url, mode=era) as client:
                page = await client.call_tool(TOOL, {"limit": 2})
            assert len(page.structured_content["rows"]) == 2
        findings = await check_remote(url, None, lambda _: None)

    assert {each.name: each.ok for each in findings} == {
        "address": True,
        "challenge": None,
        "documents": True,
        "stream": True,
    }


async def test_a_replica_with_another_zone_gets_no_calls(tmp_path: Path) -> None:
    with site(tmp_path, "America/Denver", "Europe/Paris") as url:

        async def zones() -> set[str]:
            found = set()
            for _ in range(8):
                async with Client(url) as client:
                    page = await client.call_tool(TOOL, {"limit": 1, "start": "2d"})
                text = str(page.structured_content)
                found.add("Paris" if "Europe/Paris" in text else "Denver" if "America/Denver" in text else "none")
            return found

        # Until Caddy has asked whether they are ready.
        with anyio.fail_after(60):
            while await zones() != {"Denver"}:
                pass
        assert await zones() == {"Denver"}
