"""`convirza-mcp install`: add this server to an MCP client's configuration."""

import os
import shlex
import stat
from dataclasses import replace
from datetime import datetime

import click
from httpx2 import URL

from convirza_mcp.api.http.connection import http_client
from convirza_mcp.cli.admin.install_remote import KEY_VARIABLE, checked_url, remote_entry
from convirza_mcp.cli.failures import given_arguments
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.settings import VARIABLES, Settings
from convirza_mcp.setup.clients.account import ADDRESSES, DEMO, Account, account_for
from convirza_mcp.setup.clients.edit import display_name, entry_in, read_document, redacted_diff, strings_in, with_entry
from convirza_mcp.setup.clients.entry import (
    DEFAULT_NAME,
    TOKEN,
    TOKEN_FILE,
    Entry,
    RemoteEntry,
    checked_name,
    server_object,
)
from convirza_mcp.setup.clients.environment import environment_to_copy, variables_with_password
from convirza_mcp.setup.clients.file import ConfigurationFile, find, this_machine
from convirza_mcp.setup.clients.jsonc import Document
from convirza_mcp.setup.clients.known import CLIENTS, Client
from convirza_mcp.setup.clients.launch import this_launch
from convirza_mcp.setup.clients.read_entries import projects_with
from convirza_mcp.setup.clients.remote import PLACEHOLDER, steps
from convirza_mcp.setup.clients.snippets import snippet
from convirza_mcp.setup.errors import (
    ClientConfigChangedError,
    ClientConfigError,
    ServerNameTakenError,
)

_OF_TOKEN = (TOKEN, TOKEN_FILE)
_OPEN_TO_OTHERS = stat.S_IRGRP | stat.S_IROTH


@click.command("install", short_help="Add this server to an MCP client, such as claude-desktop.")
@click.argument("client_id", metavar="CLIENT", type=click.Choice(list(CLIENTS)))
@click.option("--demo", is_flag=True, help="Connect the demo inbox; no account needed.")
@click.option("--token-file", metavar="PATH", help="Read the token from this file; only its path is written.")
@click.option("--url", help="Connect a server over HTTP at this address, instead of one on this computer.")
@click.option(
    "--key", "with_key", is_flag=True, help=f"With --url, send an access key: asks for it, or reads {KEY_VARIABLE}."
)
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="Name of the server in the client.")
@click.option("--print", "only_print", is_flag=True, help="Print the entry for the client's file; write nothing.")
@click.option("--dry-run", is_flag=True, help="Show the change; write nothing.")
@click.option("--create", is_flag=True, help="Create the client's file even if the client seems not to be installed.")
def command(
    client_id: str,
    demo: bool,
    token_file: str | None,
    url: str | None,
    with_key: bool,
    name: str,
    only_print: bool,
    dry_run: bool,
    create: bool,
) -> None:
    """Add this server to an MCP client: claude-desktop, claude-code, cursor or vscode.

    The rest of the client's file stays unchanged, and a backup is kept beside it. No token is written to it: run
    `convirza-mcp login` first, or use --token-file. VS Code asks for a token itself.

    For windsurf, codex, goose and gemini-cli, --print shows what to paste.

    --url connects a team's server over HTTP. Without --key the client signs in with the browser. Claude Desktop takes
    such a server only in its settings: the command prints the steps.
    """
    client = CLIENTS[client_id]
    if with_key and url is None:
        raise InvalidArgumentError("key", "`--key` is for a server over HTTP.", remedy="Name its address in `--url`.")
    if url is not None and (demo or token_file is not None):
        raise InvalidArgumentError(
            "url", "`--url` needs neither a token nor the demo.", remedy="Leave out `--token-file` and `--demo`."
        )
    address = None if url is None else checked_url(url)
    if not client.writable and not only_print:
        whole = shlex.join(["convirza-mcp", *given_arguments(), "--print"])
        raise InvalidArgumentError(
            "client", f"{client.title}'s file must be edited by hand.", remedy=f"`{whole}` shows the entry to add."
        )
    if demo and token_file is not None:
        raise InvalidArgumentError("token_file", "`--demo` needs no token.", remedy="Leave out `--token-file`.")
    checked_name(name)
    entry: Entry | RemoteEntry
    if address is not None:
        entry, words = remote_entry(client, name, address, with_key=with_key, only_print=only_print)
        credential = f"Key:   {words}"
        if client.url_key is None:
            click.echo(steps(client, entry), nl=False)
            return
    else:
        account = DEMO if demo else account_for(client, os.environ, token_file=token_file, must_have_one=not only_print)
        entry = _entry(client, name, account)
        credential = f"Token: {account.words}"
    if only_print:
        _print(client, entry, credential)
        return
    try:
        _install(client, entry, credential, dry_run=dry_run, create=create)
    except ClientConfigError as error:
        click.echo(f"convirza-mcp: {error}\nFile: {find(client, this_machine(), create=True)}", err=True)
        if not isinstance(error, ClientConfigChangedError | ServerNameTakenError):
            shown = replace(entry, key=entry.key and PLACEHOLDER) if isinstance(entry, RemoteEntry) else entry
            click.echo(f"Entry to add:\n\n{snippet(client, shown)}", err=True, nl=False)
        click.get_current_context().exit(1)


def _entry(client: Client, name: str, account: Account) -> Entry:
    launch = this_launch()
    demo = account is DEMO
    environment = {**account.environment, **environment_to_copy(os.environ, demo=demo)}
    if client.max_result_tokens is not None:
        environment["CONVIRZA_MAX_RESULT_TOKENS"] = str(client.max_result_tokens)
    # An invalid value would stop every start, and the user would not see the message.
    settings = Settings.from_environment({name: environment[name] for name in environment if name in VARIABLES})
    if not demo:
        http_client(URL(settings.base_url))
    return Entry(
        name=name,
        command=launch.command,
        arguments=(*launch.arguments, "serve", *(("--demo",) if demo else ())),
        environment=environment,
        asks_for_token=account.client_asks,
        account=account.variables,
    )


def _print(client: Client, entry: Entry | RemoteEntry, credential: str) -> None:
    # Print only the snippet on stdout, so that it can be piped to the clipboard.
    click.echo(f"Add to {find(client, this_machine(), create=True)}\n{credential}", err=True)
    if client.format != "toml":
        click.echo(f'If the file already has "{client.servers}", add only the part below it.', err=True)
    click.echo(err=True)
    click.echo(snippet(client, entry), nl=False)


def _install(client: Client, entry: Entry | RemoteEntry, credential: str, *, dry_run: bool, create: bool) -> None:
    path = find(client, this_machine(), create=create)
    file = ConfigurationFile.read(path, client)
    before = read_document(file.text, client)
    after = with_entry(before, client, entry)
    if after.text == file.text:
        click.echo(f"No change: {client.title} already has {entry.name}.\nFile:  {path}")
        _print_variables(after, client, entry)
        _print_overrides(after, client, entry.name)
        return
    if dry_run:
        shown = strings_in(server_object(client, entry))
        if isinstance(entry, RemoteEntry):
            shown -= {f"Bearer {entry.key}"}
        click.echo(f"Would change {path}:\n\n{redacted_diff(before, after, shown)}")
        return
    copy = file.replace(after.text, datetime.now().astimezone())
    click.echo(f"{client.title} now has {entry.name}.\nFile:  {path}")
    if copy is not None:
        click.echo(f"Backup: {copy.name}")
        if isinstance(entry, Entry) and _held_a_token(before, client, entry.name):
            click.echo(
                "The old entry held a token, and the backup still does. Delete the backup when everything works.",
                err=True,
            )
    click.echo(credential)
    _print_variables(after, client, entry)
    click.echo(client.then)
    if isinstance(entry, Entry):
        _print_not_copied(entry)
    elif entry.key is not None and os.name == "posix" and path.stat().st_mode & _OPEN_TO_OTHERS:
        click.echo("Other users of this computer can read the key in the file. Run `chmod 600` on it.", err=True)
    _print_overrides(after, client, entry.name)


def _variables(document: Document, client: Client, name: str) -> dict[str, object]:
    environment = (entry_in(document, client, name) or {}).get("env")
    return environment if isinstance(environment, dict) else {}


def _held_a_token(document: Document, client: Client, name: str) -> bool:
    token = _variables(document, client, name).get(TOKEN)
    return isinstance(token, str) and bool(token) and not token.startswith("${")


def _print_variables(document: Document, client: Client, entry: Entry | RemoteEntry) -> None:
    """Print the variables in the entry, including those of an earlier installation or the user."""
    if isinstance(entry, RemoteEntry):
        return
    names = [name for name in _variables(document, client, entry.name) if name not in _OF_TOKEN]
    copied = [name for name in names if name in entry.environment]
    kept = [display_name(name) for name in names if name not in entry.environment]
    parts = [f"{', '.join(copied)}, from this environment"] if copied else []
    parts += [f"{', '.join(kept)}, kept from the old entry"] if kept else []
    if parts:
        click.echo(f"With:  {'; '.join(parts)}")


def _print_overrides(document: Document, client: Client, name: str) -> None:
    for folder in projects_with(document.value, client, name):
        click.echo(
            f"In {display_name(folder, 200)}, another server of that name takes precedence. Run `claude mcp "
            f"remove {name} -s local` there to remove it.",
            err=True,
        )


def _print_not_copied(entry: Entry) -> None:
    """Print the variables of this environment that a server started by the client will not have."""
    demo = "--demo" in entry.arguments
    handled = {*entry.environment, *((*_OF_TOKEN, *ADDRESSES) if demo else ())}
    others = sorted(name for name in os.environ if name.startswith("CONVIRZA_") and name not in handled)
    if others:
        click.echo(f"Not copied from this environment: {', '.join(others)}.", err=True)
    if not demo and (passwords := variables_with_password(os.environ)):
        click.echo(
            f"Not copied, because others may read the file and this holds a password: {', '.join(passwords)}. Without "
            "it, the server may not reach Convirza; `convirza-mcp doctor` tests that.",
            err=True,
        )
