"""The login page as a small application, over the real SQLite store: for its unit tests and for Chromium."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import httpx2
from starlette.applications import Starlette

from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.errors import ConvirzaError, LoginRejectedError
from convirza_mcp.store.sqlite import SQLiteStore
from convirza_mcp.transports.http.login.page import LoginPage
from convirza_mcp.transports.http.login.pending import PENDING_SECONDS, PendingLogin, name_of_login, new_login_id

ISSUER = "https://sms.example.com"
EMAIL, PASSWORD = "priya@example.com", "canary-Pa55word"
PENDING = PendingLogin(
    client_id="https://claude.ai/oauth/mcp-oauth-client-metadata",
    client_name="Claude",
    redirect_uri="https://claude.ai/api/mcp/auth_callback",
    redirect_uri_provided_explicitly=True,
    code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    state="a state, untouched & whole",
    resource=None,
)
PAIR = TokenPair("CNVZ-AT-1", "CNVZ-RT-1", None, None, datetime(2026, 4, 3, 12, 0, tzinfo=UTC))


class Clock:
    """Stands still until it is moved."""

    time = 1_775_000_000.0

    def __call__(self) -> float:
        return self.time


class Convirza:
    """Takes one login; `fault` is raised instead, and `asked` counts."""

    def __init__(self) -> None:
        self.fault: ConvirzaError | None = None
        self.asked: list[str] = []
        self.gate = anyio.Event()
        self.gate.set()

    async def log_in(self, email: str, password: str) -> TokenPair:
        self.asked.append(email)
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        if (email, password) != (EMAIL, PASSWORD):
            raise LoginRejectedError("Convirza rejected this e-mail and password (401).", status=401)
        return PAIR


@dataclass
class LoginSite:
    """A login page, and the logins that it finished. `log_in` stands for Convirza."""

    folder: Path
    log_in: Callable[[str, str], Awaitable[TokenPair]]
    issuer: str = ISSUER
    clock: Clock = field(default_factory=Clock)
    finished: list[tuple[PendingLogin, TokenPair, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = SQLiteStore(self.folder / "store.sqlite", now=self.clock)
        self.page = LoginPage(
            self.store,
            self.log_in,
            self.finish,
            account_of=lambda email: sha256(email.lower().encode()).hexdigest(),
            issuer=self.issuer,
        )
        self.app = Starlette(routes=self.page.routes)

    async def finish(self, pending: PendingLogin, pair: TokenPair, email: str) -> str:
        self.finished.append((pending, pair, email))
        return f"{pending.redirect_uri}?code=C{len(self.finished)}"

    async def begin(self, pending: PendingLogin = PENDING) -> str:
        """Return the path of the page for a new pending login, as the authorization endpoint makes one."""
        login_id = new_login_id()
        await self.store.put(name_of_login(login_id), pending.to_bytes(), seconds=PENDING_SECONDS)
        return f"/login?id={login_id}"

    def browser(self, **options: Any) -> httpx2.AsyncClient:
        """Return a client that keeps cookies and sends the headers of a browser that does not want HTML."""
        headers = {"Origin": self.issuer, "Sec-Fetch-Site": "same-origin"}
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app), base_url=self.issuer, headers=headers, **options
        )


def csrf_of(page: httpx2.Response) -> str:
    found = re.search(r'name="csrf" value="([\w-]+=*)"', page.text)
    assert found is not None, page.text
    return found[1]


async def post(browser: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    """Open the form and send it, with the right login unless `fields` say otherwise."""
    form = {"csrf": csrf_of(await browser.get(path)), "email": EMAIL, "password": PASSWORD, "action": "allow"}
    return await browser.post(path, data=form | fields)


def error_of(page: httpx2.Response) -> str:
    found = re.search(r'role="alert">([^<]+)</p>', page.text)
    assert found is not None, page.text
    return found[1]


def heading(page: httpx2.Response) -> str:
    found = re.search("<h1>(.*)</h1>", page.text)
    assert found is not None
    return found[1]
