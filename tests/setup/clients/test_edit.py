"""One entry in and out of a configuration: exact texts for what people have, properties for everything else."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convirza_mcp.setup.clients import edit
from convirza_mcp.setup.clients.edit import read_document
from convirza_mcp.setup.clients.entry import Entry
from convirza_mcp.setup.clients.jsonc.document import Document
from convirza_mcp.setup.clients.known import CLIENTS, Client
from convirza_mcp.setup.errors import ClientConfigError
from support.jsonc_texts import documents, jsonc
from support.snapshots import Snapshot

DESKTOP, CODE, CURSOR, VSCODE = (CLIENTS[each] for each in ("claude-desktop", "claude-code", "cursor", "vscode"))
ENTRY = Entry("convirza", "/opt/convirza-mcp", ("serve",), {"CONVIRZA_TIMEZONE": "America/Denver"})
PLAIN = Entry("convirza", "/opt/convirza-mcp", ("serve",))
ASKING = Entry("convirza", "/opt/convirza-mcp", ("serve",), asks_for_token=True)


def with_entry(text: str, client: Client, entry: Entry) -> str:
    return edit.with_entry(read_document(text, client), client, entry).text


def without_entry(text: str, client: Client, name: str) -> str:
    return edit.without_entry(read_document(text, client), client, name).text


def entry_in(text: str, client: Client, name: str) -> dict[str, Any] | None:
    return edit.entry_in(read_document(text, client), client, name)


NEW = """\
{
  "mcpServers": {
    "convirza": {
      "command": "/opt/convirza-mcp",
      "args": ["serve"],
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
      "args": ["serve"],
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
        "other": {"command": "npx", "args": ["-y", "other"]},
        "convirza": {
            "command": "/opt/convirza-mcp",
            "args": ["serve"]
        }
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
\t\t// the first
\t\t"other": {"url": "https://example.com//x"}, // do not touch, }
\t\t/* "convirza": {}, */
\t\t"convirza": {
\t\t\t"type": "stdio",
\t\t\t"command": "/opt/convirza-mcp",
\t\t\t"args": ["serve"]
\t\t},
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
            '{"a":1,"mcpServers":{"b":{}, "convirza": {"command": "/opt/convirza-mcp", "args": ["serve"]}}}',
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
            '{"mcpServers": {"a": {}, /* ours */ "b": {}}}',
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
    "disabled": true,
    "command": "/opt/convirza-mcp", // moved
    "args": [ "serve" ],
    "env": { "CONVIRZA_PRIVACY": "strict", "CONVIRZA_TIMEZONE": "America/Denver"},
    "type": "stdio"
  },
  "b": {}
}}"""
    )


def test_a_login_takes_the_place_of_the_client_s_question_and_back() -> None:
    with_login = with_entry(NEW_ASKING, VSCODE, PLAIN)

    assert json.loads(with_login) == {
        "servers": {"convirza": {"type": "stdio", "command": "/opt/convirza-mcp", "args": ["serve"], "env": {}}}
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
        (CURSOR, '{"mcpServers": {},\n"mcpServers": {"convirza": {"command": "convirza-mcp"}}}'),
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


def is_part_of(part: str, whole: str) -> bool:
    """Whether `whole` is `part` with something put in between."""
    rest = iter(whole)
    return all(character in rest for character in part)


def without_empty(value: dict[str, Any], *sections: str) -> dict[str, Any]:
    return {key: each for key, each in value.items() if key not in sections or each}


def check(client: Client, entry: Entry, value: dict[str, Any], text: str) -> None:
    after = with_entry(text, client, entry)
    read = Document(after, comments=client.comments).value

    assert with_entry(after, client, entry) == after
    assert read[client.servers].pop("convirza")["command"] == entry.command
    if entry.asks_for_token:
        assert read["inputs"].pop()["id"] == "convirza-token"
    sections = (client.servers, "inputs") if client.asks_for_secrets else (client.servers,)
    assert without_empty(read, *sections) == without_empty(value, *sections)
    assert list(without_empty(read, *sections)) == list(without_empty(value, *sections))

    back = without_entry(after, client, "convirza")
    if value and all(value.get(section, True) for section in sections):
        # No byte of it was moved, and none is missed.
        assert back == text
        assert is_part_of(text, after)
        for other in (PLAIN, ENTRY, *((ASKING,) if client.asks_for_secrets else ())):
            assert without_entry(with_entry(after, client, other), client, "convirza") == text
    else:
        left = Document(back, comments=client.comments).value
        assert without_empty(left, *sections) == without_empty(value, *sections)


def texts(client: Client, newline: str) -> st.SearchStrategy[tuple[dict[str, Any], str]]:
    values = documents(client.servers, with_inputs=client.asks_for_secrets)
    return values.flatmap(lambda value: st.tuples(st.just(value), jsonc(value, newline=newline)))


NEWLINES = st.sampled_from(["\n", "\r\n"])


@pytest.mark.parametrize("examples", [40, pytest.param(1_500, marks=pytest.mark.long)])
def test_any_document_with_comments_keeps_what_else_it_says(examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(NEWLINES.flatmap(lambda newline: texts(VSCODE, newline)), st.sampled_from([PLAIN, ASKING, ENTRY]))
    def each(case: tuple[dict[str, Any], str], entry: Entry) -> None:
        check(VSCODE, entry, *case)

    each()


@settings(max_examples=40)
@given(documents("mcpServers"), st.sampled_from([None, 0, 1, 2, 4, "\t"]), st.sampled_from([PLAIN, ENTRY]))
def test_any_plain_document_keeps_what_else_it_says(value: dict[str, Any], indent: int | None, entry: Entry) -> None:
    text = json.dumps(value, indent=indent)

    check(CODE, entry, value, text)
    # What the strictest reader makes of it.
    after = json.loads(with_entry(text, CODE, entry))
    assert after.pop("mcpServers").keys() == value.get("mcpServers", {}).keys() | {"convirza"}
    assert after == {key: each for key, each in value.items() if key != "mcpServers"}


@settings(max_examples=40)
@given(
    texts(CURSOR, "\n").filter(lambda case: bool(case[0])),
    st.sampled_from([PLAIN, ENTRY]),
    st.sampled_from([Entry("convirza", "/new/convirza-mcp", ("serve", "--demo")), ENTRY, PLAIN]),
)
def test_an_update_touches_nothing_outside_the_entry(
    case: tuple[dict[str, Any], str], first: Entry, second: Entry
) -> None:
    installed = with_entry(case[1], CURSOR, first)
    start, stop = span(installed)
    updated = with_entry(installed, CURSOR, second)

    assert updated[:start] == installed[:start]
    assert updated[len(updated) - (len(installed) - stop) :] == installed[stop:]
    assert entry_in(updated, CURSOR, "convirza") is not None


def span(text: str) -> tuple[int, int]:
    document = Document(text, comments=True)
    (servers,) = document.root.members("mcpServers")
    (entry,) = document.container(servers.value).members("convirza")
    return entry.start, entry.end
