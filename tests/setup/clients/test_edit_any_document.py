"""One entry in and out of any document: everything else stays, byte for byte."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convirza_mcp.setup.clients.entry import Entry
from convirza_mcp.setup.clients.jsonc import Document
from convirza_mcp.setup.clients.known import Client
from support.edits import ASKING, CODE, CURSOR, ENTRY, PLAIN, VSCODE, entry_in, with_entry, without_entry
from support.jsonc_texts import documents, jsonc


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
        assert read["inputs"].pop(0)["id"] == "convirza-token"
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
    @settings(max_examples=examples)
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
    entry = document.container(["mcpServers"]).items["convirza"]
    return entry.start, entry.end
