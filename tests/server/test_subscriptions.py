"""`subscriptions/listen` through the official client: what is told, and what it costs."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.subscriptions import ListenNotSupportedError, Subscription
from mcp.server.subscriptions import ResourceUpdated

from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.server.build import build_server
from convirza_mcp.server.subscriptions import A_MINUTE, MAX_RESOURCES
from faults.canaries import MESSAGE, NAME, PHONE, TOKEN, canaries_in, everything_logged
from faults.cases import ABOUT_SOMEBODY
from support.convirza import Convirza, client_of
from support.rows import answering, row

SETTINGS = Settings(token=TOKEN)
INBOX = "convirza://sms/inbox"
FIRST, SECOND = (f"convirza://sms/conversations/{number}" for number in (1, 2))
OFTEN = 0.02
"""Seconds between two looks, in the place of a minute."""

SOON = 30.0


class Credential:
    """A token that can be another's from one moment to the next."""

    token = TOKEN

    async def bearer_token(self) -> str:
        return self.token

    async def try_refresh(self, refused: str) -> bool:
        return False

    async def fingerprint(self) -> str:
        return self.token


@asynccontextmanager
async def listening_to(convirza: Convirza, *, seconds: float = OFTEN, mode: Any = "auto") -> AsyncIterator[Client]:
    with anyio.fail_after(SOON):
        async with client_of(convirza, mode, SETTINGS, poll_seconds=seconds) as client:
            yield client


async def told(subscription: Subscription) -> str:
    event = await anext(subscription)
    assert isinstance(event, ResourceUpdated)
    return event.uri


async def test_only_known_resources_are_acknowledged() -> None:
    async with listening_to(Convirza(row(1), row(2)), seconds=A_MINUTE) as client:
        asked = [INBOX, FIRST, "convirza://sms/conversations/x", "convirza://sms/inbox/", "file:///etc/passwd"]
        async with client.listen(
            tools_list_changed=True,
            prompts_list_changed=True,
            resources_list_changed=True,
            resource_subscriptions=asked,
        ) as subscription:
            honoured = subscription.honored
        capabilities = client.server_capabilities

    assert honoured.model_dump(exclude_none=True) == {"resource_subscriptions": [INBOX, FIRST]}
    assert capabilities.resources is not None
    assert (capabilities.resources.subscribe, capabilities.resources.list_changed) == (True, False)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.append(row(3)),
        lambda rows: rows.pop(),
        lambda rows: rows.__setitem__(1, row(2, unread_count=7)),
        lambda rows: rows.__setitem__(1, row(2, agent="Bob")),
        lambda rows: rows.__setitem__(1, row(2, conversation_updated="2026-03-05T10:36:00.000Z")),
    ],
    ids=["came", "closed", "unread", "assigned", "written to"],
)
async def test_a_subscriber_of_the_inbox_is_told_of_any_change(change: Any) -> None:
    convirza = Convirza(row(1), row(2))
    async with listening_to(convirza) as client, client.listen(resource_subscriptions=[INBOX]) as subscription:
        change(convirza.rows)

        assert await told(subscription) == INBOX


async def test_a_subscriber_of_a_conversation_is_told_of_that_one_alone() -> None:
    convirza = Convirza(row(1), row(2))
    async with listening_to(convirza) as client, client.listen(resource_subscriptions=[FIRST, SECOND]) as subscription:
        convirza.rows[1] = row(2, unread_count=7)
        assert await told(subscription) == SECOND
        convirza.rows[0] = row(1, unread_count=7)
        assert await told(subscription) == FIRST


async def test_nothing_is_told_while_nothing_changes() -> None:
    convirza = Convirza(row(1), row(2))
    async with listening_to(convirza) as client, client.listen(resource_subscriptions=[INBOX, FIRST]) as subscription:
        # In any order: which of two comes first in a second is undocumented.
        convirza.rows.reverse()
        await convirza.is_asked(5)
        # What had been told before would come before this.
        convirza.rows[0] = row(2, unread_count=7)
        assert await told(subscription) == INBOX
        with anyio.move_on_after(5 * OFTEN) as waited:
            await told(subscription)
        assert waited.cancelled_caught


async def test_one_page_a_minute_for_all_subscribers_and_none_without_subscribers() -> None:
    convirza = Convirza(row(1), row(2))
    async with listening_to(convirza, seconds=A_MINUTE) as client:
        assert convirza.requests == 0
        async with client.listen(tools_list_changed=True), client.listen(resource_subscriptions=["x://y"]):
            assert convirza.requests == 0
            async with client.listen(resource_subscriptions=[INBOX]), client.listen(resource_subscriptions=[FIRST]):
                assert convirza.requests == 1
    # And none after the last has left, however often there were looks before.
    async with listening_to(convirza) as client:
        async with client.listen(resource_subscriptions=[INBOX]):
            await convirza.is_asked(2)
        await client.list_tools()
        before = convirza.requests
        with anyio.move_on_after(5 * OFTEN):
            await convirza.is_asked(1)
        assert convirza.requests == before


async def test_a_failed_poll_tells_nothing_and_the_next_one_tells_the_change() -> None:
    convirza = Convirza(row(1), row(2))
    async with listening_to(convirza) as client, client.listen(resource_subscriptions=[INBOX]) as subscription:
        convirza.failing = f"{NAME} {PHONE}"
        await convirza.is_asked(2)
        convirza.rows[0] = row(1, unread_count=7)
        convirza.failing = None

        assert await told(subscription) == INBOX


async def test_a_change_of_account_updates_every_resource() -> None:
    convirza = Convirza(row(1), row(2))
    credential = Credential()
    client = ConvirzaClient(credential, transport=answering(convirza))
    server = build_server(SETTINGS, open_client=lambda: client, poll_seconds=OFTEN)
    far = "convirza://sms/conversations/555"
    with anyio.fail_after(SOON):
        async with Client(server) as listener, listener.listen(resource_subscriptions=[far]) as subscription:
            credential.token = "another"

            assert await told(subscription) == far


async def test_a_list_that_is_too_long_is_served_as_far_as_it_goes() -> None:
    convirza = Convirza(row(1), row(2))
    convirza.failing = f"{NAME} {PHONE}"
    asked = [f"convirza://sms/conversations/{number}" for number in range(1, MAX_RESOURCES + 50)]
    async with listening_to(convirza) as client, client.listen(resource_subscriptions=asked) as subscription:
        convirza.failing = None
        # All at once, since the first look failed: none is lost.
        heard = [await told(subscription) for _ in range(MAX_RESOURCES)]

    assert subscription.honored.resource_subscriptions == asked[:MAX_RESOURCES]
    assert heard == asked[:MAX_RESOURCES]


async def test_after_a_failed_first_poll_the_next_one_is_a_change() -> None:
    convirza = Convirza(row(1), row(2))
    convirza.failing = f"{NAME} {PHONE}"
    async with listening_to(convirza) as client, client.listen(resource_subscriptions=[INBOX]) as subscription:
        convirza.failing = None

        assert await told(subscription) == INBOX


async def test_the_earlier_era_refuses_to_listen() -> None:
    async with listening_to(Convirza(row(1), row(2)), mode="legacy") as client:
        with pytest.raises(ListenNotSupportedError):
            async with client.listen(resource_subscriptions=[INBOX]):
                pass


async def test_the_log_records_polls_and_none_of_their_rows(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    convirza = Convirza(ABOUT_SOMEBODY)
    async with listening_to(convirza) as client, client.listen(resource_subscriptions=[INBOX]) as subscription:
        convirza.rows.append(row(3, message=MESSAGE))
        await told(subscription)
        convirza.failing = f"{NAME} {PHONE}"
        await convirza.is_asked(2)

    lines = [json.loads(each.getMessage()) for each in caplog.records if each.name == "convirza_mcp"]
    assert {line["listener"] for line in lines} == {INBOX}
    assert [line["outcome"] for line in lines[:2]] == ["ok", "ok"]
    assert "PermissionDeniedError" in [line["outcome"] for line in lines]
    assert canaries_in(everything_logged(caplog.records)) == []
