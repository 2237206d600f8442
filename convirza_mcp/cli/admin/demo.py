"""`convirza-mcp demo`: show the whole path from an inbox to a model, without an account."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import anyio
import click
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import TextContent
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from convirza_mcp.cli.render.console import console, say
from convirza_mcp.cli.render.tables import as_cells, conversations
from convirza_mcp.sandbox import ReceivedRequest, Sandbox
from convirza_mcp.settings import Settings
from convirza_mcp.text.tokens import estimate_tokens
from convirza_mcp.tools import list_waiting_sms_conversations, search_sms_messages, summarize_sms_inbox

_QUESTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Who has waited longest, in three weeks?", list_waiting_sms_conversations.NAME, {"start": "21d", "limit": 4}),
    ("How are we doing?", summarize_sms_inbox.NAME, {}),
    ("Who was the last to ask for a refund?", search_sms_messages.NAME, {"query": '"like a refund"', "limit": 1}),
)
"""Questions, each with the tool and arguments that an assistant would choose."""


@click.command("demo", short_help="Show answers about the demo inbox; no account needed.")
def command() -> None:
    """Ask the demo inbox three questions; show the answers, the text that a model reads and its cost."""
    # Report a zone problem here, because the server's own message would go to its log.
    zone = os.environ.get("CONVIRZA_TIMEZONE")
    Settings.from_environment({} if zone is None else {"CONVIRZA_TIMEZONE": zone})
    # Keep the server's log lines out of the output.
    with Path(os.devnull).open("w", encoding="utf-8") as log:
        try:
            anyio.run(_demo, log)
        except* SystemExit:
            # The reader closed the pipe; rich raises this from inside the client's tasks.
            sys.exit(1)


async def _demo(log: TextIO) -> None:
    out = console()
    with Sandbox() as sandbox:
        out.print(f"A demo inbox of {len(sandbox.conversations)} conversations runs at {sandbox.base_url}.")
        out.print("The server runs as a client would start it: [bold]convirza-mcp serve[/bold], over stdio.\n")
        # Ignore the configuration of a real account.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CONVIRZA_")}
        if zone := os.environ.get("CONVIRZA_TIMEZONE"):
            environment["CONVIRZA_TIMEZONE"] = zone
        environment |= {"CONVIRZA_BASE_URL": sandbox.base_url, "CONVIRZA_TOKEN": sandbox.token}
        server = StdioServerParameters(command=sys.executable, args=["-m", "convirza_mcp", "serve"], env=environment)
        read: list[ReceivedRequest] = []
        async with Client(stdio_client(server, errlog=log)) as client:
            for number, (question, tool, arguments) in enumerate(_QUESTIONS):
                given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
                out.print(f"[bold]{question}[/bold]  [dim]{tool}({given})[/dim]")
                before = len(sandbox.requests)
                result = await client.call_tool(tool, arguments)
                text = "".join(block.text for block in result.content if isinstance(block, TextContent))
                if result.is_error:
                    out.print(Text(text))
                    raise click.ClickException("the demo's server answered with an error")
                _print_answer(out, tool, json.loads(text))
                if number == 0:
                    out.print("A person reads this. An assistant's model gets the same as JSON:")
                    out.print(Panel(Text(text), expand=False, border_style="dim"))
                # A cached answer made no request; use the earlier request's body.
                read = sandbox.requests[before:] or read
                ours, theirs = estimate_tokens(text), await _cost_of_bodies(sandbox, read)
                out.print(
                    f"The model reads about {ours:,} tokens; Convirza's own pages would be about {theirs:,} "
                    f"({theirs / ours:.0f} times as many).\n"
                )
    out.print("Connect it to your own inbox: `convirza-mcp login`, then `convirza-mcp install claude-desktop`.")


def _print_answer(out: Console, tool: str, answer: Mapping[str, Any]) -> None:
    """Print a tool's answer as the commands do."""
    scope, coverage = f"{answer['type']} · {answer['window']}", answer["coverage"]
    read = f"{coverage['read']} of {coverage['total']} conversations read · {scope}"
    if tool == summarize_sms_inbox.NAME:
        first = answer["first_response"]
        out.print(
            f"{answer['conversations']} conversations, {answer['closed']} of them closed · {answer['unread']} unread · "
            f"{answer['unassigned']} unassigned · {answer['waiting']} waiting, {answer['waits']['24h or more']} for a "
            f"day or more. Half of the {first['count']} first replies came within {first['median']}, and nine of "
            f"ten within {first['p90']}."
        )
        say(out, read)
        return
    rows = [as_cells(answer["columns"], row) for row in answer["rows"]]
    out.print(conversations(answer["columns"], rows, out.width))
    if tool == list_waiting_sms_conversations.NAME:
        incoming = f"{answer['read_but_incoming']} read but incoming"
        say(out, f"{len(rows)} shown of {answer['waiting']} waiting · {incoming} · {scope} · {answer['clock']}")
    else:
        say(out, f"{len(rows)} shown of {answer['matches']} found · {read}")


async def _cost_of_bodies(sandbox: Sandbox, requests: list[ReceivedRequest]) -> int:
    """Return the tokens of the raw answers to requests that the server made."""
    tokens = 0
    # Plain http to this machine needs neither the proxy nor certificates.
    async with httpx2.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {sandbox.token}"}) as bare:
        for each in requests:
            response = await bare.get(f"{sandbox.base_url}/conversations/sms", params=dict(each.query))
            tokens += estimate_tokens(response.raise_for_status().text)
    return tokens
