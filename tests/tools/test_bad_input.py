"""Bad input for every parameter of every tool: one sentence that names it, no value repeated, no request."""

import re
from typing import Any

import pytest

from convirza_mcp.tools import all_tools
from convirza_mcp.tools.schema import full_schema
from support.calls import asking
from support.convirza import Convirza
from support.rows import answering
from support.snapshots import Snapshot

NEEDED = {
    "get_sms_conversation": {"conversation_id": 1},
    "search_sms_messages": {"query": "refund"},
    "list_sms_changes": {"since": "1h"},
}
CANARY = "Zyxwv Qanary 18015550142"


def bad_values(name: str, schema: dict[str, Any]) -> list[Any]:
    if "enum" in schema:
        return ["closed " + CANARY, 7, ["allOpen"], True]
    if schema["type"] == "integer":
        low = [schema["minimum"] - 1] if "minimum" in schema else []
        high = [schema["maximum"] + 1] if "maximum" in schema else []
        return [*low, *high, 7.5, True, CANARY, [1], {}, "1e3", "9" * 5_000]
    times = [CANARY, "next tuesday", "0000-01-01", "x" * 100_000] if name in ("start", "end", "since") else []
    longer = ["x" * (schema["maxLength"] + 1)] if "maxLength" in schema else []
    return [*times, *longer, [CANARY], {"a": CANARY}, True, "\ud800"]


each_tool = pytest.mark.parametrize("tool", all_tools(), ids=lambda tool: tool.name)


@each_tool
async def test_bad_input_is_one_sentence_that_names_the_parameter(tool: Any) -> None:
    convirza, wrong = Convirza(), []
    async with asking(answering(convirza)) as ask:
        for name, schema in full_schema(tool.arguments)["properties"].items():
            for value in bad_values(name, schema):
                refused = await ask.refusal(tool.name, **NEEDED.get(tool.name, {}) | {name: value})
                if f"`{name}`" not in refused or len(refused) >= 300 or re.search(r"Qanary|\n", refused):
                    wrong.append((name, str(value)[:20], refused))

    assert wrong == []
    assert convirza.requests == 0


@each_tool
async def test_what_is_missing_or_unknown_is_named(tool: Any, snapshot: Snapshot) -> None:
    async with asking(None) as ask:
        snapshot(await ask.refusal(tool.name, **NEEDED.get(tool.name, {}), lmit=3))
        for name in full_schema(tool.arguments).get("required", []):
            assert (await ask.refusal(tool.name)).startswith(f"`{name}` is required")
