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
from pathlib import Path
from typing import Any

import anyio
import httpx2
from mcp import Client
from mcp_types import TextContent
from o200k import count

from convirza_mcp import Settings
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server import INSTRUCTIONS, build_server

MOST_PER_COMPACT_ROW = 50
MOST_OF_RAW_BODY = 1 / 3
MOST_PER_DEFINITION = 500
MOST_PER_OUTPUT_SCHEMA = 200
MOST_IN_ALL = 3_000
LISTED = {"limit": 50, "start": "30d"}


def main() -> None:
    exceeded = anyio.run(measure)
    for line in exceeded:
        print(f"LIMIT PASSED: {line}")
    sys.exit(bool(exceeded))


async def measure() -> list[str]:
    texts = real_texts()
    with Sandbox(conversations=2_000, texts=texts) as sandbox:
        settings = Settings(token=sandbox.token, base_url=sandbox.base_url)
        async with Client(build_server(settings)) as client:
            exceeded = await definitions(client)
            print(f"\nA page of {LISTED['limit']} rows, {'real texts' if texts else 'the sandbox’s own texts'}:")
            text = await listed(client, LISTED)
            raw = raw_body(sandbox)
            rows = json.loads(text)["rows"]
            each = count(text) / len(rows)
            print(f"  raw body          {count(raw):7,} tokens, {count(raw) / len(rows):5.1f} a row")
            print(
                f"  compact           {count(text):7,} tokens, {each:5.1f} a row, {count(text) / count(raw):.3f} of raw"
            )
            full = await listed(client, LISTED | {"detail": "full"})
            print(
                f"  full              {count(full):7,} tokens, {count(full) / len(json.loads(full)['rows']):5.1f} a row"
            )
            for limit in (7, 200):
                text_at = await listed(client, LISTED | {"limit": limit})
                raw_at = count(raw_body(sandbox))
                print(f"  compact, {limit:3} rows {count(text_at):7,} tokens, {count(text_at) / raw_at:.3f} of raw")
            if texts and each > MOST_PER_COMPACT_ROW:
                exceeded.append(f"{each:.1f} tokens a compact row, at most {MOST_PER_COMPACT_ROW}")
            if texts and count(text) > count(raw) * MOST_OF_RAW_BODY:
                exceeded.append(f"{count(text) / count(raw):.3f} of the raw body, at most {MOST_OF_RAW_BODY:.3f}")
    return exceeded


async def definitions(client: Client) -> list[str]:
    exceeded: list[str] = []
    in_all = count(INSTRUCTIONS)
    print(f"instructions{'':<24} {in_all:5} tokens, {len(INSTRUCTIONS)} characters")
    for tool in (await client.list_tools()).tools:
        described = {"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema}
        definition = count(written(described))
        output = count(written(tool.output_schema)) if tool.output_schema else 0
        in_all += definition
        print(f"{tool.name:<36} {definition:5} tokens, its output schema {output}")
        if definition > MOST_PER_DEFINITION:
            exceeded.append(f"{tool.name}: {definition} tokens, at most {MOST_PER_DEFINITION}")
        if output > MOST_PER_OUTPUT_SCHEMA:
            exceeded.append(f"{tool.name}: output schema of {output} tokens, at most {MOST_PER_OUTPUT_SCHEMA}")
    print(f"definitions and instructions{'':<8} {in_all:5} tokens")
    if in_all > MOST_IN_ALL:
        exceeded.append(f"{in_all} tokens of definitions and instructions, at most {MOST_IN_ALL}")
    return exceeded


async def listed(client: Client, arguments: dict[str, Any]) -> str:
    result = await client.call_tool("list_sms_conversations", arguments)
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
