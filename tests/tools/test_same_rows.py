"""The same rows, in the same order, as the API gave: against the sandbox and its variants, over real HTTP."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp import Settings
from convirza_mcp.answers.records import COMPACT_COLUMNS, FULL_COLUMNS
from convirza_mcp.sandbox import VARIANTS, RefusalError, Sandbox
from convirza_mcp.tools.list_sms_conversations import TOOL
from support.calls import NOW, calls_of, text_of

VIEWS = ("allOpen", "assignedToYou", "unassigned", "close")

OF_CONVERSATIONS = [name for name in VARIANTS if name not in ("users-403", "fewer-users", "null-groups")]


@pytest.fixture(
    scope="module",
    params=[(), tuple(VARIANTS), *(pytest.param((name,), marks=pytest.mark.long) for name in OF_CONVERSATIONS)],
    ids=str,
)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(conversations=300, variants=request.param, now=NOW) as sandbox:
        yield sandbox


call, _ = calls_of(TOOL)


async def ask(sandbox: Sandbox, arguments: dict[str, Any]) -> tuple[bool, str]:
    result = await call(arguments, sandbox, Settings(max_result_tokens=100_000))
    return bool(result.is_error), text_of(result)


MOMENTS = st.integers(0, 90 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
ARGUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(VIEWS),
        "order": st.sampled_from(["desc", "asc"]),
        "search": st.sampled_from(["a", "ar", "CARTER", "1555", "0142", "ü", "no such contact", "%", "&limit=1", "+1"]),
        "limit": st.integers(1, 200),
        "offset": st.integers(0, 320),
        "start": MOMENTS,
        "end": MOMENTS,
        "detail": st.sampled_from(["compact", "full"]),
    },
)


@given(arguments=ARGUMENTS)
async def test_the_rows_are_the_api_s(sandbox: Sandbox, arguments: dict[str, Any]) -> None:
    failed, text = await ask(
        sandbox,
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in arguments.items()},
    )

    asked = {name: value for name, value in arguments.items() if name != "detail"}
    if asked.get("search") == "+1":
        # A number goes out as digits.
        asked["search"] = "1"
    if "start" in asked and "end" not in asked:
        asked["end"] = NOW
    if "end" in asked and "start" not in asked:
        asked["start"] = asked["end"] - timedelta(days=7)
    if asked.get("start", NOW) >= asked.get("end", NOW) and "start" in asked:
        assert failed
        assert text.startswith("`end` must be after `start`")
        return
    try:
        truth = sandbox.ask(**{"limit": 7} | asked)
    except RefusalError as refused:
        # A window that this variant finds too long, or an offset beyond the end.
        if refused.status == 404:
            assert json.loads(text)["rows"] == []
        else:
            assert failed
            assert text.endswith(" [bad_request]")
        return
    page = json.loads(text)
    columns = FULL_COLUMNS if arguments.get("detail") == "full" else COMPACT_COLUMNS
    assert page["columns"] == list(columns)
    assert [each[0] for each in page["rows"]] == [each["conversation_id"] for each in truth.rows]
    assert page["total"] == truth.total
    following = page["offset"] + len(truth.rows)
    assert page["next_offset"] == (following if truth.rows and following < truth.total else None)
    for shown, sent in zip(page["rows"], truth.rows, strict=True):
        record = dict(zip(columns, shown, strict=True))
        for name in ("unread_count", "pin", "ct_user_id", "first_response_time"):
            if name in record:
                assert record[name] == sent.get(name)
        if "conversation_started" in record and sent.get("conversation_started"):
            assert datetime.fromisoformat(record["conversation_started"]) == datetime.fromisoformat(
                sent["conversation_started"]
            ).replace(microsecond=0)


# A limit of 1 takes hundreds of requests in the larger views, and shows nothing more there.
@pytest.mark.parametrize(
    ("view", "limit"), [("assignedToYou", 1), *((view, each) for view in VIEWS for each in (7, 200))]
)
async def test_next_offset_walks_the_whole_view_with_nothing_missing_or_doubled(
    sandbox: Sandbox, view: str, limit: int
) -> None:
    walked: list[int] = []
    offset: int | None = 0
    while offset is not None:
        failed, text = await ask(sandbox, {"type": view, "limit": limit, "offset": offset, "start": "30d"})
        assert not failed, text
        page = json.loads(text)
        walked += [each[0] for each in page["rows"]]
        offset = page["next_offset"]

    truth = sandbox.ask(type=view, limit=None, start=NOW - timedelta(days=30), end=NOW)
    assert walked == [each["conversation_id"] for each in truth.rows]


async def test_the_defaults_are_the_api_s(sandbox: Sandbox) -> None:
    failed, text = await ask(sandbox, {})

    page = json.loads(text)
    truth = sandbox.ask(limit=7)
    assert not failed
    assert sandbox.requests[-1].query == [("offset", "0"), ("limit", "7"), ("type", "allOpen"), ("order", "desc")]
    assert [each[0] for each in page["rows"]] == [each["conversation_id"] for each in truth.rows]
    assert (page["type"], page["order"], page["total"]) == ("allOpen", "desc", truth.total)
    assert page["window"] == "2026-02-27 16:12 to 2026-03-06 16:12 UTC (Convirza's own last 7 days)"
