"""Who waits for a reply that did not wait at the last run: for a scheduled job, through the official MCP client.

CONVIRZA_TOKEN=... python examples/late_replies.py [STATE]

STATE is a small file of conversation ids and times, late_replies_state.json beside this program by default.
"""

import json
import os
import sys
from pathlib import Path
from typing import TextIO

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult


async def ask(log: TextIO) -> CallToolResult:
    settings = {name: value for name, value in os.environ.items() if name.startswith("CONVIRZA_") or name == "PATH"}
    server = StdioServerParameters(command=sys.executable, args=["-m", "convirza_mcp", "serve"], env=settings)
    async with Client(stdio_client(server, errlog=log)) as client:
        return await client.call_tool("list_waiting_sms_conversations", {"limit": 100})


def main(state: Path) -> str | None:
    """Print what is new, and remember it; gives what went wrong, if something did."""
    known = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
    # What the server logs, a line a call, would make every run one that says something; a file would do as well.
    with Path(os.devnull).open("w") as log:
        result = anyio.run(ask, log)
    if result.is_error:
        return result.content[0].text
    answer, waiting = result.structured_content, {}
    for row in answer["rows"]:
        conversation = dict(zip(answer["columns"], row, strict=True))
        # Without the year, which stands there only around New Year.
        number, since = str(conversation["conversation_id"]), (conversation["since"] or "")[-len("MM-DD HH:MM") :]
        waiting[number] = since
        if known.get(number) != since:
            print(*(conversation[column] or "-" for column in ("waiting", "source", "message", "why")), sep="  ")
    if "left_out" in answer:
        print(f"not looked at: {answer['left_out']}", file=sys.stderr)
    # Who is not on a list that has gaps may wait still, and is not to be new the next time.
    whole = answer["coverage"]["complete"] and "left_out" not in answer
    remember(state, waiting if whole else known | waiting)
    return None


def remember(state: Path, waiting: dict[str, str]) -> None:
    """Written beside it and renamed: a run that is cut short leaves the old state whole."""
    written = state.with_name(f"{state.name}.{os.getpid()}")
    written.write_text(json.dumps(waiting), encoding="utf-8")
    written.replace(state)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).with_name("late_replies_state.json")))
