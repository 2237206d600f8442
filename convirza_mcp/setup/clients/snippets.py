"""Snippets to paste into a client's configuration file, in its own format."""

import json

from convirza_mcp.setup.clients.entry import Entry, input_object, server_object
from convirza_mcp.setup.clients.jsonc.edits import render_json
from convirza_mcp.setup.clients.known import Client


def snippet(client: Client, entry: Entry) -> str:
    """Return the entry as the content of a new file, ending with a line break."""
    match client.format:
        case "json":
            inputs = {"inputs": [input_object(entry.name)]} if entry.asks_for_token else {}
            return render_json(inputs | {client.servers: {entry.name: server_object(client, entry)}}) + "\n"
        case "toml":
            return _toml(client, entry)
        case "yaml":
            return _yaml(client, entry)


def _toml(client: Client, entry: Entry) -> str:
    lines = [
        f"[{client.servers}.{entry.name}]",
        f"command = {_quoted(entry.command)}",
        f"args = [{', '.join(map(_quoted, entry.arguments))}]",
    ]
    if entry.environment:
        lines += ["", f"[{client.servers}.{entry.name}.env]"]
        lines += [f"{name} = {_quoted(value)}" for name, value in entry.environment.items()]
    return "\n".join(lines) + "\n"


def _yaml(client: Client, entry: Entry) -> str:
    pairs = ", ".join(f"{name}: {_quoted(value)}" for name, value in entry.environment.items())
    return f"""\
{client.servers}:
  {_quoted(entry.name)}:
    type: stdio
    name: {_quoted(entry.name)}
    description: "Answers questions about a Convirza SMS inbox"
    enabled: true
    cmd: {_quoted(entry.command)}
    args: [{", ".join(map(_quoted, entry.arguments))}]
    envs: {{{pairs}}}
    env_keys: []
    timeout: 300
"""


def _quoted(text: str) -> str:
    """Return a JSON string that TOML and YAML also read; JSON does not escape DEL, so this does."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
