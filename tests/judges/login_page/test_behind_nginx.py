"""Two replicas in mode `login` behind a real nginx with TLS and the site of deploy/: Chromium logs in."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trustme
from cryptography.fernet import Fernet

from convirza_mcp.sandbox import Sandbox
from judges.login_page.browser import REDIRECT, STATE, login_browser
from judges.pictures.chat_host import needs_chromium
from support.http_servers import http_process
from support.nginx import needs_nginx, nginx
from support.ports import free_port

pytestmark = [needs_chromium, needs_nginx]


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    with Sandbox(conversations=1) as sandbox, ExitStack() as stack:
        settings = {
            "CONVIRZA_HTTP_AUTH": "login",
            "CONVIRZA_HTTP_URL": f"https://localhost:{port}/mcp",
            "CONVIRZA_BASE_URL": sandbox.base_url,
            "CONVIRZA_OAUTH_URL": sandbox.oauth_url,
            "CONVIRZA_STORE": f"sqlite:{tmp_path / 'store.sqlite'}",
            "CONVIRZA_STORE_KEYS": Fernet.generate_key().decode(),
        }
        replicas = [stack.enter_context(http_process(**settings)) for _ in range(2)]
        stack.enter_context(nginx(tmp_path, port, replicas, certificate=tmp_path / "both.pem", in_turn=True))
        yield f"https://localhost:{port}"


async def test_chromium_logs_in(browser: Any, issuer: str) -> None:
    async with login_browser(browser, issuer) as opened:
        address = await opened.begin()
        response = await opened.page.goto(address)
        assert response.status == 200
        (cookie,) = await opened.window.cookies()
        await opened.fill(opened.page, "demo@example.com", "wrong")
        await opened.page.keyboard.press("Enter")
        await opened.page.get_by_role("alert").wait_for()
        await opened.fill(opened.page, "demo@example.com", "sandbox")
        await opened.page.keyboard.press("Enter")
        await opened.page.wait_for_url(f"{REDIRECT}?*")

        assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("__Host-convirza-login", True, True)
        assert (opened.arrived[0]["state"], opened.arrived[0]["iss"]) == (STATE, issuer)
        assert await opened.exchange() == 200
        assert opened.trouble == []

    # A forwarded host changes neither the page nor its cookie.
    async with httpx2.AsyncClient(verify=False) as client:
        page = await client.get(address, headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"})
    assert page.status_code == 302
    assert page.headers["location"].startswith(f"{issuer}/login?id=")
