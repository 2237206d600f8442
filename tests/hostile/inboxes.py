"""The sandbox's hostile inbox, who carries what in it, and a server that reads it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from mcp import Client
from mcp_types import CallToolResult, TextContent

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.server.build import build_server
from hostile.expected import Expected, expected
from support.rows import DOCUMENTED

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
WINDOW = {"start": "2025-01-01", "end": "2026-03-06T16:12:00Z"}

FIELD_OF = {"message": "message", "source_name": "source_name", "agent": "agent", "number": "source"}


def carried(sandbox: Sandbox) -> dict[int, Expected]:
    """What stands in which conversation, by its id."""
    rows = sandbox.conversations
    found: dict[int, Expected] = {}
    for text in expected():
        if text.carrier in FIELD_OF:
            (row,) = (each for each in rows if each[FIELD_OF[text.carrier]] == text.raw)
            found[row["conversation_id"]] = text
    return found


@asynccontextmanager
async def server_over(base_url: str, token: str, **settings: Any) -> AsyncIterator[Client]:
    """The official client, in memory, of a server that reads that inbox."""
    read = Settings(token=token, base_url=base_url, max_calls_per_minute=0, **settings)
    async with Client(build_server(read, open_client=lambda: ConvirzaClient.from_settings(read))) as client:
        yield client


def block_of(result: Any) -> str:
    """The one text of a result."""
    assert isinstance(result, CallToolResult)
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


def assert_shown(cells: Mapping[str, Any], text: Expected, message_length: int) -> None:
    """A row, by column, that holds the text: in full where messages have 2,000 characters, else on one line."""
    match text.carrier:
        case "message" if message_length == 2_000:
            assert cells["message"] == text.shown
        case "message":
            assert_cut(cells["message"], " ".join(text.whole.split()), message_length)
        case "number":
            for field in ("source", "phone_number"):
                if field in cells:
                    assert cells[field] == text.shown, field
            if "ct_user_id" in cells:
                # The one that is a whole number, if a strange one.
                assert cells["ct_user_id"] == (-18015550107 if text.raw == "-18015550107" else None)
                assert cells["first_response_time"] is None
        case _:
            assert cells.get(text.carrier, text.shown) == text.shown


def assert_shown_in_part(cells: Mapping[str, Any], text: Expected, message_length: int) -> None:
    """The same where a row has a price, so that each of its texts may be cut shorter."""
    for field in ("source", "phone_number") if text.carrier == "number" else (text.carrier,):
        cell = cells.get(field, text.shown)
        if text.shown is None:
            assert cell is None
        else:
            whole = " ".join(text.whole.split()) if field == "message" else text.shown
            assert_cut(cell, whole, message_length, priced=True)


def assert_cut(cell: str, whole: str, length: int, *, priced: bool = False) -> None:
    """Whether the cell holds the whole text, or such a part of it as fits, marked as one."""
    assert len(cell) <= length
    if cell != whole:
        assert priced or len(whole) > length, (ascii(cell), ascii(whole))
        assert "…" in (cell[0], cell[-1])
        assert cell.strip("…") in whole


def documented_keys() -> list[str]:
    return list(DOCUMENTED)
