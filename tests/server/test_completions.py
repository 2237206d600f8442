"""Completions, through the official client, in both protocol eras."""

from dataclasses import replace
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, PromptReference, ResourceTemplateReference

from convirza_mcp import Settings
from convirza_mcp.business_lines import BusinessLine
from convirza_mcp.server.build import build_server
from convirza_mcp.server.prompts import PROMPTS as SHIPPED
from hostile.dirty_rows import dirty
from hostile.leaves import assert_clean
from support.convirza import Convirza, client_of
from support.rows import row
from support.snapshots import Snapshot

SETTINGS = Settings(token="CNVZ-AT-7f3e9d")
NOTHING: tuple[list[str], int, bool] = ([], 0, False)
PROMPTS = {prompt.name: [each.name for each in prompt.arguments] for prompt in SHIPPED.values()}


def of_agents(*agents: str) -> Convirza:
    return Convirza(
        *(row(number, agent=agent, phone_number=f"1801555{number:04}") for number, agent in enumerate(agents))
    )


async def offered(client: Client, argument: str, typed: str, prompt: str = "morning_digest") -> Any:
    ref = PromptReference(name=prompt)
    completion = (await client.complete(ref, {"name": argument, "value": typed})).completion
    return completion.values, completion.total, completion.has_more


async def offered_ids(client: Client, typed: str) -> Any:
    ref = ResourceTemplateReference(uri="convirza://sms/conversations/{conversation_id}")
    completion = (await client.complete(ref, {"name": "conversation_id", "value": typed})).completion
    return completion.values, completion.total, completion.has_more


async def test_agents_and_lines_come_from_what_was_read_and_no_request_is_made(era: Any) -> None:
    convirza = of_agents("Hannah Berg", "Ana Müller", "Bob Ray", "ANA MULLER", "ana müller")
    async with client_of(convirza, era, SETTINGS) as client:
        # Nothing was read yet; a page that was listed is not kept.
        assert await offered(client, "agent", "an") == NOTHING
        await client.call_tool("list_sms_conversations", {})
        assert await offered(client, "agent", "an") == NOTHING
        await client.read_resource("convirza://sms/inbox")
        asked = convirza.requests

        for prompt, names in PROMPTS.items():
            if "agent" in names:
                found = (["Ana Müller", "Hannah Berg"], 2, False)
                assert sorted((await offered(client, "agent", "AN", prompt))[0]) == sorted(found[0])
            assert await offered(client, "line", "555-0001", prompt) == (["18015550001"], 1, False)
        assert await offered(client, "agent", "ray") == (["Bob Ray"], 1, False)

    assert convirza.requests == asked


async def test_a_hundred_at_most_and_how_many_there_are(era: Any) -> None:
    async with client_of(of_agents(*(f"Agent {number:03}" for number in range(150))), era, SETTINGS) as client:
        await client.call_tool("summarize_sms_inbox", {"type": "allOpen"})
        values, total, has_more = await offered(client, "agent", "")
        assert await offered(client, "agent", "09") == (
            [f"Agent {number:03}" for number in (9, *range(90, 100), 109)],
            12,
            False,
        )

    assert (values, total, has_more) == ([f"Agent {number:03}" for number in range(100)], 151, True)


async def test_what_is_offered_is_clean(era: Any) -> None:
    async with client_of(
        Convirza(row(1, agent=dirty("Ann Lee"), phone_number=dirty("18015557654"))), era, SETTINGS
    ) as client:
        await client.call_tool("summarize_sms_inbox", {})
        agents, lines = await offered(client, "agent", dirty("ann")), await offered(client, "line", dirty("1801"))

    assert (agents, lines) == ((["Ann Lee"], 1, False), (["18015557654"], 1, False))
    assert_clean(agents[0] + lines[0])


CALENDAR = ["today", "yesterday", "this-week", "last-week", "this-month", "last-month"]


async def test_choices_and_suggestions_are_offered_and_of_others_nothing_is_known(era: Any) -> None:
    async with client_of(of_agents("Ann Lee"), era, SETTINGS) as client:
        assert await offered(client, "view", "AS", "triage_inbox") == (["assignedToYou", "unassigned"], 2, False)
        for prompt, argument in [
            ("find_conversation", "start"),
            ("triage_inbox", "since"),
            ("unassigned_sweep", "start"),
        ]:
            times = [*CALENDAR, "24h", "7d", "30d", "180d"]
            assert await offered(client, argument, "", prompt) == (times, len(times), False)
        assert await offered(client, "end", "", "response_time_review") == (CALENDAR, 6, False)
        assert await offered(client, "since", "yes") == (["yesterday 17:30", "yesterday"], 2, False)
        assert await offered(client, "since", "2026") == NOTHING
        assert await offered(client, "about", "", "find_conversation") == NOTHING


async def test_none_is_offered_last_and_once(era: Any) -> None:
    async with client_of(of_agents("Zoë Ray", "Nona Lee", "none", "Ann Lee"), era, SETTINGS) as client:
        assert await offered(client, "agent", "NO") == (["none"], 1, False)
        await client.call_tool("summarize_sms_inbox", {})
        assert await offered(client, "agent", "NO") == (["Nona Lee", "none"], 2, False)
        assert await offered(client, "agent", "lee") == (["Ann Lee", "Nona Lee"], 2, False)
    async with client_of(of_agents("Zoë Ray"), era, SETTINGS) as client:
        await client.call_tool("summarize_sms_inbox", {})
        assert await offered(client, "agent", "") == (["Zoë Ray", "none"], 2, False)


async def test_ids_come_from_what_was_read_the_newest_first(era: Any) -> None:
    times = {41: "05T10", 42: "05T12", 421: "05T11", 5: "05T13"}
    rows = [row(number, conversation_updated=f"2026-03-{time}:00:00.000Z") for number, time in times.items()]
    convirza = Convirza(*rows, row(43, conversation_updated=None))
    async with client_of(convirza, era, SETTINGS) as client:
        assert await offered_ids(client, "") == NOTHING
        await client.call_tool("list_waiting_sms_conversations", {})
        asked = convirza.requests
        assert await offered_ids(client, "") == (["5", "42", "421", "41", "43"], 5, False)
        assert await offered_ids(client, " 42") == (["42", "421"], 2, False)
        assert await offered_ids(client, "2") == NOTHING
        assert convirza.requests == asked

        # What stands in two views in memory is there once.
        await client.call_tool("summarize_sms_inbox", {"start": "20d"})
        assert await offered_ids(client, "4") == (["42", "421", "41", "43"], 4, False)


async def test_a_hundred_ids_at_most_and_how_many_there_are(era: Any) -> None:
    rows = [row(number, conversation_updated="2026-03-05T10:00:00.000Z") for number in range(1_000, 1_150)]
    async with client_of(Convirza(*rows), era, SETTINGS) as client:
        await client.call_tool("summarize_sms_inbox", {"type": "allOpen"})
        newest = [str(number) for number in range(1_149, 1_049, -1)]
        assert await offered_ids(client, "1") == (newest, 150, True)
        assert await offered_ids(client, "100") == ([str(number) for number in range(1_009, 999, -1)], 10, False)


@pytest.mark.parametrize(
    "ref",
    [
        PromptReference(name="x"),
        PromptReference(name="morning_digest"),
        ResourceTemplateReference(uri="convirza://sms/inbox"),
        ResourceTemplateReference(uri="convirza://sms/conversations/{conversation_id}"),
    ],
    ids=str,
)
async def test_what_is_not_there_is_said_not_to_be(era: Any, ref: Any, snapshot: Snapshot) -> None:
    async with client_of(of_agents(), era, SETTINGS) as client:
        with pytest.raises(MCPError) as caught:
            await client.complete(ref, {"name": "x", "value": ""})

    assert caught.value.error.code == INVALID_PARAMS
    snapshot(caught.value.error.message)


async def test_without_a_token_there_is_nothing_to_offer(era: Any) -> None:
    async with Client(build_server(Settings()), mode=era) as client:
        assert await offered(client, "agent", "") == (["none"], 1, False)
        assert await offered(client, "line", "") == NOTHING
        assert await offered_ids(client, "") == NOTHING


@pytest.mark.usefixtures("state_folder")
@pytest.mark.parametrize("privacy", ["mask", "strict"])
async def test_a_privacy_mode_leaves_agents_and_lines_and_lets_no_contact_in(era: Any, privacy: Any) -> None:
    rows = [
        row(1, agent="Ann Lee", phone_number="18015557654", source="14155550142", source_name="Zyxwv Qanary"),
        # The contact's own number where the line should be.
        row(2, agent="Ann Lee", phone_number="+1 415-555-0142", source="14155550142"),
    ]
    async with client_of(Convirza(*rows), era, replace(SETTINGS, privacy=privacy)) as client:
        await client.call_tool("summarize_sms_inbox", {})
        assert await offered(client, "agent", "") == (["Ann Lee", "none"], 2, False)
        assert await offered(client, "line", "") == (["18015557654"], 1, False)
        assert await offered_ids(client, "") == (["2", "1"], 2, False)


async def test_names_of_lines_are_offered_before_anything_was_read() -> None:
    settings = replace(SETTINGS, lines={"8015550001": BusinessLine("Main office", "Radio")})
    async with client_of(of_agents("Ana"), "auto", settings) as client:
        assert await offered(client, "line", "main") == (["Main office"], 1, False)
        assert await offered(client, "line", "radio") == NOTHING
