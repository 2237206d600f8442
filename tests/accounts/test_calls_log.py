"""The line that a tool call leaves in the log."""

import json
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx2
import pytest

import faults
from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import Account, open_account
from convirza_mcp.accounts.calls import logged_call
from convirza_mcp.server.build import call_tool
from convirza_mcp.tools import all_tools, tool_named
from faults import FaultServer
from faults.canaries import MESSAGE, NAME, PHONE, TOKEN, canaries_in, everything_logged
from faults.cases import ABOUT_SOMEBODY, error_body
from support.rows import REQUEST_ID, answering, envelope, row

SETTINGS = Settings(token=TOKEN)
FIELDS = ["time", "tool", "outcome", "rows", "ms", "status", "attempts", "request_id"]
SOON = ("Retry-After", "0")


@pytest.fixture(autouse=True)
def info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "convirza_mcp")


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == "convirza_mcp"]


def said(line: dict[str, Any]) -> dict[str, Any]:
    """The line without what the clock decides."""
    return {name: value for name, value in line.items() if name not in ("time", "ms")}


async def call(
    transport: httpx2.AsyncBaseTransport | None = None,
    tool: str = "list_sms_conversations",
    arguments: dict[str, Any] | None = None,
    *,
    base_url: str = "http://127.0.0.1:1/v3",
) -> None:
    client = ConvirzaClient(TOKEN, base_url=base_url, transport=transport, timeout=20.0)
    async with open_account(client, SETTINGS) as account:
        await call_tool(tool_named(tool), arguments or {}, account.request())


async def test_a_call_leaves_one_line_with_these_fields(caplog: pytest.LogCaptureFixture) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    await call(answering(envelope([row(1), row(2)])))
    after = datetime.now(UTC)

    (line,) = lines(caplog)
    assert list(line) == FIELDS
    assert said(line) == {
        "tool": "list_sms_conversations",
        "outcome": "ok",
        "rows": 2,
        "status": 200,
        "attempts": 1,
        "request_id": REQUEST_ID,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert before <= datetime.fromisoformat(line["time"]) <= after
    assert 0 < line["ms"] < (after - before).total_seconds() * 1_000
    assert [record.levelname for record in caplog.records if record.name == "convirza_mcp"] == ["INFO"]


@pytest.mark.parametrize(
    ("answers", "outcome", "rows", "status", "attempts", "request_id"),
    [
        ([faults.status(503, error_body("x", 503), [SOON]), faults.page()], "ok", 2, 200, 2, REQUEST_ID),
        ([faults.status(503, error_body("x", 503), [SOON])], "ServerError", None, 503, 3, REQUEST_ID),
        ([faults.status(400, b"<p>")], "BadRequestError", None, 400, 1, None),
        ([faults.reset_after()], "ConnectionBrokenError", None, 200, 3, None),
        (
            [faults.status(503, error_body("x", 503), [SOON]), faults.reset_after(0)],
            "ConnectionBrokenError",
            None,
            None,
            3,
            None,
        ),
        ([faults.html(200)], "InvalidResponseError", None, 200, 1, None),
        ([faults.redirect(302, f"https://{TOKEN}.example/{PHONE}")], "InvalidResponseError", None, 302, 1, None),
    ],
    ids=["retried", "failed", "rejected", "broken off", "no answer at last", "a web page", "redirected"],
)
async def test_what_the_requests_came_to(
    answers: list[faults.Answer],
    outcome: str,
    rows: int | None,
    status: int | None,
    attempts: int,
    request_id: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with FaultServer(*answers) as convirza:
        await call(base_url=convirza.base_url)

        assert len(convirza.requests) == attempts
    (line,) = lines(caplog)
    assert said(line) == {
        "tool": "list_sms_conversations",
        "outcome": outcome,
        "rows": rows,
        "status": status,
        "attempts": attempts,
        "request_id": request_id,
    }


async def test_a_call_that_asked_nothing_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async with open_account(ConvirzaClient(TOKEN), replace(SETTINGS, max_calls_per_minute=1)) as account:
        for given in ({"limit": 0, "search": NAME}, {"search": NAME}):
            await call_tool(tool_named("list_sms_conversations"), given, account.request())

    nothing = {"tool": "list_sms_conversations", "rows": None, "status": None, "attempts": 0, "request_id": None}
    assert [said(line) for line in lines(caplog)] == [
        nothing | {"outcome": "InvalidArgumentError"},
        nothing | {"outcome": "CallLimitError"},
    ]


async def test_a_fault_of_our_own_is_an_error_and_only_its_class_is_said(caplog: pytest.LogCaptureFixture) -> None:
    def api(_: httpx2.Request) -> httpx2.Response:
        raise LookupError(f"{PHONE} {NAME}")

    await call(answering(api))

    (line,) = lines(caplog)
    assert (line["outcome"], line["attempts"], line["status"]) == ("LookupError", 1, None)
    assert [record.levelname for record in caplog.records if record.name == "convirza_mcp"] == ["ERROR"]
    assert canaries_in(everything_logged(caplog.records)) == []


async def test_a_cancelled_call_is_logged_with_what_it_has_cost(caplog: pytest.LogCaptureFixture) -> None:
    asked = anyio.Event()

    async def api(_: httpx2.Request) -> httpx2.Response:
        asked.set()
        await anyio.sleep_forever()
        raise AssertionError

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call, httpx2.MockTransport(api))
        await asked.wait()
        tasks.cancel_scope.cancel()

    (line,) = lines(caplog)
    assert (line["outcome"], line["rows"], line["attempts"], line["status"]) == ("cancelled", None, 1, None)


async def test_pages_of_a_view_count_for_the_question_that_began_to_read_it(caplog: pytest.LogCaptureFixture) -> None:
    # Read in tasks of its own, four at a time; who asks the same meanwhile, or after it, makes no request.
    joined = anyio.Event()
    pages = 0

    async def api(request: httpx2.Request) -> httpx2.Response:
        nonlocal pages
        pages += 1
        await joined.wait()
        offset = int(request.url.params["offset"])
        rows = [row(each) for each in range(offset, min(offset + 200, 1_000))]
        return httpx2.Response(200, json=envelope(rows, 1_000))

    summary = tool_named("summarize_sms_inbox")
    closed = {"type": "close"}

    async def ask(account: Account) -> None:
        await call_tool(summary, closed, account.request())

    client = ConvirzaClient(TOKEN, base_url="http://127.0.0.1:1/v3", transport=httpx2.MockTransport(api))
    async with open_account(client, SETTINGS) as account:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, account)
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(ask, account)
            await anyio.wait_all_tasks_blocked()
            joined.set()
        await ask(account)

    found = [(line["outcome"], line["attempts"], line["status"], line["request_id"]) for line in lines(caplog)]
    asked = ("ok", pages, 200, REQUEST_ID)
    not_asked = ("ok", 0, None, None)
    assert pages >= 5
    assert sorted(found, key=lambda each: -each[1]) == [asked, not_asked, not_asked]
    assert found[-1] == not_asked


async def test_calls_at_once_are_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    def api(request: httpx2.Request) -> httpx2.Response:
        limit = int(request.url.params["limit"])
        return httpx2.Response(200, json=envelope([row(each) for each in range(limit)]) | {"request_id": uuid(limit)})

    client = ConvirzaClient(TOKEN, base_url="http://127.0.0.1:1/v3", transport=answering(api))
    async with open_account(client, SETTINGS) as account, anyio.create_task_group() as tasks:
        for limit in range(1, 41):
            tasks.start_soon(call_tool, tool_named("list_sms_conversations"), {"limit": limit}, account.request())

    found = sorted((line["rows"], line["attempts"], line["request_id"]) for line in lines(caplog))
    assert found == [(limit, 1, uuid(limit)) for limit in range(1, 41)]


def uuid(number: int) -> str:
    return f"550e8400-e29b-41d4-a716-{number:012}"


@pytest.mark.parametrize("tool", [tool.name for tool in all_tools()])
async def test_no_tool_lets_a_word_of_question_or_answer_into_the_log(
    tool: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    arguments: dict[str, dict[str, Any]] = {
        "list_sms_conversations": {"search": PHONE},
        "get_sms_conversation": {"conversation_id": 987654},
        "search_sms_messages": {"query": NAME, "phone_number": PHONE},
        "list_waiting_sms_conversations": {"agent": NAME},
        "summarize_sms_inbox": {"phone_number": PHONE, "group_by": "agent"},
        "list_sms_changes": {"since": "7d", "agent": NAME},
    }
    page = envelope([ABOUT_SOMEBODY | {"agent": NAME, "conversation_status": MESSAGE}])

    await call(answering(page), tool, arguments[tool])
    await call(answering(page), tool, arguments[tool] | {MESSAGE: NAME})

    assert [line["outcome"] for line in lines(caplog)] == ["ok", "InvalidArgumentError"]
    assert canaries_in(everything_logged(caplog.records)) == []


def test_without_a_word_on_how_it_ended_a_call_was_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(KeyboardInterrupt), logged_call(None):
        raise KeyboardInterrupt(PHONE)

    (line,) = lines(caplog)
    assert (line["tool"], line["outcome"], line["rows"]) == (None, "cancelled", None)


async def test_without_a_log_handler_no_line_is_made(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "convirza_mcp")

    await call(answering(envelope([row()])))

    assert lines(caplog) == []
