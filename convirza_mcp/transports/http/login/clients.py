"""The clients of the authorization server: registered by themselves, or named by the address of a document."""

import re
import time
from collections.abc import Callable
from typing import Any

from mcp.server.auth.provider import RegistrationError
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadataBase
from pydantic_core import from_json, to_json

from convirza_mcp.store.protocol import Store
from convirza_mcp.transports.http.documents import SCOPE
from convirza_mcp.transports.http.login.client_documents import MAX_REDIRECTS, ClientDocuments, is_document_address
from convirza_mcp.transports.http.login.public_fetch import Fetch, PublicFetch
from convirza_mcp.transports.http.login.redirects import Client, is_allowed_redirect
from convirza_mcp.transports.http.replies import Refusal

UNUSED_SECONDS = 86_400.0
USED_SECONDS = 60 * 86_400.0
"""Longer than a refresh token lives: a client that comes back still has its registration."""

MAX_REGISTRATIONS, REGISTRATIONS_SECONDS = 200, 3_600.0
"""Registrations in an hour. In total: behind a proxy or in a vendor's network, all clients have one address."""

_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_MAX_BYTES = 16 * 1024
_ALLOWED = "redirect_uris take https, http on loopback, or cursor; no user name, no fragment."
# Fields of a registration that this server ignores, such as client_uri.
_UNUSED_FIELDS = OAuthClientMetadataBase.model_fields.keys() - {"response_types", "scope", "client_name"}


class Clients:
    """Clients in a sealed store, because of their secrets. `fetch` replaces the network and `now` the Unix time.

    A client that cannot be decrypted, after its key was withdrawn, is unknown and registers again.
    """

    def __init__(self, store: Store, *, fetch: Fetch | None = None, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now
        self._documents = ClientDocuments(store, fetch or PublicFetch(), now)

    async def get(self, client_id: str) -> Client | None:
        """Return a client; None if there is no such client, or not any more."""
        if is_document_address(client_id):
            return await self._documents.get(client_id)
        found = await self._read(client_id)
        return None if found is None else Client.model_validate(found[0]["client"])

    async def register(self, client: OAuthClientInformationFull) -> None:
        """Keep a new client for a day, or longer if `keep` is called. Reduces `client` to what is kept.

        Raises:
            RegistrationError: its metadata cannot be used.
            Refusal: too many clients were registered in the last hour.
        """
        redirects = [str(each) for each in client.redirect_uris or ()]
        if not 0 < len(redirects) <= MAX_REDIRECTS or not all(map(is_allowed_redirect, redirects)):
            raise RegistrationError("invalid_redirect_uri", _ALLOWED)
        for name in _UNUSED_FIELDS:
            setattr(client, name, None)
        client.scope = SCOPE
        kept = Client.model_validate(client.model_dump(mode="json"))
        client.client_name = kept.client_name
        content = to_json({"client": kept.model_dump(mode="json", exclude_none=True), "until": 0})
        if len(content) > _MAX_BYTES:
            raise RegistrationError("invalid_client_metadata", "The metadata is too long.")
        if await self._store.count("registrations", seconds=REGISTRATIONS_SECONDS) > MAX_REGISTRATIONS:
            raise Refusal(429, "Too many clients were registered.", ("Retry-After", "3600"))
        await self._store.put(_name(client.client_id), content, seconds=UNUSED_SECONDS)

    async def keep(self, client_id: str) -> None:
        """Keep a registered client that has been given tokens."""
        if (found := await self._read(client_id)) is None:
            return
        content, version = found
        if content["until"] - self._now() < USED_SECONDS / 2:
            content["until"] = self._now() + USED_SECONDS
            await self._store.put(_name(client_id), to_json(content), seconds=USED_SECONDS, version=version)

    async def _read(self, client_id: str) -> tuple[dict[str, Any], int] | None:
        if not _ID.fullmatch(client_id) or (stored := await self._store.get(_name(client_id))) is None:
            return None
        return from_json(stored.value), stored.version


def _name(client_id: str) -> str:
    return f"client:{client_id}"
