"""Snippets to paste into a client's configuration file, in its own format."""

import json

from convirza_mcp.setup.clients.entry import Entry, RemoteEntry, input_object, server_object
from convirza_mcp.setup.clients.jsonc.edits import render_json
from convirza_mcp.setup.clients.known import Client


def snippet(client: Client, entry: Entry | RemoteEntry) -> str:
    """Return the entry as the content of a new file, ending with a line break."""
    match client.format:
        case "json":
            prompt = input_object(entry)
            inputs = {} if prompt is None else {"inputs": [prompt]}
            return render_json(inputs | {client.servers: {entry.name: server_object(client, entry)}}) + "\n"
        case "toml":
            return _toml(client, entry)
        case "yaml":
            return _yaml(client, entry)


def _toml(client: Client, entry: Entry | RemoteEntry) -> str:
    if isinstance(entry, RemoteEntry):
        value = entry.authorization
        headers = "" if value is None else f"{client.headers_key} = {{ Authorization = {_quoted(value)} }}\n"
        return f"[{client.servers}.{entry.name}]\n{client.url_key} = {_quoted(entry.url)}\n{headers}"
    lines = [
        f"[{client.servers}.{entry.name}]",
        f"command = {_quoted(entry.command)}",
        f"args = [{', '.join(map(_quoted, entry.arguments))}]",
    ]
    if entry.environment:
        lines += ["", f"[{client.servers}.{entry.name}.env]"]
        lines += [f"{name} = {_quoted(value)}" for name, value in entry.environment.items()]
    return "\n".join(lines) + "\n"


def _yaml(client: Client, entry: Entry | RemoteEntry) -> str:
    if isinstance(entry, RemoteEntry):
        value = entry.authorization
        headers = "" if value is None else f"Authorization: {_quoted(value)}"
        kind, pairs = "streamable_http", ""
        place = f"{client.url_key}: {_quoted(entry.url)}\n    {client.headers_key}: {{{headers}}}"
    else:
        kind, pairs = "stdio", ", ".join(f"{name}: {_quoted(value)}" for name, value in entry.environment.items())
        place = f"cmd: {_quoted(entry.command)}\n    args: [{', '.join(map(_quoted, entry.arguments))}]"
    return f"""\
{client.servers}:
  {_quoted(entry.name)}:
    type: {kind}
    name: {_quoted(entry.name)}
    description: "Answers questions about a Convirza SMS inbox"
    enabled: true
    {place}
    envs: {{{pairs}}}
    env_keys: []
    timeout: 300
"""


def _quoted(text: str) -> str:
    """Return a JSON string that TOML and YAML also read; JSON does not escape DEL, so this does."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
