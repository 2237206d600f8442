"""The wrapper of the privacy modes: what it lets through, whom it asks, and what it does when it cannot."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from convirza_mcp.answers.records import compact_row
from convirza_mcp.api.models import Conversation, ConversationPage, ConversationQuery
from convirza_mcp.clock.window import Window
from convirza_mcp.errors import (
    APITimeoutError,
    BadRequestError,
    InvalidArgumentError,
    MissingCredentialError,
    PrivacyKeyError,
)
from convirza_mcp.files import private_folder
from convirza_mcp.privacy.reader import PrivatePages
from support.drifting import DriftingInbox
from support.rows import DOCUMENTED
from support.snapshots import Snapshot

pytestmark = pytest.mark.usefixtures("state_folder")

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)
PHONE = "+14155550142"
NAME = "Zyxwv Qanary"
TIMES = dict.fromkeys(("conversation_started", "conversation_updated", "closed_at"), NOW)
CONTACT = {"source": PHONE, "source_name": NAME, "message": "Call 415 555 0142, order 123456"}
ROW = Conversation(**DOCUMENTED | TIMES | CONTACT | {"conversation_id": 900, "agent": "Ann Lee"})


def people(count: int) -> list[Conversation]:
    return [
        replace(ROW, conversation_id=place, source=f"1801555{place:04}", source_name=f"Person {place}")
        for place in range(1, count + 1)
    ]


async def never(_: ConversationQuery) -> None:
    await anyio.sleep_forever()


def private(inbox: DriftingInbox, mode: Any = "mask") -> PrivatePages:
    return PrivatePages(inbox, mode, timeout=30)


async def first_of(pages: PrivatePages, **asked: Any) -> Conversation:
    return (await pages.list_sms_conversations(ConversationQuery(**asked))).conversations[0]


async def test_a_row_keeps_everything_but_its_contact() -> None:
    shown = await first_of(private(DriftingInbox([ROW])))

    changed = {each.name for each in fields(ROW) if getattr(shown, each.name) != getattr(ROW, each.name)}
    assert changed == {"source", "source_name", "message"}
    assert shown.message == "Call [phone], order 123456"
    assert (shown.source or "").startswith("contact-")
    assert (shown.source_name or "").startswith("person-")


async def test_strict_leaves_the_message_out() -> None:
    assert (await first_of(private(DriftingInbox([ROW]), "strict"))).message is None


async def test_fields_that_hold_the_contact_by_chance_are_masked_as_well() -> None:
    row = replace(
        ROW,
        phone_number="(415) 555-0142",
        sms_type=f"from {PHONE}",
        conversation_status="mail zyxwv@example.com",
        message="order 4155550142, 4\u200b15-555-0142",
    )

    shown = await first_of(private(DriftingInbox([row])))

    assert shown.phone_number == shown.source
    assert (shown.sms_type, shown.conversation_status) == ("from [phone]", "mail [e-mail]")
    assert shown.message == "order [phone], [phone]"


async def test_an_alias_is_never_cut_however_little_room_a_row_has() -> None:
    shown = await first_of(private(DriftingInbox([ROW])))
    window = Window(start=NOW, end=NOW.replace(day=7), zone=UTC)

    row = compact_row(shown, window, with_year=False, message_length=24, name_length=10)

    assert row[2:4] == [shown.source_name, shown.source]
    assert row[5] == "Ann Lee"


async def test_a_page_s_totals_and_gaps_stay() -> None:
    class OneRow(DriftingInbox):
        async def list_sms_conversations(self, query: ConversationQuery | None = None) -> ConversationPage:
            return ConversationPage(
                conversations=(replace(ROW, source=None, source_name=None, message=None),),
                dropped=(1,),
                total=12,
                request_id="abc-1",
                unreadable={"message": 1},
            )

    page = await private(OneRow(0)).list_sms_conversations()

    assert (page.dropped, page.total, page.request_id, page.unreadable) == ((1,), 12, "abc-1", {"message": 1})
    assert (page.conversations[0].source, page.conversations[0].source_name) == (None, None)


async def test_an_alias_is_searched_for_by_what_it_stands_for() -> None:
    inbox = DriftingInbox([ROW, *people(3)])
    pages = private(inbox)
    shown = await first_of(pages)

    for alias in (shown.source, shown.source_name):
        page = await pages.list_sms_conversations(ConversationQuery(search=f" {alias} ", limit=3, type="close"))
        assert [each.conversation_id for each in page.conversations] == [ROW.conversation_id]
        assert page.conversations[0].source == shown.source

    assert [each.search for each in inbox.requests] == [None, PHONE.removeprefix("+1"), NAME]
    assert inbox.requests[1] == ConversationQuery(search=PHONE.removeprefix("+1"), limit=3, type="close")


async def test_an_alias_from_before_the_start_is_found_by_reading_the_view() -> None:
    rows = people(450)
    sought = await first_of(private(DriftingInbox([rows[320]])))
    inbox = DriftingInbox(rows)

    page = await private(inbox).list_sms_conversations(
        ConversationQuery(search=sought.source, start=NOW, end=NOW.replace(day=7), order="asc", type="unassigned")
    )

    assert [each.conversation_id for each in page.conversations] == [321]
    *reading, searching = inbox.requests
    assert len(reading) == 2
    assert {(each.type, each.search, each.limit, each.start, each.end) for each in reading} == {
        ("unassigned", None, 200, NOW, NOW.replace(day=7))
    }
    assert (searching.search, searching.order, searching.limit) == (rows[320].source[1:], "asc", 7)


async def test_an_alias_without_a_contact_gives_an_empty_page() -> None:
    inbox = DriftingInbox(people(3))

    page = await private(inbox).list_sms_conversations(ConversationQuery(search="contact-abcdefghij"))

    assert page == ConversationPage(conversations=(), total=0)
    assert {each.search for each in inbox.requests} == {None}


async def test_a_real_number_is_searched_for_and_shown_as_an_alias() -> None:
    inbox = DriftingInbox([ROW, *people(3)])

    shown = await first_of(private(inbox), search="4155550142")

    assert inbox.requests[0].search == "4155550142"
    assert (shown.source or "").startswith("contact-")


@pytest.mark.parametrize("mode", ["mask", "strict"])
@pytest.mark.parametrize(
    "part", ["415", "(415) 55", "0142", "0004155", "\uff14\uff11\uff15", "\u2463\u2460\u2464", "+", " - "]
)
async def test_a_part_of_a_number_is_refused_unasked(mode: Any, part: str, snapshot: Snapshot) -> None:
    inbox = DriftingInbox([ROW])

    with pytest.raises(InvalidArgumentError) as raised:
        await private(inbox, mode).list_sms_conversations(ConversationQuery(search=part))
    snapshot.shared(raised.value)

    assert (raised.value.argument, inbox.requests) == ("search", [])


@pytest.mark.parametrize("mode", ["mask", "strict"])
@pytest.mark.parametrize("part", ["1415555", "4155550", "5550142", "+1415555014", "Zyx", "Qanar", "Zyxwv Q", "y"])
async def test_a_search_by_a_part_finds_nothing(mode: Any, part: str) -> None:
    page = await private(DriftingInbox([ROW]), mode).list_sms_conversations(ConversationQuery(search=part))

    assert page == ConversationPage(conversations=(), total=0)


@pytest.mark.parametrize("whole", ["4155550142", PHONE, "Zyxwv", "Qanary", NAME])
async def test_a_whole_number_or_whole_words_are_found(whole: str) -> None:
    page = await private(DriftingInbox([ROW, *people(3)])).list_sms_conversations(ConversationQuery(search=whole))

    assert ([each.conversation_id for each in page.conversations], page.total) == ([ROW.conversation_id], 1)


async def test_pages_and_totals_count_what_was_found_alone() -> None:
    inbox = DriftingInbox(people(450))
    pages = private(inbox)

    first = await pages.list_sms_conversations(ConversationQuery(search="Person", limit=200))
    last = await pages.list_sms_conversations(ConversationQuery(search="Person", limit=200, offset=400))
    one = await pages.list_sms_conversations(ConversationQuery(search="Person 4"))

    assert [each.conversation_id for each in first.conversations] == list(range(1, 201))
    assert [each.conversation_id for each in last.conversations] == list(range(401, 451))
    assert (first.total, last.total) == (450, 450)
    assert ([each.conversation_id for each in one.conversations], one.total) == ([4], 1)


@pytest.mark.parametrize("search", [NAME, "contact-abcdefghij"])
async def test_a_search_ends_with_the_call_s_time(search: str) -> None:
    inbox = DriftingInbox(people(3), before_answer=never)

    with anyio.fail_after(30), pytest.raises(APITimeoutError, match="Use a shorter window"):
        await PrivatePages(inbox, "mask", timeout=0.3).list_sms_conversations(ConversationQuery(search=search))


async def test_a_text_without_end_is_cut_and_others_get_their_turn() -> None:
    page = [replace(ROW, conversation_id=place, message="2 22 222 " * 110_000) for place in range(3)]
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await anyio.lowlevel.checkpoint()
            turns += 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(others)
        shown = await private(DriftingInbox(page)).list_sms_conversations()
        tasks.cancel_scope.cancel()

    assert turns >= len(page)
    for each in shown.conversations:
        assert len(each.message or "") <= 4_100
        assert (each.message or "").endswith("\N{HORIZONTAL ELLIPSIS}")


async def test_an_error_comes_without_convirza_s_words() -> None:
    async def rejected(_: ConversationQuery) -> None:
        raise BadRequestError("Rejected (400).", status=400, request_id="abc-1", upstream_words=f"no such {NAME}")

    inbox = DriftingInbox([ROW])
    inbox.before_answer = rejected

    with pytest.raises(BadRequestError, match=r"\ARejected \(400\)\. Convirza's request id: abc-1\.\Z") as raised:
        await private(inbox).list_sms_conversations()

    assert raised.value.upstream_words is None


async def test_another_account_s_aliases_are_not_searched_for() -> None:
    inbox = DriftingInbox([ROW])
    pages = private(inbox)
    alias = (await first_of(pages)).source
    inbox.account = "another"
    inbox.hold(*people(2))

    page = await pages.list_sms_conversations(ConversationQuery(search=alias))

    assert page.conversations == ()
    assert PHONE not in {each.search for each in inbox.requests}


async def test_without_a_key_nothing_is_asked_and_a_later_call_tries_again() -> None:
    inbox = DriftingInbox([ROW])
    pages = private(inbox)
    make_way = _with_a_file_in_its_place(private_folder())

    with pytest.raises(PrivacyKeyError):
        await pages.list_sms_conversations()

    assert inbox.requests == []
    make_way()
    assert (await first_of(pages)).source is not None


def _names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


def _with_a_file_in_its_place(folder: Path) -> Callable[[], None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("no folder")
    return folder.unlink


async def test_without_a_token_no_key_is_made(state_folder: Path) -> None:
    class Nobody(DriftingInbox):
        async def credential_fingerprint(self) -> str:
            raise MissingCredentialError("No token.")

    with pytest.raises(MissingCredentialError):
        await private(Nobody(0)).list_sms_conversations()

    assert _names_in(state_folder) == []
