"""From the bytes of an answer to a page, losing as little as possible."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convirza_mcp.api.models import CONVERSATION_FIELDS, ConversationPage
from convirza_mcp.api.parse import read_envelope, read_page
from convirza_mcp.errors import InvalidResponseError
from support.rows import REQUEST_ID, envelope, row
from support.snapshots import Snapshot

OTHER_FIELDS = [name for name in CONVERSATION_FIELDS if name != "conversation_id"]
UNUSABLE_IDS = [None, True, False, -1, 1.5, "", "abc", "12a", [], [1], {}, {"id": 1}, float("nan"), float("inf")]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.datetimes().map(str),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=6,
)
mutated_fields = st.dictionaries(st.sampled_from(OTHER_FIELDS) | st.text(max_size=8), json_values, max_size=6)
usable_rows = st.builds(
    lambda number, missing, changes: {
        **{name: value for name, value in row().items() if name not in missing},
        **changes,
        "conversation_id": number,
    },
    st.integers(0, 2**53),
    st.sets(st.sampled_from(OTHER_FIELDS)),
    mutated_fields,
)
unusable_rows = st.sampled_from([None, True, 7, 1.5, "row", [], [987654], {}, {"unread_count": "x"}]) | st.builds(
    lambda unusable, changes: {**changes, "conversation_id": unusable}, st.sampled_from(UNUSABLE_IDS), mutated_fields
)


def read(value: Any) -> ConversationPage:
    return read_body(json.dumps(value).encode())


def read_body(body: bytes) -> ConversationPage:
    return read_page(read_envelope(body))


def values_of(conversation: Any) -> dict[str, Any]:
    return {name: getattr(conversation, name) for name in CONVERSATION_FIELDS}


def test_the_documented_page_is_read_whole() -> None:
    page = read(envelope([row()]) | {"data": {"total": 42, "conversation": [row()]}})

    (conversation,) = page.conversations
    assert values_of(conversation) == row() | {
        "conversation_started": datetime(2026, 3, 5, 10, 30, tzinfo=UTC),
        "conversation_updated": datetime(2026, 3, 5, 10, 35, tzinfo=UTC),
        "closed_at": datetime(2026, 3, 5, 11, tzinfo=UTC),
    }
    assert (page.total, page.dropped, page.unreadable, page.request_id) == (42, (), {}, REQUEST_ID)


@given(st.lists(usable_rows | unusable_rows, max_size=6))
@example([row(1), row(2, first_response_time="soon"), None, row(3)])
def test_every_row_with_a_usable_id_is_kept_in_its_place(rows: list[Any]) -> None:
    page = read(envelope(rows))

    def usable(each: Any) -> bool:
        return isinstance(each, dict) and type(each.get("conversation_id")) is int and each["conversation_id"] >= 0

    kept = [each for each in rows if usable(each)]
    assert [each.conversation_id for each in page.conversations] == [each["conversation_id"] for each in kept]
    assert page.dropped == tuple(place for place, each in enumerate(rows) if not usable(each))
    assert page.received == len(rows)
    # What was there and is now None is what could not be read, in exactly that number.
    for name in OTHER_FIELDS:
        lost = sum(
            given.get(name) is not None and getattr(read_as, name) is None
            for given, read_as in zip(kept, page.conversations, strict=True)
        )
        assert page.unreadable.get(name, 0) == lost
    assert set(page.unreadable) <= set(OTHER_FIELDS)


@given(json_values)
@example({"data": {"conversation": None}})
@example({"data": {"conversation": {}}})
@example({"data": []})
@example({"conversation": []})
def test_any_json_is_a_page_or_an_unexpected_answer(value: Any) -> None:
    with contextlib.suppress(InvalidResponseError):
        read(value)


@given(st.data())
def test_bytes_changed_anywhere_are_a_page_or_an_unexpected_answer(data: st.DataObject) -> None:
    body = bytearray(json.dumps(envelope()).encode())
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(body)))
        body[start : start + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))

    with contextlib.suppress(InvalidResponseError):
        read_body(bytes(body))


@given(st.integers(0))
def test_a_body_that_was_cut_off_is_an_unexpected_answer(length: int) -> None:
    body = json.dumps(envelope()).encode()

    with pytest.raises(InvalidResponseError) as caught:
        read_body(body[: length % len(body)])

    assert "not valid JSON" in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"{" * 400,
        b"[" * 400 + b"]" * 400,
        b'{"data":{"conversation":[' + b"[" * 50_000 + b"]" * 50_000 + b"]}}",
        b"null",
        b"true",
        b"7",
        b'"x"',
        b"[]",
        b"{}",
        b"NaN",
        b'{"data":null}',
        b'{"data":{"conversation":"x"}}',
        b'{"data":{"conversations":[]}}',
    ],
    ids=lambda value: repr(value[:20]),
)
def test_a_body_that_is_no_page(body: bytes, snapshot: Snapshot) -> None:
    with pytest.raises(InvalidResponseError) as caught:
        read_body(body)

    snapshot(caught.value)


@pytest.mark.parametrize(
    ("message", "read_as"),
    [
        (rb"Thanks \ud83d", "Thanks \ufffd"),
        (rb"\udc4d thanks", "\ufffd thanks"),
        (rb"a\ud83d\ud83d\udc4db", "a\ufffd\U0001f44db"),
        (b"Thanks \xf0\x9f", "Thanks \ufffd"),
    ],
    ids=["first half", "second half", "half and whole", "half in bytes"],
)
def test_half_an_emoji_costs_no_page(message: bytes, read_as: str) -> None:
    # JavaScript cuts a text between the halves of an emoji, and writes the half that is left as valid JSON.
    rows = json.dumps([row(1), row(2)]).encode().replace(b"Can you call me back?", message)

    page = read_body(b'{"data":{"total":2,"conversation":' + rows + b"}}")

    assert [(each.conversation_id, each.message) for each in page.conversations] == [(1, read_as), (2, read_as)]


def test_brackets_within_a_text_are_no_flood_of_objects() -> None:
    message = '{[\\"' * 60_000

    page = read_body(json.dumps(envelope([row(1, message=message)])).encode())

    assert [each.message for each in page.conversations] == [message]


def test_a_byte_order_mark_is_no_fault() -> None:
    assert len(read_body(b"\xef\xbb\xbf" + json.dumps(envelope()).encode()).conversations) == 2


@pytest.mark.parametrize(
    ("field", "value", "read_as"),
    [
        ("source", 18015551234, "18015551234"),
        ("message", 7, "7"),
        ("message", "", ""),
        ("unread_count", "3", 3),
        ("unread_count", 3.0, 3),
        ("conversation_status", "escalated", "escalated"),
        ("sms_type", "carrier-pigeon", "carrier-pigeon"),
        ("first_response_time", "312:00:09", "312:00:09"),
        ("conversation_updated", "2026-03-05T10:35:00", datetime(2026, 3, 5, 10, 35, tzinfo=UTC)),
        ("conversation_updated", "2026-03-05T03:35:00-07:00", datetime(2026, 3, 5, 10, 35, tzinfo=UTC)),
        ("pin", None, None),
    ],
)
def test_what_is_close_enough_is_read(field: str, value: object, read_as: object) -> None:
    page = read(envelope([row(**{field: value})]))

    assert getattr(page.conversations[0], field) == read_as
    assert page.unreadable == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", ["18015551234"]),
        ("message", {"text": "hi"}),
        ("message", True),
        ("unread_count", -1),
        ("unread_count", "many"),
        ("unread_count", 2.5),
        ("ct_user_id", float("nan")),
        ("ct_user_id", {}),
        ("pin", "perhaps"),
        ("first_response_time", "soon"),
        ("first_response_time", "00:61:00"),
        ("avg_response_time", -1),
        ("conversation_started", "yesterday"),
        ("conversation_updated", "2026-02-30T00:00:00Z"),
        ("closed_at", []),
    ],
)
def test_what_cannot_be_read_is_none_and_counted(field: str, value: object) -> None:
    page = read(envelope([row(1), row(2, **{field: value}), row(3, **{field: value})]))

    assert [each.conversation_id for each in page.conversations] == [1, 2, 3]
    assert [getattr(each, field) is None for each in page.conversations] == [False, True, True]
    assert page.unreadable == {field: 2}


def test_several_unreadable_fields_of_a_row_cost_only_themselves(snapshot: Snapshot) -> None:
    page = read(envelope([row(1, unread_count="x", pin=7, agent=[]), row(2, pin=[], unknown={"a": [1]})]))

    assert page.unreadable == {"unread_count": 1, "pin": 2, "agent": 1}
    assert page.unreadable_fields == {1: {"unread_count", "pin", "agent"}, 2: {"pin"}}
    snapshot([each.message for each in page.conversations])


def test_missing_null_and_unknown_fields_are_no_fault() -> None:
    page = read(envelope([{"conversation_id": 1}, dict.fromkeys(OTHER_FIELDS) | {"conversation_id": 2}, row(3, new=1)]))

    assert [each.conversation_id for each in page.conversations] == [1, 2, 3]
    assert (page.dropped, page.unreadable) == ((), {})


@pytest.mark.parametrize("unusable", [*UNUSABLE_IDS, ...], ids=repr)
def test_a_row_without_a_usable_id_is_dropped_and_its_place_kept(unusable: object) -> None:
    without = {name: value for name, value in row().items() if name != "conversation_id"}
    bad = without if unusable is ... else without | {"conversation_id": unusable}

    page = read(envelope([bad, row(1), bad, bad, row(2), bad]))

    assert [each.conversation_id for each in page.conversations] == [1, 2]
    assert page.dropped == (0, 2, 3, 5)
    assert page.unreadable == {}


def test_the_fields_of_a_dropped_row_are_not_counted_as_none() -> None:
    page = read(envelope([row(None, unread_count="x"), row(1), row("2", pin=7)]))

    assert (page.dropped, page.unreadable, page.unreadable_fields) == ((0,), {"pin": 1}, {2: {"pin"}})


@pytest.mark.parametrize(("text", "number"), [("987654", 987654), ("0", 0), (987654.0, 987654)])
def test_an_id_of_another_form_is_usable(text: object, number: int) -> None:
    assert [each.conversation_id for each in read(envelope([row(text)])).conversations] == [number]


def test_a_conversation_that_comes_twice_is_twice_in_the_page() -> None:
    # Offsets count what Convirza sent.
    assert read(envelope([row(1), row(1)])).received == 2


@pytest.mark.parametrize(("total", "read_as"), [(42, 42), (0, 0), ("42", 42), (42.0, 42)])
def test_a_total_may_be_a_number_or_its_text(total: object, read_as: int) -> None:
    page = read({"data": {"total": total, "conversation": []}})

    assert (page.total, page.unreadable) == (read_as, {})


@pytest.mark.parametrize("total", [None, -1, True, 1.5, "many", "-1", "٤٢", [], {}, float("nan"), float("inf"), ...])
def test_a_total_that_cannot_be_read_is_none_and_counted(total: object) -> None:
    data: dict[str, Any] = {"conversation": [row()]} if total is ... else {"conversation": [row()], "total": total}

    page = read({"data": data})

    assert (page.total, page.unreadable) == (None, {"total": 1})
    assert len(page.conversations) == 1
