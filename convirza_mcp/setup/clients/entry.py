"""The entry for this server in a client's configuration."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.setup.clients.known import Client

TOKEN = "CONVIRZA_TOKEN"  # noqa: S105 - the name of the variable
TOKEN_FILE = "CONVIRZA_TOKEN_FILE"  # noqa: S105 - likewise
AUTHORIZATION = "Authorization"
KEY_PREFIX = "cvz_"
DEFAULT_NAME = "convirza"

# Claude Code allows no other characters. Clients prefix each tool's name with it, and cut or refuse more than 60.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,24}", re.ASCII)
_OURS = re.compile(r"convirza[-_]mcp")
# The package in a requirement, or the image in a reference, with an optional version or commit.
_PACKAGE = re.compile(r"convirza[-_]mcp(?:\.exe)?(?:(?:\.git)?(?:@|==|:|\[).*)?")
_IN_PYTHON = re.compile(r"(?:convirza_mcp[/\\]__main__\.py|[/\\]convirza-mcp(?:\.exe)?)\Z")
# Suffix of a program's name on some systems, such as python3.11.exe.
_PLAIN_NAME = re.compile(r"[0-9.]*(?:\.exe|\.cmd)?\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """How to start the server.

    `asks_for_token`: the client asks for the token and stores it. An update removes variables of `account` that are not
    in `environment`, because a token belongs to one account.
    """

    name: str
    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    asks_for_token: bool = False
    account: Collection[str] = (TOKEN, TOKEN_FILE)


@dataclass(frozen=True, slots=True)
class RemoteEntry:
    """The address of a server over HTTP, and the access key to send; without a key, the client signs in.

    `asks_for_key`: the client asks for the key and stores it.
    """

    name: str
    url: str
    key: str | None = field(default=None, repr=False)
    asks_for_key: bool = False

    @property
    def authorization(self) -> str | None:
        """Return the header's value; None without a key."""
        key = f"${{input:{key_input_id(self.name)}}}" if self.asks_for_key else self.key
        return None if key is None else f"Bearer {key}"


def is_name(name: str) -> bool:
    """Return whether every client accepts `name` for a server."""
    return _NAME.fullmatch(name) is not None


def checked_name(name: str) -> str:
    """Return `name`, or raise `InvalidArgumentError` if a client does not accept it for a server."""
    if not is_name(name):
        raise InvalidArgumentError("name", "`--name` takes 1 to 24 ASCII letters, digits, hyphens and underscores.")
    return name


def server_object(client: Client, entry: Entry | RemoteEntry) -> dict[str, Any]:
    """Return the entry's value in the client's file."""
    if isinstance(entry, RemoteEntry):
        server: dict[str, Any] = {"type": "http"} if client.says_http else {}
        server[str(client.url_key)] = entry.url
        value = entry.authorization
        return server if value is None else server | {client.headers_key: {AUTHORIZATION: value}}
    environment = dict(entry.environment)
    if entry.asks_for_token:
        environment = {TOKEN: f"${{input:{input_id(entry.name)}}}"} | environment
    server = {"type": "stdio"} if client.says_type else {}
    server |= {"command": entry.command, "args": list(entry.arguments)}
    return server | {"env": environment} if environment else server


def input_object(entry: Entry | RemoteEntry) -> dict[str, Any] | None:
    """Return the object that makes the client ask for the secret and store it; None if the client need not ask."""
    match entry:
        case Entry(asks_for_token=True):
            identity, description = input_id(entry.name), "Convirza bearer token"
        case RemoteEntry(asks_for_key=True):
            identity, description = key_input_id(entry.name), "Access key of convirza-mcp"
        case _:
            return None
    return {"type": "promptString", "id": identity, "description": description, "password": True}


def input_id(name: str) -> str:
    return f"{name}-token"


def key_input_id(name: str) -> str:
    return f"{name}-key"


def starts_this_server(server: Any) -> bool:
    """Return whether an entry is for this package, instead of another server of that name.

    It is if it starts this program, directly or through a known launcher. A folder of that name as an argument does not
    count, because another server may have it.
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


def remote_url(client: Client, server: Any) -> str | None:
    """Return the address in an entry for a server over HTTP; None for any other entry."""
    if not isinstance(server, dict) or client.url_key is None or "command" in server:
        return None
    url = server.get(client.url_key)
    return url if isinstance(url, str) else None


def authorization_of(client: Client, server: Any) -> str | None:
    """Return the header that an entry sends, if any."""
    headers = server.get(client.headers_key) if isinstance(server, dict) else None
    value = headers.get(AUTHORIZATION) if isinstance(headers, dict) else None
    return value if isinstance(value, str) else None


def has_our_key(client: Client, server: Any, name: str) -> bool:
    """Return whether an entry sends an access key of this package, which no other server takes."""
    ours = (f"Bearer {KEY_PREFIX}", f"Bearer ${{input:{key_input_id(name)}}}")
    return (authorization_of(client, server) or "").startswith(ours)


def _file_name(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]
