"""The OAuth endpoints of the SDK, with what it lacks.

* The issuer stands in every redirect to a client (RFC 9207), also in one with an error. Before a person agrees, only
  known clients and programs on the person's computer get one: the server is no open redirector.
* `resource` is checked in token requests too (RFC 8707); a parameter that comes twice is refused.
* A client that authenticates in the header may leave `client_id` out of the body, and a public client `client_secret`.
* While the store does not answer, the endpoints say so.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from mcp.server.auth.provider import AuthorizeError
from mcp.server.auth.routes import create_auth_routes
from mcp.server.auth.settings import ClientRegistrationOptions, RevocationOptions
from pydantic import AnyHttpUrl
from pydantic_core import to_json
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send

from convirza_mcp.errors import ConvirzaError
from convirza_mcp.transports.http.documents import SCOPE, Document, root_of
from convirza_mcp.transports.http.login.client_documents import BUILT_IN
from convirza_mcp.transports.http.login.page import PATH as LOGIN_PATH
from convirza_mcp.transports.http.login.page import LoginPage
from convirza_mcp.transports.http.login.provider import Provider, check_resource
from convirza_mcp.transports.http.login.redirects import is_on_this_computer
from convirza_mcp.transports.http.replies import OPEN_TO_ALL, Refusal, replayed, reply

MAX_BODY_BYTES = 64 * 1024
_MAX_PARAMETERS = 32
_KNOWN_HOSTS = {urlsplit(each).hostname for _, redirects in BUILT_IN.values() for each in redirects}
_FORM = b"application/x-www-form-urlencoded"


def metadata(issuer: str) -> Document:
    """Return the document about the authorization server (RFC 8414)."""
    content = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "registration_endpoint": f"{issuer}/register",
        "revocation_endpoint": f"{issuer}/revoke",
        "scopes_supported": [SCOPE],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
        "client_id_metadata_document_supported": True,
        "authorization_response_iss_parameter_supported": True,
    }
    return Document(to_json(content))


class Endpoints:
    """The endpoints under the issuer's root. `methods` are the methods of each path."""

    methods: Mapping[str, tuple[str, ...]] = {
        "/authorize": ("GET", "HEAD", "POST"),
        "/token": ("POST", "OPTIONS"),
        "/register": ("POST", "OPTIONS"),
        "/revoke": ("POST", "OPTIONS"),
        LOGIN_PATH: ("GET", "HEAD", "POST"),
    }
    max_body_bytes = MAX_BODY_BYTES

    def __init__(self, provider: Provider, page: LoginPage, url: str) -> None:
        self._issuer = root_of(url)
        self._url = url
        self._router = Router(
            page.routes
            + create_auth_routes(
                provider,
                AnyHttpUrl(self._issuer),
                client_registration_options=ClientRegistrationOptions(enabled=True, default_scopes=[SCOPE]),
                revocation_options=RevocationOptions(enabled=True),
            )
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        try:
            if scope["method"] == "POST" and path in ("/authorize", "/token", "/revoke"):
                receive = replayed(self._checked(scope, (await receive()).get("body", b"")), receive)
            elif path == "/authorize":
                _parameters(scope["query_string"])
            await self._router(scope, receive, send if path == LOGIN_PATH else self._corrected(send))
        except AuthorizeError as error:
            content = to_json({"error": error.error, "error_description": error.error_description or ""})
            await reply(scope, send, 400, content, (*OPEN_TO_ALL, ("Cache-Control", "no-store")), "application/json")
        except ConvirzaError as error:
            raise Refusal(503, error.message, ("Retry-After", "10")) from None

    def _checked(self, scope: Scope, body: bytes) -> bytes:
        """Return the form of a request, rewritten so that every reader finds the same parameters in it."""
        headers = dict(scope["headers"])
        kinds = [value for name, value in scope["headers"] if name == b"content-type"]
        # Of two, the SDK would read the other one.
        if len(kinds) != 1 or kinds[0].partition(b";")[0].strip().lower() != _FORM:
            raise AuthorizeError("invalid_request", f"The body must be {_FORM.decode()}.")
        given = _parameters(body)
        if scope["path"] == "/authorize":
            return urlencode(given).encode()
        check_resource(given.get("resource"), self._url)
        if "client_id" not in given and (client_id := _client_in(headers.get(b"authorization", b""))) is not None:
            given["client_id"] = client_id
        if scope["path"] == "/revoke":
            given.setdefault("client_secret", "")
        return urlencode(given).encode()

    def _corrected(self, send: Send) -> Send:
        async def correct(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [(name, value) for name, value in message["headers"] if name != b"cache-control"]
                headers = [(name, self._redirect(value) if name == b"location" else value) for name, value in given]
                # An answer may hold a secret.
                message = {**message, "headers": [*headers, (b"cache-control", b"no-store")]}
            await send(message)

        return correct

    def _redirect(self, location: bytes) -> bytes:
        if location.startswith(f"{self._issuer}{LOGIN_PATH}?".encode()):
            return location
        target = urlsplit(location.decode("latin-1"))
        if target.hostname not in _KNOWN_HOSTS and not is_on_this_computer(target.geturl()):
            # RFC 9700, section 4.11.2: anyone can register a redirect, and no person has agreed to this one yet.
            found = dict(parse_qsl(target.query))
            raise AuthorizeError(cast("Any", found["error"]), found.get("error_description"))
        return b"%s%s%s" % (location, b"&" if b"?" in location else b"?", urlencode({"iss": self._issuer}).encode())


def _parameters(form: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(form.decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        raise AuthorizeError("invalid_request", "The parameters cannot be read.") from None
    given = dict(pairs)
    if len(given) < len(pairs):
        raise AuthorizeError("invalid_request", "A parameter came twice.")
    return given


def _client_in(authorization: bytes) -> str | None:
    scheme, _, credentials = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        return unquote(base64.b64decode(credentials, validate=True).decode().partition(":")[0])
    except (ValueError, binascii.Error):
        return None
