"""Arguments that no tool takes, as lines on the wire: a sentence that names the field, and no request."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

import faults
from faults import FaultServer
from faults.cases import both_eras, each_era
from faults.proofs import assert_untouched
from support.processes import ENVELOPE, server_process

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")

A_MEGABYTE = "x" * 1_000_000
NEEDED: dict[str, dict[str, Any]] = {
    "get_sms_conversation": {"conversation_id": 1},
    "search_sms_messages": {"query": "refund"},
    "list_sms_changes": {"since": "1h"},
}
TIMES = ("0000-01-01", "0000-01-01T00:00:00Z", "10000-01-01", "10000-01-01T00:00:00Z", "someday", A_MEGABYTE)


def bad_arguments(tool: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of the tool with every value that it should not take."""
    schema = tool["inputSchema"]["properties"]
    for name, field in schema.items():
        for value in bad_values(name, field):
            yield name, {name: value}
    if {"start", "end"} <= schema.keys():
        yield "end", {"start": "2026-03-06", "end": "2026-03-05"}
        yield "end", {"start": "2026-03-06T10:00:00Z", "end": "2026-03-06T10:00:00Z"}
    yield "lmit", {"lmit": 7}


def bad_values(name: str, field: dict[str, Any]) -> list[Any]:
    if field["type"] == "integer":
        bounds = [field[bound] + step for bound, step in (("minimum", -1), ("maximum", 1)) if bound in field]
        far = [10**9 + 1] if "maximum" in field else []
        return [*bounds, *far, -1, 1.5, True, [], {}, "seven", A_MEGABYTE]
    if name in ("start", "end", "since"):
        return [*TIMES, 7, True, [], {}]
    return [A_MEGABYTE, True, [], {}]


@pytest.mark.long
@each_era
def test_each_is_one_sentence_that_names_the_field_and_nothing_is_asked(era: str) -> None:
    with (
        FaultServer(faults.page()) as convirza,
        server_process(
            era=era,
            CONVIRZA_TOKEN="CNVZ-AT-7f3e9d",
            CONVIRZA_BASE_URL=convirza.base_url,
            CONVIRZA_MAX_CALLS_PER_MINUTE="0",
        ) as server,
    ):
        server.request(0, "tools/list")
        tools = server.receive()["result"]["tools"]
        tried = 0
        for tool in tools:
            for name, given in bad_arguments(tool):
                tried += 1
                server.call(tried, NEEDED.get(tool["name"], {}) | given, tool["name"])
                answer = server.receive()
                shown = (tool["name"], json.dumps(given)[:80], str(answer)[:400])
                assert (answer["id"], answer["result"]["isError"]) == (tried, True), shown
                (block,) = answer["result"]["content"]
                assert f"`{name}`" in block["text"], shown
                assert len(block["text"]) <= 300, shown
                assert "xxx" not in block["text"], shown

        assert_untouched(convirza)
    assert (len(tools), tried > 200) == (6, True)


@pytest.mark.long
@both_eras
def test_a_number_that_is_none_is_refused_or_passed_over(era: str) -> None:
    """They are no JSON: a line that holds one is no message, or an argument that is no whole number."""
    with (
        FaultServer(faults.page()) as convirza,
        server_process(era=era, CONVIRZA_TOKEN="CNVZ-AT-7f3e9d", CONVIRZA_BASE_URL=convirza.base_url) as server,
    ):
        stdin = server.process.stdin
        assert stdin is not None
        meta = json.dumps(ENVELOPE if era == "auto" else {})
        for number in ("NaN", "Infinity", "-Infinity", "1e999"):
            params = f'{{"name":"list_sms_conversations","arguments":{{"limit":{number}}},"_meta":{meta}}}'
            stdin.write(f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}\n')
            server.request(2, "tools/list")
            answers = [server.receive()]
            if answers[0]["id"] == 1:
                answers.append(server.receive())
                assert answers[0]["result"]["isError"] is True, number
                assert "`limit`" in answers[0]["result"]["content"][0]["text"], number

            assert answers[-1]["id"] == 2, number
        assert_untouched(convirza)
