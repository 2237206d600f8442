"""Check an entry for a server over HTTP: ask the server as the client would."""

from typing import Any

import httpx2

from convirza_mcp.api.http.connection import http_client
from convirza_mcp.api.http.envelope import envelope_of
from convirza_mcp.errors import ConvirzaError, SettingsError
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.setup.clients.read_entries import ClientEntry
from convirza_mcp.setup.doctor.checks.remote import ask
from convirza_mcp.setup.doctor.finding import Verdict
from convirza_mcp.text.address import checked_address

_SECONDS = 10.0
_OURS = "convirza-mcp"


async def check_remote_entry(entry: ClientEntry, client: Client, subject: str) -> Verdict:
    """Ask the entry's server what it is, with the entry's key if it has one. `subject` names the entry."""
    try:
        url = checked_address(entry.url or "", "The entry", "https://sms.example.com/mcp")
    except SettingsError:
        return Verdict(f"{subject} has an address that cannot be used.", "Correct the address in it.")
    scheme, _, key = (entry.authorization or "").partition(" ")
    key = "" if entry.key_is_filled_in or scheme != "Bearer" else key.strip()
    try:
        async with http_client(httpx2.URL(url), timeouts=httpx2.Timeout(_SECONDS)) as http:
            answer = await ask(http, "POST", url, "server/discover", key=key or None)
    except ConvirzaError as error:
        return Verdict(f"{subject} reaches no server. {error.message}", error.remedy or "Check the address.")
    install = f"convirza-mcp install {client.id} --url {url} --key{'' if client.writable else ' --print'}"
    match answer.status_code:
        case 200 if _name(answer) == _OURS:
            return Verdict(f"{subject} reaches the server{', which accepts its key' if key else ''}.")
        case 200:
            return Verdict(f"{subject} is for another server.")
        case 401 if key:
            return Verdict(f"{subject} has a key that the server refuses.", f"Get a new key, then run `{install}`.")
        case 401 if entry.key_is_filled_in or "resource_metadata" in answer.headers.get("www-authenticate", ""):
            return Verdict(f"{subject} reaches the server; {client.title} authenticates when it starts.")
        case 401:
            return Verdict(f"{subject} has no key, and the server asks for one.", f"Run `{install}`.")
        case status:
            return Verdict(
                f"{subject} is answered with status {status}.", f"`convirza-mcp doctor --url {url}` finds the cause."
            )


def _name(answer: httpx2.Response) -> str | None:
    found: Any = envelope_of(answer.content)
    for key in ("result", "_meta", "io.modelcontextprotocol/serverInfo", "name"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None
