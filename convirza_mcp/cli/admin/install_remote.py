"""The entry for a server over HTTP that `install --url` adds, and the access key in it, which no argument holds."""

import os
import re
import stat
import sys
from getpass import getpass
from pathlib import Path

import click

from convirza_mcp.errors import InvalidArgumentError, SettingsError
from convirza_mcp.setup.clients.entry import RemoteEntry
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.setup.clients.remote import PLACEHOLDER
from convirza_mcp.text.address import checked_address

KEY_VARIABLE = "CONVIRZA_ACCESS_KEY"
_KEY = re.compile(r"cvz_[A-Za-z0-9_-]{43}", re.ASCII)


def checked_url(url: str) -> str:
    """
    Raises:
        InvalidArgumentError: it is not an address to which a key may be sent.
    """
    try:
        return checked_address(url, "`--url`", "https://sms.example.com/mcp")
    except SettingsError as error:
        raise InvalidArgumentError("url", error.message) from None


def remote_entry(client: Client, name: str, url: str, *, with_key: bool, only_print: bool) -> RemoteEntry:
    """Return the entry. With `with_key`, its key is the variable's or the user's; a printed entry has a placeholder.

    Raises:
        InvalidArgumentError: the client takes no key, or the key cannot be one.
    """
    if not with_key:
        return RemoteEntry(name, url)
    if client.url_key is None:
        raise InvalidArgumentError(
            "key", f"{client.title} takes no access key.", remedy="Leave out `--key`: it signs in with the browser."
        )
    if client.asks_for_secrets:
        return RemoteEntry(name, url, asks_for_key=True)
    return RemoteEntry(name, url, PLACEHOLDER if only_print else _key())


def key_words(client: Client, entry: RemoteEntry) -> str:
    """Return the sentence on how the client authenticates."""
    if entry.asks_for_key:
        return f"{client.title} asks for it at the first use, and keeps it"
    if entry.key is None:
        return f"none; if the server asks, {client.title} signs in with the browser"
    if entry.key == PLACEHOLDER:
        return f"put it in the place of {PLACEHOLDER}"
    return "in the file"


def is_open_to_others(path: Path) -> bool:
    """Return whether other users of this computer can read a file; False where modes do not tell."""
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _key() -> str:
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.ClickException(f"There is no terminal to ask for the access key. Set {KEY_VARIABLE} to it.")
        try:
            key = getpass("Access key: ").strip()
        except EOFError:
            key = ""
    if not _KEY.fullmatch(key):
        raise InvalidArgumentError(
            "key", "This is not an access key of convirza-mcp.", remedy="It begins with cvz_ and has 47 characters."
        )
    return key
