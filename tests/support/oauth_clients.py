"""A server in mode `login` on a real socket, and clients that log their users in."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import httpx2
from cryptography.fernet import Fernet
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from convirza_mcp import Settings
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.sandbox.seed.people import AGENTS
from convirza_mcp.sandbox.seed.users import Login
from convirza_mcp.store.sqlite import SQLiteStore
from convirza_mcp.transports.http.app import HttpApp, http_app
from convirza_mcp.transports.http.login.mode import LoginMode
from convirza_mcp.transports.http.serve import bound_socket, configured_server, shared_client
from convirza_mcp.transports.http.settings import HttpSettings

STORE_KEY = Fernet.generate_key().decode()


@dataclass
class Clock:
    """A Unix time that a test moves on."""

    seconds: float = field(default_factory=lambda: 1_800_000_000.0)

    def __call__(self) -> float:
        return self.seconds


@dataclass(frozen=True, slots=True)
class LoginServer:
    url: str
    app: HttpApp
    mode: LoginMode
    sandbox: Sandbox

    @property
    def issuer(self) -> str:
        return self.url.removesuffix("/mcp")


@asynccontextmanager
async def login_server(
    sandbox: Sandbox, folder: Path, *, auth: str = "login", now: Callable[[], float] | None = None, **options: Any
) -> AsyncIterator[LoginServer]:
    """Serve the sandbox's inbox on a free port of loopback, in this event loop."""
    listening = bound_socket("127.0.0.1", 0)
    port = listening.getsockname()[1]
    url = f"http://127.0.0.1:{port}/mcp"
    settings = Settings(
        base_url=sandbox.base_url, oauth_url=sandbox.oauth_url, token=sandbox.token, store_keys=STORE_KEY
    )
    http = HttpSettings(http_auth=auth, http_keys_file=folder / "keys.json")
    clock = {} if now is None else {"now": now}
    store = SQLiteStore(folder / "store.sqlite", **clock)
    mode = LoginMode(settings, store, url, **clock)
    app = http_app(
        settings,
        http,
        url=url,
        open_client=mode.open_client(shared_client(settings)),
        loopback_port=port,
        login=mode,
        **options,
    )
    started = anyio.Event()
    server = configured_server(app, started.set)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: server.serve(sockets=[listening]))
        await started.wait()
        try:
            yield LoginServer(url, app, mode, sandbox)
        finally:
            server.should_exit = True


@dataclass
class Memory:
    """A client's own storage of its registration and tokens."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def name_of(login: Login) -> str:
    """The name under which the conversations of this login's user are assigned."""
    return next(agent.name for agent in AGENTS if agent.ct_user_id == login.ct_user_id)


async def allow(address: str, login: Login, redirect: str) -> dict[str, str]:
    """Open the login page in a browser without script, log in, and return what the client is told."""
    async with httpx2.AsyncClient(headers={"Accept": "*/*"}) as browser:
        response = await browser.get(address)
        assert response.status_code == 302, response.text
        response = await browser.get(response.headers["location"])
        form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', response.text))
        form |= {"email": login.email, "password": login.password, "action": "allow"}
        response = await browser.post(
            response.url, data=form, headers={"Origin": f"{response.url.scheme}://{response.url.netloc.decode()}"}
        )
        assert response.status_code == 303, response.text
    returned = response.headers["location"]
    assert returned.startswith(f"{redirect}?"), returned
    return dict(parse_qsl(urlsplit(returned).query))


def sdk_client(
    url: str, memory: Memory, login: Login, redirect: str = "http://127.0.0.1:33418/callback"
) -> OAuthClientProvider:
    """The SDK's OAuth client, whose user allows what the page asks."""
    answers: list[dict[str, str]] = []

    async def open_browser(address: str) -> None:
        answers.append(await allow(address, login, redirect))

    async def answer() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(**answers.pop())

    metadata = OAuthClientMetadata(client_name="Claude", redirect_uris=[AnyUrl(redirect)])
    return OAuthClientProvider(url, metadata, memory, open_browser, answer)
