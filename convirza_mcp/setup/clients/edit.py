"""Add one server to a client's JSON configuration, or remove it, and show the change without secrets.

Pure: document in, document out.
"""

import json
import re
from collections.abc import Collection
from difflib import unified_diff
from typing import Any

from convirza_mcp.setup.clients.entry import (
    AUTHORIZATION,
    Entry,
    RemoteEntry,
    has_our_key,
    input_id,
    input_object,
    key_input_id,
    remote_url,
    server_object,
    starts_this_server,
)
from convirza_mcp.setup.clients.jsonc import BOM, STRING_OR_COMMENT, Document
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.setup.errors import ClientConfigError, ServerNameTakenError

_INPUTS = "inputs"
_COLON = re.compile(r"\s*:")


def read_document(text: str, client: Client) -> Document:
    """Parse a client's configuration, or raise `ClientConfigError` if the text is none."""
    try:
        document = Document(text, comments=client.comments)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        about = "" if client.comments else f"; {client.title} reads no comments or trailing commas"
        raise _unusable(client, f"is not valid JSON ({where}{about})") from None
    except (ValueError, RecursionError):
        raise _unusable(client, "is not valid JSON (a number or the nesting is too long)") from None
    if document.is_blank:
        return document
    value = document.value
    if not isinstance(value, dict):
        raise _unusable(client, "is not an object")
    if not isinstance(value.get(client.servers, {}), dict):
        raise _unusable(client, f'has a "{client.servers}" that is not an object')
    if client.asks_for_secrets and not isinstance(value.get(_INPUTS, []), list):
        raise _unusable(client, f'has an "{_INPUTS}" that is not a list')
    return document


def with_entry(document: Document, client: Client, entry: Entry | RemoteEntry) -> Document:
    """Add or update the entry; return the same document if it is up to date.

    Additions by the client or a person to an existing entry of ours stay, except the token, which must have only one
    source, and the other variables of its account. A program becomes a server over HTTP, or the reverse, as a whole. A
    byte-order mark that the client cannot read is removed.

    Raises:
        ServerNameTakenError: the name belongs to another server, as for the two functions below.
    """
    wanted, prompt = server_object(client, entry), input_object(entry)
    if not client.reads_bom and document.text.startswith(BOM):
        document = document.edited(document.text.removeprefix(BOM))
    if document.is_blank:
        # Below the comments, if there are any.
        head = document.text.rstrip() + "\n" if document.text.strip() else document.text
        document = document.edited(head + "{}\n")
    standing = entry_in(document, client, entry.name, url=entry.url if isinstance(entry, RemoteEntry) else None)
    if client.servers not in document.value:
        document = document.with_value([], client.servers, {})
    if standing is None or ("command" in standing) != ("command" in wanted):
        document = document.with_value([client.servers], entry.name, wanted)
    else:
        document = _updated(document, client, entry, wanted)
    if standing is not None:
        document = _without_inputs(document, client, entry.name, but=prompt)
    return document if prompt is None else _with_input(document, prompt)


def without_entry(document: Document, client: Client, name: str, *, url: str | None = None) -> Document:
    """Remove the entry, and its list if that is then empty; return the same document if there is no entry."""
    if entry_in(document, client, name, url=url) is None:
        return document
    return _without_inputs(document, client, name).without([client.servers], name)


def entry_in(document: Document, client: Client, name: str, *, url: str | None = None) -> dict[str, Any] | None:
    """Return our entry's value; None without one. An entry for a server over HTTP at `url` is ours too."""
    servers = {} if document.is_blank else document.value.get(client.servers, {})
    if name not in servers:
        return None
    server = servers[name]
    address = remote_url(client, server)
    is_remote = address is not None and (address == url or has_our_key(client, server, name))
    if not (is_remote or starts_this_server(server)):
        remedy = "Choose another with `--name`, or rename that server."
        if address is not None:
            remedy += f" If it is yours, remove it with `convirza-mcp uninstall {client.id} --url` and its address."
        raise ServerNameTakenError(f"{client.title} has another server of that name.", remedy=remedy)
    return dict(server)


def _updated(document: Document, client: Client, entry: Entry | RemoteEntry, wanted: dict[str, Any]) -> Document:
    path = [client.servers, entry.name]
    inner, account = ("env", entry.account) if isinstance(entry, Entry) else (client.headers_key, (AUTHORIZATION,))
    given = wanted.get(inner, {})
    merges = isinstance(document.value[client.servers][entry.name].get(inner), dict)
    for key, value in wanted.items():
        if key != inner or not merges:
            document = document.with_value(path, key, value)
    for key, value in given.items():
        document = document.with_value([*path, inner], key, value)
    for key in account:
        if merges and key not in given and key in document.value[client.servers][entry.name].get(inner, {}):
            document = document.without([*path, inner], key)
    return document


def _with_input(document: Document, wanted: dict[str, Any]) -> Document:
    if _INPUTS not in document.value:
        return document.with_value([], _INPUTS, [wanted])
    place = _input_place(document, wanted["id"])
    return document.with_value([_INPUTS], -1 if place is None else place, wanted)


def _without_inputs(document: Document, client: Client, name: str, but: dict[str, Any] | None = None) -> Document:
    """Remove the prompts for the entry's secrets that no other server uses, except `but`."""
    others = {key: value for key, value in document.value.get(client.servers, {}).items() if key != name}
    for identity in (input_id(name), key_input_id(name)):
        is_used = (but is not None and but["id"] == identity) or f"${{input:{identity}}}" in json.dumps(others)
        if client.asks_for_secrets and not is_used and (place := _input_place(document, identity)) is not None:
            document = document.without([_INPUTS], place)
    return document


def _input_place(document: Document, identity: str) -> int | None:
    inputs = enumerate(document.value.get(_INPUTS, []))
    return next((place for place, each in inputs if isinstance(each, dict) and each.get("id") == identity), None)


def _unusable(client: Client, fault: str) -> ClientConfigError:
    return ClientConfigError(f"{client.title}'s configuration file {fault}.", remedy="Repair it, then run this again.")


def redacted_diff(before: Document, after: Document, shown: Collection[str]) -> str:
    """Return the line diff. Of all values, only the strings in `shown` are shown; others may be secret."""
    old, new = (_hidden(each.text, shown).splitlines() for each in (before, after))
    return "\n".join(unified_diff(old, new, "before", "after", n=1, lineterm=""))


def strings_in(value: Any) -> set[str]:
    """Return the strings of a JSON value, except keys."""
    match value:
        case str():
            return {value}
        case dict() | list():
            parts = value.values() if isinstance(value, dict) else value
            return set().union(*map(strings_in, parts))
        case _:
            return set()


def display_name(text: str, most: int = 40) -> str:
    """Return a foreign name or folder, cleaned and cut for display."""
    return "".join(character for character in text if character.isprintable())[:most]


def _hidden(text: str, shown: Collection[str]) -> str:
    def hidden(match: re.Match[str]) -> str:
        is_value = match[0].startswith('"') and not _COLON.match(text, match.end())
        return '"…"' if is_value and json.loads(match[0]) not in shown else match[0]

    return STRING_OR_COMMENT.sub(hidden, text)
