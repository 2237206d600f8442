from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import anyio
import httpx2
import pytest
from anyio.abc import TaskGroup

from convirza_mcp.api.client import ConvirzaClient
from convirza_mcp.api.http.queue import RequestQueue
from convirza_mcp.errors import OverloadedError, ServerError

AT_ONCE = 8
WAITING = 64


class Busy:
    """A queue whose eight places are taken until `gate` is set; `made` lists the requests that ran."""

    def __init__(self, tasks: TaskGroup) -> None:
        self.queue = RequestQueue()
        self.made: list[str] = []
        self.answers: list[object] = []
        self.gate = anyio.Event()
        self.tasks = tasks

    def start(self, question: str, name: str) -> None:
        self.tasks.start_soon(self._ask, question, name)

    async def request(self, name: str) -> object:
        self.made.append(name)
        return object()

    async def _ask(self, question: str, name: str) -> None:
        self.answers.append(await self.queue.run(question, partial(self.request, name)))


@asynccontextmanager
async def busy_queue() -> AsyncIterator[Busy]:
    """Take the eight places, and free them when the block has ended and all its calls wait."""
    async with anyio.create_task_group() as tasks:
        busy = Busy(tasks)
        for number in range(AT_ONCE):
            tasks.start_soon(busy.queue.run, f"first {number}", busy.gate.wait)
        await anyio.wait_all_tasks_blocked()
        yield busy
        await anyio.wait_all_tasks_blocked()
        busy.gate.set()


async def test_callers_with_the_same_question_share_the_request_that_waits() -> None:
    async with busy_queue() as busy:
        for number in range(5):
            busy.start("page 1", f"caller {number}")
        busy.start("page 2", "another question")

    assert busy.made == ["caller 0", "another question"]
    assert sorted(busy.answers.count(each) for each in set(busy.answers)) == [1, 5]


async def test_16_callers_share_a_request_and_the_next_one_makes_another() -> None:
    async with busy_queue() as busy:
        for number in range(33):
            busy.start("page 1", f"caller {number}")

    assert busy.made == ["caller 0", "caller 16", "caller 32"]
    assert sorted(busy.answers.count(each) for each in set(busy.answers)) == [1, 16, 16]


async def test_a_request_that_was_sent_is_not_shared() -> None:
    queue, sent, gate = RequestQueue(), [], anyio.Event()

    async def request() -> None:
        sent.append(None)
        await gate.wait()

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(queue.run, "page 1", request)
        await anyio.wait_all_tasks_blocked()
        assert len(sent) == 3
        gate.set()


@pytest.mark.parametrize(("is_sent", "made"), [(False, ["second"]), (True, ["second", "third"])])
async def test_another_caller_asks_if_the_one_that_asked_leaves(is_sent: bool, made: list[str]) -> None:
    async with busy_queue() as busy, anyio.create_task_group() as first:
        first.start_soon(busy.queue.run, "page 1", anyio.sleep_forever)
        await anyio.wait_all_tasks_blocked()
        busy.start("page 1", "second")
        busy.start("page 1", "third")
        await anyio.wait_all_tasks_blocked()
        if is_sent:
            busy.gate.set()
            await anyio.wait_all_tasks_blocked()
        first.cancel_scope.cancel()

    assert busy.made == made
    assert len(busy.answers) == 2


async def test_each_caller_gets_its_own_copy_of_the_error() -> None:
    caught: list[Exception] = []

    async def failing() -> None:
        raise ServerError("no", remedy="", status=503)

    async def ask(busy: Busy) -> None:
        with pytest.raises(ServerError) as error:
            await busy.queue.run("page 1", failing)
        caught.append(error.value)

    async with busy_queue() as busy:
        for _ in range(3):
            busy.tasks.start_soon(ask, busy)

    assert [(type(each), each.args) for each in caught] == [(ServerError, ("no",))] * 3
    assert len({id(each) for each in caught}) == 3


async def test_64_requests_wait_and_no_more() -> None:
    async with busy_queue() as busy:
        for number in range(WAITING):
            busy.start(f"page {number}", f"{number}")
        await anyio.wait_all_tasks_blocked()

        with pytest.raises(OverloadedError):
            await busy.queue.run("another page", partial(busy.request, "one too many"))
        busy.start("page 0", "shared")

    assert busy.made == [f"{number}" for number in range(WAITING)]
    assert len(busy.answers) == WAITING + 1


async def test_20_calls_for_the_same_page_make_9_requests() -> None:
    gate, requests = anyio.Event(), []

    async def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        await gate.wait()
        rows = [{"conversation_id": len(requests)}]
        return httpx2.Response(200, json={"data": {"conversation": rows, "total": 1}})

    pages = []

    async def ask(client: ConvirzaClient) -> None:
        pages.append(await client.list_sms_conversations())

    async with (
        ConvirzaClient("CNVZ-AT-7f3e9d", transport=httpx2.MockTransport(answer)) as client,
        anyio.create_task_group() as tasks,
    ):
        for _ in range(20):
            tasks.start_soon(ask, client)
        await anyio.wait_all_tasks_blocked()
        assert len(requests) == AT_ONCE
        gate.set()

    assert len(requests) == AT_ONCE + 1
    assert len(pages) == 20
