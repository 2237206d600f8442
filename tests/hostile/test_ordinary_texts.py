"""What must not suffer from the cleaning: ordinary texts through a real tool."""

import html
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from convirza_mcp.sandbox import Sandbox
from hostile.inboxes import server_over
from support.benign_texts import BENIGN

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
LONGEST = 2_000


async def shown_messages(texts: list[str]) -> list[tuple[str, str]]:
    """Each message of an inbox of these texts, as it was sent and as the list shows it in full."""
    pairs: list[tuple[str, str]] = []
    with Sandbox(conversations=len(texts), texts=texts, now=NOW) as sandbox:
        sent = {row["conversation_id"]: row["message"] for row in sandbox.conversations}
        async with server_over(sandbox.base_url, sandbox.token) as client:
            for view in ("allOpen", "close"):
                offset: int | None = 0
                while offset is not None:
                    arguments = {"type": view, "limit": 200, "offset": offset, "detail": "full", "start": "2025-01-01"}
                    result = await client.call_tool("list_sms_conversations", arguments | {"end": NOW.isoformat()})
                    page = result.structured_content
                    assert page is not None
                    place = page["columns"].index("message")
                    pairs += [(sent[row[0]], row[place]) for row in page["rows"]]
                    offset = page["next_offset"]
    return pairs


def as_meant(text: str) -> str:
    """The text with its Windows-1252 bytes and its HTML entities as the characters that they were."""
    text = re.sub("&(?:lt|gt|amp|quot|#39);", lambda entity: html.unescape(entity[0]), text)
    return "".join(bytes([ord(each)]).decode("cp1252", "ignore") if "\x80" <= each <= "\x9f" else each for each in text)


async def test_ordinary_texts_come_through_a_tool_unchanged() -> None:
    pairs = await shown_messages(BENIGN)

    assert sorted(text for text, _ in pairs) == sorted(BENIGN)
    assert [shown for _, shown in pairs] == [text for text, _ in pairs]


@pytest.mark.long
async def test_real_messages_come_through_a_tool_unchanged() -> None:
    folder = os.environ.get("SMS_TEXTS")
    if folder is None:
        pytest.skip("SMS_TEXTS names no folder of real texts")
    lines = (Path(folder) / "sms-texts.tsv").read_text(encoding="utf-8").splitlines()
    texts = [line.split("\t", 1)[1] for line in lines if "\t" in line]

    pairs = await shown_messages(texts)

    assert len(pairs) == len(texts) > 5_000
    assert [shown for _, shown in pairs] == [as_meant(text) for text, _ in pairs]
    assert all(len(text) < LONGEST for text in texts)
