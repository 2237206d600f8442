"""Snippets to paste into a client's configuration file, in its own format."""

import json
from typing import Any

from convirza_mcp.setup.clients.edit import read_document, with_entry
from convirza_mcp.setup.clients.entry import Entry, RemoteEntry, server_object
from convirza_mcp.setup.clients.known import Client


def snippet(client: Client, entry: Entry | RemoteEntry) -> str:
    """Return the entry as the content of a new file, ending with a line break."""
    match client.format:
        case "json":
            return with_entry(read_document("", client), client, entry).text
        case "toml":
            return _toml(f"{client.servers}.{entry.name}", server_object(client, entry))
        case "yaml":
            return _yaml(client, entry)


def _toml(table: str, server: dict[str, Any]) -> str:
    plain = {key: value for key, value in server.items() if not isinstance(value, dict)}
    lines = [f"[{table}]", *(f"{key} = {_quoted(value)}" for key, value in plain.items())]
    inner = [f"\n{_toml(f'{table}.{key}', server[key])}" for key in server if key not in plain]
    return "\n".join([*lines, "".join(inner)])


def _yaml(client: Client, entry: Entry | RemoteEntry) -> str:
    server = server_object(client, entry)
    environment = server.pop("env", {})
    if "command" in server:
        server = {"cmd": server.pop("command"), **server}
    extension = {
        "type": "streamable_http" if isinstance(entry, RemoteEntry) else "stdio",
        "name": entry.name,
        "description": "Answers questions about a Convirza SMS inbox",
        "enabled": True,
        **server,
        "envs": environment,
        "env_keys": [],
        "timeout": 300,
    }
    lines = [f"    {key}: {_quoted(value)}\n" for key, value in extension.items()]
    return f"{client.servers}:\n  {_quoted(entry.name)}:\n{''.join(lines)}"


def _quoted(value: Any) -> str:
    """Return JSON that TOML and YAML also read; JSON does not escape DEL, so this does."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
