"""What clients, spreadsheets and people make of our output: a case is a row of `output.toml`."""

import csv
import io
import re
import ssl
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from mcp import Client

from convirza_mcp import Settings
from convirza_mcp.answers.export_rows import columns, line
from convirza_mcp.api.http.connection import Obstacle, certificate_obstacle
from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.window import Window
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.scan.results import Seen
from convirza_mcp.server.build import build_server
from convirza_mcp.settings import Output, Privacy
from convirza_mcp.text.phone import number_key

CASES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("output.toml").read_text(encoding="utf-8")
)
DENVER = ZoneInfo("America/Denver")
NOW = datetime(2026, 3, 5, 9, 12, tzinfo=DENVER)
OUTPUTS: tuple[Output, ...] = get_args(Output)
REFUSED = ("$ref", "anyOf", "oneOf", "allOf", "$defs", "prefixItems", "patternProperties", "nullable")


def faults(schema: dict[str, Any]) -> Iterator[str]:
    """What strict clients refuse in a schema."""
    if isinstance(schema.get("type"), list):
        yield "two types"
    if schema.get("type") == "array" and not isinstance(schema.get("items"), dict):
        yield "no items"
    yield from (word for word in REFUSED if word in schema)
    inner = [schema.get("items"), schema.get("additionalProperties"), *schema.get("properties", {}).values()]
    for each in inner:
        if isinstance(each, dict):
            yield from faults(each)


@pytest.mark.parametrize("case", CASES["schemas"], ids=lambda case: str(case["input"]))
def test_a_schema_that_clients_refuse_is_found(case: dict[str, Any]) -> None:
    assert [*faults(case["input"])] == [case["expected"]]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("privacy", get_args(Privacy))
async def test_no_tool_has_a_schema_that_clients_refuse(mode: str, privacy: Privacy) -> None:
    unset = Settings(token="x", base_url="http://127.0.0.1:9", privacy=privacy, chatgpt_tools=True)
    for output in OUTPUTS:
        async with Client(build_server(replace(unset, output=output)), mode=mode) as client:
            tools = (await client.list_tools()).tools
        for tool in tools:
            assert [*faults(tool.input_schema)] == [], tool.name
            assert (tool.output_schema is None) == (output == "text")
            assert [*faults(tool.output_schema or {})] == [], tool.name


@pytest.mark.parametrize("case", CASES["cells"], ids=lambda case: ascii(case["input"]))
def test_a_cell_is_text_that_no_spreadsheet_runs(case: dict[str, str]) -> None:
    seen = Seen(Conversation(conversation_id=1, source=case["input"]), closed=False)
    window = Window(start=NOW, end=NOW, zone=UTC)
    (cells,) = csv.reader(io.StringIO(line("csv", seen, window, with_state=False), newline=""))

    assert cells[columns(with_state=False).index("source")] == case["expected"]


@pytest.mark.parametrize("case", CASES["numbers"], ids=lambda case: ascii(case["input"]))
def test_two_writings_are_one_number_or_not(case: dict[str, Any]) -> None:
    first, second = map(number_key, case["input"])

    assert (first == second) is case["expected"]


@pytest.mark.parametrize("case", CASES["days"], ids=lambda case: str(case["input"]))
async def test_a_part_of_a_day_is_called_one(case: dict[str, Any]) -> None:
    with Sandbox(now=NOW) as sandbox:
        settings = Settings(token=sandbox.token, base_url=sandbox.base_url, zone=DENVER)
        async with Client(build_server(settings, now=lambda: NOW)) as client:
            result = await client.call_tool("summarize_sms_inbox", {"group_by": "day", **case["input"]})
    assert result.structured_content is not None
    found = re.search(r"first day, (\S+), counts from", result.structured_content.get("note", ""))

    assert (found[1] if found else "") == case["expected"]


@pytest.mark.parametrize("case", CASES["certificates"], ids=lambda case: str(case["input"]))
def test_another_file_of_authorities_is_named_where_it_can_help(case: dict[str, Any]) -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_code = case["input"]

    assert (certificate_obstacle(error) is Obstacle.UNKNOWN_AUTHORITY) is case["expected"]
