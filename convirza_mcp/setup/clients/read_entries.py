"""Read this server's entries in the clients' configuration files, including handwritten ones."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convirza_mcp.setup.clients.entry import (
    DEFAULT_NAME,
    TOKEN,
    authorization_of,
    has_our_key,
    is_demo,
    remote_url,
    starts_this_server,
)
from convirza_mcp.setup.clients.file import ConfigurationFile
from convirza_mcp.setup.clients.jsonc import BOM, Document
from convirza_mcp.setup.clients.known import Client

# A placeholder that the client replaces, such as ${input:convirza-token}.
_FILLED_IN = "${"
# Names that all systems accept.
_VARIABLE = re.compile(r"[^=\0]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEntry:
    """One entry. `name` and `server` are unvalidated; `project` is the only folder where it applies, if any.

    `url` is the address of a server over HTTP, and `authorization` the header it is sent; None for a program.
    """

    name: str
    server: Mapping[str, Any]
    project: str | None = None
    url: str | None = None
    authorization: str | None = None

    @property
    def command(self) -> str:
        """Return the command; empty without one."""
        command = self.server.get("command")
        return command if isinstance(command, str) else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        given = self.server.get("args")
        return tuple(each for each in given if isinstance(each, str)) if isinstance(given, list) else ()

    @property
    def environment(self) -> dict[str, str]:
        """Return its variables, except those that the client fills in."""
        return {name: value for name, value in self._environment.items() if _FILLED_IN not in value}

    @property
    def folder(self) -> str | None:
        """Return the working folder, if the entry sets it."""
        folder = self.server.get("cwd")
        return folder if isinstance(folder, str) and _FILLED_IN not in folder else None

    @property
    def is_switched_off(self) -> bool:
        return self.server.get("disabled") is True or self.server.get("enabled") is False

    @property
    def malformed_keys(self) -> list[str]:
        """Return the keys whose values have a type that clients ignore or misread."""
        arguments, environment = self.server.get("args", []), self.server.get("env", {})
        odd = []
        if not isinstance(arguments, list) or not all(isinstance(each, str) for each in arguments):
            odd.append("args")
        if not isinstance(environment, dict) or not all(
            isinstance(value, str) and _VARIABLE.fullmatch(name) for name, value in environment.items()
        ):
            odd.append("env")
        return odd

    @property
    def is_filled_in(self) -> bool:
        """Return whether only the client knows the whole command or address."""
        return any(_FILLED_IN in word for word in (self.command, *self.arguments, self.url or ""))

    @property
    def key_is_filled_in(self) -> bool:
        return _FILLED_IN in (self.authorization or "")

    @property
    def token_is_filled_in(self) -> bool:
        return _FILLED_IN in self._environment.get(TOKEN, "")

    @property
    def is_demo(self) -> bool:
        return is_demo(self.arguments, self._environment)

    @property
    def _environment(self) -> dict[str, str]:
        given = self.server.get("env")
        if not isinstance(given, dict):
            return {}
        return {name: value for name, value in given.items() if isinstance(value, str)}


@dataclass(frozen=True, slots=True)
class ClientEntries:
    """The entries in one client's file; may be empty.

    If `is_readable` is false, the file is not in the client's format, so the client cannot read it either; with
    `has_bom`, a byte-order mark is the only problem. `mentions_server`: the text mentions this server.
    """

    entries: tuple[ClientEntry, ...] = ()
    is_readable: bool = True
    has_bom: bool = False
    mentions_server: bool = True


def read_entries(client: Client, file: Path) -> ClientEntries:
    """Return the entries for this server in the client's file.

    Raises:
        ClientConfigError: it cannot be read.
    """
    text = ConfigurationFile.read(file, client).text
    try:
        entries = tuple(_entries(text, client))
    except ValueError:
        return ClientEntries(is_readable=False, mentions_server="convirza" in text)
    has_bom = bool(entries) and text.startswith(BOM) and not client.reads_bom
    return ClientEntries(entries, is_readable=not has_bom, has_bom=has_bom)


def projects_with(document: Document, client: Client, name: str) -> list[str]:
    """Return the folders for which the file has a server of that name, ours or not, which takes precedence there."""
    return [
        folder
        for folder, project in _projects(document.value)
        if isinstance(project, dict) and isinstance(servers := project.get(client.servers), dict) and name in servers
    ]


def _entries(text: str, client: Client) -> Iterator[ClientEntry]:
    match client.format:
        case "json":
            document = Document(text, comments=client.comments).value
        case "toml":
            document = tomllib.loads(text)
        case "yaml":
            # There is no reader for YAML here; people paste a snippet into such a file.
            return
    yield from _servers(document, client, None)
    for folder, project in _projects(document):
        if _is_there(folder):
            yield from _servers(project, client, folder)


def _is_there(folder: str) -> bool:
    try:
        return Path(folder).is_dir()
    except (OSError, ValueError):
        return False


def _projects(document: Any) -> Iterator[tuple[str, Any]]:
    """Return the per-folder servers, the default scope of `claude mcp add`."""
    projects = document.get("projects") if isinstance(document, dict) else None
    yield from projects.items() if isinstance(projects, dict) else ()


def _servers(document: Any, client: Client, project: str | None) -> Iterator[ClientEntry]:
    servers = document.get(client.servers) if isinstance(document, dict) else None
    for name, server in servers.items() if isinstance(servers, dict) else ():
        if starts_this_server(server):
            yield ClientEntry(name=name, server=server, project=project)
        elif (url := remote_url(client, server)) and (name == DEFAULT_NAME or has_our_key(client, server, name)):
            authorization = authorization_of(client, server)
            yield ClientEntry(name=name, server=server, project=project, url=url, authorization=authorization)
