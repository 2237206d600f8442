"""Entries for a server over HTTP, in each client's own format. Claude Desktop and ChatGPT take no header."""

import json

_COPILOT_STUDIO = """\
Tools, Add a tool, New tool, Model Context Protocol
Server URL:      {url}
Authentication:  API key, in a header
Header name:     Authorization
Value:           Bearer {key}
"""


def remote_entries(url: str, key: str, name: str = "convirza") -> dict[str, str]:
    """Return what a person pastes or types, by the client's title. Each contains the access key."""
    value = f"Bearer {key}"
    header = {"Authorization": value}
    entry = {"url": url, "headers": header}
    return {
        "Claude Code": f'claude mcp add --transport http {name} {url} --header "Authorization: {value}"\n',
        "Cursor (~/.cursor/mcp.json)": _json({"mcpServers": {name: entry}}),
        "VS Code (mcp.json)": _json({"servers": {name: {"type": "http", **entry}}}),
        "Codex (~/.codex/config.toml)": (
            f'[mcp_servers.{name}]\nurl = "{url}"\nhttp_headers = {{ Authorization = "{value}" }}\n'
        ),
        "Gemini CLI (~/.gemini/settings.json)": _json({"mcpServers": {name: {"httpUrl": url, "headers": header}}}),
        "Copilot Studio": _COPILOT_STUDIO.format(url=url, key=key),
    }


def _json(content: dict[str, object]) -> str:
    return json.dumps(content, indent=2) + "\n"
