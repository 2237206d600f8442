"""The entry for a server over HTTP that `install --url` adds, and the access key in it, which no argument holds."""

import os
import sys
from getpass import getpass

import click

from convirza_mcp.cli.terminal import is_terminal
from convirza_mcp.errors import InvalidArgumentError, SettingsError
from convirza_mcp.setup.clients.entry import RemoteEntry
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.setup.clients.remote import PLACEHOLDER
from convirza_mcp.text.address import checked_address
from convirza_mcp.text.typed import strip_wrapping
from convirza_mcp.transports.http.authentication.keys import is_key

KEY_VARIABLE = "CONVIRZA_ACCESS_KEY"


def checked_url(url: str) -> str:
    """Return the address, or raise `InvalidArgumentError` if no key may be sent to it."""
    try:
        return checked_address(url, "`--url`", "https://sms.example.com/mcp")
    except SettingsError as error:
        raise InvalidArgumentError("url", error.message) from None


def remote_entry(client: Client, name: str, url: str, *, with_key: bool, only_print: bool) -> tuple[RemoteEntry, str]:
    """Return the entry, and a sentence on how the client authenticates.

    With `with_key`, the key is the variable's or the user's; a printed entry has a placeholder.

    Raises:
        InvalidArgumentError: the client takes no key, or the key cannot be one.
    """
    if not with_key:
        return RemoteEntry(name, url), f"none; if the server asks, {client.title} signs in with the browser"
    if client.url_key is None:
        raise InvalidArgumentError(
            "key", f"{client.title} takes no access key.", remedy="Leave out `--key`: it signs in with the browser."
        )
    if client.asks_for_secrets:
        return RemoteEntry(name, url, asks_for_key=True), f"{client.title} asks for it at the first use, and keeps it"
    if only_print:
        return RemoteEntry(name, url, PLACEHOLDER), f"put it in the place of {PLACEHOLDER}"
    return RemoteEntry(name, url, _key()), "in the file"


def _key() -> str:
    key = strip_wrapping(os.environ.get(KEY_VARIABLE, ""))
    if not key:
        if not is_terminal(sys.stdin):
            raise click.ClickException(f"There is no terminal to ask for the access key. Set {KEY_VARIABLE} to it.")
        key = strip_wrapping(getpass("Access key: "))
    if not is_key(key):
        raise InvalidArgumentError(
            "key", "This is not an access key of convirza-mcp.", remedy="It begins with cvz_ and has 47 characters."
        )
    return key
