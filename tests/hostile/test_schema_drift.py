"""Answers that drift from the documentation: every usable row is kept, and each bad value is null and counted."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from convirza_mcp.answers.records import FULL_COLUMNS
from hostile.dirty_rows import ANSWERED
from hostile.inboxes import block_of
from hostile.leaves import assert_clean
from hostile.sessions import Session
from support.rows import envelope, row

ROWS = 12
_GARBAGE: tuple[Any, ...] = ([], [1, None], {}, {"value": 7}, "not at all\u202e", "12e", "\x1b[31m", [["deep"] * 3])
_NO_TEXT: tuple[Any, ...] = ([], ["a"], {}, {"text": "a"}, [None])
_TEXTS = ("phone_number", "sms_type", "source", "source_name", "conversation_status", "message", "agent")
_OTHERS = tuple(name for name in FULL_COLUMNS if name not in _TEXTS and name != "conversation_id")
_NO_ROWS: tuple[Any, ...] = (None, 7, "row", [], [1, 2], {}, {"conversation_id": None}, True, 1.5)
_NO_IDS: tuple[Any, ...] = (None, True, False, "", "abc", [1], {}, 1.5, -1, 10**30, "1\u200b")


class Page:
    """A page that drifts step by step, and what a careful reader can still make of it."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.rows: list[Any] = [row(900_000 + number) for number in range(ROWS)]
        self.nulls: list[set[str]] = [set() for _ in range(ROWS)]
        self.bad: Counter[str] = Counter()
        self.lost: set[int] = set()
        self.around: dict[str, Any] = dict(ANSWERED)

    def drift(self) -> None:
        for _ in range(self.draw.randint(1, 12)):
            self.draw.choice(self.steps)(self, self.draw.randrange(ROWS))

    def _missing(self, place: int) -> None:
        self._set(place, self.draw.choice(_TEXTS + _OTHERS), drop=True)

    def _null(self, place: int) -> None:
        self._set(place, self.draw.choice(_TEXTS + _OTHERS), None)

    def _no_text(self, place: int) -> None:
        self._set(place, self.draw.choice(_TEXTS), self.draw.choice(_NO_TEXT), bad=True)

    def _garbage(self, place: int) -> None:
        self._set(place, self.draw.choice(_OTHERS), self.draw.choice(_GARBAGE), bad=True)

    def _set(self, place: int, name: str, value: Any = None, *, drop: bool = False, bad: bool = False) -> None:
        # Each field drifts once, and no row that is gone already.
        if place in self.lost or name in self.nulls[place]:
            return
        self.nulls[place].add(name)
        self.bad[name] += bad
        self.rows[place] = {**self.rows[place], name: value}
        if drop:
            del self.rows[place][name]

    def _unknown_field(self, place: int) -> None:
        if place not in self.lost:
            names = ("priority", "\u202ename", "__proto__", "0", "conversation")
            self.rows[place] = {**self.rows[place], self.draw.choice(names): self.draw.choice(_GARBAGE)}

    def _unknown_value(self, place: int) -> None:
        if place not in self.lost and "conversation_status" not in self.nulls[place]:
            self.rows[place] = {**self.rows[place], "conversation_status": "snoozed"}

    def _no_row(self, place: int) -> None:
        self._lose(place, self.draw.choice(_NO_ROWS))

    def _no_id(self, place: int) -> None:
        if place not in self.lost:
            self._lose(place, {**self.rows[place], "conversation_id": self.draw.choice(_NO_IDS)})

    def _lose(self, place: int, value: Any) -> None:
        # One row of a page at most; of a lost row nothing else is counted.
        if not self.lost:
            self.lost.add(place)
            for name in self.nulls[place]:
                self.bad[name] -= self.rows[place].get(name) is not None
            self.rows[place] = value

    def _envelope(self, _place: int) -> None:
        self.around |= self.draw.choice(
            ({"code": "200"}, {"message": None}, {"request_id": ["x"]}, {"timestamp": 7}, {"meta": {"page": [1]}})
        )

    steps: tuple[Callable[["Page", int], None], ...] = (
        _missing,
        _null,
        *((_no_text,) * 2),
        *((_garbage,) * 3),
        _unknown_field,
        _unknown_value,
        _no_row,
        _no_id,
        _envelope,
    )

    @property
    def body(self) -> bytes:
        return json.dumps(envelope(self.rows) | self.around).encode()

    @property
    def unreadable(self) -> str | None:
        parts = [f"{name} ({count})" for name, count in sorted(self.bad.items()) if count]
        if self.lost:
            parts.append(f"conversation_id ({len(self.lost)}, rows left out)")
        return f": {', '.join(parts)}" if parts else None

    @property
    def unreadable_in_short(self) -> str | None:
        counts = {name: f"{count}" for name, count in self.bad.items() if count}
        if self.lost:
            counts["conversation_id"] = f"{len(self.lost)}, rows left out"
        return ", ".join(f"{name} ({count})" for name, count in sorted(counts.items())) or None


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.opened() as session:
        yield session


def counts(usual: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("count", [usual, pytest.param(5_000, marks=pytest.mark.long)])


@counts(60)
def test_every_row_with_an_id_is_kept_and_every_bad_value_is_null_and_counted(session: Session, count: int) -> None:
    for seed in range(count):
        page = Page(random.Random(seed))
        page.drift()
        session.body = page.body

        result = session.call("list_sms_conversations", {"limit": ROWS, "detail": "full", **session.window()})

        assert not result.is_error, (seed, block_of(result))
        answer = result.structured_content
        assert answer is not None
        assert_clean(answer)
        kept = [place for place in range(ROWS) if place not in page.lost]
        assert [cells[0] for cells in answer["rows"]] == [900_000 + place for place in kept], seed
        for place, cells in zip(kept, answer["rows"], strict=True):
            nulls = {name for name, value in zip(FULL_COLUMNS, cells, strict=True) if value is None}
            assert nulls == page.nulls[place], seed
        assert (answer.get("unreadable") or "").endswith(page.unreadable or ""), seed
        assert ("unreadable" in answer) == (page.unreadable is not None), seed


@counts(40)
def test_every_other_tool_answers_too(session: Session, count: int) -> None:
    tools: tuple[tuple[str, dict[str, Any]], ...] = (
        ("search_sms_messages", {"query": "call"}),
        ("list_waiting_sms_conversations", {}),
        ("summarize_sms_inbox", {"group_by": "agent"}),
        ("get_sms_conversation", {}),
        ("list_sms_changes", {"since": "2026-03-01"}),
    )
    for seed in range(count):
        page = Page(random.Random(seed))
        page.drift()
        session.body = page.body
        tool, arguments = tools[seed % len(tools)]
        if tool == "get_sms_conversation":
            arguments = {"conversation_id": 900_001 if 0 in page.lost else 900_000}
        if tool != "list_sms_changes":
            arguments = arguments | session.window()

        result = session.call(tool, arguments)

        assert not result.is_error, (seed, block_of(result))
        assert_clean(result.structured_content)
        assert result.structured_content is not None
        if tool == "summarize_sms_inbox":
            assert result.structured_content["conversations"] == ROWS - len(page.lost)
        if tool != "get_sms_conversation":
            assert result.structured_content.get("unreadable") == page.unreadable_in_short, seed


@counts(40)
def test_a_body_with_changed_bytes_is_a_page_or_a_sentence(session: Session, count: int) -> None:
    """Never a crash, whose sentence would say that it happened inside convirza-mcp."""
    good = json.dumps(envelope([row(900_000 + number) for number in range(ROWS)])).encode()
    for seed in range(count):
        draw = random.Random(seed)
        body = bytearray(good)
        for _ in range(draw.randint(1, 8)):
            place = draw.randrange(len(body))
            match draw.randrange(4):
                case 0:
                    body[place] = draw.randrange(256)
                case 1:
                    del body[place : place + draw.randint(1, 30)]
                case 2:
                    body[place:place] = bytes(body[place : place + draw.randint(1, 30)])
                case 3:
                    body[place:place] = draw.choice((b"\xff", b"\\ud800", b"null", b"[", b"}", b'"', b"\xe2\x80\xae"))
        session.body = bytes(body)

        result = session.call("list_sms_conversations", {"limit": ROWS, **session.window()})

        text = block_of(result)
        assert_clean(result.structured_content or text)
        assert "inside convirza-mcp" not in text, (seed, text)
        if result.is_error:
            assert text.startswith("Convirza's answer "), (seed, text)
