"""List the unassigned conversations through the official MCP client, as an agent's code would.

CONVIRZA_TOKEN=... python examples/list_inbox.py            your own inbox
python examples/list_inbox.py --demo                        the demo inbox, no account needed
"""

import argparse
import json
import os
import sys
import tempfile
from typing import TextIO

import anyio
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(demo: bool, log: TextIO) -> str | None:
    """Print all unassigned conversations. Return the error text, or None."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "convirza_mcp", "serve", *(["--demo"] if demo else [])],
        # By default the SDK passes only a few variables to a server, and no settings.
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
            # The same object as structured_content, which CONVIRZA_OUTPUT=text omits.
            page = json.loads(result.content[0].text)
            for row in page["rows"]:
                conversation = dict(zip(page["columns"], row, strict=True))
                print(conversation["conversation_updated"], conversation["source"], conversation["message"], sep="  ")
            offset = page["next_offset"]
        print(f"Unassigned conversations: {page['total']}, {page['window']}")
    return None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", action="store_true")
    demo = parser.parse_args().demo
    # Keep the server's log off the terminal. If the server does not start, the log says why.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        try:
            failure = anyio.run(main, demo, log)
        except* MCPError:
            log.seek(0)
            failure = log.read().strip()
        sys.exit(failure)
