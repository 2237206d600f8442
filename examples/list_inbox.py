"""Ask a convirza-mcp server for the inbox, as an agent's code would: through the official MCP client.

CONVIRZA_TOKEN=... python examples/list_inbox.py            your own inbox
python examples/list_inbox.py --demo                        an invented one, no account needed
"""

import os
import sys
from pathlib import Path
from typing import TextIO

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(demo: bool, log: TextIO) -> str | None:
    """Print the whole unassigned view; gives what went wrong, if something did."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "convirza_mcp", "serve", *(["--demo"] if demo else [])],
        # Of its own accord the SDK hands a server only a few variables, and no settings.
        env=dict(os.environ),
    )
    async with Client(stdio_client(server, errlog=log)) as client:
        offset: int | None = 0
        while offset is not None:
            result = await client.call_tool(
                "list_sms_conversations", {"type": "unassigned", "order": "asc", "limit": 50, "offset": offset}
            )
            if result.is_error:
                return result.content[0].text
            page = result.structured_content
            for row in page["rows"]:
                conversation = dict(zip(page["columns"], row, strict=True))
                print(conversation["conversation_updated"], conversation["source"], conversation["message"], sep="  ")
            offset = page["next_offset"]
        print(f"{page['total']} unassigned conversations, {page['window']}")
    return None


if __name__ == "__main__":
    # What the server logs, a line a call, is not for who reads the list; a file would do as well.
    with Path(os.devnull).open("w") as log:
        sys.exit(anyio.run(main, "--demo" in sys.argv[1:], log))
