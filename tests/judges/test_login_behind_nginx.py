"""Two replicas in mode `login` behind a real nginx with TLS and the site of deploy/: Chromium logs in."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
import trustme
from cryptography.fernet import Fernet

from convirza_mcp.sandbox import Sandbox
from e2e.test_behind_nginx import free_port, wait_for
from judges.chat_host import chromium, needs_chromium
from judges.login_browser import REDIRECT, STATE, login_browser
from support.documents import ROOT
from support.http_servers import http_process

pytestmark = [needs_chromium, pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")]


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
        text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
        servers = "\n".join(f"    server 127.0.0.1:{each.address[1]};" for each in replicas)
        text = text.replace("    least_conn;\n", "").replace("    server 127.0.0.1:8788;", servers)
        text = re.sub(r"    listen \[.*\n", "", text).replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;")
        text = re.sub(r"(ssl_certificate(?:_key)?) .*;", rf"\1 {tmp_path}/both.pem;", text)
        # The port is part of this address.
        text = text.replace("sms.example.com", "localhost").replace("Host $host;", "Host $http_host;")
        temporary = "\n".join(
            f"    {each}_temp_path {tmp_path}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        file = tmp_path / "nginx.conf"
        file.write_text(
            f"daemon off;\npid {tmp_path}/nginx.pid;\nerror_log stderr error;\nevents {{}}\n"
            f"http {{\n    access_log off;\n{temporary}\n{text}\n}}\n",
            encoding="utf-8",
        )
        nginx = stack.enter_context(
            subprocess.Popen(["nginx", "-c", str(file), "-p", str(tmp_path)], stderr=subprocess.DEVNULL)
        )
        stack.callback(nginx.terminate)
        wait_for(port)
        yield f"https://localhost:{port}"


async def test_chromium_logs_in(issuer: str) -> None:
    async with chromium() as browser, login_browser(browser, issuer) as opened:
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

    # nginx says to nobody else whom the cookie is for.
    async with httpx2.AsyncClient(verify=False) as client:
        page = await client.get(address, headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"})
    assert page.status_code == 302
    assert page.headers["location"].startswith(f"{issuer}/login?id=")
