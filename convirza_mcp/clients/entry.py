"""This server, as a client's configuration names it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from convirza_mcp.clients.client import Client
from convirza_mcp.config import demo_wanted
from convirza_mcp.errors import InvalidArgument, SettingsError

TOKEN = "CONVIRZA_TOKEN"  # noqa: S105 - the name of the variable
TOKEN_FILE = "CONVIRZA_TOKEN_FILE"  # noqa: S105 - likewise
DEFAULT_NAME = "convirza"

# Claude Code allows no other characters. Clients put the name before each tool's, and cut or refuse what passes 60.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,24}", re.ASCII)
_OURS = re.compile(r"convirza[-_]mcp")


@dataclass(frozen=True, slots=True)
class Entry:
    """How to start the server.

    `asks_for_token`: the client asks for the token, and keeps it, itself. Variables of `account` that are not in
    `environment` must not stand in an entry that is brought up to date, since a token is of one account.
    """

    name: str
    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    asks_for_token: bool = False
    account: Collection[str] = (TOKEN, TOKEN_FILE)


def is_name(name: str) -> bool:
    """Whether every client takes `name` for a server's."""
    return _NAME.fullmatch(name) is not None


def checked_name(name: str) -> str:
    """`name`, where every client takes it for a server's.

    Raises:
        InvalidArgument: it is too long, or has other characters.
    """
    if not is_name(name):
        raise InvalidArgument("name", "`--name` takes 1 to 24 ASCII letters, digits, hyphens and underscores.")
    return name


def server_object(client: Client, entry: Entry) -> dict[str, Any]:
    """The entry's value in the client's JSON file."""
    environment = dict(entry.environment)
    if entry.asks_for_token:
        environment = {TOKEN: f"${{input:{input_id(entry.name)}}}"} | environment
    server: dict[str, Any] = {"type": "stdio"} if client.says_type else {}
    server |= {"command": entry.command, "args": list(entry.arguments)}
    return server | {"env": environment} if environment else server


def input_object(name: str) -> dict[str, Any]:
    """What makes the client ask for the token, and keep it where it keeps secrets."""
    return {"type": "promptString", "id": input_id(name), "description": "Convirza bearer token", "password": True}


def input_id(name: str) -> str:
    return f"{name}-token"


def starts_this_server(server: Any) -> bool:
    """Whether what stands under a name is an entry of this package, rather than another server of that name."""
    if not isinstance(server, dict):
        return False
    arguments = server.get("args")
    words = [server.get("command"), *(arguments if isinstance(arguments, list) else ())]
    return any(isinstance(word, str) and _OURS.search(word) is not None for word in words)


def is_demo(arguments: Collection[str], environment: Mapping[str, str]) -> bool:
    """Whether an entry serves the invented inbox, and so needs neither a token nor Convirza."""
    try:
        return "--demo" in arguments or demo_wanted(environment)
    except SettingsError:
        return False
