"""The seeded inbox: the same for the same seed, and like a real one."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from convirza_mcp.sandbox import Sandbox

NOW = datetime(2026, 3, 5, 18, 30, tzinfo=UTC)
TIMES = ("conversation_started", "conversation_updated", "closed_at")


@pytest.fixture(scope="module")
def sandbox():
    return Sandbox(now=NOW)


def moment(text):
    return datetime.fromisoformat(text)


def updated(row):
    return row["conversation_updated"]


def test_the_same_seed_makes_the_same_inbox(sandbox):
    again = Sandbox(now=NOW)
    assert list(again.conversations) == list(sandbox.conversations)
    assert again.ids("close") == sandbox.ids("close")


def test_another_seed_makes_another_inbox(sandbox):
    assert list(Sandbox(seed=8, now=NOW).conversations) != list(sandbox.conversations)


def test_a_week_later_is_the_same_inbox_a_week_later(sandbox):
    week = timedelta(days=7)
    later = Sandbox(now=NOW + week)
    for before, after in zip(sandbox.conversations, later.conversations, strict=True):
        assert {name: moment(after[name]) - week if after[name] else None for name in TIMES} == {
            name: moment(before[name]) if before[name] else None for name in TIMES
        }


@pytest.mark.parametrize(
    "later", [timedelta(minutes=1), timedelta(hours=9), timedelta(days=2, hours=16), timedelta(days=100, seconds=7)]
)
def test_another_now_moves_the_times_and_nothing_else(sandbox, later):
    moved = Sandbox(now=NOW + later)

    def without_times(row):
        return {name: value for name, value in row.items() if name not in TIMES} | {
            "closed_at": row["closed_at"] is None
        }

    assert list(map(without_times, moved.conversations)) == list(map(without_times, sandbox.conversations))
    assert moved.ids("close") == sandbox.ids("close")
    # Who has waited longer still has; people write in business hours, so that by how much is another matter.
    oldest_first = [row["conversation_id"] for row in sorted(sandbox.conversations, key=updated)]
    times = {row["conversation_id"]: moment(updated(row)) for row in moved.conversations}
    assert all(times[older] <= times[younger] for older, younger in pairwise(oldest_first))
    for row in sandbox.conversations:
        moved_by = times[row["conversation_id"]] - moment(updated(row))
        assert abs(moved_by - later) < timedelta(days=3)


def test_now_in_another_zone_is_the_same_now(sandbox):
    elsewhere = NOW.astimezone(datetime.strptime("+0900", "%z").tzinfo)
    assert list(Sandbox(now=elsewhere).conversations) == list(sandbox.conversations)


def test_views_divide_the_inbox(sandbox):
    everything = {row["conversation_id"] for row in sandbox.conversations}
    assert len(everything) == 400
    assert sandbox.ids("allOpen") | sandbox.ids("close") == everything
    assert not sandbox.ids("allOpen") & sandbox.ids("close")
    assert sandbox.ids("unassigned") < sandbox.ids("allOpen")
    assert sandbox.ids("assignedToYou") < sandbox.ids("allOpen")
    assert not sandbox.ids("unassigned") & sandbox.ids("assignedToYou")
    assert sandbox.ids("assignedToYou")


@pytest.mark.parametrize("day", range(7))
def test_the_default_view_is_a_busy_week(day):
    total = Sandbox(seed=(1, 7, 23)[day % 3], now=NOW + timedelta(days=day, hours=3 * day)).ask().total
    assert 60 <= total <= 110


def test_the_shape_of_a_real_inbox(sandbox):
    rows = list(sandbox.conversations)
    assert 0.48 <= len(sandbox.ids("close")) / 400 <= 0.62
    assert len({row["agent"] for row in rows if row["agent"]}) == 12
    assert len({row["phone_number"] for row in rows}) == 5
    assert len({row["source"] for row in rows}) < 400
    assert 0 < sum(row["pin"] for row in rows) < 20
    for name in ("source_name", "agent", "first_response_time", "closed_at", "message"):
        assert any(row[name] is None for row in rows), name
    assert max(Counter(row["conversation_updated"] for row in rows).values()) > 1
    assert len({row["message"] for row in rows}) > 350
    hours = Counter((moment(row["conversation_updated"]) - timedelta(hours=5)).hour for row in rows)
    assert sum(hours[hour] for hour in range(8, 18)) > 300


def test_old_unread_threads_that_nobody_took(sandbox):
    month_ago = NOW - timedelta(days=30)
    neglected = [
        row
        for row in sandbox.conversations
        if row["conversation_id"] in sandbox.ids("unassigned")
        and row["unread_count"]
        and moment(row["conversation_updated"]) < month_ago
    ]
    assert len(neglected) > 10


def test_times_follow_one_another(sandbox):
    for row in Sandbox(conversations=3000, now=NOW).conversations:
        assert moment(row["conversation_started"]) <= moment(row["conversation_updated"]) <= NOW
        if row["first_response_time"]:
            hours, minutes, seconds = map(int, row["first_response_time"].split(":"))
            answered = moment(row["conversation_started"]) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
            assert answered <= moment(row["conversation_updated"])
        if row["closed_at"]:
            assert moment(row["conversation_started"]) <= moment(row["closed_at"]) <= NOW
    assert any((row["first_response_time"] or "").startswith(("2", "3", "4")) for row in sandbox.conversations)


def test_one_number_has_one_name(sandbox):
    names = {}
    for row in sandbox.conversations:
        assert names.setdefault(row["source"], row["source_name"]) == row["source_name"]


def test_messages_are_of_all_lengths_and_many_scripts():
    messages = [row["message"] for row in Sandbox(conversations=3000, now=NOW).conversations if row["message"]]
    lengths = [len(message) for message in messages]
    assert min(lengths) == 1
    assert 1500 < max(lengths) <= 1600
    together = "".join(messages)
    for sample in ("é", "ñ", "ß", "ç", "ש", "م", "订", "ご", "ध", "요", "👨‍👩‍👧‍👦", "🇲🇽", "\n", "https://", "$"):
        assert sample in together, sample
    assert "STOP" in messages


def test_given_texts_are_each_used_before_any_comes_again():
    texts = [f"text {number}" for number in range(150)]
    messages = Counter(row["message"] for row in Sandbox(now=NOW, texts=texts).conversations)
    assert set(messages) == set(texts)
    assert set(messages.values()) == {2, 3}


def test_given_texts_change_nothing_but_the_messages(sandbox):
    given = Sandbox(now=NOW, texts=["one", "two"])
    for own, other in zip(sandbox.conversations, given.conversations, strict=True):
        assert own | {"message": other["message"]} == other


def test_a_lone_surrogate_in_a_text_survives():
    assert [row["message"] for row in Sandbox(conversations=1, now=NOW, texts=["half \ud83d"]).conversations] == [
        "half \ud83d"
    ]


def test_an_empty_inbox_answers_with_empty_pages():
    sandbox = Sandbox(conversations=0, now=NOW)
    assert sandbox.ask() == (0, [])
    assert list(sandbox.conversations) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"conversations": -1},
        {"token": ""},
        {"token": "two words"},
        {"token": "naïve"},
        {"now": datetime(2026, 3, 5)},
        {"texts": []},
        {"delay": -0.1},
    ],
)
def test_what_makes_no_sandbox_is_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        Sandbox(**wrong)
