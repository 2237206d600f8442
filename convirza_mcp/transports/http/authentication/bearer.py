"""Authenticate a caller: return the principal of the Authorization header, or raise a refusal with its challenge."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from convirza_mcp.accounts.registry import Principal
from convirza_mcp.errors import ConvirzaError
from convirza_mcp.transports.http.authentication.keys import KeyFile, is_key
from convirza_mcp.transports.http.documents import SCOPE, resource_metadata_url
from convirza_mcp.transports.http.replies import Refusal
from convirza_mcp.transports.http.settings import HttpSettings

LOCAL = Principal("local")
"""Every caller of a server on loopback without authentication."""

_BEARER = re.compile(rb"bearer +([\x21-\x7e]{1,8192})", re.IGNORECASE)


class RejectedTokenError(Exception):
    """A token that is not accepted. `lacks`: it is valid, but without the required scope or claim."""

    def __init__(self, lacks: Literal["scope", "claim"] | None = None) -> None:
        super().__init__()
        self.lacks = lacks


class TokenIssuer(Protocol):
    """Issuer of accepted tokens: the identity provider, or this server's own login mode."""

    async def principal(self, token: str) -> Principal:
        """Return the principal of a token; raise RejectedTokenError, or ConvirzaError if it cannot be checked now."""


@dataclass(frozen=True, slots=True)
class Authentication:
    """Authentication methods of a server; without any, every caller is `LOCAL`."""

    url: str
    settings: HttpSettings
    keys: KeyFile | None = None
    issuer: TokenIssuer | None = None

    async def principal(self, authorization: Sequence[bytes]) -> Principal:
        """Return the principal behind the values of the Authorization header; raise a Refusal with the challenge."""
        if self.keys is None and self.issuer is None:
            return LOCAL
        if not authorization:
            raise self._challenge(401, "An access token is required.")
        found = _BEARER.fullmatch(authorization[0]) if len(authorization) == 1 else None
        if found is None:
            raise self._challenge(401, "The Authorization header takes Bearer and one access token.", "invalid_token")
        try:
            return await self._of(found[1].decode("ascii"))
        except RejectedTokenError as error:
            if error.lacks == "claim":
                # No challenge: another login of the same person would not help.
                raise Refusal(403, "This account may not use the server. Ask the server's administrator.") from None
            if error.lacks == "scope":
                raise self._challenge(403, "The token lacks the scope.", "insufficient_scope") from None
            sentence = "The access token is not valid. Get a new access key from the server's administrator, or log in."
            raise self._challenge(401, sentence, "invalid_token") from None
        except ConvirzaError as error:
            raise Refusal(503, error.message, ("Retry-After", "10")) from None

    async def _of(self, token: str) -> Principal:
        if self.issuer is not None and (self.keys is None or not is_key(token)):
            return await self.issuer.principal(token)
        principal = None if self.keys is None else self.keys.find(token)
        if principal is None:
            raise RejectedTokenError
        return principal

    def _challenge(self, status: int, sentence: str, error: str | None = None) -> Refusal:
        parts = ['realm="convirza-mcp"']
        if self.issuer is not None:
            # Only here: with keys alone, a client that finds a discovery document ignores its key and starts OAuth.
            parts = [f'resource_metadata="{resource_metadata_url(self.url)}"']
            scope = SCOPE if self.settings.allows("login") else self.settings.oidc_scope
            if scope is not None:
                parts.append(f'scope="{scope}"')
        if error is not None:
            parts.insert(0 if error == "insufficient_scope" else len(parts), f'error="{error}"')
        return Refusal(status, sentence, ("WWW-Authenticate", f"Bearer {', '.join(parts)}"))
