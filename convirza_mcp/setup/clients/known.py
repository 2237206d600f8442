"""The supported MCP clients, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from convirza_mcp.setup.clients import environment, places
from convirza_mcp.setup.clients.environment import Inherited
from convirza_mcp.setup.clients.places import Machine, Place

Format = Literal["json", "toml", "yaml"]

# Codex cuts the middle out of results above 10,000 tokens of 4 bytes each (openai/codex#6544, #14466), Gemini CLI out
# of results above 40,000 characters (google-gemini/gemini-cli#18446, #19365).
_BELOW_40_000_CHARACTERS = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client and its configuration file.

    `servers` is the key of the server list in the file. `writable`: `install` changes the file, instead of only
    printing the entry. `comments`: the client reads comments and trailing commas. `says_type`: an entry states that it
    uses stdio. `asks_for_secrets`: the file can name secrets that the client asks for and stores. `reads_bom`: it reads
    a file with a byte-order mark, as old Windows editors write it. `inherited` returns the variables that its servers
    get, `max_result_tokens` is the setting that keeps results below a cap lower than ours, and `then` is the step that
    makes the client see a change. For a server over HTTP, `url_key` and `headers_key` are the keys of its address and
    headers; without the first, the file takes no such server. `says_http`: its entry states the transport.
    """

    id: str
    title: str
    places: Callable[[Machine], tuple[Place, ...]]
    servers: str = "mcpServers"
    format: Format = "json"
    writable: bool = True
    comments: bool = False
    says_type: bool = False
    asks_for_secrets: bool = False
    reads_bom: bool = True
    inherited: Inherited = environment.pass_nothing
    max_result_tokens: int | None = None
    url_key: str | None = "url"
    headers_key: str = "headers"
    says_http: bool = False
    then: str


CLIENTS = {
    client.id: client
    for client in (
        Client(
            id="claude-desktop",
            title="Claude Desktop",
            places=places.claude_desktop,
            reads_bom=False,
            url_key=None,
            then="Quit Claude Desktop, from its menu and not only its window, and start it again.",
        ),
        # Edit the file instead of running `claude mcp add`, which needs Claude Code on the PATH, has no dry run, makes
        # no backup, and refuses an existing name instead of updating it.
        Client(
            id="claude-code",
            title="Claude Code",
            places=places.claude_code,
            says_type=True,
            says_http=True,
            inherited=environment.pass_all,
            then="Restart open sessions; `claude mcp list` tests it.",
        ),
        Client(
            id="cursor",
            title="Cursor",
            places=lambda machine: (Place(machine.home_folder / ".cursor", "mcp.json"),),
            comments=True,
            says_type=True,
            then="It appears in Cursor's settings, under MCP; restart Cursor if it does not.",
        ),
        Client(
            id="vscode",
            title="VS Code",
            places=places.vscode,
            servers="servers",
            comments=True,
            says_type=True,
            says_http=True,
            asks_for_secrets=True,
            then="MCP: List Servers starts it. This is the default profile's file; other profiles have their own.",
        ),
        Client(
            id="windsurf",
            title="Windsurf",
            places=lambda machine: (Place(machine.home_folder / ".codeium" / "windsurf", "mcp_config.json"),),
            writable=False,
            url_key="serverUrl",
            then="Refresh the list of MCP servers in Cascade.",
        ),
        Client(
            id="codex",
            title="Codex",
            places=lambda machine: (
                Place(machine.given("CODEX_HOME") or machine.home_folder / ".codex", "config.toml"),
            ),
            servers="mcp_servers",
            format="toml",
            writable=False,
            inherited=environment.by_codex,
            max_result_tokens=_BELOW_40_000_CHARACTERS,
            headers_key="http_headers",
            then="Restart Codex; /mcp lists its servers.",
        ),
        Client(
            id="goose",
            title="Goose",
            places=places.goose,
            servers="extensions",
            format="yaml",
            writable=False,
            url_key="uri",
            then="Restart Goose.",
        ),
        Client(
            id="gemini-cli",
            title="Gemini CLI",
            places=lambda machine: (
                Place((machine.given("GEMINI_CLI_HOME") or machine.home_folder) / ".gemini", "settings.json"),
            ),
            writable=False,
            comments=True,
            reads_bom=False,
            inherited=environment.by_gemini_cli,
            max_result_tokens=_BELOW_40_000_CHARACTERS,
            url_key="httpUrl",
            then="Restart Gemini CLI in a trusted folder; elsewhere it starts no servers. /mcp lists them.",
        ),
    )
}
