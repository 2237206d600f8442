"""A server written in an afternoon, as the baseline for speed: the SDK, one pooled HTTP client, the body as text. With
a port as its argument it serves over HTTP.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import httpx2
from mcp.server import MCPServer
from mcp.server.mcpserver import Context


@asynccontextmanager
async def lifespan(_: MCPServer[httpx2.AsyncClient]) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {os.environ['CONVIRZA_TOKEN']}"}
    async with httpx2.AsyncClient(base_url=os.environ["CONVIRZA_BASE_URL"], headers=headers) as client:
        yield client


server = MCPServer("plain", lifespan=lifespan, log_level="WARNING")


@server.tool()
async def list_sms_conversations(
    ctx: Context[httpx2.AsyncClient, Any],
    offset: int = 0,
    limit: int = 7,
    type: Literal["allOpen", "assignedToYou", "unassigned", "close"] = "allOpen",  # noqa: A002 - the API's name
    order: Literal["desc", "asc"] = "desc",
) -> str:
    """List SMS conversations."""
    parameters: dict[str, str | int] = {"offset": offset, "limit": limit, "type": type, "order": order}
    client = ctx.request_context.lifespan_context
    return (await client.get("conversations/sms", params=parameters)).text


if __name__ == "__main__":
    if sys.argv[1:]:
        server.run("streamable-http", port=int(sys.argv[1]), stateless_http=True)
    else:
        server.run()
