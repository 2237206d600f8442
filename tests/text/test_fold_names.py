"""When two names, statuses or types are the same."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK
from convirza_mcp.rules.waiting import WaitClock, is_unread, waiting_list
from convirza_mcp.scan.results import Seen
from convirza_mcp.text.fold import name_key, on_one_line


@given(st.text() | st.text(st.characters(max_codepoint=127)))
@example("UnRead")
@example("İ")
@example("\u0301")
def test_names_have_one_key_on_the_short_way_and_the_long(text: str) -> None:
    assert name_key(text) == name_key(on_one_line(text)) == name_key(f" {text}\u200b ")
    assert bool(name_key(text)) == bool(on_one_line(text))


@pytest.mark.parametrize(
    "written", ["priya  NAIR", "Príya Nair", "Ｐriya\u00a0Nair", "\x1b[31mPriya Nair\n", "Priya\u200b Nair"]
)
def test_how_a_name_is_written_makes_no_difference(written: str) -> None:
    assert name_key(written) == name_key("Priya Nair")
    assert name_key(f"{written}s") != name_key("Priya Nair")


@pytest.mark.parametrize("status", ["unread", " UNREAD ", "unread\u200b", "\x1b[31mun\u00adread"])
def test_what_reads_unread_is_unread(status: str) -> None:
    assert is_unread(Conversation(conversation_id=1, conversation_status=status))
    assert not is_unread(Conversation(conversation_id=1, conversation_status=f"{status}!"))


def test_what_reads_incoming_counts_as_incoming() -> None:
    kinds = ["incoming", "INCOMING\u200b", "\x1b[31mincoming", "outgoing", None]
    seen = [Seen(Conversation(conversation_id=place, sms_type=kind), False) for place, kind in enumerate(kinds)]

    clock = WaitClock(ROUND_THE_CLOCK, UTC, datetime(2026, 3, 9, tzinfo=UTC))
    assert waiting_list(seen, clock.seconds_since).read_but_incoming == 3
