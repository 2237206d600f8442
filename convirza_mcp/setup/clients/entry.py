"""This server, as a client's configuration names it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from convirza_mcp.errors import InvalidArgumentError, SettingsError
from convirza_mcp.settings import demo_wanted
from convirza_mcp.setup.clients.known import Client

TOKEN = "CONVIRZA_TOKEN"  # noqa: S105 - the name of the variable
TOKEN_FILE = "CONVIRZA_TOKEN_FILE"  # noqa: S105 - likewise
DEFAULT_NAME = "convirza"
OUR_WORDS = ("serve", "--demo", "--from-form")
"""Of an entry's arguments those that hide nothing of anybody's."""

# Claude Code allows no other characters. Clients put the name before each tool's, and cut or refuse what passes 60.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,24}", re.ASCII)
_OURS = re.compile(r"convirza[-_]mcp")
# As a requirement names a package, or a reference an image; with a version or a commit behind it.
_PACKAGE = re.compile(r"convirza[-_]mcp(?:\.exe)?(?:(?:\.git)?(?:@|==|:|\[).*)?")
_IN_PYTHON = re.compile(r"(?:convirza_mcp[/\\]__main__\.py|[/\\]convirza-mcp(?:\.exe)?)\Z")
# What follows a program's name on some systems, such as python3.11.exe.
_PLAIN_NAME = re.compile(r"[0-9.]*(?:\.exe|\.cmd)?\Z")


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
        InvalidArgumentError: it is too long, or has other characters.
    """
    if not is_name(name):
        raise InvalidArgumentError("name", "`--name` takes 1 to 24 ASCII letters, digits, hyphens and underscores.")
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
    """Whether what stands under a name is an entry of this package, rather than another server of that name.

    It is by the program that it starts, or that it has one of the known programs start. A mere folder of that name,
    which another server may be given, does not make an entry ours.
    """
    if not isinstance(server, dict) or not isinstance(server.get("command"), str):
        return False
    program = _file_name(server["command"])
    if _OURS.search(program):
        return True
    given = server.get("args")
    arguments = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    match _PLAIN_NAME.sub("", program.lower()):
        case "python" | "pythonw" | "py" | "pypy":
            return ("-m", "convirza_mcp") in pairwise(arguments) or any(map(_IN_PYTHON.search, arguments))
        case "uv" | "uvx" | "pipx" | "docker" | "podman" | "env":
            return any(_PACKAGE.fullmatch(_file_name(each)) for each in arguments)
        case "sh" | "bash" | "zsh" | "fish" | "cmd" | "wsl":
            return any(_OURS.search(each) for each in arguments)
        case _:
            return False


def _file_name(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def is_demo(arguments: Collection[str], environment: Mapping[str, str]) -> bool:
    """Whether an entry serves the invented inbox, and so needs neither a token nor Convirza."""
    try:
        return "--demo" in arguments or demo_wanted(environment)
    except SettingsError:
        return False
