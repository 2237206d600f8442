"""Who waits for a reply that did not wait at the last run: for a scheduled job, through the official MCP client.

python examples/late_replies.py [--demo] [STATE]    asks your own inbox; with --demo an invented one, without an account
STATE is a small file of conversation ids and times, beside this program by default.
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


async def ask(server_arguments: list[str], log: TextIO) -> CallToolResult:
    # The whole environment: proxies, certificates and the time zone are in it as well.
    server = StdioServerParameters(command=sys.executable, args=server_arguments, env=dict(os.environ))
    async with Client(stdio_client(server, errlog=log)) as client:
        return await client.call_tool("list_waiting_sms_conversations", {"limit": 100})


def main(state: Path, options: list[str]) -> None:
    try:
        known = {} | json.loads((state.exists() and state.read_text(encoding="utf-8")) or "{}")
    except (OSError, TypeError, ValueError):
        sys.exit(f"{state} is not a state that this program wrote: delete it to begin anew, or name another file")
    # What the server logs, a line a call, would make every run one that says something.
    with Path(os.devnull).open("w") as log:
        result = anyio.run(ask, ["-m", "convirza_mcp", "serve", *options], log)
    if result.is_error:
        sys.exit(result.content[0].text)
    # The text holds the same object as structured_content, which CONVIRZA_OUTPUT=text leaves out.
    answer, waiting = json.loads(result.content[0].text), {}
    for row in answer["rows"]:
        conversation = dict(zip(answer["columns"], row, strict=True))
        # Without the year, which stands there only around New Year.
        number, since = str(conversation["conversation_id"]), (conversation["since"] or "")[-len("MM-DD HH:MM") :]
        waiting[number] = since
        if known.get(number) != since:
            print(*(conversation[column] or "-" for column in ("waiting", "source", "message", "why")), sep="  ")
    if not (whole := answer["coverage"]["complete"] and len(waiting) == answer["waiting"]):
        reason = answer["coverage"].get("reason", "more wait than one answer names")
        print(f"only {len(waiting)} of {answer['waiting']} who wait were looked at: {reason}", file=sys.stderr)
    # Who is not on a list with gaps may wait still. Renamed once written: a run that is cut short leaves the old one.
    written = state.with_name(f"{state.name}.{os.getpid()}")
    written.write_text(json.dumps(waiting if whole else known | waiting), encoding="utf-8")
    written.replace(state)


if __name__ == "__main__":
    options, named = ([each for each in sys.argv[1:] if (each == "--demo") is demo] for demo in (True, False))
    if named[1:] or Path(*named).name.startswith("-"):
        sys.exit(__doc__)
    beside = Path(__file__).with_name("late_replies_demo_state.json" if options else "late_replies_state.json")
    main(Path(*named) if named else beside, options)
