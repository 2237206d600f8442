"""`convirza-mcp uninstall`: remove what `install` added."""

from datetime import datetime
from pathlib import Path

import click

from convirza_mcp.cli.admin.install_remote import checked_url
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.setup.clients.edit import entry_in, read_document, redacted_diff, strings_in, without_entry
from convirza_mcp.setup.clients.entry import DEFAULT_NAME, checked_name
from convirza_mcp.setup.clients.file import ConfigurationFile, find, this_machine
from convirza_mcp.setup.clients.known import CLIENTS, Client
from convirza_mcp.setup.errors import ClientConfigError, ClientNotFoundError


@click.command("uninstall", short_help="Remove this server from an MCP client.")
@click.argument("client_id", metavar="CLIENT", type=click.Choice(list(CLIENTS)))
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="Name of the server in the client.")
@click.option("--url", help="Address of the server over HTTP to remove, if its entry has no access key.")
@click.option("--dry-run", is_flag=True, help="Show the change; write nothing.")
def command(client_id: str, name: str, url: str | None, dry_run: bool) -> None:
    """Remove this server from an MCP client: claude-desktop, claude-code, cursor or vscode.

    The rest of the client's file stays unchanged, and a backup is kept beside it. A stored login stays too:
    `convirza-mcp logout` ends it.
    """
    client = CLIENTS[client_id]
    checked_name(name)
    if not client.writable:
        raise InvalidArgumentError(
            "client",
            f"{client.title}'s file must be edited by hand.",
            remedy=f"Remove the entry that `convirza-mcp install {client.id} --print` shows.",
        )
    address = None if url is None else checked_url(url)
    try:
        path = find(client, this_machine())
    except ClientNotFoundError:
        click.echo(f"No entry to remove: {client.title} does not seem to be installed for this user.")
        return
    try:
        _uninstall(client, path, name, address, dry_run=dry_run)
    except ClientConfigError as error:
        click.echo(f"convirza-mcp: {error}\nFile: {path}", err=True)
        click.get_current_context().exit(1)


def _uninstall(client: Client, path: Path, name: str, url: str | None, *, dry_run: bool) -> None:
    file = ConfigurationFile.read(path, client)
    before = read_document(file.text, client)
    entry = entry_in(before, client, name, url=url)
    if entry is None:
        click.echo(f"No entry to remove: {client.title} has no {name}.\nFile:  {path}")
        return
    after = without_entry(before, client, name, url=url)
    if dry_run:
        known = [entry.get(key) for key in ("type", "command", "args", str(client.url_key))]
        click.echo(f"Would change {path}:\n\n{redacted_diff(before, after, strings_in(known))}")
        return
    copy = file.replace(after.text, datetime.now().astimezone())
    click.echo(f"{client.title} no longer has {name}.\nFile:  {path}")
    if copy is not None:
        click.echo(f"Backup: {copy.name}")
