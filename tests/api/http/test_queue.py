from collections.abc import Awaitable, Callable

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
    """A queue whose eight places are taken until `free` is called; `made` lists the requests that ran."""

    def __init__(self, tasks: TaskGroup) -> None:
        self.queue = RequestQueue()
        self.made: list[str] = []
        self.answers: list[object] = []
        self.gate = anyio.Event()
        self.tasks = tasks

    async def fill(self) -> None:
        for number in range(AT_ONCE):
            self.tasks.start_soon(self.queue.run, f"first {number}", self.gate.wait)
        await anyio.wait_all_tasks_blocked()

    def request(self, name: str) -> Callable[[], Awaitable[object]]:
        async def made() -> object:
            self.made.append(name)
            return object()

        return made

    async def ask(self, question: str, name: str) -> None:
        self.answers.append(await self.queue.run(question, self.request(name)))

    async def free(self) -> None:
        self.gate.set()
        await anyio.wait_all_tasks_blocked()


async def test_callers_with_the_same_question_share_the_request_that_waits() -> None:
    async with anyio.create_task_group() as tasks:
        busy = Busy(tasks)
        await busy.fill()
        for number in range(5):
            tasks.start_soon(busy.ask, "page 1", f"caller {number}")
        tasks.start_soon(busy.ask, "page 2", "another question")
        await anyio.wait_all_tasks_blocked()
        await busy.free()

    assert busy.made == ["caller 0", "another question"]
    assert [busy.answers.count(each) for each in busy.answers] == [5, 1, 5, 5, 5, 5]


async def test_16_callers_share_a_request_and_the_next_one_makes_another() -> None:
    async with anyio.create_task_group() as tasks:
        busy = Busy(tasks)
        await busy.fill()
        for number in range(33):
            tasks.start_soon(busy.ask, "page 1", f"caller {number}")
        await anyio.wait_all_tasks_blocked()
        await busy.free()

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
    async with anyio.create_task_group() as tasks:
        busy = Busy(tasks)
        await busy.fill()
        with anyio.CancelScope() as leaving:
            async with anyio.create_task_group() as first:
                first.start_soon(busy.queue.run, "page 1", anyio.sleep_forever)
                await anyio.wait_all_tasks_blocked()
                tasks.start_soon(busy.ask, "page 1", "second")
                tasks.start_soon(busy.ask, "page 1", "third")
                await anyio.wait_all_tasks_blocked()
                if is_sent:
                    await busy.free()
                leaving.cancel()
        await busy.free()

    assert busy.made == made
    assert len(busy.answers) == 2


async def test_each_caller_gets_its_own_copy_of_the_error() -> None:
    caught: list[Exception] = []

    async def failing() -> None:
        raise ServerError("no", remedy="", status=503)

    async with anyio.create_task_group() as tasks:
        busy = Busy(tasks)
        await busy.fill()

        async def ask() -> None:
            with pytest.raises(ServerError) as error:
                await busy.queue.run("page 1", failing)
            caught.append(error.value)

        for _ in range(3):
            tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        await busy.free()

    assert [(type(each), each.args) for each in caught] == [(ServerError, ("no",))] * 3
    assert len({id(each) for each in caught}) == 3


async def test_64_requests_wait_and_no_more() -> None:
    async with anyio.create_task_group() as tasks:
        busy = Busy(tasks)
        await busy.fill()
        for number in range(WAITING):
            tasks.start_soon(busy.ask, f"page {number}", f"{number}")
        await anyio.wait_all_tasks_blocked()

        with pytest.raises(OverloadedError):
            await busy.queue.run("another page", busy.request("one too many"))
        tasks.start_soon(busy.ask, "page 0", "shared")
        await busy.free()

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
