"""When two agents, statuses, lines or contacts are the same."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK
from convirza_mcp.rules.waiting import WaitClock, waiting_list
from convirza_mcp.rules.waiting_rule import is_unread
from convirza_mcp.scan.find import contact_of
from convirza_mcp.scan.seen import Seen
from convirza_mcp.text.compare import folded_value, number_value, on_one_line


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (None, ""),
        ("", ""),
        ("18015557654", "18015557654"),
        ("+1 (801) 555-7654", "18015557654"),
        ("\x1b[31m18015557654", "18015557654"),
        ("1801\x1b[1;32m5557654\x1b[0m", "18015557654"),
        ("1801\u200b5557654", "18015557654"),
        ("１８０１５５５７６５４", "18015557654"),
        ("\x1b[31m", ""),
        (" Main  Line ", "main line"),
        ("\x1b[31mMain Line", "main line"),
    ],
)
def test_a_number_is_the_digits_that_a_reader_sees(text: str | None, number: str) -> None:
    assert number_value(text) == number
    assert contact_of(Conversation(conversation_id=1, source=text)) == number


@given(st.text() | st.text(st.characters(max_codepoint=127)))
@example("UnRead")
@example("İ")
def test_values_are_folded_alike_on_the_short_way(text: str) -> None:
    assert folded_value(text) == on_one_line(text).casefold()


@pytest.mark.parametrize("status", ["unread", " UNREAD ", "unread\u200b", "\x1b[31mun\u00adread"])
def test_what_reads_unread_is_unread(status: str) -> None:
    assert is_unread(Conversation(conversation_id=1, conversation_status=status))
    assert not is_unread(Conversation(conversation_id=1, conversation_status=f"{status}!"))


def test_what_reads_incoming_counts_as_incoming() -> None:
    kinds = ["incoming", "INCOMING\u200b", "\x1b[31mincoming", "outgoing", None]
    seen = [Seen(Conversation(conversation_id=place, sms_type=kind), False) for place, kind in enumerate(kinds)]

    clock = WaitClock(ROUND_THE_CLOCK, UTC, datetime(2026, 3, 9, tzinfo=UTC))
    assert waiting_list(seen, clock.seconds_since).read_but_incoming == 3
