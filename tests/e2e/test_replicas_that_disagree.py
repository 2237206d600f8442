"""Replicas behind a real Caddy with the file of deploy/: one with other settings gets no calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest
from mcp import Client

from convirza_mcp.sandbox import Sandbox
from support.caddy import caddy, needs_caddy
from support.http_servers import http_process
from support.ports import free_port
from support.stores import STORE_KEYS

pytestmark = [pytest.mark.long, needs_caddy]

TOOL = "list_sms_conversations"


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
