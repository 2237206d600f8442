"""Two accounts in one process share nothing but the bound on rows, and any task may close one."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx2
import pytest
from mcp_types import CompleteRequestParams, CompletionArgument, PromptReference

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import Account, open_account
from convirza_mcp.answers.answer import Answer
from convirza_mcp.errors import CallLimitError, ConversationNotFoundError
from convirza_mcp.scan.cache import RowBudget
from convirza_mcp.server.completions import complete
from convirza_mcp.tools import all_tools
from convirza_mcp.tools.failure import Failure
from support.convirza import Convirza
from support.rows import row

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
SETTINGS = Settings(token="x", privacy="mask", max_calls_per_minute=20)
NAMES = {"north": ("Nora North", "14155550101", "Ann"), "south": ("Saul South", "14155550102", "Bob")}


def convirza_of(account: str, rows: int = 3) -> Convirza:
    name, number, agent = NAMES[account]
    first = 100 if account == "north" else 200
    return Convirza(
        *(
            row(first + each, source_name=name, source=number, agent=agent, message=f"I am {name}")
            for each in range(rows)
        )
    )


def opened(name: str, convirza: Convirza, settings: Settings = SETTINGS, **given: Any) -> Any:
    client = ConvirzaClient(name, base_url="http://127.0.0.1:1/v3", transport=httpx2.MockTransport(convirza))
    key = hashlib.sha256(name.encode()).digest()
    return open_account(client, settings, clock=lambda: NOW, read_key=lambda: key, **given)


@pytest.fixture
async def two() -> AsyncIterator[dict[str, tuple[Account, Convirza]]]:
    convirzas = {name: convirza_of(name) for name in NAMES}
    async with AsyncExitStack() as stack:
        yield {
            name: (await stack.enter_async_context(opened(name, convirza)), convirza)
            for name, convirza in convirzas.items()
        }


async def ask(account: Account, tool: str, **given: Any) -> dict[str, Any]:
    answer = await next(each for each in all_tools() if each.name == tool).ask(given, account.request())
    assert isinstance(answer, Answer), answer
    return answer.structured()


def column(answer: dict[str, Any], name: str) -> set[Any]:
    place = answer["columns"].index(name)
    return {each[place] for each in answer["rows"]}


async def test_rows_and_the_cache_stay_with_their_account(two: dict[str, tuple[Account, Convirza]]) -> None:
    for name, (account, convirza) in two.items():
        found = await ask(account, "list_waiting_sms_conversations")
        asked = convirza.requests
        again = await ask(account, "list_waiting_sms_conversations")

        assert column(found, "conversation_id") == {each["conversation_id"] for each in convirza.rows}
        assert column(found, "agent") == {NAMES[name][2]}
        # The second question is answered from this account's memory.
        assert (again["rows"], convirza.requests) == (found["rows"], asked)
    foreign = two["south"][1].rows[0]["conversation_id"]
    answer = await next(each for each in all_tools() if each.name == "get_sms_conversation").ask(
        {"conversation_id": foreign}, two["north"][0].request()
    )
    assert isinstance(answer, Failure)
    assert answer.code == ConversationNotFoundError.code


async def test_an_alias_of_one_account_is_unknown_in_the_other(two: dict[str, tuple[Account, Convirza]]) -> None:
    shown = {name: await ask(account, "list_sms_conversations") for name, (account, _) in two.items()}
    (north,), (south,) = (column(each, "source") for each in shown.values())
    # The same person in both inboxes is two people to whoever sees both.
    two["south"][1].rows[0]["source"] = NAMES["north"][1]
    same = column(await ask(two["south"][0], "list_sms_conversations"), "source")

    assert north not in same | {south}
    found = await ask(two["south"][0], "list_sms_conversations", search=north)
    assert (found["rows"], found["total"]) == ([], 0)
    assert column(await ask(two["north"][0], "list_sms_conversations", search=north), "source") == {north}


async def test_the_calls_of_one_do_not_count_for_the_other(two: dict[str, tuple[Account, Convirza]]) -> None:
    (north, _), (south, _) = two.values()
    for _ in range(20):
        await ask(north, "list_sms_conversations")

    with pytest.raises(CallLimitError):
        north.limit.admit()
    south.limit.admit()


async def test_completions_know_one_account_s_agents(two: dict[str, tuple[Account, Convirza]]) -> None:
    for account, _ in two.values():
        await ask(account, "summarize_sms_inbox")
    asked = CompleteRequestParams(
        ref=PromptReference(name="triage_inbox"), argument=CompletionArgument(name="agent", value="")
    )

    found = {name: set((await complete(asked, account)).values) for name, (account, _) in two.items()}

    assert ("Ann" in found["north"], "Bob" in found["north"]) == (True, False)
    assert ("Ann" in found["south"], "Bob" in found["south"]) == (False, True)


async def test_a_cursor_is_a_place_in_time_and_shows_nothing_of_its_account(
    two: dict[str, tuple[Account, Convirza]],
) -> None:
    cursor = (await ask(two["north"][0], "list_sms_changes", since="2026-03-05T10:00:00Z"))["cursor"]
    assert cursor == "2026-03-05T10:35:00.000000Z~102"

    # The rows of the other one that are newer than that moment, or of it with a larger id.
    found = await ask(two["south"][0], "list_sms_changes", since=cursor)
    assert column(found, "conversation_id") == {200, 201, 202}


async def test_the_bound_on_rows_is_the_process_s() -> None:
    rows, settings = RowBudget(most_rows=250), replace(SETTINGS, privacy="off")
    north, south = convirza_of("north", 200), convirza_of("south", 200)
    async with (
        opened("north", north, settings, rows=rows) as first,
        opened("south", south, settings, rows=rows) as second,
    ):
        for account in (first, second):
            await ask(account, "list_waiting_sms_conversations")
        asked = north.requests, south.requests
        kept = await ask(second, "list_waiting_sms_conversations")
        dropped = await ask(first, "list_waiting_sms_conversations")

    # The one read last stays; the other made room for it, and is read anew.
    assert south.requests == asked[1]
    assert north.requests > asked[0]
    assert (kept["waiting"], dropped["waiting"]) == (200, 200)


async def test_another_task_than_the_one_that_opened_it_closes_an_account() -> None:
    convirza, closed = convirza_of("north"), anyio.Event()
    stack = AsyncExitStack()
    accounts: list[Account] = []

    async def close() -> None:
        await stack.aclose()
        closed.set()

    async with anyio.create_task_group() as tasks:

        async def open_one() -> None:
            accounts.append(await stack.enter_async_context(opened("north", convirza, tasks=tasks)))

        async with anyio.create_task_group() as opening:
            opening.start_soon(open_one)
        await ask(accounts[0], "list_waiting_sms_conversations")
        async with anyio.create_task_group() as closing:
            closing.start_soon(close)

    assert closed.is_set()
