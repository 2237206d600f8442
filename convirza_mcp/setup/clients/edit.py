"""One server in, or out of, a client's JSON configuration. Pure: a text becomes a text."""

from typing import Any

from convirza_mcp.setup.clients.entry import (
    Entry,
    input_id,
    input_object,
    server_object,
    starts_this_server,
)
from convirza_mcp.setup.clients.jsonc.document import BOM, Container, Document, Item, Malformed
from convirza_mcp.setup.clients.jsonc.edits import rendered, with_item, with_value, without_item
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.setup.errors import ClientConfigError, ServerNameTakenError

_INPUTS = "inputs"


def with_entry(text: str, client: Client, entry: Entry) -> str:
    """`text` with the entry; the same text where it is there already.

    An entry of ours under that name is brought up to date: what the client or a person added to it stays, but for
    the token, which must come from one place only, and what else is of its account. A byte-order mark that keeps the
    client from reading the file goes.

    Raises:
        ClientConfigError: the text is no configuration of the client's, or has another server of that name.
    """
    wanted = server_object(client, entry)
    if not client.reads_bom:
        text = text.removeprefix(BOM)
    if _read(text, client).is_blank:
        first = {_INPUTS: [input_object(entry.name)]} if entry.asks_for_token else {}
        if text.strip() and not text.endswith("\n"):
            text += "\n"
        return text + rendered(first | {client.servers: {entry.name: wanted}}) + "\n"
    is_new = entry_in(text, client, entry.name) is None
    if entry.asks_for_token:
        text = _with_input(text, client, entry)
    elif not is_new:
        text = _without_input(text, client, entry.name)
    if is_new:
        return _with_member(text, client, [client.servers], entry.name, wanted)
    return _updated(text, client, entry, wanted)


def without_entry(text: str, client: Client, name: str) -> str:
    """`text` without the entry, and without the list that held nothing else; the same text where there is none.

    Raises:
        ClientConfigError: as `with_entry`.
    """
    if entry_in(text, client, name) is None:
        return text
    text = _without_member(text, client, [client.servers], name)
    document = _read(text, client)
    if document.value[client.servers] == {} and not _comments_in(document, client, client.servers):
        text = _without_member(text, client, [], client.servers)
    return _without_input(text, client, name)


def entry_in(text: str, client: Client, name: str) -> dict[str, Any] | None:
    """Our entry's value; None where there is none.

    Raises:
        ClientConfigError: as `with_entry`.
    """
    document = _read(text, client)
    if document.is_blank or client.servers not in document.value:
        return None
    servers: dict[str, Any] = document.value[client.servers]
    if name not in servers:
        return None
    _member(document, _at(document, client, [client.servers]), client, name)
    server = servers[name]
    if not starts_this_server(server):
        raise ServerNameTakenError(
            f"{client.title} has another server of that name.", remedy="Choose one with `--name`, or rename the other."
        )
    return dict(server)


def _updated(text: str, client: Client, entry: Entry, wanted: dict[str, Any]) -> str:
    path = [client.servers, entry.name]
    for key, value in wanted.items():
        if key != "env":
            text = _with_member(text, client, path, key, value)
    environment = wanted.get("env", {})
    standing = _value(text, client, [*path, "env"])
    if not isinstance(standing, dict):
        return _with_member(text, client, path, "env", environment) if environment else text
    for key, value in environment.items():
        text = _with_member(text, client, [*path, "env"], key, value)
    for key in entry.account:
        if key in standing and key not in environment:
            text = _without_member(text, client, [*path, "env"], key)
    return text


def _with_input(text: str, client: Client, entry: Entry) -> str:
    document = _read(text, client)
    wanted = input_object(entry.name)
    if _INPUTS not in document.value:
        return with_item(document, document.root, _INPUTS, [wanted])
    inputs = _inputs(document, client)
    for item, value in zip(inputs.items, document.value[_INPUTS], strict=True):
        if isinstance(value, dict) and value.get("id") == wanted["id"]:
            is_secret = value.get("type") == "promptString" and value.get("password") is True
            return text if is_secret else with_value(document, item, wanted)
    return with_item(document, inputs, None, wanted)


def _without_input(text: str, client: Client, name: str) -> str:
    document = _read(text, client)
    if not client.asks_for_secrets or _INPUTS not in document.value:
        return text
    identity = input_id(name)
    inputs = _inputs(document, client)
    ours = [
        item
        for item, value in zip(inputs.items, document.value[_INPUTS], strict=True)
        if isinstance(value, dict) and value.get("id") == identity
    ]
    others = {key: value for key, value in document.value.get(client.servers, {}).items() if key != name}
    if len(ours) != 1 or _mentions(others, f"${{input:{identity}}}"):
        return text
    text = without_item(document, inputs, ours[0])
    document = _read(text, client)
    if document.value[_INPUTS] == [] and not _comments_in(document, client, _INPUTS):
        return _without_member(text, client, [], _INPUTS)
    return text


def _with_member(text: str, client: Client, path: list[str], key: str, value: Any) -> str:
    document = _read(text, client)
    if path and path[0] not in document.value:
        return with_item(document, document.root, path[0], {key: value})
    container = _at(document, client, path)
    item = _member(document, container, client, key)
    if item is None:
        return with_item(document, container, key, value)
    return text if _value(text, client, [*path, key]) == value else with_value(document, item, value)


def _without_member(text: str, client: Client, path: list[str], key: str) -> str:
    document = _read(text, client)
    container = _at(document, client, path)
    item = _member(document, container, client, key)
    return text if item is None else without_item(document, container, item)


def _read(text: str, client: Client) -> Document:
    try:
        document = Document(text, comments=client.comments)
    except Malformed as error:
        raise _malformed(text, client, error) from None
    if not document.is_blank:
        _check(document, client)
    return document


def _malformed(text: str, client: Client, error: Malformed) -> ClientConfigError:
    where = f" (line {error.line}, column {error.column})" if error.line else ""
    if not client.comments and _reads(text, comments=True):
        return ClientConfigError(
            f"{client.title}'s configuration file has comments or trailing commas{where}, which {client.title} does "
            "not read.",
            remedy="Take them out, then run this again.",
        )
    return ClientConfigError(
        f"{client.title}'s configuration file is not valid JSON{where}.", remedy="Repair it, then run this again."
    )


def _reads(text: str, *, comments: bool) -> bool:
    try:
        Document(text, comments=comments)
    except Malformed:
        return False
    return True


def _check(document: Document, client: Client) -> None:
    shapes: tuple[tuple[bool, str], ...] = ((isinstance(document.value, dict), "is not an object"),)
    if isinstance(document.value, dict):
        servers = document.value.get(client.servers, {})
        shapes += ((isinstance(servers, dict), f'has a "{client.servers}" that is not an object'),)
        if client.asks_for_secrets:
            inputs = document.value.get(_INPUTS, [])
            shapes += ((isinstance(inputs, list), f'has an "{_INPUTS}" that is not a list'),)
    for is_right, fault in shapes:
        if not is_right:
            raise ClientConfigError(
                f"{client.title}'s configuration file {fault}.", remedy="Repair it, then run this again."
            )


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
        # Which of them counts is the client's secret.
        line = document.text.count("\n", 0, members[1].start) + 1
        raise ClientConfigError(
            f"{client.title}'s configuration file has the same key twice (again in line {line}).",
            remedy="Take one out, then run this again.",
        )
    return members[0] if members else None


def _value(text: str, client: Client, path: list[str]) -> Any:
    value = _read(text, client).value
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _inputs(document: Document, client: Client) -> Container:
    return _at(document, client, [_INPUTS])


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
