"""Entries of clients, and small programs that stand in for what they start."""

import json
import sys
from pathlib import Path
from typing import Any

from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.read_entries import ClientEntry
from convirza_mcp.setup.doctor.checks.client_entry import Shell

SECRET = "CNVZ-AT-7f3e9d"
DESKTOP, CODE, CODEX = CLIENTS["claude-desktop"], CLIENTS["claude-code"], CLIENTS["codex"]
SHELL = Shell(environ={}, source="none", host_answers=True)
ANEW = "Run `convirza-mcp install claude-desktop`"

# Speaks as much of the protocol as a client needs to list tools. `convirza-mcp` in its arguments makes an entry ours.
A_SERVER = """
import json, sys
{first}

def answer(message):
    if message["method"] == "initialize":
        return {{"protocolVersion": "2025-11-25", "capabilities": {{"tools": {{}}}}, "serverInfo": {server}}}
    if message["method"] == "tools/list":
        return {{"tools": {tools}}}
    {otherwise}

for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        print(json.dumps({{"jsonrpc": "2.0", "id": message["id"], "result": answer(message)}}), flush=True)
"""
A_TOOL = {"name": "list_sms_conversations", "inputSchema": {"type": "object"}}


def entry(command: str, *arguments: str, project: str | None = None, **environment: str) -> ClientEntry:
    server = {"command": command, "args": list(arguments), "env": environment}
    return ClientEntry(name="convirza", server=server, project=project)


def ours(*arguments: str, project: str | None = None, **environment: str) -> ClientEntry:
    return entry(sys.executable, "-m", "convirza_mcp", "serve", *arguments, project=project, **environment)


def script(folder: Path, text: str, mode: int = 0o755) -> str:
    file = folder / "convirza-mcp"
    file.write_text(text)
    file.chmod(mode)
    return str(file)


def a_server(
    folder: Path, name: str = "convirza-mcp", tools: Any = (A_TOOL,), otherwise: str = "", first: str = ""
) -> ClientEntry:
    """An entry that starts a small server of that name."""
    server = json.dumps({"name": name, "version": "0"})
    text = A_SERVER.format(server=server, tools=list(tools), otherwise=otherwise, first=first)
    return entry(script(folder, f"#!{sys.executable}\n{text}"))
