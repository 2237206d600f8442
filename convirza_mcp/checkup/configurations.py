"""The clients in whose configuration this server stands, and whether what stands there can work."""

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from convirza_mcp.checkup.finding import Finding
from convirza_mcp.checkup.settings import refused_variables
from convirza_mcp.clients.client import CLIENTS, Client
from convirza_mcp.clients.configuration_file import ConfigurationFile, find
from convirza_mcp.clients.entry import DEFAULT_NAME, starts_this_server
from convirza_mcp.clients.jsonc import Document, Malformed
from convirza_mcp.clients.places import Machine
from convirza_mcp.errors import ClientNotFound, ConfigurationUnusable

NAME = "clients"

# What a client puts a value in the place of, such as ${input:convirza-token}.
_FILLED_IN = "${"


class _Entry(NamedTuple):
    name: str
    server: dict[str, Any]


def check_configurations(machine: Machine) -> tuple[Finding, ...]:
    """One finding for each client that names this server; one for all where none does. Blocks while it reads files."""
    findings = [finding for client in CLIENTS.values() if (finding := _finding(client, machine)) is not None]
    if findings:
        return tuple(findings)
    return (
        Finding.skipped(
            NAME,
            "no client's configuration names convirza-mcp.",
            "`convirza-mcp install` connects one, such as `convirza-mcp install claude-desktop`.",
        ),
    )


def _finding(client: Client, machine: Machine) -> Finding | None:
    name = f"client: {client.title}"
    try:
        file = ConfigurationFile.read(find(client, machine), client)
        text = file.text
    except ClientNotFound:
        return None
    except ConfigurationUnusable as error:
        return Finding.fault(name, str(error), "Repair the file, then run this again.")
    try:
        entries = list(_entries(text, client))
    except (Malformed, tomllib.TOMLDecodeError):
        if "convirza" not in text:
            return None
        return Finding.fault(
            name,
            f"{client.title} cannot read its configuration file, which is no valid {client.format.upper()}.",
            f"Repair {file.path}, or move it away and run `convirza-mcp install {client.id}` again.",
        )
    if not entries:
        return None
    faults = [fault for entry in entries for fault in _faults(entry, client)]
    if faults:
        return Finding.fault(
            name,
            " ".join(detail for detail, _ in faults),
            " ".join(dict.fromkeys(remedy for _, remedy in faults)) + f" The file is {file.path}.",
        )
    return Finding.good(name, " ".join(_words(entry) for entry in entries))


def _entries(text: str, client: Client) -> Iterator[_Entry]:
    match client.format:
        case "json":
            document = Document(text, comments=client.comments).value
        case "toml":
            document = tomllib.loads(text)
        case "yaml":
            # There is no reader for it here; such a file is written by hand, from a snippet.
            return
    yield from _servers(document, client)
    projects = document.get("projects") if isinstance(document, dict) else None
    # Where `claude mcp add` puts what it is not told to put elsewhere.
    for project in projects.values() if isinstance(projects, dict) else ():
        yield from _servers(project, client)


def _servers(document: Any, client: Client) -> Iterator[_Entry]:
    servers = document.get(client.servers) if isinstance(document, dict) else None
    for name, server in servers.items() if isinstance(servers, dict) else ():
        if starts_this_server(server):
            yield _Entry(name, server)


def _faults(entry: _Entry, client: Client) -> Iterator[tuple[str, str]]:
    command = entry.server.get("command")
    if not isinstance(command, str) or (_FILLED_IN not in command and shutil.which(command) is None):
        yield (
            f'Its entry "{_shown(entry.name)}" starts a program that is gone.',
            _installed_again(entry, client),
        )
    for sentence in refused_variables(_environment(entry)).values():
        yield f'Its entry "{_shown(entry.name)}" has a setting that cannot be used.', sentence


def _installed_again(entry: _Entry, client: Client) -> str:
    options = ["--demo"] if "--demo" in (entry.server.get("args") or ()) else []
    if entry.name != DEFAULT_NAME and entry.name.isascii() and entry.name.isalnum():
        options += ["--name", entry.name]
    if not client.writable:
        options.append("--print")
    command = " ".join(["convirza-mcp install", client.id, *options])
    if client.writable:
        return f"Run `{command}`, or correct the entry's command."
    return f"Correct the entry's command: `{command}` shows what goes in."


def _words(entry: _Entry) -> str:
    own = [name for name in _environment(entry) if name.startswith("CONVIRZA_")]
    settings = f", with {', '.join(own)} of its own" if own else ""
    return f'Its entry "{_shown(entry.name)}" starts {Path(entry.server["command"]).name}{settings}.'


def _environment(entry: _Entry) -> dict[str, str]:
    given = entry.server.get("env")
    if not isinstance(given, dict):
        return {}
    return {name: value for name, value in given.items() if isinstance(value, str) and _FILLED_IN not in value}


def _shown(name: str) -> str:
    """Of a name that somebody else chose, what is fit to show."""
    return "".join(character for character in name if character.isprintable())[:40]
