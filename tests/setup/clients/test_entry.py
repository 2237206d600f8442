"""Which entries are this package's, by what they start."""

from typing import Any

import pytest

from convirza_mcp.setup.clients.entry import starts_this_server


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("/env/bin/convirza-mcp", ["serve"]),
        (r"C:\env\Scripts\convirza-mcp.exe", None),
        ("/home/ana/run-convirza-mcp.sh", []),
        ("/env/bin/python", ["-m", "convirza_mcp", "serve"]),
        ("python3.11", ["-I", "-m", "convirza_mcp"]),
        ("py.exe", ["-3", "-m", "convirza_mcp"]),
        ("python", ["/src/convirza_mcp/__main__.py"]),
        ("python", ["/env/bin/convirza-mcp", "serve"]),
        ("uvx", ["convirza-mcp==0.1.0", "serve"]),
        ("uvx", ["convirza-mcp@latest"]),
        ("/opt/uv", ["tool", "run", "--from", "git+https://example.com/o/convirza-mcp.git@0123", "convirza-mcp"]),
        ("uv", ["run", "--directory", "/src", "convirza-mcp", "serve"]),
        ("pipx", ["run", "convirza-mcp"]),
        ("docker", ["run", "-i", "--rm", "ghcr.io/o/convirza-mcp:0.1.0"]),
        ("bash", ["-lc", "exec convirza-mcp serve"]),
        ("cmd", ["/c", "convirza-mcp"]),
    ],
)
def test_commands_that_start_this_server_are_recognized(command: str, arguments: Any) -> None:
    assert starts_this_server({"command": command, "args": arguments})


@pytest.mark.parametrize(
    "server",
    [
        None,
        7,
        {},
        {"url": "https://example.com/convirza-mcp"},
        {"command": ["convirza-mcp"]},
        {"command": "node", "args": ["something-else"]},
        # A folder of that name, which another server is given.
        {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/home/me/src/convirza-mcp"]},
        {"command": "uvx", "args": ["mcp-server-git", "--repository", "/home/me/convirza-mcp/docs"]},
        {"command": "docker", "args": ["run", "-v", "/home/me/convirza-mcp:/data", "other"]},
        {"command": "python", "args": ["-m", "other", "convirza_mcp"]},
        {"command": "/home/me/convirza-mcp/node_modules/.bin/other", "args": []},
    ],
)
def test_entries_of_other_servers_are_not_taken_for_this_one(server: Any) -> None:
    assert not starts_this_server(server)
