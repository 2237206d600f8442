"""Opt-outs, reactions and HTML entities through the server and a command, with and without a privacy mode."""

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from mcp import Client

import faults
from convirza_mcp import ConvirzaClient, Settings
from convirza_mcp.cli import commands
from convirza_mcp.server.build import build_server
from convirza_mcp.text.clean import clean
from faults import FaultServer
from field import cases
from support.rows import row

pytestmark = pytest.mark.usefixtures("state_folder")

MESSAGES = {
    1: ("REVOKE", "asked to stop"),
    2: ("Not me, stop texting 801-555-0143 please. Bye", "may have asked to stop"),
    3: ("Liked “Your order is ready. Reply STOP to opt out.”", "only a reaction"),
    4: ("Can you stop by at 5?", None),
    5: ("is AT&amp;T ok? call 801&#45;555&#45;0143", None),
}
REASONS = {reason for _, reason in MESSAGES.values() if reason}


@pytest.fixture(scope="module")
def convirza() -> Iterator[FaultServer]:
    rows = [row(key, message=text, source_name="Sean O&#39;Brien") for key, (text, _) in MESSAGES.items()]
    with FaultServer(faults.page(rows)) as convirza:
        yield convirza


async def call(convirza: FaultServer, privacy: Any, tool: str, **given: Any) -> dict[str, Any]:
    settings = Settings(token="token", base_url=convirza.base_url, privacy=privacy)
    server = build_server(settings, open_client=lambda: ConvirzaClient.from_settings(settings))
    async with Client(server) as client:
        result = await client.call_tool(tool, given)
    assert result.structured_content is not None, result.content
    return result.structured_content


def column(answer: dict[str, Any], name: str) -> dict[int, Any]:
    place = answer["columns"].index(name)
    return {each[0]: each[place] for each in answer["rows"]}


@pytest.mark.parametrize("privacy", ["off", "mask", "strict"])
async def test_reasons_say_what_a_message_means_where_it_is_read(convirza: FaultServer, privacy: str) -> None:
    answer = await call(convirza, privacy, "list_waiting_sms_conversations", start="365d")

    why = column(answer, "why")
    assert len(why) == len(MESSAGES)
    for key, (_, reason) in MESSAGES.items():
        expected = set() if reason is None or privacy == "strict" else {reason}
        assert REASONS & set(why[key].split(", ")) == expected


@pytest.mark.parametrize(("privacy", "found"), [("off", [5]), ("mask", [5]), ("strict", [])])
async def test_an_entity_is_the_character_it_stands_for(convirza: FaultServer, privacy: str, found: list[int]) -> None:
    answer = await call(convirza, privacy, "search_sms_messages", query="AT&T", start="365d")

    assert list(column(answer, "message")) == found
    if found:
        assert "is AT&T ok?" in column(answer, "message")[5]
        assert ("801-555-0143" in column(answer, "message")[5]) is (privacy == "off")


async def test_a_name_is_found_as_it_is_shown(convirza: FaultServer) -> None:
    answer = await call(convirza, "off", "search_sms_messages", query="O'Brien", start="365d")

    assert set(column(answer, "source_name").values()) == {"Sean O'Brien"}


@pytest.mark.parametrize("privacy", ["off", "mask"])
def test_the_command_says_the_same(convirza: FaultServer, privacy: str) -> None:
    given = {"CONVIRZA_TOKEN": "token", "CONVIRZA_BASE_URL": convirza.base_url, "CONVIRZA_PRIVACY": privacy}
    result = CliRunner().invoke(commands, ["waiting", "--start", "365d", "--json"], env=given)

    assert result.exit_code == 0, result.output
    for reason in REASONS:
        assert f'"{reason}"' in result.stdout


async def test_what_is_no_operator_here_is_refused_or_noted(convirza: FaultServer) -> None:
    noted = await call(convirza, "off", "search_sms_messages", query="stop or revoke", start="365d")

    assert noted["matches"] == 0
    assert noted["note"].startswith('All words must occur, "or" too.')


@pytest.mark.parametrize("case", [pytest.param(each, id=ascii(each["input"])) for each in cases("html_entities")])
async def test_entities_are_decoded_once_and_before_cleaning(case: dict[str, str]) -> None:
    with FaultServer(faults.page([row(1, message=case["input"], agent=case["input"])])) as convirza:
        settings = Settings(token="token", base_url=convirza.base_url)
        async with ConvirzaClient.from_settings(settings) as client:
            (given,) = (await client.list_sms_conversations()).conversations
        answer = await call(convirza, "off", "list_sms_conversations", detail="full")

    shown = column(answer, "message")[1] if "columns" in answer else answer["conversations"][0]["message"]
    assert clean(given.message or "") == case["expected"]
    assert shown == case["expected"]
    assert clean(given.agent or "") == case["expected"]
