"""The resources, through the official client, in both protocol eras."""

import json
import logging
import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    ReadResourceRequest,
    ReadResourceRequestParams,
    ReadResourceResult,
    TextContent,
    TextResourceContents,
)

from convirza_mcp import Settings
from convirza_mcp.answers.head import privacy_line
from convirza_mcp.server.build import build_server
from convirza_mcp.server.resources import RESOURCES
from convirza_mcp.tools import tool_named
from faults.canaries import MESSAGE, NAME, PHONE, TOKEN, canaries_in, everything_logged
from faults.cases import ABOUT_SOMEBODY
from support.convirza import Convirza, client_of
from support.rows import REQUEST_ID, row
from support.snapshots import Snapshot

SETTINGS = Settings(token=TOKEN, zone=ZoneInfo("America/Denver"))
INBOX = "convirza://sms/inbox"
CONVERSATION = "convirza://sms/conversations/987654"
TEMPLATE = "convirza://sms/conversations/{conversation_id}"


def two_conversations() -> Convirza:
    return Convirza(ABOUT_SOMEBODY, row(2, agent="Ann Lee"))


async def text_at(client: Client, uri: str) -> str:
    (contents,) = (await client.read_resource(uri)).contents
    assert isinstance(contents, TextResourceContents)
    assert (contents.uri, contents.mime_type) == (uri, "application/json")
    return contents.text


async def called(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    (block,) = (await client.call_tool(tool, arguments)).content
    assert isinstance(block, TextContent)
    return block.text


async def refusal(client: Client, uri: str) -> tuple[int, str, Any]:
    with pytest.raises(MCPError) as caught:
        await client.read_resource(uri)
    return caught.value.error.code, caught.value.error.message, caught.value.error.data


def said(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The lines of the log, without what the clock decides."""
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "convirza_mcp"]
    return [{name: value for name, value in line.items() if name not in ("time", "ms")} for line in lines]


async def test_resources_and_templates_are_listed(era: str, snapshot: Snapshot) -> None:
    async with client_of(two_conversations(), era, SETTINGS) as client:
        (inbox,) = (await client.list_resources()).resources
        (conversation,) = (await client.list_resource_templates()).resource_templates
        capabilities = client.server_capabilities

    snapshot.shared(inbox.uri, inbox.name, inbox.title)
    assert (conversation.uri_template, conversation.name) == (TEMPLATE, "sms_conversation")
    for each, priority in ((inbox, 0.8), (conversation, 0.5)):
        assert each.mime_type == "application/json"
        assert each.annotations is not None
        assert (each.annotations.audience, each.annotations.priority) == (["user", "assistant"], priority)
        assert "30 days" in (each.description or "")
    assert capabilities is not None
    assert capabilities.resources is not None
    # The earlier era's subscriptions are of another kind, and not served.
    assert capabilities.resources.subscribe is (era == "auto")
    assert capabilities.completions is not None


@pytest.mark.parametrize(
    ("uri", "tool", "arguments"),
    [(INBOX, "summarize_sms_inbox", {}), (CONVERSATION, "get_sms_conversation", {"conversation_id": 987654})],
)
@pytest.mark.parametrize("output", ["both", "text"])
async def test_each_holds_what_its_tool_answers(
    era: str, uri: str, tool: str, arguments: dict[str, Any], output: Any
) -> None:
    def timeless(text: str) -> str:
        return re.sub(r"20\d\d-\d\d-\d\d \d\d:\d\d(:\d\d)?", "TIME", text)

    convirza = two_conversations()
    async with client_of(convirza, era, replace(SETTINGS, output=output)) as client:
        read = await text_at(client, uri)
    async with client_of(convirza, era, SETTINGS) as client:
        answer = await called(client, tool, arguments)

    assert timeless(read) == timeless(answer)
    assert json.loads(read)["untrusted"]


async def test_a_conversation_is_opened_out_of_memory_once_the_inbox_was_read(era: str) -> None:
    convirza = two_conversations()
    async with client_of(convirza, era, SETTINGS) as client:
        await text_at(client, INBOX)
        before = convirza.requests
        opened = json.loads(await text_at(client, CONVERSATION))

    assert (opened["conversation"]["conversation_id"], opened["requests"]) == (987654, 2)
    assert convirza.requests == before + 2


async def test_what_is_read_is_never_for_others_and_never_kept() -> None:
    convirza = two_conversations()
    async with client_of(convirza, "auto", SETTINGS) as client:
        for uri in (INBOX, CONVERSATION):
            read = await client.read_resource(uri)
            assert (read.ttl_ms, read.cache_scope) == (0, "private")
        listed = [await client.list_resources(), await client.list_resource_templates()]

    assert [each.cache_scope for each in listed] == ["private", "private"]


@pytest.mark.parametrize(
    "uri",
    [
        *("convirza://sms/inbox/", "convirza://sms/inbox?start=90d", "CONVIRZA://SMS/INBOX", "x", ""),
        *(f"convirza://sms/conversations/{end}" for end in ("", "{conversation_id}", "1/2", "1?start=90d", "../inbox")),
    ],
)
async def test_an_unknown_address_is_said_to_be_one_and_the_known_are_named(
    era: str, uri: str, snapshot: Snapshot
) -> None:
    convirza = two_conversations()
    async with client_of(convirza, era, SETTINGS) as client:
        code, sentence, data = await refusal(client, uri)
    assert (code, data) == (INVALID_PARAMS, {"uri": uri})
    snapshot.shared(sentence)
    assert convirza.requests == 0


@pytest.mark.parametrize("uri", ["x" * 256, "convirza://sms/\u202einbox", "convirza://sms/conversations/7\u2028"])
async def test_an_address_that_is_none_to_show_is_not_repeated(era: str, uri: str, snapshot: Snapshot) -> None:
    async with client_of(two_conversations(), era, SETTINGS) as client:
        snapshot.shared(await refusal(client, uri))


@pytest.mark.parametrize("number", ["abc", "-1", "1.5", "%39", "9" * 19])
async def test_a_number_that_is_none_is_said_to_be_none(era: str, number: str, snapshot: Snapshot) -> None:
    uri = f"convirza://sms/conversations/{number}"
    async with client_of(two_conversations(), era, SETTINGS) as client:
        sentence = await called(client, "get_sms_conversation", {"conversation_id": number})
        refused = await refusal(client, uri)

    assert refused == (INVALID_PARAMS, sentence, {"uri": uri})
    snapshot.shared(sentence)


async def test_a_conversation_that_is_not_there_is_a_resource_that_is_not(era: str) -> None:
    uri = "convirza://sms/conversations/5"
    async with client_of(two_conversations(), era, SETTINGS) as client:
        code, sentence, data = await refusal(client, uri)

    assert (code, data) == (INVALID_PARAMS, {"uri": uri})
    assert sentence.endswith(" the tool get_sms_conversation. [conversation_not_found]")


async def test_a_refusal_of_convirza_is_one_sentence_without_personal_words(
    era: str, caplog: pytest.LogCaptureFixture, snapshot: Snapshot
) -> None:
    caplog.set_level("DEBUG")
    body = {"message": f"no {NAME} at {PHONE} with {TOKEN}", "requestId": REQUEST_ID}
    async with client_of(lambda _: httpx2.Response(403, json=body), era, SETTINGS) as client:
        code, sentence, data = await refusal(client, INBOX)

    assert (code, data) == (INTERNAL_ERROR, {"uri": INBOX})
    snapshot.shared(sentence)
    assert sentence.endswith(f" Convirza's request id: {REQUEST_ID}. [permission_denied]")
    assert canaries_in(sentence + everything_logged(caplog.records)) == []


async def test_a_fault_of_our_own_is_named_by_its_class_alone(
    era: str, caplog: pytest.LogCaptureFixture, snapshot: Snapshot
) -> None:
    caplog.set_level("DEBUG")

    def api(_: httpx2.Request) -> httpx2.Response:
        raise LookupError(f"{PHONE} {NAME} {MESSAGE}")

    async with client_of(api, era, SETTINGS) as client:
        refused = [await refusal(client, INBOX), await refusal(client, INBOX)]
        _, sentence, _ = await refusal(client, CONVERSATION)

    # The server goes on after it.
    snapshot.shared(refused)
    snapshot.shared(sentence)
    assert canaries_in(everything_logged(caplog.records)) == []


async def test_without_a_token_the_sentence_says_what_to_set(era: str, snapshot: Snapshot) -> None:
    settings = Settings()
    async with Client(build_server(settings), mode=era) as client:  # type: ignore[arg-type]
        code, sentence, _ = await refusal(client, INBOX)

    assert code == INTERNAL_ERROR
    snapshot.shared(sentence)


async def test_each_reading_leaves_one_line_that_names_the_template_and_nothing_of_what_was_asked(
    era: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "convirza_mcp")
    async with client_of(two_conversations(), era, SETTINGS) as client:
        await text_at(client, CONVERSATION)
        await text_at(client, INBOX)
        await refusal(client, f"convirza://sms/conversations/{NAME.split()[1]}")
        await refusal(client, f"convirza://{PHONE}")

    asked = {"rows": 0, "status": 200, "request_id": REQUEST_ID}
    nothing = {"rows": None, "status": None, "attempts": 0, "request_id": None}
    assert said(caplog) == [
        {"resource": TEMPLATE, "outcome": "ok", **asked, "attempts": 3},
        {"resource": INBOX, "outcome": "ok", **asked, "attempts": 3},
        {"resource": TEMPLATE, "outcome": "InvalidArgumentError", **nothing},
        {"resource": None, "outcome": "UnknownResource", **nothing},
    ]
    assert canaries_in(everything_logged(record for record in caplog.records if record.name == "convirza_mcp")) == []


async def test_reading_counts_for_the_limit_as_calls_do(era: str, snapshot: Snapshot) -> None:
    convirza = two_conversations()
    async with client_of(convirza, era, replace(SETTINGS, max_calls_per_minute=2)) as client:
        await text_at(client, INBOX)
        await called(client, "list_sms_conversations", {})
        before = convirza.requests
        code, sentence, _ = await refusal(client, INBOX)
        # An address that nobody has is no reading.
        snapshot.shared((await refusal(client, "x"))[1])

    assert code == INTERNAL_ERROR
    snapshot.shared(re.sub("Wait [0-9]+ s", "Wait 60 s", sentence))
    assert convirza.requests == before


async def test_progress_is_told_as_for_a_call(era: str) -> None:
    told: list[tuple[float, float | None, str | None]] = []

    async def progress(pages: float, of: float | None, message: str | None) -> None:
        told.append((pages, of, message))

    rows = [row(number) for number in range(1, 501)]
    async with client_of(Convirza(*rows), era, SETTINGS) as client:
        await client.session.send_request(
            ReadResourceRequest(params=ReadResourceRequestParams(uri=INBOX)),
            ReadResourceResult,
            progress_callback=progress,
        )

    assert {(of, message) for _, of, message in told[1:3]} <= {(3, "pages read"), (4, "pages read")}
    assert [pages for pages, _, _ in told] == sorted({pages for pages, _, _ in told})
    assert told[-1][0] >= 4


@pytest.mark.usefixtures("state_folder")
@pytest.mark.parametrize("privacy", ["mask", "strict"])
async def test_a_privacy_mode_holds_here_too(era: str, privacy: Any) -> None:
    convirza = Convirza(ABOUT_SOMEBODY | {"message": f"call {PHONE}"})
    async with client_of(convirza, era, replace(SETTINGS, privacy=privacy)) as client:
        texts = [await text_at(client, uri) for uri in (INBOX, CONVERSATION)]

    for text in texts:
        assert json.loads(text)["privacy"] == privacy_line(privacy)
        assert canaries_in(text) == []
    opened = json.loads(texts[1])["conversation"]
    assert opened["source"].startswith("contact-")
    assert opened["message"] == ("call [phone]" if privacy == "mask" else None)


def test_an_address_s_arguments_are_its_tool_s() -> None:
    for each in RESOURCES:
        assert set(each.arguments) <= set(tool_named(each.tool).arguments.model_fields)
