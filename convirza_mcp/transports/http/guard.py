"""Guard in front of the server: checks path, method, Host, Origin, token, limits and size before it reads a body.

Ignores `Forwarded`, `X-Forwarded-*` and the peer's address: the settings have the public address.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send

from convirza_mcp.accounts.registry import Principal
from convirza_mcp.transports.http.authentication.bearer import Authentication
from convirza_mcp.transports.http.documents import Document
from convirza_mcp.transports.http.replies import OPEN_TO_ALL, Headers, Refusal, adding, replayed, reply, reply_document
from convirza_mcp.transports.json_rpc import message_text, read_message, refusal_body

MAX_BODY_BYTES = 1024 * 1024
BODY_SECONDS = 10.0
MAX_IN_FLIGHT = 128
"""Maximum concurrent requests of one principal, including its subscriptions."""

_HOST = re.compile(rb"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:]{2,45}\])(?::[0-9]{1,5})?")
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "POST"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, MCP-Protocol-Version, Mcp-Method, Mcp-Name"),
    ("Access-Control-Max-Age", "3600"),
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Paths of the endpoint, and the accepted values of Host and Origin."""

    paths: Collection[str]
    hosts: Collection[str]
    origins: Collection[str]

    @classmethod
    def of(cls, url: str, loopback_port: int | None, origins: Collection[str]) -> "Addresses":
        """Return those of the public address `url`, and of this computer if the server is bound there."""
        parts = urlsplit(url)
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        default = _DEFAULT_PORTS[parts.scheme]
        hosts, own = {f"{name}:{parts.port or default}"}, {f"{parts.scheme}://{parts.netloc.lower()}"}
        if (parts.port or default) == default:
            hosts.add(f"{name}")
            own.add(f"{parts.scheme}://{name}")
        if loopback_port is not None:
            here = {f"{each}:{loopback_port}" for each in ("127.0.0.1", "localhost", "[::1]")}
            hosts |= here
            own |= {f"http://{each}" for each in here}
        return cls(frozenset({"/mcp", parts.path}), frozenset(hosts), frozenset({*own, *origins}))


class OpenEndpoints(Protocol):
    """An ASGI application for callers without a token: its methods by path, and the size of a body."""

    @property
    def methods(self) -> Mapping[str, tuple[str, ...]]: ...

    @property
    def max_body_bytes(self) -> int: ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


@dataclass(slots=True, kw_only=True)
class Guard:
    """The ASGI application around the server's own: its `app` has the lifespan, its `endpoint` answers requests.

    `is_ready` says whether the server takes calls; `on_refusal` is told the status of each response above 399.
    `open_endpoints` are those of the mode `login`.
    """

    app: ASGIApp
    endpoint: ASGIApp
    addresses: Addresses
    authentication: Authentication
    documents: Mapping[str, Document]
    is_ready: Callable[[], Awaitable[bool]]
    open_endpoints: OpenEndpoints | None = None
    on_refusal: Callable[[int], None] = lambda _: None
    body_seconds: float = BODY_SECONDS
    in_flight: Counter[str] = field(default_factory=Counter)
    _calls: set[anyio.CancelScope] = field(default_factory=set)

    def cancel_calls(self) -> None:
        """Cancel every call; those without a response yet are answered with 503."""
        for each in [*self._calls]:
            each.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            await self._serve(scope, receive, send)
        except Refusal as refusal:
            self.on_refusal(refusal.status)
            await refusal.reply(scope, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in ("/healthz", "/readyz"):
            self._check_method(scope, "GET", "HEAD")
            is_well = path == "/healthz" or await self.is_ready()
            await reply(scope, send, 200 if is_well else 503, b"ok" if is_well else b"not ready")
        elif (document := self.documents.get(path)) is not None:
            self._check_method(scope, "GET", "HEAD", "OPTIONS")
            if scope["method"] == "OPTIONS":
                await reply(scope, send, 204, headers=OPEN_TO_ALL)
            else:
                await reply_document(scope, send, *document)
        elif path.removesuffix("/") in self.addresses.paths:
            self._check_method(scope, "POST", "OPTIONS", allow="POST")
            await self._serve_endpoint(scope, receive, send)
        elif self.open_endpoints is not None and path in self.open_endpoints.methods:
            await self._serve_open(self.open_endpoints, scope, receive, send)
        else:
            raise Refusal(404, "Not found.")

    async def _serve_endpoint(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = self._checked_host(scope)
        origin = self._checked_origin(scope)
        cors: tuple[tuple[str, str], ...] = ()
        if origin is not None:
            exposed = ("Access-Control-Expose-Headers", "WWW-Authenticate")
            cors = (("Access-Control-Allow-Origin", origin), ("Vary", "Origin"), exposed)
        if scope["method"] == "OPTIONS":
            await reply(scope, send, 204, headers=(*cors, *_PREFLIGHT) if cors else (("Allow", "POST"),))
            return
        try:
            principal = await self._admitted_principal(scope)
            await self._answer(principal, host, scope, receive, send, cors)
        except Refusal as refusal:
            refusal.headers = (*refusal.headers, *cors)
            raise

    async def _serve_open(self, endpoints: OpenEndpoints, scope: Scope, receive: Receive, send: Send) -> None:
        self._check_method(scope, *endpoints.methods[scope["path"]])
        self._checked_host(scope)
        _check_length(scope, endpoints.max_body_bytes)
        body = await self._body(receive, endpoints.max_body_bytes)
        if body is not None:
            await endpoints(scope, replayed(body, receive), adding(send, (), self._note))

    async def _admitted_principal(self, scope: Scope) -> Principal:
        principal = await self.authentication.principal(_values(scope, b"authorization"))
        if self.in_flight[principal.subject] >= MAX_IN_FLIGHT:
            raise Refusal(429, "Too many requests at once.", ("Retry-After", "1"))
        _check_length(scope, MAX_BODY_BYTES)
        return principal

    async def _answer(
        self, principal: Principal, host: bytes, scope: Scope, receive: Receive, send: Send, cors: Headers
    ) -> None:
        has_started = False

        def note(status: int) -> None:
            nonlocal has_started
            has_started = True
            self._note(status)

        call = anyio.CancelScope()
        self.in_flight[principal.subject] += 1
        try:
            body = await self._body(receive, MAX_BODY_BYTES)
            if body is None:
                return
            found = read_message(body)
            if isinstance(found, list):
                errors = refusal_body(found)
                await reply(scope, adding(send, cors, note), 400, errors, content_type="application/json")
                return
            body = message_text(body).encode()
            headers = [(name, host if name == b"host" else value) for name, value in scope["headers"]]
            inner = {**scope, "path": "/mcp", "raw_path": b"/mcp", "headers": headers, "principal": principal}
            with call:
                self._calls.add(call)
                await self.endpoint(inner, replayed(body, receive), adding(send, cors, note))
            if call.cancelled_caught and not has_started:
                raise Refusal(503, "The server is stopping.", ("Retry-After", "1"))
        finally:
            self._calls.discard(call)
            self.in_flight[principal.subject] -= 1
            if not self.in_flight[principal.subject]:
                del self.in_flight[principal.subject]

    async def _body(self, receive: Receive, limit: int) -> bytes | None:
        """Return the whole body; None if the client left."""
        body = bytearray()
        with anyio.move_on_after(self.body_seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                body += message.get("body", b"")
                if len(body) > limit:
                    raise Refusal(413, "The request is too large.")
                if not message.get("more_body"):
                    return bytes(body)
        raise Refusal(408, "The request did not arrive in time.")

    def _note(self, status: int) -> None:
        if status >= 400:
            self.on_refusal(status)

    def _check_method(self, scope: Scope, *methods: str, allow: str | None = None) -> None:
        if scope["method"] not in methods:
            raise Refusal(405, "Method not allowed.", ("Allow", allow or ", ".join(methods)))

    def _checked_host(self, scope: Scope) -> bytes:
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]) or hosts[0].decode().lower() not in self.addresses.hosts:
            raise Refusal(421, "This server does not answer for that host. CONVIRZA_HTTP_URL names its public address.")
        return hosts[0].lower()

    def _checked_origin(self, scope: Scope) -> str | None:
        origins = _values(scope, b"origin")
        if not origins:
            return None
        origin = origins[0].decode("latin-1")
        if len(origins) > 1 or origin not in self.addresses.origins:
            raise Refusal(403, "This origin may not call. CONVIRZA_HTTP_ORIGINS lists those that may.")
        return origin


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for each, value in scope["headers"] if each == name]


def _check_length(scope: Scope, limit: int) -> None:
    lengths = _values(scope, b"content-length")
    if lengths and lengths[0].isdigit() and int(lengths[0][:19]) > limit:
        raise Refusal(413, "The request is too large.")
