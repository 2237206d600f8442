"""Servers over HTTP in the clients: what a person pastes or types, and where a client has no file for it."""

from convirza_mcp.setup.clients.entry import DEFAULT_NAME, RemoteEntry
from convirza_mcp.setup.clients.known import CLIENTS, Client
from convirza_mcp.setup.clients.places import Machine, Platform
from convirza_mcp.setup.clients.snippets import snippet

PLACEHOLDER = "cvz_..."
"""Stands for the access key in an entry that is printed."""

_COPILOT_STUDIO = """\
Tools, Add a tool, New tool, Model Context Protocol
Server URL:      {url}
Authentication:  API key, in a header
Header name:     Authorization
Value:           Bearer {key}
"""
_CONNECTOR = """\
1. In {title}, open Customize, then Connectors.
2. Press +, then "Add custom connector". In a Team or Enterprise plan, an owner does this once for all.
3. Name: {name}. Address of the remote MCP server: {url}
4. Press Add, then Connect, and sign in.
"""


def steps(client: Client, entry: RemoteEntry) -> str:
    """Return what to click in a client whose file takes no server over HTTP."""
    return _CONNECTOR.format(title=client.title, name=entry.name, url=entry.url)


def remote_entries(url: str, key: str, name: str = DEFAULT_NAME) -> dict[str, str]:
    """Return what a person pastes or types, by the client's title. Each contains the access key."""
    entry = RemoteEntry(name, url, key)
    command = f'claude mcp add --transport http {name} {url} --header "Authorization: Bearer {key}"\n'
    pasted = {
        f"{client.title} ({_file(client)})": snippet(client, entry)
        for client in CLIENTS.values()
        if client.url_key is not None and client.id != "claude-code"
    }
    return {"Claude Code": command} | pasted | {"Copilot Studio": _COPILOT_STUDIO.format(url=url, key=key)}


def _file(client: Client) -> str:
    """Return the path of the client's file in any home folder; its name if the path depends on the system."""
    systems: tuple[Platform, ...] = ("linux", "darwin")
    places = [client.places(Machine(each, "~", {}))[0] for each in systems]
    return str(places[0].folder / places[0].name) if places[0] == places[1] else places[0].name
