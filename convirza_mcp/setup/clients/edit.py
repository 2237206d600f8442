"""Add one server to a client's JSON configuration, or remove it. Pure: document in, document out."""

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
from convirza_mcp.setup.clients.jsonc.document import BOM, Container, Document, Item, Malformed
from convirza_mcp.setup.clients.jsonc.edits import render_json, with_item, with_value, without_item
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.setup.errors import ClientConfigError, ServerNameTakenError

_INPUTS = "inputs"


def read_document(text: str, client: Client) -> Document:
    """Parse a client's configuration.

    Raises:
        ClientConfigError: the text is not a configuration of this client.
    """
    try:
        document = Document(text, comments=client.comments)
    except Malformed as error:
        raise _malformed(text, client, error) from None
    if not document.is_blank:
        _check(document, client)
    return document


def with_entry(document: Document, client: Client, entry: Entry | RemoteEntry) -> Document:
    """Add or update the entry; return the same document if it is up to date.

    Additions by the client or a person to an existing entry of ours stay, except the token, which must have only one
    source, and the other variables of its account. A program becomes a server over HTTP, or the reverse, as a whole. A
    byte-order mark that the client cannot read is removed.

    Raises:
        ClientConfigError: the entry's name is there twice, or belongs to another server.
    """
    wanted, prompt = server_object(client, entry), input_object(entry)
    if not client.reads_bom and document.text.startswith(BOM):
        document = document.edited(document.text.removeprefix(BOM))
    if document.is_blank:
        text = document.text
        first = {} if prompt is None else {_INPUTS: [prompt]}
        if text.strip() and not text.endswith("\n"):
            text += "\n"
        return document.edited(text + render_json(first | {client.servers: {entry.name: wanted}}) + "\n")
    standing = entry_in(document, client, entry.name, url=entry.url if isinstance(entry, RemoteEntry) else None)
    if standing is not None:
        document = _without_inputs(document, client, entry.name, but=prompt)
    if prompt is not None:
        document = _with_input(document, client, prompt)
    if standing is None or ("command" in standing) != ("command" in wanted):
        return _with_member(document, client, [client.servers], entry.name, wanted)
    return _updated(document, client, entry, wanted)


def without_entry(document: Document, client: Client, name: str, *, url: str | None = None) -> Document:
    """Remove the entry, and its list if that is then empty; return the same document if there is no entry.

    Raises:
        ClientConfigError: as `with_entry`.
    """
    if entry_in(document, client, name, url=url) is None:
        return document
    document = _without_member(document, client, [client.servers], name)
    if document.value[client.servers] == {} and not _comments_in(document, client, client.servers):
        document = _without_member(document, client, [], client.servers)
    return _without_inputs(document, client, name)


def entry_in(document: Document, client: Client, name: str, *, url: str | None = None) -> dict[str, Any] | None:
    """Return our entry's value; None without one. An entry for a server over HTTP at `url` is ours too.

    Raises:
        ClientConfigError: as `with_entry`.
    """
    if document.is_blank or client.servers not in document.value:
        return None
    servers: dict[str, Any] = document.value[client.servers]
    if name not in servers:
        return None
    _member(document, _at(document, client, [client.servers]), client, name)
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
    for key, value in wanted.items():
        if key != inner:
            document = _with_member(document, client, path, key, value)
    given = wanted.get(inner, {})
    standing = document.value[client.servers][entry.name].get(inner)
    if not isinstance(standing, dict):
        return _with_member(document, client, path, inner, given) if given else document
    for key, value in given.items():
        document = _with_member(document, client, [*path, inner], key, value)
    for key in account:
        if key in standing and key not in given:
            document = _without_member(document, client, [*path, inner], key)
    return document


def _with_input(document: Document, client: Client, wanted: dict[str, Any]) -> Document:
    if _INPUTS not in document.value:
        return document.edited(with_item(document, document.root, _INPUTS, [wanted]))
    inputs = _at(document, client, [_INPUTS])
    for item, value in zip(inputs.items, document.value[_INPUTS], strict=True):
        if isinstance(value, dict) and value.get("id") == wanted["id"]:
            is_secret = value.get("type") == "promptString" and value.get("password") is True
            return document if is_secret else document.edited(with_value(document, item, wanted))
    return document.edited(with_item(document, inputs, None, wanted))


def _without_inputs(document: Document, client: Client, name: str, but: dict[str, Any] | None = None) -> Document:
    for identity in (input_id(name), key_input_id(name)):
        if but is None or but["id"] != identity:
            document = _without_input(document, client, name, identity)
    return document


def _without_input(document: Document, client: Client, name: str, identity: str) -> Document:
    if not client.asks_for_secrets or _INPUTS not in document.value:
        return document
    inputs = _at(document, client, [_INPUTS])
    ours = [
        item
        for item, value in zip(inputs.items, document.value[_INPUTS], strict=True)
        if isinstance(value, dict) and value.get("id") == identity
    ]
    others = {key: value for key, value in document.value.get(client.servers, {}).items() if key != name}
    if len(ours) != 1 or _mentions(others, f"${{input:{identity}}}"):
        return document
    document = document.edited(without_item(document, inputs, ours[0]))
    if document.value[_INPUTS] == [] and not _comments_in(document, client, _INPUTS):
        return _without_member(document, client, [], _INPUTS)
    return document


def _with_member(document: Document, client: Client, path: list[str], key: str, value: Any) -> Document:
    if path and path[0] not in document.value:
        return document.edited(with_item(document, document.root, path[0], {key: value}))
    container = _at(document, client, path)
    item = _member(document, container, client, key)
    if item is None:
        return document.edited(with_item(document, container, key, value))
    standing = document.value
    for each in (*path, key):
        standing = standing[each]
    return document if standing == value else document.edited(with_value(document, item, value))


def _without_member(document: Document, client: Client, path: list[str], key: str) -> Document:
    container = _at(document, client, path)
    item = _member(document, container, client, key)
    return document if item is None else document.edited(without_item(document, container, item))


def _malformed(text: str, client: Client, error: Malformed) -> ClientConfigError:
    where = f" (line {error.line}, column {error.column})" if error.line else ""
    if not client.comments and _has_comments(text):
        return ClientConfigError(
            f"{client.title}'s configuration file has comments or trailing commas{where}, which {client.title} does "
            "not read.",
            remedy="Remove them, then run this again.",
        )
    return ClientConfigError(
        f"{client.title}'s configuration file is not valid JSON{where}.", remedy="Repair it, then run this again."
    )


def _has_comments(text: str) -> bool:
    """Return whether `text`, which is not JSON, is JSON with comments or trailing commas."""
    try:
        Document(text, comments=True)
    except Malformed:
        return False
    return True


def _check(document: Document, client: Client) -> None:
    value = document.value
    if not isinstance(value, dict):
        fault = "is not an object"
    elif not isinstance(value.get(client.servers, {}), dict):
        fault = f'has a "{client.servers}" that is not an object'
    elif client.asks_for_secrets and not isinstance(value.get(_INPUTS, []), list):
        fault = f'has an "{_INPUTS}" that is not a list'
    else:
        return
    raise ClientConfigError(f"{client.title}'s configuration file {fault}.", remedy="Repair it, then run this again.")


def _at(document: Document, client: Client, path: list[str]) -> Container:
    container = document.root
    for key in path:
        item = _member(document, container, client, key)
        assert item is not None  # noqa: S101 - the caller has looked
        container = document.container(item.value)
    return container


def _member(document: Document, container: Container, client: Client, key: str) -> Item | None:
    members = container.members(key)
    if len(members) > 1:
        # The client may use either.
        line = document.text.count("\n", 0, members[1].start) + 1
        raise ClientConfigError(
            f"{client.title}'s configuration file has the same key twice (again in line {line}).",
            remedy="Remove one, then run this again.",
        )
    return members[0] if members else None


def _comments_in(document: Document, client: Client, key: str) -> bool:
    container = _at(document, client, [key])
    return bool(document.text[container.opening + 1 : container.closing].strip())


def _mentions(value: Any, words: str) -> bool:
    match value:
        case str():
            return words in value
        case dict():
            return any(_mentions(each, words) for each in value.values())
        case list():
            return any(_mentions(each, words) for each in value)
        case _:
            return False
