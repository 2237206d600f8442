"""Backend of the SDK's OAuth endpoints: clients, pending logins, codes and tokens."""

import re
from contextlib import suppress
from math import inf

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    AuthorizeError,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    TokenError,
    construct_redirect_uri,
)
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyUrl

from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.errors import StoreUnavailableError
from convirza_mcp.store.protocol import Store
from convirza_mcp.transports.http.documents import SCOPE, root_of
from convirza_mcp.transports.http.login.clients import Clients
from convirza_mcp.transports.http.login.grants.grants import Grants, Tokens
from convirza_mcp.transports.http.login.grants.people import People
from convirza_mcp.transports.http.login.page import PATH
from convirza_mcp.transports.http.login.pending import PENDING_SECONDS, PendingLogin, name_of_login, new_login_id
from convirza_mcp.transports.http.login.redirects import Client

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_MAX_STATE = 4_096
MAX_BEGUN, BEGUN_SECONDS = 1_200, 60.0
"""Logins that may begin in a minute. Each is kept for ten minutes, so this limits the size of the store."""


class Provider(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """The SDK's interface to clients, codes and tokens. `url` is the server's public address."""

    def __init__(self, *, store: Store, clients: Clients, grants: Grants, people: People, url: str) -> None:
        self._store = store
        self._clients = clients
        self._grants = grants
        self._people = people
        self._issuer = root_of(url)
        self._url = url

    async def get_client(self, client_id: str) -> Client | None:
        return await self._clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        # RFC 7591, section 2: the server may replace what a client asks for. Every grant can be refreshed.
        client_info.grant_types = ["authorization_code", "refresh_token"]
        await self._clients.register(client_info)

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        if not _CHALLENGE.fullmatch(params.code_challenge):
            raise AuthorizeError("invalid_request", "code_challenge must be the S256 of a verifier.")
        if params.state is not None and len(params.state) > _MAX_STATE:
            raise AuthorizeError("invalid_request", f"state is limited to {_MAX_STATE} characters.")
        check_resource(params.resource, self._url)
        pending = PendingLogin(
            client_id=client.client_id,
            client_name=client.client_name,
            redirect_uri=str(params.redirect_uri),
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            code_challenge=params.code_challenge,
            state=params.state,
            resource=self._url,
        )
        login_id = new_login_id()
        try:
            if await self._store.count("logins:begun", seconds=BEGUN_SECONDS) > MAX_BEGUN:
                raise AuthorizeError("temporarily_unavailable", "Too many logins have begun. Try again in a minute.")
            await self._store.put(name_of_login(login_id), pending.to_bytes(), seconds=PENDING_SECONDS, version=0)
        except StoreUnavailableError as error:
            # The SDK would tell the client of an unexpected error.
            raise AuthorizeError("temporarily_unavailable", error.message) from None
        return f"{self._issuer}{PATH}?id={login_id}"

    async def finish(self, pending: PendingLogin, pair: TokenPair, email: str) -> str:
        """Give the client the grant that a person allowed; return the address that takes the code to the client."""
        code = await self._people.admit(pair, email, pending)
        return construct_redirect_uri(pending.redirect_uri, code=code, state=pending.state, iss=self._issuer)

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        request = await self._grants.of_code(authorization_code)
        if request is None or request.client_id != client.client_id:
            return None
        return AuthorizationCode(
            code=authorization_code,
            scopes=[SCOPE],
            # The grants have checked it.
            expires_at=inf,
            client_id=request.client_id,
            code_challenge=request.code_challenge,
            redirect_uri=AnyUrl(request.redirect_uri),
            redirect_uri_provided_explicitly=request.redirect_uri_provided_explicitly,
            resource=request.resource,
        )

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        return await self._answer(client, await self._grants.exchange(authorization_code.code))

    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        request = await self._grants.of_refresh_token(refresh_token)
        if request is None or request.client_id != client.client_id:
            return None
        return RefreshToken(token=refresh_token, client_id=request.client_id, scopes=[SCOPE], resource=request.resource)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        return await self._answer(client, await self._grants.refresh(refresh_token.token))

    async def load_access_token(self, token: str) -> AccessToken | None:
        access = await self._grants.of_access_token(token)
        return None if access is None else AccessToken(token=token, client_id=access.client_id, scopes=[SCOPE])

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        await self._grants.end(token.token)

    async def _answer(self, client: OAuthClientInformationFull, tokens: Tokens | None) -> OAuthToken:
        if tokens is None:
            raise TokenError("invalid_grant", "It was used by another request.")
        # Without an answer the client would send its code again, which ends the grant. Its next refresh keeps it, too.
        with suppress(StoreUnavailableError):
            await self._clients.keep(client.client_id)
        return OAuthToken(
            access_token=tokens.access, refresh_token=tokens.refresh, expires_in=tokens.expires_in, scope=SCOPE
        )


def check_resource(resource: str | None, url: str) -> None:
    """Raise AuthorizeError if a client asks for tokens for another server; without `resource` it does not."""
    if resource is not None and resource.rstrip("/") != url.rstrip("/"):
        raise AuthorizeError("invalid_target", f"resource must be {url}.")
