"""What Convirza and the gateways before it really answer, case by case."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

import faults
from convirza_mcp import ConvirzaClient, errors
from convirza_mcp.clock.durations import seconds_of
from convirza_mcp.rules.waiting import Waiting
from faults import FaultServer
from faults.canaries import TOKEN
from support.rows import envelope, row

FOLDER = Path(__file__).parent
ROWS = json.dumps([row(987654), row(987650)])
ANSWERS = tomllib.loads((FOLDER / "convirza_answers.toml").read_text(encoding="utf-8"))["answer"]
TIMES = tomllib.loads((FOLDER / "response_times.toml").read_text(encoding="utf-8"))["time"]


@pytest.mark.parametrize("case", ANSWERS, ids=[case["input"] for case in ANSWERS])
async def test_a_reported_answer_is_read_as_expected(case: dict[str, Any]) -> None:
    body = case["body"].replace("ROWS", ROWS).encode()
    headers = [("Retry-After", "0")]
    if content_type := case.get("content_type", "application/json"):
        headers.append(("Content-Type", content_type))
    answer = faults.status(case.get("status", 200), body, headers)

    with FaultServer(*[answer] * case.get("requests", 1), faults.page()) as convirza:
        async with ConvirzaClient(TOKEN, base_url=convirza.base_url, timeout=20.0) as client:
            if isinstance(case["expected"], str):
                with pytest.raises(getattr(errors, case["expected"])) as caught:
                    await client.list_sms_conversations()
                assert case.get("words", "") in str(caught.value)
            else:
                page = await client.list_sms_conversations()
                assert [each.conversation_id for each in page.conversations] == case["expected"]
                assert page.total == len(case["expected"])
        assert len(convirza.requests) == case.get("requests", 1)


@pytest.mark.parametrize("case", TIMES, ids=[repr(case["input"]) for case in TIMES])
async def test_a_reported_response_time_is_read_as_expected(case: dict[str, Any]) -> None:
    value = json.loads(case["input"]) if case.get("json") else case["input"]
    with FaultServer(faults.page([row(first_response_time=value, avg_response_time=value)])) as convirza:
        async with ConvirzaClient(TOKEN, base_url=convirza.base_url, timeout=20.0) as client:
            page = await client.list_sms_conversations()

    (conversation,) = page.conversations
    was_read = case["expected"] not in ("unreadable", "absent")
    fields = frozenset({"first_response_time", "avg_response_time"} if case["expected"] == "unreadable" else ())
    expected = case["expected"] if was_read else None
    assert (conversation.first_response_time, conversation.avg_response_time) == (expected, expected)
    assert conversation.unreadable == fields == page.unreadable_fields.get(987654, frozenset())
    assert page.unreadable == dict.fromkeys(fields, 1)
    assert ("never answered" in Waiting(conversation, None).reasons) is (case["expected"] == "absent")
    if was_read:
        assert seconds_of(case["expected"]) > 0


async def test_rows_that_could_not_be_read_leave_no_empty_page() -> None:
    with FaultServer(faults.page([row(None), row("x")])) as convirza:
        async with ConvirzaClient(TOKEN, base_url=convirza.base_url, timeout=20.0) as client:
            page = await client.list_sms_conversations()

    assert (page.conversations, page.dropped, page.total, page.is_empty) == ((), (0, 1), 2, False)


@pytest.mark.parametrize(
    ("data", "is_empty"),
    [
        ({"total": 0, "conversation": []}, True),
        ({"total": 2, "conversation": []}, False),
        ({"conversation": []}, False),
        ({"total": "many", "conversation": []}, False),
    ],
    ids=["nothing", "a total that contradicts", "no total", "no readable total"],
)
async def test_an_empty_page_is_one_that_convirza_calls_empty(data: dict[str, Any], is_empty: bool) -> None:
    with FaultServer(faults.json_body(envelope(data=data))) as convirza:
        async with ConvirzaClient(TOKEN, base_url=convirza.base_url, timeout=20.0) as client:
            page = await client.list_sms_conversations()

    assert page.is_empty is is_empty
