"""The hostile inbox on a terminal and in files."""

import csv
import io
import json
from typing import Any

import pytest
from click.testing import CliRunner

from convirza_mcp.cli import commands
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.sandbox.hostile.rows import FIRST_ERROR_OFFSET
from hostile.expected import Expected, expected
from hostile.inboxes import NOW, WINDOW, assert_shown, carried, documented_keys
from hostile.leaves import NEVER, assert_clean

ASKED = ("--start", WINDOW["start"], "--end", WINDOW["end"])


SANDBOX = {"now": NOW, "hostile": True}


@pytest.fixture(scope="module")
def texts(sandbox: Sandbox) -> dict[int, Expected]:
    return carried(sandbox)


def run(sandbox: Sandbox, *arguments: str, width: int = 160, fails: bool = False) -> str:
    settings = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url, "COLUMNS": str(width)}
    result = CliRunner().invoke(commands, arguments, env=settings)
    assert (result.exit_code != 0) == fails, result.stderr
    assert NEVER.search(result.stderr) is None
    return result.stderr if fails else result.stdout_bytes.decode()


@pytest.mark.long
def test_json_shows_each_as_the_table_says(sandbox: Sandbox, texts: dict[int, Expected]) -> None:
    records: dict[int, dict[str, Any]] = {}
    for view in ("allOpen", "close"):
        offset: int | None = 0
        while offset is not None:
            page = run(sandbox, "list", "--json", "--type", view, "--limit", "200", "--offset", str(offset), *ASKED)
            document = json.loads(page)
            assert_clean(document)
            records |= {each["conversation_id"]: each for each in document["conversations"]}
            offset = document["next_offset"]
    assert len(records) == len(sandbox.conversations)
    for each, text in texts.items():
        assert list(records[each]) == documented_keys()
        assert_shown(records[each], text, 2_000)


@pytest.mark.parametrize(
    ("width", "arguments"),
    [
        (60, ("list", "--limit", "200", *ASKED)),
        (160, ("waiting", "--limit", "100", *ASKED)),
        (160, ("search", "ann", *ASKED)),
        (160, ("summary", "--group-by", "agent", *ASKED)),
        (60, ("changes", "--since", "2026-02-20")),
    ],
    ids=str,
)
def test_nothing_that_a_terminal_obeys_is_printed(sandbox: Sandbox, arguments: tuple[str, ...], width: int) -> None:
    printed = run(sandbox, *arguments, width=width)

    assert "Bob" in printed
    assert NEVER.search(printed) is None


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_holds_each_whole_and_no_formula(sandbox: Sandbox, texts: dict[int, Expected], form: str) -> None:
    exported = run(sandbox, "export", "--format", form, "--output", "-", "--type", "all", *ASKED)

    assert NEVER.search(exported.replace("\r\n", "\n")) is None
    if form == "csv":
        limit = csv.field_size_limit(2_000_000)
        try:
            rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(exported, newline="")))
        finally:
            csv.field_size_limit(limit)
    else:
        rows = [json.loads(line) for line in exported.splitlines()]
    assert len(rows) == len(sandbox.conversations)
    assert {tuple(each) for each in rows} == {(*documented_keys(), "state")}
    records = {int(each["conversation_id"]): each for each in rows}
    for each, text in texts.items():
        field = "source" if text.carrier == "number" else text.carrier
        whole = text.whole if field == "message" else text.shown
        if form == "csv":
            whole = f"'{whole}" if text.kind == "CSV formula" else whole or ""
        assert records[each][field] == whole, text.id


ERRORS = [each for each in expected() if each.carrier == "error"]


def test_an_error_on_a_terminal_is_one_clean_line(sandbox: Sandbox) -> None:
    for number, text in enumerate(ERRORS):
        if text.kind in {"CSI", "OSC", "direction", "line forgery", "ten thousand marks"}:
            said = run(sandbox, "list", "--offset", str(FIRST_ERROR_OFFSET + number), fails=True)
            assert said.count("\n") == 1
            assert_clean(said)
