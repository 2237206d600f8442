"""What is kept for the next search, of what, and for how long."""

from datetime import UTC, timedelta

import pytest

from convirza_mcp.api.models import Conversation, View
from convirza_mcp.clock.window import Window
from convirza_mcp.rules.search.index import Searched, SearchedTexts, texts_kept
from convirza_mcp.scan.results import Coverage, Seen, WholeView
from support.drifting import NOW

WINDOW = Window(start=NOW - timedelta(days=30), end=NOW, zone=UTC)


def view(type_: View, window: Window = WINDOW) -> WholeView:
    return WholeView(type_, (), Coverage(read=0, total=0, requests=1, as_of=NOW), window, holds_oldest=True)


def seen(
    message: str | None,
    identifier: int = 1,
    *,
    source_name: str | None = None,
    source: str | None = None,
    phone_number: str | None = None,
) -> Seen:
    conversation = Conversation(
        conversation_id=identifier, message=message, source_name=source_name, source=source, phone_number=phone_number
    )
    return Seen(conversation, closed=False)


@pytest.mark.parametrize(
    ("message", "folded"),
    [
        ("Mañana a las 5 ÉL", "manana a las 5 el"),
        ("It’s FINE ❤️", "it's fine ❤"),
        ("Línea\u2028dos \x1b[31mrojo", "linea\ndos rojo"),
        ("Thank YOU\nbye", "thank you\nbye"),
        ("re\x1b[31mfund", "refund"),
        ("O&#39;Brien &amp; sons", "o'brien & sons"),
        ("a\0b \ud83d", "ab "),
        ("", ""),
        (None, ""),
    ],
)
def test_a_kept_text_is_as_a_new_one(message: str | None, folded: str) -> None:
    texts = SearchedTexts()
    rows = [
        seen("Hello", source="18015550112", phone_number="18015550100"),
        seen(message, source_name="José", source="Ámazon", phone_number="+1 5"),
        seen(None),
    ]

    for block in (texts.of(rows), texts.of(rows), SearchedTexts(max_bytes=0).of(rows)):
        assert dict(block.rows([0, 1, 2])) == {
            0: Searched("hello", "", "", "18015550112", "", "18015550100"),
            1: Searched(folded, "jose", "amazon", "", "+1 5", "15"),
            2: Searched("", "", "", "", "", ""),
        }


def test_texts_are_folded_once_while_the_cache_has_space() -> None:
    first, second = ([seen("ñ" * 1_000, each)] for each in (1, 2))
    texts = SearchedTexts(max_bytes=1_500)

    assert texts.of(first) is texts.of([*first])
    assert texts.of(second) is not texts.of(second)
    assert [row.message for _, row in texts.of(second).rows([0])] == ["n" * 1_000]


def test_another_reading_of_a_conversation_takes_the_place_of_the_first() -> None:
    texts = SearchedTexts(max_bytes=1_500)

    for message in ("ñ" * 1_000, "é" * 1_000, "ñ" * 1_000):
        read = [seen(message)]
        assert [row.message for _, row in texts.of(read).rows([0])] == [("n" if "ñ" in message else "e") * 1_000]
        assert texts.of(read) is texts.of(read)


def test_texts_are_kept_with_the_held_view_of_the_window() -> None:
    other = Window(start=NOW - timedelta(days=31), end=NOW, zone=UTC)
    held = [view("close"), view("allOpen", other), view("allOpen")]

    texts = texts_kept(held, WINDOW)

    assert texts_kept(held[::-1], WINDOW) is texts
    assert [texts in each.derived.values() for each in held] == [False, False, True]
    assert texts_kept(held, other) is not texts
    assert texts_kept([], WINDOW) is not texts_kept([], WINDOW)
