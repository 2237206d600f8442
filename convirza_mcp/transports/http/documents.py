"""Documents about this server that clients fetch before they connect."""

import json
from collections.abc import Mapping
from importlib.metadata import metadata
from typing import NamedTuple
from urllib.parse import urlsplit

from convirza_mcp.transports.http.settings import HttpSettings

SCOPE = "sms:read"
"""The one scope of tokens that this server issues itself."""

_CARD_TYPE = "application/mcp-server-card+json"
_PROTECTED_RESOURCE = "/.well-known/oauth-protected-resource"


class Document(NamedTuple):
    """A document as it is sent."""

    body: bytes
    content_type: str = "application/json"


def documents(url: str, settings: HttpSettings) -> Mapping[str, Document]:
    """Return the documents by path. `url` is the public address of the server."""
    card = Document(_json(_server_card(url, needs_key=settings.allows("keys"))), _CARD_TYPE)
    found = {"/mcp/server-card": card, f"{urlsplit(url).path}/server-card": card}
    if settings.allows("oidc"):
        found |= _about_resource(url, settings.oidc_issuer, settings.oidc_scope)
    if settings.allows("login"):
        found |= _about_resource(url, root_of(url), SCOPE)
    if settings.http_openai_challenge is not None:
        challenge = settings.http_openai_challenge.encode()
        found["/.well-known/openai-apps-challenge"] = Document(challenge, "text/plain; charset=utf-8")
    return found


def root_of(url: str) -> str:
    """Return the root of a server's address, without a closing slash. In mode `login` it is the issuer."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def resource_metadata_url(url: str) -> str:
    """Return the address of the document that says which identity provider issues tokens."""
    return f"{root_of(url)}{_PROTECTED_RESOURCE}{urlsplit(url).path}"


def _about_resource(url: str, issuer: str | None, scope: str | None) -> dict[str, Document]:
    """Return the document about the endpoint at `url` (RFC 9728), by the two paths at which clients look for it."""
    content = {
        "resource": url,
        "authorization_servers": [issuer],
        **({} if scope is None else {"scopes_supported": [scope]}),
        "bearer_methods_supported": ["header"],
        "resource_name": "Convirza SMS inbox",
    }
    return dict.fromkeys((_PROTECTED_RESOURCE, _PROTECTED_RESOURCE + urlsplit(url).path), Document(_json(content)))


def _server_card(url: str, *, needs_key: bool) -> dict[str, object]:
    about = metadata("convirza-mcp")
    owner = next(each for each in about.get_all("Project-URL", []) if each.startswith("Repository")).split("/")[-2]
    header = {"name": "Authorization", "description": "Bearer and an access key", "isRequired": True, "isSecret": True}
    return {
        "$schema": "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json",
        "name": f"io.github.{owner}/convirza-mcp",
        "title": "Convirza SMS inbox",
        "description": "Answers questions about a Convirza SMS inbox: what came in, who is waiting. Read-only.",
        "version": about["Version"],
        "remotes": [
            {
                "type": "streamable-http",
                "url": url,
                "supportedProtocolVersions": ["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"],
                **({"headers": [header]} if needs_key else {}),
            }
        ],
    }


def _json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()
