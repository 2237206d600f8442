"""What `tools/list` says. A change of it reaches every model that uses this server: it must be wanted."""

import json
from typing import Any

from convirza_mcp.server.build import INSTRUCTIONS, definition
from convirza_mcp.tools import all_tools
from support.snapshots import assert_is_snapshot


def definitions() -> list[dict[str, Any]]:
    return [definition(tool, structured=True).model_dump(by_alias=True, exclude_none=True) for tool in all_tools()]


def test_the_definitions_are_the_ones_agreed_on() -> None:
    assert_is_snapshot(json.dumps(definitions(), indent=1, ensure_ascii=False) + "\n", "tools.json")


def test_the_instructions_are_the_ones_agreed_on_and_are_not_cut_by_hosts() -> None:
    assert_is_snapshot(INSTRUCTIONS + "\n", "instructions.txt")
    assert len(INSTRUCTIONS) < 2_048
