"""`Inbox`, as a Python program uses it: every question, typed and frozen, in every privacy mode."""

import dataclasses
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from convirza_mcp import (
    Conversation,
    ConversationNotFoundError,
    ConvirzaClient,
    Inbox,
    InvalidArgumentError,
    MissingCredentialError,
    SettingsError,
)
from convirza_mcp.sandbox import Sandbox
from support.people import TOKEN, served, traces_in
from support.rows import answering, envelope, row
from support.snapshots import Snapshot

NOW = datetime.now(UTC)


@pytest.fixture
async def inbox() -> AsyncIterator[tuple[Inbox, Sandbox]]:
    with Sandbox(conversations=300) as sandbox:
        client = ConvirzaClient(sandbox.token, base_url=sandbox.base_url)
        async with Inbox(client, timezone="America/Denver", business_hours="Mon-Fri 08:00-18:00") as inbox:
            yield inbox, sandbox


def unread(sandbox: Sandbox, days: int) -> list[int]:
    rows = sandbox.ask(start=NOW - timedelta(days=days), end=NOW).rows
    return [each["conversation_id"] for each in rows if each["unread_count"]]


async def test_waiting_rows_have_a_conversation_a_wait_and_reasons(inbox: tuple[Inbox, Sandbox]) -> None:
    asked, sandbox = inbox

    waiting = await asked.waiting(start="20d")

    assert {each.conversation.conversation_id for each in waiting.rows} == set(unread(sandbox, 20))
    waits = [each.wait for each in waiting.rows]
    assert all(isinstance(wait, timedelta) for wait in waits)
    assert waits == sorted(waits, reverse=True)
    assert all(each.reasons[0].endswith("unread") for each in waiting.rows)
    assert (waiting.coverage.complete, waiting.coverage.reason) == (True, None)
    assert waiting.window.zone == ZoneInfo("America/Denver")
    assert str(waiting.clock).endswith("within business hours: Mon-Fri 08:00-18:00")
    long = await asked.waiting(start="20d", min_wait=timedelta(hours=30))
    assert long.rows == tuple(each for each in waiting.rows if each.wait >= timedelta(hours=30))


async def test_times_are_texts_or_python_s_own(inbox: tuple[Inbox, Sandbox]) -> None:
    asked, _ = inbox
    start = datetime(2026, 3, 5, 10, 30)

    windows = [
        (await asked.page(start=given, end=end)).window
        for given, end in [
            ("2026-03-05T10:30", "2026-03-06"),
            (start, date(2026, 3, 6)),
            (start.replace(tzinfo=ZoneInfo("America/Denver")), "2026-03-06T23:59:59"),
        ]
    ]

    assert windows[0] == windows[1] == windows[2]
    assert windows[0].start == datetime(2026, 3, 5, 17, 30, tzinfo=UTC)


async def test_pages_follow_each_other_to_the_end_of_the_view(inbox: tuple[Inbox, Sandbox]) -> None:
    asked, sandbox = inbox
    found: list[int] = []
    offset: int | None = 0
    while offset is not None:
        page = await asked.page("close", start="30d", offset=offset, limit=50)
        found += [each.conversation_id for each in page.rows]
        assert page.coverage.complete is (len(page.rows) == page.total)
        offset = page.next_offset

    truth = sandbox.ask(type="close", limit=None, start=NOW - timedelta(days=30), end=NOW).rows
    assert found == [each["conversation_id"] for each in truth]


async def test_a_conversation_comes_with_its_contact_s_others(inbox: tuple[Inbox, Sandbox]) -> None:
    asked, sandbox = inbox
    sent = sandbox.ask(start=NOW - timedelta(days=10), end=NOW).rows[0]

    found = await asked.conversation(sent["conversation_id"])

    assert (found.conversation.message, found.closed) == (sent["message"], False)
    same = [each for each in sandbox.conversations if each["source"] == sent["source"]]
    assert found.others is not None
    assert {each.conversation.conversation_id for each in found.others} < {each["conversation_id"] for each in same}
    assert found.coverage.complete
    with pytest.raises(ConversationNotFoundError):
        await asked.conversation(1, start="1d")


async def test_search_summary_and_changes_agree_on_the_inbox(inbox: tuple[Inbox, Sandbox]) -> None:
    asked, sandbox = inbox

    total = await asked.summary(start="20d", group_by="agent")
    found = await asked.search("refund", start="20d")
    changed = await asked.changes(NOW - timedelta(days=1))

    assert total.total.waiting == len(unread(sandbox, 20))
    assert sum(each.figures.conversations for each in total.groups) == total.total.conversations
    assert next(each.figures for each in total.folded(1)) == total.groups[0].figures
    assert isinstance(total.total.first_response.median, timedelta)
    assert sum(band.conversations for band in total.waits) == total.total.waiting
    assert found.rows
    assert all("refund" in f"{each.conversation.message}{each.conversation.source_name}".lower() for each in found.rows)
    times = [each.conversation.conversation_updated for each in changed.rows]
    assert times == sorted(times)
    assert times[0] > NOW - timedelta(days=1)
    again = await asked.changes(changed.cursor)
    assert (again.rows, again.since) == ((), changed.cursor_after(len(changed.rows)))


async def test_a_scan_gives_each_conversation_once_and_says_when_it_was_left(
    inbox: tuple[Inbox, Sandbox], snapshot: Snapshot
) -> None:
    asked, sandbox = inbox

    scan = asked.scan("all", start="30d")
    ids = [each.conversation_id async for each in scan]
    left = asked.scan("allOpen", start="30d")
    async for each in left:
        assert isinstance(each, Conversation)
        break

    truth = {
        each["conversation_id"]
        for view in ("allOpen", "close")
        for each in sandbox.ask(type=view, limit=None, start=NOW - timedelta(days=30), end=NOW).rows
    }
    assert (len(ids), set(ids)) == (len(truth), truth)
    assert (scan.coverage.complete, scan.coverage.read, scan.coverage.total) == (True, len(ids), len(ids))
    snapshot(left.coverage.complete, left.coverage.reason)


async def results(inbox: Inbox) -> list[Any]:
    """What each method gives about the people that the served inbox holds."""
    found: list[Any] = [
        await inbox.page(start="2026-03-01", end="2026-03-07"),
        await inbox.search("call", start="2026-03-01", end="2026-03-07"),
        await inbox.waiting(start="2026-03-01", end="2026-03-07"),
        await inbox.summary(start="2026-03-01", end="2026-03-07", group_by="phone_number"),
        await inbox.changes("2026-03-01"),
        [each async for each in inbox.scan("all", start="2026-03-01", end="2026-03-07")],
    ]
    one = found[0].rows[0].conversation_id
    return [*found, await inbox.conversation(one, start="2026-03-01", end="2026-03-07")]


@pytest.mark.usefixtures("state_folder")
@pytest.mark.parametrize("mode", ["mask", "strict"])
async def test_a_privacy_mode_hides_contacts_in_every_method(mode: str) -> None:
    with served() as convirza:
        settings = {"CONVIRZA_TOKEN": TOKEN, "CONVIRZA_BASE_URL": convirza.base_url, "CONVIRZA_TIMEZONE": "UTC"}
        async with Inbox.from_environment(settings) as open_inbox:
            shown = await results(open_inbox)
        async with Inbox.from_environment(settings | {"CONVIRZA_PRIVACY": mode}) as inbox:
            hidden = await results(inbox)

    for found in hidden:
        assert traces_in(repr(found)) == []
    # In the other mode all of it is there, so nothing was merely left unread.
    assert len(traces_in(repr(shown))) > 3
    rows = hidden[0].rows
    assert rows
    assert all(re.match(r"contact-|person-", each.source or "contact-") for each in rows)
    if mode == "strict":
        assert [each.message for each in rows] == [None] * len(rows)


async def test_strangers_texts_come_clean() -> None:
    dirty = row(message="\x1b[31mhi\x1b[0m\u202e", source_name="John\x00 Doe\n", agent="Pri\u200bya")
    client = ConvirzaClient("x", base_url="http://127.0.0.1:1/v3", transport=answering(envelope([dirty])))
    async with Inbox(client) as inbox:
        (listed,) = (await inbox.page()).rows
        (waits,) = (await inbox.waiting(start="2026-03-01")).rows

    for each in (listed, waits.conversation):
        assert (each.message, each.source_name, each.agent) == ("hi", "John Doe", "Priya")


async def test_results_cannot_be_changed(inbox: tuple[Inbox, Sandbox]) -> None:
    asked, sandbox = inbox
    one = unread(sandbox, 5)[0]
    found = [
        await asked.page(),
        await asked.conversation(one),
        await asked.search("call"),
        await asked.waiting(),
        await asked.summary(),
        await asked.changes("1h"),
    ]
    for each in found:
        with pytest.raises(dataclasses.FrozenInstanceError):
            each.window = None
        assert each.coverage.requests >= 0
        assert each.window.start < each.window.end


@pytest.mark.parametrize(
    ("argument", "ask"),
    [
        ("start", lambda inbox: inbox.waiting(start="soon")),
        ("end", lambda inbox: inbox.summary(start="1d", end="2d")),
        ("type", lambda inbox: inbox.page("open")),
        ("limit", lambda inbox: inbox.page(limit=500)),
        ("group_by", lambda inbox: inbox.summary(group_by="city")),
        ("query", lambda inbox: inbox.search("?!")),
        ("since", lambda inbox: inbox.changes("tomorrow")),
        ("conversation_id", lambda inbox: inbox.conversation(-1)),
    ],
)
async def test_an_argument_that_cannot_be_used_is_named_and_nothing_is_asked(argument: str, ask: Any) -> None:
    requests: list[httpx2.Request] = []

    def api(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, json=envelope([]))

    async with Inbox(ConvirzaClient("x", base_url="http://127.0.0.1:1/v3", transport=answering(api))) as inbox:
        with pytest.raises(InvalidArgumentError) as raised:
            await ask(inbox)

    assert (raised.value.argument, requests) == (argument, [])


async def test_the_demo_needs_no_account() -> None:
    async with Inbox.from_environment({"CONVIRZA_DEMO": "true"}) as inbox:
        assert (await inbox.summary()).total.conversations > 100


async def test_what_cannot_be_used_is_refused_by_name(snapshot: Snapshot) -> None:
    with pytest.raises(SettingsError, match="^CONVIRZA_TIMEZONE takes "):
        Inbox(ConvirzaClient("x"), timezone="Nowhere")
    with pytest.raises(SettingsError, match="^CONVIRZA_PRIVACY takes "):
        async with Inbox.from_environment({"CONVIRZA_PRIVACY": "some"}):
            pass
    with pytest.raises(SettingsError, match="^CONVIRZA_DEMO works with "):
        ConvirzaClient.from_environment({"CONVIRZA_DEMO": "true"})
    with pytest.raises(RuntimeError) as error:
        await Inbox(ConvirzaClient("x")).page()
    snapshot(error.value)


async def test_without_a_token_the_sentence_is_everybody_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    async with Inbox.from_environment({}) as inbox:
        with pytest.raises(MissingCredentialError, match=r"^No Convirza token is configured"):
            await inbox.waiting()


async def test_a_client_can_be_closed_without_a_block() -> None:
    with Sandbox() as sandbox:
        environ = {"CONVIRZA_TOKEN": sandbox.token, "CONVIRZA_BASE_URL": sandbox.base_url}
        client = ConvirzaClient.from_environment(environ)
        page = await client.list_sms_conversations()
        await client.aclose()

    assert page.conversations
