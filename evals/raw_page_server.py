"""The baseline: one tool that returns a page of the API unchanged."""

from typing import Literal

import httpx2
from mcp.server import MCPServer

from convirza_mcp.sandbox import Sandbox


def raw_page_server(sandbox: Sandbox) -> MCPServer[None]:
    server: MCPServer[None] = MCPServer("raw", log_level="WARNING")

    @server.tool()
    async def list_sms_conversations(
        offset: int = 0,
        limit: int = 7,
        type: Literal["allOpen", "assignedToYou", "unassigned", "close"] = "allOpen",  # noqa: A002 - the API's name
        search: str | None = None,
        order: Literal["desc", "asc"] = "desc",
        start: str | None = None,
        end: str | None = None,
    ) -> str:
        """List a page of SMS conversations. limit is at most 200; start and end are ISO 8601 UTC."""
        asked = {"offset": offset, "limit": limit, "type": type, "order": order}
        asked |= {name: text for name, text in (("search", search), ("start", start), ("end", end)) if text}
        headers = {"Authorization": f"Bearer {sandbox.token}"}
        async with httpx2.AsyncClient(base_url=sandbox.base_url, headers=headers, verify=False) as client:
            return (await client.get("conversations/sms", params=asked)).text

    return server
