"""MCP Apps: the page that a host shows beside an answer, announced in both protocol eras."""

import re
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp_types import ReadResourceResult, TextResourceContents

from convirza_mcp.accounts.account import Account
from convirza_mcp.accounts.calls import logged_call

EXTENSION = "io.modelcontextprotocol/ui"
PAGE = "ui://convirza/inbox-1.html"
"""Hosts cache the page by its address for long: a new page needs a new number."""

TOOL_META: dict[str, Any] = {"ui": {"resourceUri": PAGE}, "ui/resourceUri": PAGE}
"""In both spellings: older hosts know only the second."""

_PAGES = re.compile(r"ui://convirza/inbox(-[0-9]{1,4})?\.html")
_MIME_TYPE = "text/html;profile=mcp-app"
_CONTENT_META = {"ui": {"csp": {"connectDomains": [], "resourceDomains": []}, "prefersBorder": True}}
_A_DAY_MS = 24 * 60 * 60 * 1000
_MODERN = "2026-07-28"


def is_page(uri: object) -> bool:
    """Return whether this is the address of the page in any version ever published; all get the present page."""
    return isinstance(uri, str) and _PAGES.fullmatch(uri) is not None


def read_page(uri: str) -> ReadResourceResult:
    """Return the page. It is the same for every account, so it needs none, nor a request to Convirza."""
    # Imported here, because no call needs it.
    from convirza_mcp.app.page import app_page

    with logged_call(PAGE, "resource") as call:
        contents = TextResourceContents(uri=uri, mime_type=_MIME_TYPE, text=app_page(), _meta=_CONTENT_META)
        call.answered(None)
        return ReadResourceResult(contents=[contents], ttl_ms=_A_DAY_MS, cache_scope="public")


async def announce(ctx: ServerRequestContext[Account, Any], call_next: CallNext) -> HandlerResult:
    """Announce the extension in `initialize`, and answer `ping` in the later era."""
    if ctx.method == "ping" and ctx.protocol_version == _MODERN:
        # This version has no ping, and some hosts ping before they show a page.
        return {"resultType": "complete"}
    result = await call_next(ctx)
    if ctx.method == "initialize" and isinstance(result, dict):
        # The SDK's models of the handshake have no extensions, so it drops them.
        capabilities = {**result["capabilities"], "extensions": {EXTENSION: {}}}
        return {**result, "capabilities": capabilities}
    return result
