"""What a bad answer comes to for a program that uses the client."""

import gc
import time
from collections.abc import Callable
from functools import partial

import anyio
import pytest

import faults
from convirza_mcp import ConvirzaClient
from convirza_mcp.errors import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConvirzaError,
    InvalidResponseError,
    RateLimitError,
    ServerError,
)
from faults import Answer, FaultServer
from faults.canaries import MESSAGE, NAME, PHONE, TOKEN, canaries_in, everything_logged, everything_said_by
from faults.cases import ASKED, SECONDS_OF_A_CASE, SHORT, Case, client_of, each_case, error_body
from faults.memory import memory_growth
from faults.proofs import assert_no_cookies, assert_only_gets, assert_token_only_in_authorization, assert_untouched
from support.fixtures import PROXIES
from support.snapshots import Snapshot


@each_case
async def test_the_client_raises_one_clear_error(
    case: Case, caplog: pytest.LogCaptureFixture, snapshot: Snapshot
) -> None:
    caplog.set_level("DEBUG")
    with FaultServer(*[case.fault()] * case.requests, faults.page()) as convirza:
        async with client_of(convirza, case.timeout) as client:
            began = time.monotonic()
            with pytest.raises(ConvirzaError) as caught:
                await client.list_sms_conversations(ASKED)
            took = time.monotonic() - began

            # The page stands behind the faults, so that one request more or less would show here.
            page = await client.list_sms_conversations(ASKED)

        assert convirza.all_closed()
        assert len(convirza.requests) == case.requests + 1
        assert_only_gets(convirza)
        assert_token_only_in_authorization(convirza, TOKEN)
    assert type(caught.value) is case.error
    snapshot(caught.value)
    assert [each.conversation_id for each in page.conversations] == [987654, 987650]
    assert took <= SECONDS_OF_A_CASE
    assert canaries_in(everything_said_by(caught.value)) == []
    assert canaries_in(everything_logged(caplog.records)) == []


async def test_the_raw_words_of_an_error_are_no_part_of_what_it_says() -> None:
    words = f"{TOKEN} {PHONE} {NAME} {MESSAGE}"
    with FaultServer(faults.status(400, error_body(words))) as convirza:
        async with client_of(convirza) as client:
            with pytest.raises(BadRequestError) as caught:
                await client.list_sms_conversations(ASKED)

    assert words not in str(caught.value)
    assert canaries_in(everything_said_by(caught.value)) == []


@pytest.mark.parametrize(
    "fault",
    [faults.broken_gzip, faults.truncated, faults.truncated_chunks, partial(faults.reset_after, code=401)],
    ids=["no gzip", "too short", "a chunk too short", "reset"],
)
async def test_an_error_status_counts_even_when_its_body_cannot_be_read(fault: Callable[..., Answer]) -> None:
    with FaultServer(fault(code=401), faults.page()) as convirza:
        async with client_of(convirza) as client:
            with pytest.raises(AuthenticationError) as caught:
                await client.list_sms_conversations(ASKED)

        assert len(convirza.requests) == 1
    assert caught.value.status == 401


async def test_a_fault_in_the_body_only_is_waited_for_and_worded_as_its_status_would_be() -> None:
    words = f"{TOKEN} {PHONE} {NAME} {MESSAGE}"
    faulty = faults.status(200, error_body(words, 429), [("Retry-After", "600")])
    with FaultServer(faulty) as convirza:
        async with client_of(convirza) as client:
            with pytest.raises(RateLimitError) as caught:
                await client.list_sms_conversations(ASKED)

        assert len(convirza.requests) == 1
    assert (caught.value.status, caught.value.retry_after) == (429, 600.0)
    assert caught.value.upstream_words == words.replace(TOKEN, "…")
    assert canaries_in(everything_said_by(caught.value)) == []
    assert "Wait 600 seconds" in str(caught.value)


@pytest.mark.parametrize("body", [faults.gzip_bomb(512), faults.flood(64)], ids=["512 MiB of gzip", "64 MiB"])
async def test_an_enormous_answer_costs_no_memory(body: Answer) -> None:
    with FaultServer(faults.page(), body) as convirza:
        async with client_of(convirza) as client:
            await client.list_sms_conversations()
            with memory_growth() as growth, pytest.raises(InvalidResponseError, match="larger than 8 MiB"):
                await client.list_sms_conversations()

    assert growth.mebibytes <= 32


@pytest.mark.long
@pytest.mark.parametrize("item", ["1", "{}", "[]", '{"a":1}', '{"conversation_id":1,"unread_count":"x"}'])
async def test_an_answer_of_very_many_rows_costs_no_memory(item: str) -> None:
    # A few kB on the wire and less than 8 MiB decoded, but thousands of times as many rows as a page may have.
    rows = ",".join([item] * (8_388_000 // (len(item) + 1)))
    body = f'{{"data":{{"total":1,"conversation":[{rows}]}}}}'.encode()
    del rows
    with FaultServer(faults.page(), faults.gzipped(body), faults.page()) as convirza:
        del body
        async with client_of(convirza) as client:
            await client.list_sms_conversations()
            gc.collect()
            with memory_growth() as growth, pytest.raises(InvalidResponseError):
                await client.list_sms_conversations()

            assert (await client.list_sms_conversations()).total == 2
    assert growth.mebibytes <= 128


@pytest.mark.parametrize("code", [301, 307])
async def test_a_redirect_is_not_followed(code: int) -> None:
    with FaultServer(faults.page()) as elsewhere:
        with FaultServer(faults.redirect(code, f"{elsewhere.base_url}/conversations/sms"), faults.page()) as convirza:
            async with client_of(convirza) as client:
                with pytest.raises(InvalidResponseError) as caught:
                    await client.list_sms_conversations(ASKED)
                assert len((await client.list_sms_conversations(ASKED)).conversations) == 2

        assert_untouched(elsewhere)
    assert str(code) in str(caught.value)


async def test_a_reset_in_the_body_is_tried_again() -> None:
    with FaultServer(faults.reset_after(), faults.page()) as convirza:
        async with client_of(convirza) as client:
            page = await client.list_sms_conversations(ASKED)

        assert len(convirza.requests) == 2
        assert len({request.target for request in convirza.requests}) == 1
        assert_token_only_in_authorization(convirza, TOKEN)
    assert len(page.conversations) == 2


async def test_two_failures_and_then_an_answer_is_an_answer() -> None:
    with FaultServer(faults.status(503), faults.status(503), faults.page()) as convirza:
        async with client_of(convirza) as client:
            page = await client.list_sms_conversations(ASKED)

        assert len(convirza.requests) == 3
    assert len(page.conversations) == 2


async def test_a_short_wait_that_convirza_asks_for_is_kept() -> None:
    with FaultServer(faults.status(429, headers=[("Retry-After", "1")]), faults.page()) as convirza:
        async with client_of(convirza) as client:
            began = time.monotonic()
            page = await client.list_sms_conversations(ASKED)
            took = time.monotonic() - began

        assert len(convirza.requests) == 2
    assert len(page.conversations) == 2
    assert took >= 1.0


async def test_a_wait_that_would_outlast_the_deadline_is_not_begun() -> None:
    with FaultServer(faults.status(503, headers=[("Retry-After", "9")])) as convirza:
        async with client_of(convirza, timeout=SHORT) as client:
            with pytest.raises(ServerError) as caught:
                await client.list_sms_conversations(ASKED)

        assert len(convirza.requests) == 1
    assert (caught.value.status, caught.value.retry_after) == (503, 9.0)


async def test_a_hanging_call_lets_its_connection_go_while_the_client_stays_open() -> None:
    with FaultServer(faults.hang()) as convirza:
        async with client_of(convirza, timeout=SHORT) as client:
            with pytest.raises(APITimeoutError):
                await client.list_sms_conversations(ASKED)

            assert await anyio.to_thread.run_sync(convirza.all_closed)


@pytest.mark.usefixtures("no_proxy")
async def test_a_host_without_an_address() -> None:
    async with ConvirzaClient(TOKEN, base_url="https://convirza.invalid/v3", timeout=4) as client:
        began = time.monotonic()
        # ConnectionBrokenError, or the deadline where a resolver takes its time.
        with pytest.raises(APIConnectionError, match=r"^convirza\.invalid ") as caught:
            await client.list_sms_conversations(ASKED)

    assert time.monotonic() - began <= 12
    assert canaries_in(everything_said_by(caught.value)) == []


async def test_cookies_are_never_sent_back() -> None:
    with FaultServer(faults.cookie("of-user-a")) as convirza:
        async with client_of(convirza) as client:
            for _ in range(3):
                await client.list_sms_conversations(ASKED)

        assert len(convirza.requests) == 3
        assert_no_cookies(convirza)
        assert b"of-user-a" not in convirza.received


async def test_a_proxy_of_the_environment_never_sees_a_request_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(faults.page()) as proxy, FaultServer(faults.page()) as convirza:
        for variable in PROXIES:
            monkeypatch.setenv(variable, proxy.origin)
        async with client_of(convirza) as client:
            await client.list_sms_conversations(ASKED)

        assert len(convirza.requests) == 1
        assert_untouched(proxy)


async def test_what_is_sent_is_the_question_and_nothing_else() -> None:
    with FaultServer(faults.page()) as convirza:
        async with client_of(convirza) as client:
            await client.list_sms_conversations(ASKED)

        (request,) = convirza.requests
        assert_only_gets(convirza)
        assert_token_only_in_authorization(convirza, TOKEN)
    assert request.path == "/v3/conversations/sms"
    assert request.query == {"offset": "0", "limit": "7", "type": "allOpen", "order": "desc", "search": PHONE}
    assert dict(request.headers) == {
        "host": f"127.0.0.1:{convirza.port}",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": "convirza-mcp",
        "authorization": f"Bearer {TOKEN}",
    }


async def calls_into_a_dead_api(calls: int) -> int:
    """How many requests that many failing calls make, eight at a time."""
    with FaultServer(faults.status(503)) as convirza:
        async with client_of(convirza, timeout=30.0) as client:
            waiting = iter(range(calls))

            async def keep_calling() -> None:
                for _ in waiting:
                    with pytest.raises(ServerError):
                        await client.list_sms_conversations()

            async with anyio.create_task_group() as tasks:
                for _ in range(8):
                    tasks.start_soon(keep_calling)
        return len(convirza.requests)


@pytest.mark.long
async def test_a_dead_api_is_not_asked_three_times_as_much_as_a_living_one() -> None:
    # A retry costs 14 of the budget's 500: 35 retries, whatever the number of calls.
    assert await calls_into_a_dead_api(60) == 60 + 35
