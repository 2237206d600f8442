"""Documents about this server that clients fetch before they connect."""

import json
from collections.abc import Mapping
from importlib.metadata import metadata
from typing import NamedTuple
from urllib.parse import urlsplit

from convirza_mcp.transports.http.settings import HttpSettings

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
        resource = Document(_json(_protected_resource(url, settings)))
        found[_PROTECTED_RESOURCE] = found[_PROTECTED_RESOURCE + urlsplit(url).path] = resource
    return found


def resource_metadata_url(url: str) -> str:
    """Return the address of the document that says which identity provider issues tokens."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{_PROTECTED_RESOURCE}{parts.path}"


def _protected_resource(url: str, settings: HttpSettings) -> dict[str, object]:
    scopes = {} if settings.oidc_scope is None else {"scopes_supported": [settings.oidc_scope]}
    return {
        "resource": url,
        "authorization_servers": [settings.oidc_issuer],
        **scopes,
        "bearer_methods_supported": ["header"],
        "resource_name": "Convirza SMS inbox",
    }


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
