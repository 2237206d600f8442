"""What definitions and results cost a model, counted with the real o200k tokenizer, and held to their limits.

    pip install . -r benchmarks/requirements.txt
    python benchmarks/o200k.py --prepare RANKS
    O200K_RANKS=RANKS SMS_TEXTS=FOLDER python benchmarks/tokens.py

Exits with 1 when a limit is passed. Without SMS_TEXTS the results are counted over the sandbox's own messages,
and only the definitions are held to their limits.
"""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import httpx2
from contestants import OURS, PLAIN, Measure
from mcp import Client
from mcp_types import TextContent, Tool
from o200k import count

from convirza_mcp import Settings
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import INSTRUCTIONS, build_server

MAX_PER_COMPACT_ROW = 50
MAX_OF_RAW_BODY = 1 / 3
MAX_PER_DEFINITION = 600
MAX_PER_OUTPUT_SCHEMA = 200
MAX_PER_RANKED_ROW = 60
MAX_PER_SEARCH_ROW = 70
"""Average limit of a search row."""
MAX_PER_SUMMARY = 600
MAX_PER_GROUPED_SUMMARY = 1_500
MAX_PER_COMPARED_SUMMARY = 2_200
MAX_IN_ALL = 3_000
PAGE = 50
NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
WINDOW = {"start": "2026-10-21T17:00:00Z", "end": "2026-11-20T17:00:00Z"}


def main() -> None:
    exceeded = anyio.run(measure)
    for line in exceeded:
        print(f"LIMIT PASSED: {line}")
    sys.exit(bool(exceeded))


async def costs() -> list[Measure]:
    """Return the cost of a row, beside that of the raw body of a plain server, and the definitions' total."""
    with Sandbox(conversations=2_000, texts=real_texts(), now=NOW) as sandbox:
        settings = Settings(token=sandbox.token, base_url=sandbox.base_url)
        async with Client(build_server(settings)) as client:
            both = [await pages(client, sandbox, view) for view in ("allOpen", "close")]
            rows = sum(each.rows for each in both)
            values = {OURS: sum(each.ours for each in both) / rows, PLAIN: sum(each.raw for each in both) / rows}
            listed_tools = (await client.list_tools()).tools
            in_all = count(INSTRUCTIONS) + sum(count(definition(tool)) for tool in listed_tools)
    return [
        Measure(f"a row on a page of {PAGE}", "tokens", values, limit=MAX_OF_RAW_BODY),
        Measure("definitions and instructions", "tokens", {OURS: in_all}, at_most=MAX_IN_ALL),
    ]


async def measure() -> list[str]:
    texts = real_texts()
    # Dated to one moment, so that the figures are the same in every run.
    with Sandbox(conversations=2_000, texts=texts, now=NOW) as sandbox:
        settings = Settings(token=sandbox.token, base_url=sandbox.base_url)
        async with Client(build_server(settings)) as client:
            exceeded = await definitions(client)
            print(f"\nPages of {PAGE} rows, {'real texts' if texts else 'the sandbox’s own texts'}, tokens a row:")
            ours = raw = rows = 0
            for view in ("allOpen", "close"):
                cost = await pages(client, sandbox, view)
                print(f"  {view:<8} {cost.shown}")
                ours, raw, rows = ours + cost.ours, raw + cost.raw, rows + cost.rows
            both = Cost(ours, raw, rows)
            print(f"  both     {both.shown}")
            full = await listed(client, WINDOW | {"limit": PAGE, "detail": "full"})
            print(f"  full     {count(full) / PAGE:5.1f}, of the newest {PAGE}")
            exceeded += await ranked_rows(client)
            exceeded += await summaries(client)
            if texts and both.ours > MAX_PER_COMPACT_ROW * both.rows:
                exceeded.append(f"more than {MAX_PER_COMPACT_ROW} tokens a compact row")
            if texts and both.ours > both.raw * MAX_OF_RAW_BODY:
                exceeded.append("more than a third of the raw body")
    return exceeded


class Cost(NamedTuple):
    """Tokens of our results, of the bodies behind them, and the rows that both hold."""

    ours: int
    raw: int
    rows: int

    @property
    def shown(self) -> str:
        ours, raw = self.ours / self.rows, self.raw / self.rows
        return f"{ours:5.1f} compact, {raw:5.1f} raw, {ours / raw:.3f} of it, over {self.rows} rows"


async def pages(client: Client, sandbox: Sandbox, view: str) -> Cost:
    """Return every whole page of a view, because single pages differ by ten per cent with their messages."""
    ours = raw = rows = 0
    offset: int | None = 0
    while offset is not None:
        text = await listed(client, WINDOW | {"type": view, "limit": PAGE, "offset": offset})
        page = json.loads(text)
        if len(page["rows"]) == PAGE:
            ours, raw, rows = ours + count(text), raw + count(raw_body(sandbox)), rows + PAGE
        offset = page["next_offset"]
    return Cost(ours, raw, rows)


async def definitions(client: Client) -> list[str]:
    exceeded: list[str] = []
    in_all = count(INSTRUCTIONS)
    print(f"instructions{'':<24} {in_all:5} tokens, {len(INSTRUCTIONS)} characters")
    for tool in (await client.list_tools()).tools:
        cost = count(definition(tool))
        output = count(written(tool.output_schema)) if tool.output_schema else 0
        in_all += cost
        print(f"{tool.name:<36} {cost:5} tokens, its output schema {output}")
        if cost > MAX_PER_DEFINITION:
            exceeded.append(f"{tool.name}: {cost} tokens, at most {MAX_PER_DEFINITION}")
        if output > MAX_PER_OUTPUT_SCHEMA:
            exceeded.append(f"{tool.name}: output schema of {output} tokens, at most {MAX_PER_OUTPUT_SCHEMA}")
    print(f"definitions and instructions{'':<8} {in_all:5} tokens")
    if in_all > MAX_IN_ALL:
        exceeded.append(f"{in_all} tokens of definitions and instructions, at most {MAX_IN_ALL}")
    return exceeded


def definition(tool: Tool) -> str:
    """Return a definition as hosts hand it to a model."""
    return written({"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema})


async def ranked_rows(client: Client) -> list[str]:
    """Return every row by itself, because the limit is for the longest."""
    exceeded = []
    for tool, arguments in (
        ("list_waiting_sms_conversations", {}),
        ("search_sms_messages", {"query": "the"}),
        ("search_sms_messages", {"query": "1"}),
        ("list_sms_changes", {"since": WINDOW["start"]}),
    ):
        window = {} if "since" in arguments else WINDOW
        text = await called(client, tool, window | arguments | {"limit": 100})
        # One row per line, with its comma and line break; the first lines are the head.
        costs = [count(f"{line}\n") for line in text.splitlines()[4:-1]]
        print(f"  {tool}: {sum(costs) / len(costs):.1f} a row, at most {max(costs)}, over {len(costs)} rows")
        if tool == "list_waiting_sms_conversations" and max(costs) > MAX_PER_RANKED_ROW:
            exceeded.append(f"{tool}: a row of {max(costs)} tokens, at most {MAX_PER_RANKED_ROW}")
        if tool == "search_sms_messages" and sum(costs) / len(costs) > MAX_PER_SEARCH_ROW:
            exceeded.append(f"{tool}: {sum(costs) / len(costs):.1f} tokens a row, at most {MAX_PER_SEARCH_ROW}")
    return exceeded


async def summaries(client: Client) -> list[str]:
    exceeded = []
    for given, most in (
        ({}, MAX_PER_SUMMARY),
        *(({"group_by": by}, MAX_PER_GROUPED_SUMMARY) for by in ("agent", "phone_number", "day", "hour", "team")),
        ({"group_by": "agent", "by_time": "closed"}, MAX_PER_GROUPED_SUMMARY),
        ({"group_by": "day", "compare_to": "previous"}, MAX_PER_COMPARED_SUMMARY),
        ({"group_by": "agent", "compare_to": "previous"}, MAX_PER_COMPARED_SUMMARY),
        *(
            ({"group_by": by, "then_by": then, "by_time": time}, MAX_PER_SUMMARY)
            for by, then in (("weekday", "hour"), ("hour", "weekday"))
            for time in ("latest", "closed")
        ),
    ):
        cost = count(await called(client, "summarize_sms_inbox", WINDOW | given))
        name = ", ".join(f"{key}={value}" for key, value in given.items())
        print(f"  summarize_sms_inbox {name}: {cost} tokens")
        if cost > most:
            exceeded.append(f"summary {name}: {cost} tokens, at most {most}")
    return exceeded


async def listed(client: Client, arguments: dict[str, Any]) -> str:
    return await called(client, "list_sms_conversations", arguments)


async def called(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    result = await client.call_tool(tool, arguments)
    (block,) = result.content
    assert isinstance(block, TextContent)
    assert not result.is_error, block.text
    return block.text


def raw_body(sandbox: Sandbox) -> str:
    """The body behind the latest answer."""
    response = httpx2.get(
        f"{sandbox.base_url}/conversations/sms",
        params=dict(sandbox.requests[-1].query),
        headers={"Authorization": f"Bearer {sandbox.token}"},
    )
    return response.raise_for_status().text


def real_texts() -> list[str] | None:
    folder = os.environ.get("SMS_TEXTS")
    if not folder:
        return None
    lines = Path(folder, "sms-texts.tsv").read_text(encoding="utf-8").splitlines()
    return [line.partition("\t")[2] for line in lines]


def written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
