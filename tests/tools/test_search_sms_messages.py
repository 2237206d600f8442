"""`search_sms_messages` against the sandbox over real HTTP, and against answers made for one case."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from convirza_mcp.answers.records import COMPACT_COLUMNS
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.text.tokens import estimate_tokens
from convirza_mcp.tools.search_sms_messages import TOOL
from support.calls import NOW, SETTINGS, asking, calls_of, paged, text_of
from support.convirza import Convirza, Rows
from support.rows import answering, row
from support.snapshots import Snapshot, assert_is_snapshot

call, answer = calls_of(TOOL)


@pytest.mark.parametrize("variants", [(), ("nulls", "offset-404", "pinned-first")], ids=str)
async def test_the_hits_are_those_of_a_search_by_hand(variants: tuple[str, ...]) -> None:
    words = ("refund", "ORDER back", "maria", "801555", "you the", "zzz")
    with Sandbox(conversations=700, variants=variants, now=NOW) as sandbox:
        async with asking(sandbox) as ask:
            answers = {query: await ask("search", query=query, limit=100) for query in words}
        requests = len(sandbox.requests)
        views = [sandbox.ask(type=each, start=NOW - timedelta(days=30), end=NOW).rows for each in ("allOpen", "close")]
    rows = [each for view in views for each in view]

    def holds(each: dict[str, Any], word: str) -> bool:
        if word.isdecimal():
            return word in (each.get("source") or "") + " " + (each.get("phone_number") or "")
        return word in ((each.get("message") or "") + "\n" + (each.get("source_name") or "")).lower()

    for query, found in answers.items():
        hits = [each for each in rows if all(holds(each, word) for word in query.lower().split())]
        hits.sort(key=lambda each: (each.get("conversation_updated") or "", each["conversation_id"]), reverse=True)
        assert found["matches"] == len(hits), query
        assert found["coverage"]["complete"]
        assert [each[0] for each in found["rows"]] == [each["conversation_id"] for each in hits[:100]]
    assert answers["refund"]["matches"] > 0
    # Every question after the first was answered from memory; one request shows that the open ones still stand.
    assert requests == sum(-(-len(view) // 200) for view in views) + 1


ROWS = [
    row(3, message="Hello, and thanks for the quick help. " * 4 + "One question about the Refund of last week. " * 3),
    row(2, message="Nothing here", source_name="Ana Réfund", conversation_updated="2026-03-06T10:00:00Z"),
    row(1, message="refund?", conversation_updated=None, agent=None, source_name=None),
    row(4, message="other"),
]


async def test_a_result_reads_as_agreed() -> None:
    texts = [
        text_of(await call(given, paged(ROWS)))
        for given in ({"query": "refund"}, {"query": "ＲＥＦＵＮＤ", "limit": 1})
    ]

    assert_is_snapshot("\n\n".join(texts) + "\n", "search_sms_messages.txt")


async def test_finding_nothing_says_what_was_searched_and_never_the_query(snapshot: Snapshot) -> None:
    result = await call({"query": "Qanary", "type": "allOpen", "agent": "John Doe"}, paged(ROWS))

    found = json.loads(text_of(result))
    assert (found["matches"], found["rows"]) == (0, [])
    snapshot(found["note"])
    assert "qanary" not in text_of(result).lower()


async def test_what_is_left_out_is_counted_and_the_next_calls_bring_it(snapshot: Snapshot) -> None:
    rows = [
        row(each, conversation_updated=(NOW - timedelta(minutes=each, microseconds=500_000)).isoformat())
        for each in range(1, 251)
    ]
    few = json.loads(text_of(await call({"query": "call"}, paged(rows[:30]))))
    snapshot(few["left_out"])

    def within(held: Rows, asked: Any) -> Rows:
        end = datetime.fromisoformat(asked["end"])
        return [each for each in held if datetime.fromisoformat(each["conversation_updated"]) <= end]

    convirza = Convirza(*rows)
    convirza.arrange = within
    seen: list[int] = []
    given: dict[str, Any] = {"query": "call", "limit": 100}
    small = replace(SETTINGS, max_result_tokens=2_000)
    for _ in range(20):
        found = await answer(given, answering(convirza), small)
        assert estimate_tokens(json.dumps(found)) < 2_600
        seen += [each[0] for each in found["rows"]]
        if "left_out" not in found:
            break
        said = found["left_out"].split(" with ")[1].removesuffix(" and the other arguments unchanged")
        given |= dict(part.split("=") for part in said.split(", "))
        assert list(given) == ["query", "limit", "after"]

    assert seen == list(range(1, 251))


async def test_a_search_lets_others_work_meanwhile_and_can_be_cancelled() -> None:
    rows = [row(each, message=f"mañana {each}") for each in range(3_000)]
    given = {"query": "manana", "type": "allOpen"}
    turns, answers = 0, []
    async with asking(paged(rows)) as ask:
        await ask("search", **given)

        async def work() -> None:
            nonlocal turns
            while True:
                await anyio.lowlevel.checkpoint()
                turns += 1

        async def search() -> None:
            answers.append(await ask("search", **given))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(work)
            await search()
            tasks.cancel_scope.cancel()
        assert turns >= 5

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(search)
            for _ in range(4):
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()

    assert [each["matches"] for each in answers] == [3_000]


async def test_a_row_has_the_compact_columns_and_a_short_message() -> None:
    long = [row(each, message="I would like a refund, please! " * 40) for each in range(100)]

    found = json.loads(text_of(await call({"query": "refund", "limit": 100}, paged(long))))

    assert found["columns"] == [*COMPACT_COLUMNS, "line", "why"]
    assert all(len(each[6]) <= 100 for each in found["rows"])
    assert all("refund" in each[6] for each in found["rows"])
