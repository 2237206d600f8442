"""Read this server's entries in the clients' configuration files, including handwritten ones."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convirza_mcp.errors import SettingsError
from convirza_mcp.settings import wants_demo
from convirza_mcp.setup.clients.entry import (
    DEFAULT_NAME,
    TOKEN,
    authorization_of,
    has_our_key,
    remote_url,
    starts_this_server,
)
from convirza_mcp.setup.clients.file import ConfigurationFile
from convirza_mcp.setup.clients.jsonc import BOM, Document
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.setup.errors import ClientConfigError

# A placeholder that the client replaces, such as ${input:convirza-token}.
_FILLED_IN = "${"


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
        if not isinstance(arguments, list) or len(arguments) != len(self.arguments):
            odd.append("args")
        if not isinstance(environment, dict) or len(environment) != len(self._environment):
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
        """Return whether it serves the demo inbox, and so needs neither a token nor Convirza."""
        try:
            return "--demo" in self.arguments or wants_demo(self._environment)
        except SettingsError:
            return False

    @property
    def _environment(self) -> dict[str, str]:
        given = self.server.get("env")
        items = given.items() if isinstance(given, dict) else ()
        return {name: value for name, value in items if isinstance(value, str)}


def read_entries(client: Client, file: Path) -> tuple[ClientEntry, ...]:
    """Return the entries for this server in the client's file.

    Raises:
        ClientConfigError: it cannot be read, by this program or by the client.
    """
    text = ConfigurationFile.read(file, client).text
    try:
        entries = tuple(_entries(text, client))
    except (ValueError, RecursionError):
        if "convirza" not in text:
            return ()
        raise ClientConfigError(
            f"{client.title} cannot read its configuration file, which is not valid {client.format.upper()}.",
            remedy=f"Repair it, or move it away and run `convirza-mcp install {client.id}` again.",
        ) from None
    if entries and text.startswith(BOM) and not client.reads_bom:
        raise ClientConfigError(
            f"{client.title} cannot read its configuration file, which begins with a byte-order mark.",
            remedy="Save it as UTF-8 without one.",
        )
    return entries


def projects_with(document: Any, client: Client, name: str) -> list[str]:
    """Return the folders for which the file has a server of that name, ours or not, which takes precedence there."""
    return [folder for folder, project in _projects(document) if name in _servers(project, client)]


def _entries(text: str, client: Client) -> Iterator[ClientEntry]:
    match client.format:
        case "json":
            document = Document(text, comments=client.comments).value
        case "toml":
            document = tomllib.loads(text)
        case "yaml":
            # There is no reader for YAML here; people paste a snippet into such a file.
            return
    yield from _ours(document, client, None)
    for folder, project in _projects(document):
        # A folder that this user may not look into must not hide the other entries.
        if os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises PermissionError
            yield from _ours(project, client, folder)


def _ours(document: Any, client: Client, project: str | None) -> Iterator[ClientEntry]:
    for name, server in _servers(document, client).items():
        if starts_this_server(server):
            yield ClientEntry(name=name, server=server, project=project)
        elif (url := remote_url(client, server)) and (name == DEFAULT_NAME or has_our_key(client, server, name)):
            authorization = authorization_of(client, server)
            yield ClientEntry(name=name, server=server, project=project, url=url, authorization=authorization)


def _servers(document: Any, client: Client) -> dict[str, Any]:
    servers = document.get(client.servers) if isinstance(document, dict) else None
    return servers if isinstance(servers, dict) else {}


def _projects(document: Any) -> list[tuple[str, Any]]:
    """Return the per-folder servers, the default scope of `claude mcp add`."""
    projects = document.get("projects") if isinstance(document, dict) else None
    return list(projects.items()) if isinstance(projects, dict) else []
