"""Chromium in front of a server in mode `login`: what it shows, where it goes, and what it complains about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from mcp.client.auth.oauth2 import PKCEParameters

from judges.installed import FOLDER

REDIRECT = "https://claude.ai/api/mcp/auth_callback"
STATE = "a state, untouched & whole"
# A page that blocks is reported here, whatever the console says.
_WATCH = "addEventListener('securitypolicyviolation', each => console.error(`blocked: ${each.violatedDirective}`))"


@dataclass
class LoginBrowser:
    """A window, the requests that reached a client's redirect, and everything that went wrong."""

    window: Any
    page: Any
    issuer: str
    http: httpx2.AsyncClient
    arrived: list[dict[str, str]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    client_id: str = ""
    redirect: str = REDIRECT
    pkce: PKCEParameters = field(default_factory=PKCEParameters.generate)

    async def begin(self, redirect: str = REDIRECT, name: str = "Claude") -> str:
        """Register a client and return the address at which its user's browser begins."""
        registered = await self.http.post(
            f"{self.issuer}/register",
            json={"client_name": name, "redirect_uris": [redirect], "token_endpoint_auth_method": "none"},
        )
        assert registered.status_code == 201, registered.text
        self.client_id, self.redirect = registered.json()["client_id"], redirect
        asked = {
            "client_id": self.client_id,
            "redirect_uri": redirect,
            "response_type": "code",
            "code_challenge": self.pkce.code_challenge,
            "code_challenge_method": "S256",
            "state": STATE,
        }
        return f"{self.issuer}/authorize?{urlencode(asked)}"

    async def fill(self, page: Any, email: str, password: str) -> None:
        await page.fill("[name=email]", email)
        await page.fill("[name=password]", password)

    async def exchange(self) -> int:
        """Return the status of the token endpoint for the code that arrived last."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect,
            "code": self.arrived[-1]["code"],
            "code_verifier": self.pkce.code_verifier,
        }
        return (await self.http.post(f"{self.issuer}/token", data=form)).status_code

    async def new_page(self) -> Any:
        page = await self.window.new_page()
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))
        return page

    def _note(self, kind: str, text: str) -> None:
        # The status of a page that says no is meant.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource: the server responded"):
            self.trouble.append(text)

    async def findings(self) -> list[str]:
        """Return what axe-core finds on the page."""
        assert FOLDER is not None
        axe = (Path(FOLDER) / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
        await self.page.evaluate(axe)
        found = await self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [f"{each['id']}: {node['html'][:120]}" for each in found["violations"] for node in each["nodes"]]


@asynccontextmanager
async def login_browser(browser: Any, issuer: str, **options: Any) -> AsyncIterator[LoginBrowser]:
    """Open a window without cookies. The hosts of clients are played; `options` are those of a browser context."""
    window = await browser.new_context(ignore_https_errors=True, **options)
    await window.add_init_script(_WATCH)
    async with httpx2.AsyncClient(verify=False, timeout=30) as http:
        opened = LoginBrowser(window, None, issuer, http)

        async def arrive(route: Any) -> None:
            opened.arrived.append(dict(parse_qsl(urlsplit(route.request.url).query)))
            await route.fulfill(body="<!doctype html><title>The client</title>", content_type="text/html")

        await window.route(lambda url: not url.startswith(issuer), arrive)
        opened.page = await opened.new_page()
        yield opened
    await window.close()
