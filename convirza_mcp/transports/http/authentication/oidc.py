"""Access tokens of the company's identity provider: JWTs, checked with the keys that it publishes."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from hashlib import sha256
from math import inf
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx2
import jwt
from pydantic_core import from_json

from convirza_mcp.accounts.registry import Principal
from convirza_mcp.api.http.connection import first_bytes, http_client, response_to
from convirza_mcp.errors import APIConnectionError, ConvirzaError, InvalidResponseError, SettingsError
from convirza_mcp.text.address import is_this_machine
from convirza_mcp.transports.http.authentication.bearer import RejectedTokenError
from convirza_mcp.transports.http.settings import HttpSettings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
KEYS_SECONDS = 600.0
REFETCH_SECONDS = 30.0
_FETCH_SECONDS = 10.0
_LEEWAY_SECONDS = 30
_MAX_BYTES = 256 * 1024
_TYPES = ("at+jwt", "application/at+jwt", "jwt")
_KEY_TYPES = ("RSA", "EC", "OKP")
# Claims that only an ID token has: it is for the client that logged in, and not for this server.
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash")


class IdentityProvider:
    """Checks tokens of the provider in the settings; `audience` is the required audience.

    Keys are cached for ten minutes. An unknown key fetches them again, at most every 30 seconds; a failed fetch keeps
    the old keys. `transport` and `monotonic` replace network and clock, for tests.
    """

    def __init__(
        self,
        settings: HttpSettings,
        audience: str,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = settings.oidc_issuer or ""
        self._audience = settings.oidc_audience or audience
        self._scope = settings.oidc_scope
        self._require = settings.oidc_require
        self._transport = transport
        self._monotonic = monotonic
        self._keys: dict[str | None, Any] = {}
        self._fetched_at = self._tried_at = -inf
        self._fetching = anyio.Lock()

    async def check(self) -> None:
        """Fetch the provider's documents; raise SettingsError if they are another issuer's."""
        await self._refresh()

    async def principal(self, token: str) -> Principal:
        """Return the principal of an access token, as `TokenIssuer` describes."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise RejectedTokenError from None
        if header.get("alg") not in ALGORITHMS or str(header.get("typ")).lower() not in _TYPES:
            raise RejectedTokenError
        key = await self._key(header.get("kid"))
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[*ALGORITHMS],
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            # TypeError and ValueError: the key's type does not fit the algorithm.
            raise RejectedTokenError from None
        if claims.get("typ") == "ID" or any(each in claims for each in _OF_ID_TOKENS):
            raise RejectedTokenError
        self._check_rights(claims)
        subject = f"{self._issuer}|{claims['sub']}"
        return Principal(subject, sha256(subject.encode()).hexdigest()[:12], float(claims["exp"]) + _LEEWAY_SECONDS)

    def _check_rights(self, claims: Mapping[str, Any]) -> None:
        if self._scope is not None and self._scope not in _values(claims.get("scope")) | _values(claims.get("scp")):
            raise RejectedTokenError("scope")
        for name, allowed in self._require.items():
            value = claims.get(name)
            found = {*map(str, value)} if isinstance(value, list) else {str(value)}
            if not found & allowed:
                raise RejectedTokenError("claim")

    async def _key(self, kid: Any) -> Any:
        is_known = kid in self._keys
        is_old = self._monotonic() - self._fetched_at > KEYS_SECONDS
        # A provider that hangs holds up one call, and not all of them.
        if not is_known or (is_old and not self._fetching.locked()):
            try:
                await self._refresh()
            except ConvirzaError:
                if not self._keys:
                    raise
        try:
            return self._keys[kid]
        except (KeyError, TypeError):
            raise RejectedTokenError from None

    async def _refresh(self) -> None:
        async with self._fetching:
            now = self._monotonic()
            if now - self._tried_at < REFETCH_SECONDS:
                # Another token just fetched them, or tokens with made-up keys arrive in a row.
                if not self._keys:
                    raise _unreachable()
                return
            self._tried_at = now
            async with http_client(httpx2.URL(self._issuer), transport=self._transport) as http:
                document = await self._document(http)
                if document.get("issuer") != self._issuer:
                    raise SettingsError(
                        "The identity provider's document names another issuer than CONVIRZA_OIDC_ISSUER.",
                        remedy="Set it to that issuer exactly, with or without a slash at its end.",
                    )
                keys = await _fetch(http, str(document.get("jwks_uri")))
            self._keys = _signing_keys(keys)
            self._fetched_at = now

    async def _document(self, http: httpx2.AsyncClient) -> dict[str, Any]:
        base = self._issuer.rstrip("/")
        try:
            return await _fetch(http, f"{base}/.well-known/openid-configuration")
        except InvalidResponseError:
            # RFC 8414: the well-known part stands before the path.
            parts = urlsplit(base)
            return await _fetch(
                http, f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{parts.path}"
            )


async def _fetch(http: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_this_machine(parts.hostname or "")):
        raise InvalidResponseError("The identity provider names an address without https.", remedy="Correct it there.")

    async def read(response: httpx2.Response) -> dict[str, Any]:
        body, is_whole = await first_bytes(response, _MAX_BYTES)
        try:
            content = from_json(body) if is_whole and response.status_code == 200 else None
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise InvalidResponseError(
                "The identity provider's document cannot be read.", remedy="Check CONVIRZA_OIDC_ISSUER."
            )
        return content

    with anyio.move_on_after(_FETCH_SECONDS):
        return await response_to(http.build_request("GET", url), partial(http.send, stream=True), read)
    raise _unreachable()


def _signing_keys(document: Mapping[str, Any]) -> dict[str | None, Any]:
    found: dict[str | None, Any] = {}
    published = document.get("keys")
    for each in published if isinstance(published, list) else ():
        # One that cannot be read, for example of an unknown curve, must not lose the others.
        with suppress(jwt.PyJWTError, ValueError, TypeError, AttributeError):
            key = jwt.PyJWK(each)
            if key.key_type in _KEY_TYPES and key.public_key_use in ("sig", None):
                found[key.key_id] = key.key
    if not found:
        raise InvalidResponseError(
            "The identity provider publishes no key that this server can use.", remedy="Check CONVIRZA_OIDC_ISSUER."
        )
    if len(found) == 1:
        # A provider with one key may omit its id.
        found.setdefault(None, next(iter(found.values())))
    return found


def _values(scopes: Any) -> set[str]:
    if isinstance(scopes, str):
        return {*scopes.split()}
    return {str(each) for each in scopes} if isinstance(scopes, list) else set()


def _unreachable() -> APIConnectionError:
    return APIConnectionError("The identity provider did not answer.", remedy="Try again in a minute.")
