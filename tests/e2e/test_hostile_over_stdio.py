"""The hostile inbox over a real process's pipe: clean lines, whatever the protocol era."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from convirza_mcp.sandbox import Sandbox
from faults.cases import both_eras
from hostile.expected import Expected
from hostile.inboxes import NOW, WINDOW, assert_shown, carried
from hostile.leaves import NEVER, assert_clean
from support.processes import ServerProcess, server_process

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")]

# Written as such they end a line for some clients; within JSON they can be escaped.
BREAKS_LINES = re.compile("[\x85\u2028\u2029]")
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("search_sms_messages", {"query": "tap", "limit": 100, **WINDOW}),
    ("list_waiting_sms_conversations", {"limit": 100, **WINDOW}),
    ("summarize_sms_inbox", {"group_by": "agent", **WINDOW}),
    ("summarize_sms_inbox", {"group_by": "phone_number", **WINDOW}),
    ("list_sms_changes", {"since": "2026-02-20", "limit": 200}),
]


SANDBOX = {"now": NOW, "hostile": True}


def line_about(server: ServerProcess, tool: str, given: dict[str, Any]) -> dict[str, Any]:
    """The structured answer, after a look at the raw line it came in."""
    server.call(1, given, tool)
    stdout = server.process.stdout
    assert stdout is not None
    line = stdout.readline()
    assert BREAKS_LINES.search(line) is None
    assert NEVER.search(line) is None
    result = json.loads(line)["result"]
    assert not result.get("isError"), result
    answer: dict[str, Any] = result["structuredContent"]
    assert json.loads(result["content"][0]["text"]) == answer
    assert_clean(answer)
    return answer


def walked(server: ServerProcess) -> Iterator[dict[str, Any]]:
    """Every row of both views, in full, by column."""
    for view in ("allOpen", "close"):
        offset: int | None = 0
        while offset is not None:
            given = {"type": view, "offset": offset, "limit": 200, "detail": "full", **WINDOW}
            page = line_about(server, "list_sms_conversations", given)
            yield from (dict(zip(page["columns"], cells, strict=True)) for cells in page["rows"])
            offset = page["next_offset"]


@both_eras
def test_each_text_is_as_the_table_says_and_every_answer_is_clean(sandbox: Sandbox, era: str) -> None:
    texts: dict[int, Expected] = carried(sandbox)
    with server_process(
        era=era,
        CONVIRZA_TOKEN=sandbox.token,
        CONVIRZA_BASE_URL=sandbox.base_url,
        CONVIRZA_TIMEZONE="UTC",
        CONVIRZA_MAX_CALLS_PER_MINUTE="0",
    ) as server:
        rows = {cells["conversation_id"]: cells for cells in walked(server)}
        for tool, given in CALLS:
            line_about(server, tool, given)

    assert len(rows) == len(sandbox.conversations)
    for each, text in texts.items():
        assert_shown(rows[each], text, 2_000)
