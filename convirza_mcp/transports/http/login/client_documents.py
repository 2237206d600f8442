"""Clients that are named by the address of a document about them (Client ID Metadata Documents)."""

import re
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import httpx2
from pydantic_core import from_json, to_json

from convirza_mcp.store.protocol import Store
from convirza_mcp.transports.http.documents import SCOPE
from convirza_mcp.transports.http.login.public_fetch import Fetch, FetchError
from convirza_mcp.transports.http.login.redirects import Client, is_allowed_redirect

MIN_CACHE_SECONDS, MAX_CACHE_SECONDS = 300, 86_400
MAX_REDIRECTS = 20
MAX_FETCHES, FETCHES_SECONDS = 300, 3_600.0
"""Documents fetched in an hour by all replicas."""

_FAILURE_SECONDS = 60
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?([0-9]{1,9})", re.ASCII | re.IGNORECASE)
_MAX_ADDRESS_LENGTH = 500

_CLAUDE = "https://claude.ai/oauth/mcp-oauth-client-metadata"
_CLAUDE_CODE = "https://claude.ai/oauth/claude-code-client-metadata"
_CHATGPT = "https://chatgpt.com/oauth/client.json"
_CODEX = "https://chatgpt.com/oauth/codex/client.json"
_VS_CODE = "https://vscode.dev/oauth/client-metadata.json"
BUILT_IN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    _CLAUDE: ("Claude", ("https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback")),
    _CLAUDE_CODE: ("Claude Code", ("http://localhost/callback", "http://127.0.0.1/callback")),
    _CHATGPT: ("ChatGPT", ("https://chatgpt.com/connector_platform_oauth_redirect",)),
    _CODEX: ("Codex", ("http://127.0.0.1/callback", "http://localhost/callback")),
    _VS_CODE: (
        "Visual Studio Code",
        ("http://127.0.0.1/", "https://vscode.dev/redirect", "https://insiders.vscode.dev/redirect"),
    ),
}
"""Names and redirects of known clients, in case their documents cannot be fetched: their hosts sometimes answer servers
with a bot challenge, and a server may have no internet access.
"""


class ClientDocuments:
    """Reads documents through `fetch` and keeps them in the store. `now` is the Unix time, for tests."""

    def __init__(self, store: Store, fetch: Fetch, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._fetch = fetch
        self._now = now

    async def get(self, address: str) -> Client | None:
        """Return the client that the document at `address` describes; None without a usable one.

        A document that was valid within a day is used as long as its host does not answer.
        """
        if not is_document_address(address):
            return None
        name = f"client-document:{sha256(address.encode()).hexdigest()}"
        kept = await self._store.get(name)
        held: dict[str, Any] = {} if kept is None else from_json(kept.value)
        if held.get("until", 0.0) <= self._now():
            held = await self._renewed(address, name, held)
        if (found := held.get("client") or BUILT_IN.get(address)) is None:
            return None
        return Client.model_validate(
            {
                "client_id": address,
                "client_name": found[0],
                "redirect_uris": found[1],
                "token_endpoint_auth_method": "none",
                "scope": SCOPE,
            }
        )

    async def _renewed(self, address: str, name: str, held: dict[str, Any]) -> dict[str, Any]:
        now = self._now()
        if await self._store.count("client-documents", seconds=FETCHES_SECONDS) > MAX_FETCHES:
            return held
        try:
            fetched = await self._fetch(address)
        except FetchError:
            ends = held.get("ends", 0.0)
            held = {"client": held.get("client") if now < ends else None, "until": now + _FAILURE_SECONDS, "ends": ends}
        else:
            until = now + _cache_seconds(fetched.cache_control)
            held = {"client": _described(address, fetched.body), "until": until, "ends": now + MAX_CACHE_SECONDS}
        await self._store.put(name, to_json(held), seconds=max(held["until"], held["ends"]) - now)
        return held


def is_document_address(client_id: str) -> bool:
    """Return whether a client id is the address of a document: https with a path, in its normal form."""
    if not client_id.startswith("https://") or len(client_id) > _MAX_ADDRESS_LENGTH or not client_id.isascii():
        return False
    try:
        url = httpx2.URL(client_id)
    except httpx2.InvalidURL:
        return False
    # In any other form, two programs could read two hosts in it.
    is_normal = str(url) == client_id and not set(client_id) & set("\\@#?") and url.host != ""
    return is_normal and url.path not in ("", "/") and (url.port or 443) < 65_536


def _described(address: str, body: bytes) -> tuple[str | None, list[str]] | None:
    """Return name and redirects; None if the document does not describe a client that can be used here."""
    try:
        document = from_json(body)
        methods = document.get("token_endpoint_auth_methods_supported") or ()
        offered = {document.get("token_endpoint_auth_method", "none"), *methods}
        redirects = [*filter(is_allowed_redirect, document["redirect_uris"])]
        is_usable = (
            document["client_id"] == address
            and "client_secret" not in document
            # A client without a secret: nothing here could verify its key.
            and "none" in offered
            and 0 < len(redirects) <= MAX_REDIRECTS
        )
        client = Client(client_id=address, client_name=document.get("client_name"), redirect_uris=redirects)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return (client.client_name, redirects) if is_usable else None


def _cache_seconds(cache_control: str) -> int:
    stated = _MAX_AGE.search(cache_control)
    return min(max(int(stated[1]) if stated else 0, MIN_CACHE_SECONDS), MAX_CACHE_SECONDS)
