"""What reading a whole view costs, against the least that it could, and what second questions cost after it.

50,000 closed conversations behind an API that takes 50 ms a page, in a process of its own. A bare httpx2 script
fetches the pages 4 at a time and decodes their JSON; `summarize_sms_inbox` does the same and answers. They take
turns in one run. The sandbox's messages are in several languages, a third of them with accents or emoji; the first
search makes what later ones compare.
"""

import json
import resource
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import anyio
import httpx2
from contestants import BARE, OURS, Measure, sandbox

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.accounts.account import open_account
from convirza_mcp.server.build import call_tool
from convirza_mcp.tools import list_waiting_sms_conversations, search_sms_messages, summarize_sms_inbox
from convirza_mcp.tools.tool import Tool

CONVERSATIONS = 50_000
DELAY = 0.05
WINDOW = {"start": "2000-01-01", "end": "now"}
TURNS = 3
SECOND_QUESTIONS: dict[str, tuple[Tool[Any, Any], dict[str, Any]]] = {
    "the same asked again": (summarize_sms_inbox.TOOL, {"group_by": "agent"}),
    "who waits": (list_waiting_sms_conversations.TOOL, {}),
    "the first search": (search_sms_messages.TOOL, {"query": "refund"}),
    "another word": (search_sms_messages.TOOL, {"query": "mañana"}),
    "a letter, 100 hits": (search_sms_messages.TOOL, {"query": "e", "limit": 100}),
    "a phrase": (search_sms_messages.TOOL, {"query": '"call me back"'}),
    "a written number": (search_sms_messages.TOOL, {"query": "+1 (801) 555-1234"}),
}


async def bare(environment: dict[str, str], view: str) -> int:
    """Return the number of conversations that a bare script reads."""
    headers = {"Authorization": f"Bearer {environment['CONVIRZA_TOKEN']}"}
    found = 0
    async with httpx2.AsyncClient(base_url=environment["CONVIRZA_BASE_URL"], headers=headers) as client:

        async def page(offset: int) -> dict[str, Any]:
            parameters = {
                "type": view,
                "limit": 200,
                "offset": offset,
                "start": "2000-01-01T00:00:00Z",
                "end": "2099-12-31T00:00:00Z",
            }
            data: dict[str, Any] = json.loads((await client.get("conversations/sms", params=parameters)).content)
            return data["data"]

        first = await page(0)
        found += len(first["conversation"])
        offsets = iter(range(200, first["total"], 200))

        async def keep_asking() -> None:
            nonlocal found
            for offset in offsets:
                read = await page(offset)
                found += len(read["conversation"])

        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(keep_asking)
    return found


def measure() -> Iterator[Measure]:
    yield from anyio.run(_measure)


async def _measure() -> list[Measure]:
    bare_times: list[float] = []
    our_times: list[float] = []
    second_times: dict[str, list[float]] = {name: [] for name in SECOND_QUESTIONS}
    with sandbox(DELAY, CONVERSATIONS) as environment:
        settings = Settings(token=environment["CONVIRZA_TOKEN"], base_url=environment["CONVIRZA_BASE_URL"])
        for _ in range(TURNS):
            began = time.perf_counter()
            found = await bare(environment, "close") + await bare(environment, "allOpen")
            bare_times.append(time.perf_counter() - began)
            async with open_account(ConvirzaClient.from_settings(settings), settings) as account:
                began = time.perf_counter()
                result = await call_tool(summarize_sms_inbox.TOOL, WINDOW | {"group_by": "agent"}, account.request())
                our_times.append(time.perf_counter() - began)
                for name, (tool, arguments) in SECOND_QUESTIONS.items():
                    began = time.perf_counter()
                    again = await call_tool(tool, WINDOW | arguments, account.request())
                    second_times[name].append((time.perf_counter() - began) * 1_000)
                    assert not again.is_error, again.content
            assert result.structured_content is not None, result.content
            coverage = result.structured_content["coverage"]
            assert coverage["complete"], coverage
            assert coverage["read"] == found == CONVERSATIONS, (coverage, found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    both = {BARE: median(bare_times), OURS: median(our_times)}
    return [
        Measure("summary of 50,000", "s", both, to=BARE, limit=1.15),
        Measure("its requests, both views", "", {OURS: coverage["requests"]}, at_most=CONVERSATIONS / 200 + 2),
        *(
            Measure(f"then, of the same 50,000: {name}", "ms", {OURS: median(times)}, at_most=300)
            for name, times in second_times.items()
        ),
        Measure("peak memory of all that, with the bare client", "MiB", {OURS: peak}, at_most=250),
    ]
