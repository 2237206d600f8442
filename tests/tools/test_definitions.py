"""What `tools/list` says. A change of it reaches every model that uses this server: it must be wanted."""

import json
from typing import Any

import pytest

from convirza_mcp.server import INSTRUCTIONS
from convirza_mcp.tools import TOOLS
from snapshots import assert_is_snapshot


def definitions() -> list[dict[str, Any]]:
    return [tool.definition(structured=True).model_dump(by_alias=True, exclude_none=True) for tool in TOOLS]


def nodes(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, dict):
        return [schema, *(node for value in schema.values() for node in nodes(value))]
    if isinstance(schema, list):
        return [node for value in schema for node in nodes(value)]
    return []


def test_the_definitions_are_the_ones_agreed_on() -> None:
    assert_is_snapshot(json.dumps(definitions(), indent=1, ensure_ascii=False) + "\n", "tools.json")


def test_the_instructions_are_the_ones_agreed_on_and_are_not_cut_by_hosts() -> None:
    assert_is_snapshot(INSTRUCTIONS + "\n", "instructions.txt")
    assert len(INSTRUCTIONS) < 2_048


@pytest.mark.parametrize("definition", definitions(), ids=lambda definition: definition["name"])
def test_a_definition_keeps_the_house_rules(definition: dict[str, Any]) -> None:
    schema = definition["inputSchema"]

    assert definition["title"] not in (definition["name"], "")
    assert definition["annotations"] == {
        "readOnlyHint": True,
        "destructiveHint": False,
        "idempotentHint": True,
        "openWorldHint": True,
    }
    assert len(definition["description"]) < 2_048
    assert 45 <= len(definition["description"].split()) <= 110
    assert schema["additionalProperties"] is False
    assert definition["outputSchema"]["type"] == "object"
    for name, parameter in schema["properties"].items():
        assert parameter["description"], name
        assert parameter["type"] in ("string", "integer"), name
    refused = {"$ref", "$defs", "anyOf", "oneOf", "allOf", "title", "$schema"}
    for node in nodes(schema) + nodes(definition["outputSchema"]):
        assert not refused & node.keys()
