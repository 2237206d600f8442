"""A server in mode `login` on a real socket, and clients that log their users in."""

import base64
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from cryptography.fernet import Fernet
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from convirza_mcp import Settings
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.sandbox.seed.people import AGENTS
from convirza_mcp.sandbox.seed.users import Login
from convirza_mcp.store.protocol import Store
from convirza_mcp.store.sqlite import SQLiteStore
from convirza_mcp.transports.http.app import HttpApp, http_app
from convirza_mcp.transports.http.connections import bound_socket
from convirza_mcp.transports.http.login.mode import LoginMode
from convirza_mcp.transports.http.login.public_fetch import Fetched, FetchError
from convirza_mcp.transports.http.serve import shared_client
from convirza_mcp.transports.http.settings import HttpSettings
from support.http_servers import headers, message, running

STORE_KEY = Fernet.generate_key().decode()
TOOL = "list_sms_conversations"


@dataclass
class Clock:
    """A Unix time that a test moves on."""

    seconds: float = field(default_factory=time)

    def __call__(self) -> float:
        return self.seconds


@dataclass(frozen=True, slots=True)
class LoginServer:
    """`store` is the server's own, `mode` its login mode."""

    url: str
    app: HttpApp
    mode: LoginMode
    sandbox: Sandbox

    @property
    def issuer(self) -> str:
        return self.url.removesuffix("/mcp")


async def no_document(address: str) -> Fetched:
    """What a server without a way to the internet gets."""
    raise FetchError


@asynccontextmanager
async def login_server(
    sandbox: Sandbox,
    folder: Path,
    *,
    auth: str = "login",
    clock: Clock | None = None,
    port: int = 0,
    store: Store | None = None,
    settings: dict[str, Any] | None = None,
    mode: dict[str, Any] | None = None,
    metrics: bool = False,
    **options: Any,
) -> AsyncIterator[LoginServer]:
    """Serve the sandbox's inbox on a port of loopback, in this event loop."""
    listening = bound_socket("127.0.0.1", port)
    port = listening.getsockname()[1]
    url = f"http://127.0.0.1:{port}/mcp"
    given = Settings(
        base_url=sandbox.base_url,
        oauth_url=sandbox.oauth_url,
        token=sandbox.token,
        **{"store_keys": STORE_KEY, **(settings or {})},
    )
    clock = clock or Clock()
    store = store or SQLiteStore(folder / "store.sqlite", now=clock)
    login = LoginMode(given, store, url, **{"now": clock, "fetch": no_document, **(mode or {})})
    app = http_app(
        given,
        HttpSettings(
            http_auth=auth, http_keys_file=folder / "keys.json", http_metrics=("127.0.0.1", 0) if metrics else None
        ),
        url=url,
        open_client=login.open_client(shared_client(given)),
        loopback_port=port,
        login=login,
        **options,
    )
    async with running(app, listening):
        yield LoginServer(url, app, login, sandbox)


def name_of(login: Login) -> str:
    """The name under which the conversations of this login's user are assigned."""
    return next(agent.name for agent in AGENTS if agent.ct_user_id == login.ct_user_id)


async def allow(address: str, login: Login) -> str:
    """Open the login page in a browser without script, log in, and return the address that the client gets."""
    async with httpx2.AsyncClient(timeout=30, verify=False) as browser:
        response = await browser.get(address)
        assert response.status_code == 302, response.text
        response = await browser.get(response.headers["location"])
        csrf = re.search(r'name="csrf" value="([^"]*)"', response.text)
        assert csrf is not None, response.text
        form = {"csrf": csrf[1], "email": login.email, "password": login.password, "action": "allow"}
        origin = f"{response.url.scheme}://{response.url.netloc.decode()}"
        response = await browser.post(response.url, data=form, headers={"Origin": origin})
        assert response.status_code == 303, response.text
    return str(response.headers["location"])


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@dataclass
class PlainClient:
    """A client that does each step as it is told. `sends` are more parameters of both requests.

    `in_header`: it sends its id and secret in the header alone.
    """

    server: LoginServer
    http: httpx2.AsyncClient
    redirect: str = "https://claude.ai/api/mcp/auth_callback"
    client_id: str = "https://claude.ai/oauth/mcp-oauth-client-metadata"
    secret: dict[str, str] = field(default_factory=dict)
    sends: dict[str, str] = field(default_factory=dict)
    in_header: bool = False
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    async def register(self, **metadata: Any) -> dict[str, Any]:
        """Register by DCR, and be that client from now on."""
        content = {"redirect_uris": [self.redirect], "client_name": "A client", **metadata}
        response = await self.http.post(f"{self.server.issuer}/register", json=content)
        assert response.status_code == 201, response.text
        found: dict[str, Any] = response.json()
        self.client_id = found["client_id"]
        if "client_secret" in found:
            self.secret = {"client_secret": found["client_secret"]}
        return found

    def authorize_url(self, **changed: str | None) -> str:
        challenge = base64.urlsafe_b64encode(sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        given: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "state": "st-1",
            **self.sends,
            **changed,
        }
        return f"{self.server.issuer}/authorize?{urlencode({k: v for k, v in given.items() if v is not None})}"

    async def code(self, login: Login | None = None) -> str:
        """Have the user log in, and return the code."""
        returned = await allow(self.authorize_url(), login or self.server.sandbox.logins[0])
        assert returned.startswith(f"{self.redirect}?"), returned
        found = query_of(returned)
        assert (found["state"], found["iss"]) == ("st-1", self.server.issuer)
        return found["code"]

    async def post(self, path: str, **form: str | None) -> httpx2.Response:
        given = {"client_id": self.client_id, **self.secret, **form}
        if self.in_header:
            auth = httpx2.BasicAuth(str(given.pop("client_id")), str(given.pop("client_secret")))
        data = {name: value for name, value in given.items() if value is not None}
        return await self.http.post(f"{self.server.issuer}{path}", data=data, auth=auth if self.in_header else None)

    async def exchange(self, code: str, **changed: str | None) -> httpx2.Response:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect,
            "code_verifier": self.verifier,
            **{name: value for name, value in self.sends.items() if name == "resource"},
            **changed,
        }
        return await self.post("/token", **form)

    async def refresh(self, token: str, **changed: str | None) -> httpx2.Response:
        return await self.post("/token", grant_type="refresh_token", refresh_token=token, **changed)

    async def tokens(self, login: Login | None = None) -> dict[str, Any]:
        """Log the user in, and return the token response."""
        response = await self.exchange(await self.code(login))
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def call(self, token: str, **arguments: Any) -> httpx2.Response:
        content = message("tools/call", {"name": TOOL, "arguments": arguments})
        return await self.http.post(self.server.url, json=content, headers=headers("tools/call", TOOL, token))

    async def agents(self, token: str) -> set[str | None]:
        """Call the tool, and return the agents to whom the conversations are assigned."""
        response = await self.call(token, type="assignedToYou")
        assert response.status_code == 200, response.text
        result = response.json()["result"]
        assert not result.get("isError"), result
        return {row[5] for row in result["structuredContent"]["rows"]}


@asynccontextmanager
async def plain_client(server: LoginServer, **given: Any) -> AsyncIterator[PlainClient]:
    async with httpx2.AsyncClient(timeout=30, verify=False) as http:
        yield PlainClient(server, http, **given)


@dataclass
class Memory:
    """The SDK client's own storage of its registration and tokens."""

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


@dataclass
class SdkClient:
    """The SDK's OAuth client. `logins` counts how often its user had to log in."""

    server: LoginServer
    login: Login
    memory: Memory = field(default_factory=Memory)
    redirect: str = "http://127.0.0.1:33418/callback"
    document: str | None = None
    logins: int = 0

    @cached_property
    def auth(self) -> OAuthClientProvider:
        answers: list[str] = []

        async def open_browser(address: str) -> None:
            self.logins += 1
            answers.append(await allow(address, self.login))

        async def answer() -> AuthorizationCodeResult:
            return AuthorizationCodeResult(**query_of(answers.pop()))

        metadata = OAuthClientMetadata(client_name="An SDK client", redirect_uris=[AnyUrl(self.redirect)])
        return OAuthClientProvider(
            self.server.url, metadata, self.memory, open_browser, answer, client_metadata_url=self.document
        )
