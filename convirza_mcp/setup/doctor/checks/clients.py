"""Check the clients that have an entry for this server."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from convirza_mcp.setup.clients.file import find
from convirza_mcp.setup.clients.known import CLIENTS, Client
from convirza_mcp.setup.clients.places import Machine
from convirza_mcp.setup.clients.read_entries import ClientEntry, read_entries
from convirza_mcp.setup.doctor.checks.client_entry import SECONDS, TO_ANSWER, Shell, check_entry
from convirza_mcp.setup.doctor.finding import Finding, within
from convirza_mcp.setup.errors import ClientConfigError, ClientNotFoundError

NAME = "clients"


@dataclass(frozen=True, slots=True)
class ReadClient:
    """A client with an entry for this server, or with a fault in its file."""

    client: Client
    entries: tuple[ClientEntry, ...] = ()
    file: Path | None = None
    fault: Finding | None = None


def read_clients(machine: Machine) -> tuple[ReadClient, ...]:
    """Return the clients with entries or faults. Blocks while it reads files."""
    return tuple(found for client in CLIENTS.values() if (found := _read(client, machine)) is not None)


def need_no_token(clients: Iterable[ReadClient]) -> bool:
    """Return whether there are entries, and all of them serve the demo inbox or name a server over HTTP."""
    entries = [entry for client in clients for entry in client.entries]
    return bool(entries) and all(entry.is_demo or entry.url is not None for entry in entries)


async def check_clients(clients: Collection[ReadClient], shell: Shell) -> tuple[Finding, ...]:
    """Return one finding per client with an entry, or one for all if there is none."""
    if not clients:
        return (
            Finding.skipped(
                NAME,
                "no client's configuration has an entry for convirza-mcp.",
                "`convirza-mcp install` connects one, such as `convirza-mcp install claude-desktop`.",
            ),
        )
    # One at a time: servers that start together slow each other down.
    return tuple(
        [
            await within((1 + len(read.entries)) * (SECONDS + TO_ANSWER), _name(read.client), _finding(read, shell))
            for read in clients
        ]
    )


def _read(client: Client, machine: Machine) -> ReadClient | None:
    try:
        file = find(client, machine)
    except ClientNotFoundError:
        return None
    try:
        entries = read_entries(client, file)
    except ClientConfigError as error:
        remedy = f"{error.remedy} The file is {file}."
        return ReadClient(client, fault=Finding.fault(_name(client), error.message, remedy))
    return ReadClient(client, entries, file) if entries else None


async def _finding(read: ReadClient, shell: Shell) -> Finding:
    if read.fault is not None:
        return read.fault
    verdicts = [await check_entry(entry, read.client, shell) for entry in read.entries]
    if remedies := dict.fromkeys(verdict.remedy for verdict in verdicts if verdict.remedy is not None):
        detail = " ".join(verdict.detail for verdict in verdicts if verdict.remedy is not None)
        return Finding.fault(_name(read.client), detail, f"{' '.join(remedies)} The file is {read.file}.")
    return Finding.good(_name(read.client), " ".join(verdict.detail for verdict in verdicts))


def _name(client: Client) -> str:
    return f"client: {client.title}"
