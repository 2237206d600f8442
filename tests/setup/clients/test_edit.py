"""One entry in and out of a configuration: exact texts for what people have, properties for everything else."""

import json

import pytest

from convirza_mcp.setup.clients.entry import Entry
from convirza_mcp.setup.clients.known import Client
from convirza_mcp.setup.errors import ClientConfigError
from support.edits import ASKING, CODE, CURSOR, DESKTOP, ENTRY, PLAIN, VSCODE, entry_in, with_entry, without_entry
from support.snapshots import Snapshot

NEW = """\
{
  "mcpServers": {
    "convirza": {
      "command": "/opt/convirza-mcp",
      "args": [
        "serve"
      ],
      "env": {
        "CONVIRZA_TIMEZONE": "America/Denver"
      }
    }
  }
}
"""
NEW_ASKING = """\
{
  "inputs": [
    {
      "type": "promptString",
      "id": "convirza-token",
      "description": "Convirza bearer token",
      "password": true
    }
  ],
  "servers": {
    "convirza": {
      "type": "stdio",
      "command": "/opt/convirza-mcp",
      "args": [
        "serve"
      ],
      "env": {
        "CONVIRZA_TOKEN": "${input:convirza-token}"
      }
    }
  }
}
"""
FOUR_SPACES = """\
{
    "theme": "dark",
    "mcpServers": {
        "other": {"command": "npx", "args": ["-y", "other"]}
    },
    "scale": 1.0
}
"""
FOUR_SPACES_AFTER = """\
{
    "theme": "dark",
    "mcpServers": {
        "convirza": {
            "command": "/opt/convirza-mcp",
            "args": [
                "serve"
            ]
        },
        "other": {"command": "npx", "args": ["-y", "other"]}
    },
    "scale": 1.0
}
"""
COMMENTED = """\
// mine
{
\t"servers": {
\t\t// the first
\t\t"other": {"url": "https://example.com//x"}, // do not touch, }
\t\t/* "convirza": {}, */
\t},
\t"inputs": [], // none
}
"""
COMMENTED_AFTER = """\
// mine
{
\t"servers": {
\t\t"convirza": {
\t\t\t"type": "stdio",
\t\t\t"command": "/opt/convirza-mcp",
\t\t\t"args": [
\t\t\t\t"serve"
\t\t\t]
\t\t},
\t\t// the first
\t\t"other": {"url": "https://example.com//x"}, // do not touch, }
\t\t/* "convirza": {}, */
\t},
\t"inputs": [], // none
}
"""


@pytest.mark.parametrize(
    ("client", "entry", "before", "after"),
    [
        (DESKTOP, ENTRY, "", NEW),
        (DESKTOP, ENTRY, "{}\n", NEW),
        (DESKTOP, ENTRY, '{\n  "mcpServers": {}\n}\n', NEW),
        (DESKTOP, ENTRY, "{}\r\n", NEW.replace("\n", "\r\n")),
        # It stays where the client reads it, and goes where it does not.
        (DESKTOP, ENTRY, "\ufeff{}\n", NEW),
        (CURSOR, ENTRY, "\ufeff{}\n", "\ufeff" + NEW.replace('"command"', '"type": "stdio",\n      "command"')),
        (DESKTOP, PLAIN, FOUR_SPACES, FOUR_SPACES_AFTER),
        (
            DESKTOP,
            PLAIN,
            '{"a":1,"mcpServers":{"b":{}}}',
            '{"a":1,"mcpServers":{"convirza": {"command": "/opt/convirza-mcp", "args": ["serve"]},"b":{}}}',
        ),
        (VSCODE, ASKING, "", NEW_ASKING),
        (VSCODE, ASKING, "{}\n", NEW_ASKING),
        (VSCODE, PLAIN, COMMENTED, COMMENTED_AFTER),
        (
            CURSOR,
            ENTRY,
            "// empty so far",
            "// empty so far\n" + NEW.replace('"command"', '"type": "stdio",\n      "command"'),
        ),
    ],
)
def test_the_entry_goes_in_as_a_person_would_put_it(client: Client, entry: Entry, before: str, after: str) -> None:
    assert with_entry(before, client, entry) == after
    assert with_entry(after, client, entry) == after


@pytest.mark.parametrize(
    ("client", "before", "after"),
    [
        (DESKTOP, NEW, "{}\n"),
        (VSCODE, NEW_ASKING, "{}\n"),
        (DESKTOP, FOUR_SPACES_AFTER, FOUR_SPACES),
        (VSCODE, COMMENTED_AFTER, COMMENTED),
        (DESKTOP, FOUR_SPACES, FOUR_SPACES),
        (DESKTOP, "", ""),
        (DESKTOP, '{"mcpServers": {}}', '{"mcpServers": {}}'),
        # First, in the middle, with a comment of its own.
        (CURSOR, '{"mcpServers": {"convirza": {"command": "convirza-mcp"}, "b": {}}}', '{"mcpServers": { "b": {}}}'),
        (
            CURSOR,
            '{"mcpServers": {"a": {}, "convirza": {"command": "convirza-mcp"} /* ours */, "b": {}}}',
            '{"mcpServers": {"a": {}, "b": {}}}',
        ),
        # What follows does not slip into a comment that ends with its line.
        (
            CURSOR,
            '{"mcpServers": {// here\n"convirza": {"command": "convirza-mcp"}, "b": {}}}',
            '{"mcpServers": {// here\n "b": {}}}',
        ),
        (
            CURSOR,
            '{"mcpServers": {\n  // here\n  "convirza": {"command": "convirza-mcp"}\n}}',
            '{"mcpServers": {\n  // here\n}}',
        ),
    ],
)
def test_the_entry_comes_out_and_everything_else_stays(client: Client, before: str, after: str) -> None:
    assert without_entry(before, client, "convirza") == after


def test_an_entry_that_stands_is_brought_up_to_date_in_its_place() -> None:
    before = """\
{"mcpServers": {
  "convirza": {
    "disabled": true,
    "command": "/gone/convirza-mcp", // moved
    "args": [ "serve" ],
    "env": {"CONVIRZA_TOKEN": "secret", "CONVIRZA_PRIVACY": "strict", "CONVIRZA_TIMEZONE": "UTC"}
  },
  "b": {}
}}"""

    assert (
        with_entry(before, CURSOR, ENTRY)
        == """\
{"mcpServers": {
  "convirza": {
    "type": "stdio",
    "disabled": true,
    "command": "/opt/convirza-mcp", // moved
    "args": [ "serve" ],
    "env": { "CONVIRZA_PRIVACY": "strict", "CONVIRZA_TIMEZONE": "America/Denver"}
  },
  "b": {}
}}"""
    )


def test_a_login_takes_the_place_of_the_client_s_question_and_back() -> None:
    with_login = with_entry(NEW_ASKING, VSCODE, PLAIN)

    assert json.loads(with_login) == {
        "servers": {"convirza": {"type": "stdio", "command": "/opt/convirza-mcp", "args": ["serve"]}}
    }
    assert json.loads(with_entry(with_login, VSCODE, ASKING)) == json.loads(NEW_ASKING)


def test_a_question_that_another_server_uses_stays() -> None:
    other = {"command": "x", "env": {"T": "${input:convirza-token}"}}
    shared = json.loads(NEW_ASKING)
    shared["servers"]["other"] = other

    left = json.loads(without_entry(json.dumps(shared), VSCODE, "convirza"))

    assert left == {"inputs": shared["inputs"], "servers": {"other": other}}


def test_a_question_of_that_name_becomes_a_secret_one() -> None:
    before = '{"inputs": [{"id": "x"}, {"id": "convirza-token", "type": "promptString"}]}'

    assert json.loads(with_entry(before, VSCODE, ASKING))["inputs"] == [
        {"id": "x"},
        json.loads(NEW_ASKING)["inputs"][0],
    ]


def test_a_question_of_that_name_that_is_not_ours_stays_where_none_is_needed() -> None:
    before = '{"inputs": [{"id": "convirza-token"}]}'

    assert json.loads(with_entry(before, VSCODE, PLAIN))["inputs"] == [{"id": "convirza-token"}]


@pytest.mark.parametrize(
    ("client", "text"),
    [
        (DESKTOP, '{"mcpServers": {'),
        (CODE, '{\n  "a": 1, // note\n  "b": 2\n}'),
        (VSCODE, "[]"),
        (VSCODE, "null"),
        (VSCODE, '{"servers": []}'),
        (VSCODE, '{"inputs": {}}'),
        (CURSOR, '{"mcpServers": {"convirza": {"url": "https://example.com"}}}'),
    ],
)
def test_what_cannot_be_changed_safely_is_refused(client: Client, text: str, snapshot: Snapshot) -> None:
    for change in (
        lambda: with_entry(text, client, PLAIN),
        lambda: without_entry(text, client, "convirza"),
        lambda: entry_in(text, client, "convirza"),
    ):
        with pytest.raises(ClientConfigError) as caught:
            change()
        snapshot(caught.value)


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5_000], ids=["deep", "long"])
def test_json_that_python_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ClientConfigError):
        entry_in(text, CURSOR, "convirza")
