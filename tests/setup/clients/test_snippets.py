"""What is printed to be pasted is what each client's format reads as the entry."""

import json
import tomllib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.setup.clients.edit import read_document, with_entry
from convirza_mcp.setup.clients.entry import Entry
from convirza_mcp.setup.clients.known import CLIENTS
from convirza_mcp.setup.clients.snippets import snippet

WINDOWS = Entry("convirza", r"C:\Program Files\convirza-mcp.exe", ("serve",), {"CONVIRZA_BUSINESS_HOURS": "Mon 08:00"})
PATHS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\x7f\t"), min_size=1, max_size=20)
ENTRIES = st.builds(
    Entry,
    st.just("convirza"),
    PATHS,
    st.lists(PATHS, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from(["CONVIRZA_TIMEZONE", "CONVIRZA_TOKEN_FILE"]), PATHS),
)


@given(ENTRIES)
def test_toml_reads_as_the_entry(entry: Entry) -> None:
    read = tomllib.loads(snippet(CLIENTS["codex"], entry))

    expected = {"command": entry.command, "args": list(entry.arguments)}
    env = {"env": dict(entry.environment)} if entry.environment else {}
    assert read == {"mcp_servers": {"convirza": expected | env}}


@given(ENTRIES)
def test_yaml_reads_as_the_entry(entry: Entry) -> None:
    read = yaml.safe_load(snippet(CLIENTS["goose"], entry))

    extension = read["extensions"]["convirza"]
    assert (extension["type"], extension["enabled"], extension["name"]) == ("stdio", True, "convirza")
    assert (extension["cmd"], extension["args"]) == (entry.command, list(entry.arguments))
    assert extension["envs"] == dict(entry.environment)


@pytest.mark.parametrize("client", ["claude-desktop", "claude-code", "cursor", "vscode", "windsurf", "gemini-cli"])
def test_json_is_what_install_writes_into_an_empty_file(client: str) -> None:
    printed = snippet(CLIENTS[client], WINDOWS)

    assert printed == with_entry(read_document("", CLIENTS[client]), CLIENTS[client], WINDOWS).text
    (server,) = json.loads(printed)[CLIENTS[client].servers].values()
    typed = {"type": "stdio"} if client in ("claude-code", "cursor", "vscode") else {}
    assert server == typed | {
        "command": r"C:\Program Files\convirza-mcp.exe",
        "args": ["serve"],
        "env": {"CONVIRZA_BUSINESS_HOURS": "Mon 08:00"},
    }


def test_toml_and_yaml_as_they_are_printed() -> None:
    assert (
        snippet(CLIENTS["codex"], WINDOWS)
        == r"""[mcp_servers.convirza]
command = "C:\\Program Files\\convirza-mcp.exe"
args = ["serve"]

[mcp_servers.convirza.env]
CONVIRZA_BUSINESS_HOURS = "Mon 08:00"
"""
    )
    assert (
        snippet(CLIENTS["goose"], WINDOWS)
        == r"""extensions:
  "convirza":
    type: "stdio"
    name: "convirza"
    description: "Answers questions about a Convirza SMS inbox"
    enabled: true
    cmd: "C:\\Program Files\\convirza-mcp.exe"
    args: ["serve"]
    envs: {"CONVIRZA_BUSINESS_HOURS": "Mon 08:00"}
    env_keys: []
    timeout: 300
"""
    )
