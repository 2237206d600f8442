"""`convirza-mcp demo`: the whole way from an inbox to a model, without an account."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

import anyio
import click
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import TextContent
from rich.panel import Panel
from rich.text import Text

from convirza_mcp.cli.printing import console
from convirza_mcp.config import Settings
from convirza_mcp.inbox.tokens import estimate_tokens
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.tools import list_sms_conversations


@click.command("demo", short_help="See it answer about an invented inbox; no account needed.")
def command() -> None:
    """Ask an invented inbox three questions and show what a model receives."""
    # What is wrong with the zone is said here: the server's own sentence would go where its log goes.
    zone = os.environ.get("CONVIRZA_TIMEZONE")
    Settings.from_environment({} if zone is None else {"CONVIRZA_TIMEZONE": zone})
    # The server's log lines would stand between its answers.
    with Path(os.devnull).open("w", encoding="utf-8") as log:
        try:
            anyio.run(_demo, log)
        except* SystemExit:
            # Whoever reads has seen enough: so the console says it, from inside the client's tasks.
            sys.exit(1)


async def _demo(log: TextIO) -> None:
    out = console()
    with Sandbox() as sandbox:
        out.print(f"An invented inbox of {len(sandbox.conversations)} conversations answers on {sandbox.base_url}.")
        out.print("The server runs as a client would start it: [bold]convirza-mcp serve[/bold], over stdio.\n")
        # What is configured for a real account stays out of it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CONVIRZA_")}
        if zone := os.environ.get("CONVIRZA_TIMEZONE"):
            environment["CONVIRZA_TIMEZONE"] = zone
        environment |= {"CONVIRZA_BASE_URL": sandbox.base_url, "CONVIRZA_TOKEN": sandbox.token}
        server = StdioServerParameters(command=sys.executable, args=["-m", "convirza_mcp", "serve"], env=environment)
        async with Client(stdio_client(server, errlog=log)) as client, _bare_client() as bare:
            for question, arguments in _questions(sandbox):
                result = await client.call_tool(list_sms_conversations.NAME, arguments)
                text = "".join(block.text for block in result.content if isinstance(block, TextContent))
                given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
                out.print(f"[bold]{question}[/bold]  [dim]{list_sms_conversations.NAME}({given})[/dim]")
                out.print(Panel(Text(text), expand=False, border_style="dim"))
                if result.is_error:
                    raise click.ClickException("the demo's server answered with an error")
                raw = await _raw_body(bare, sandbox)
                ours, theirs = estimate_tokens(text), estimate_tokens(raw)
                out.print(
                    f"The model reads about {ours:,} tokens; Convirza's own body would have been about {theirs:,} "
                    f"({theirs / ours:.1f} times as many).\n"
                )
    out.print("Connect it to your own inbox: `convirza-mcp login`, then `convirza-mcp install claude-desktop`.")


def _bare_client() -> httpx2.AsyncClient:
    # A proxy that the environment names is not for this machine, and certificates are not needed here.
    return httpx2.AsyncClient(trust_env=False)


def _questions(sandbox: Sandbox) -> tuple[tuple[str, dict[str, Any]], ...]:
    # Somebody of whom there is something to find: who wrote last depends on the hour.
    wrote = sandbox.ask(limit=None, start=sandbox.now - timedelta(days=30)).rows
    name = next(str(each["source_name"]) for each in wrote if each["source_name"])
    return (
        ("What came in last?", {}),
        (
            "Which open conversations has nobody taken?",
            {"type": "unassigned", "order": "asc", "start": "30d", "limit": 5},
        ),
        (f"Is there anything from {name}?", {"search": name, "start": "30d", "limit": 5}),
    )


async def _raw_body(bare: httpx2.AsyncClient, sandbox: Sandbox) -> str:
    """The body of the request that the server has just made: what the same page costs without it."""
    response = await bare.get(
        f"{sandbox.base_url}/conversations/sms",
        params=dict(sandbox.requests[-1].query),
        headers={"Authorization": f"Bearer {sandbox.token}"},
    )
    return response.raise_for_status().text
