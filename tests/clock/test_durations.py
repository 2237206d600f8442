import pytest

from convirza_mcp.clock.durations import duration_text, read_age, seconds_text, wait_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, None),
        (0, "0s"),
        (59, "59s"),
        (60, "1m00s"),
        (201, "3m21s"),
        (3_599, "59m59s"),
        (3_600, "1h00m"),
        (3_959, "1h05m"),
        (86_399, "23h59m"),
        (86_400, "1d00h"),
        (183_600, "2d03h"),
        (360_000, "4d04h"),
        (3_599_999_999, "41666d15h"),
    ],
)
def test_a_duration_is_its_two_largest_units(seconds: int | None, text: str | None) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(1.0, "1 second"), (0.5, "0.5 seconds"), (20, "20 seconds")])
def test_seconds_in_a_sentence(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "whole_day", "office"),
    [
        (None, None, None),
        (0, "0m", "0m"),
        (59.9, "0m", "0m"),
        (45 * 60, "45m", "45m"),
        (3_600, "1h", "1h"),
        (3_600 * 2 + 300, "2h 5m", "2h 5m"),
        (3_600 * 24 - 1, "23h 59m", "23h 59m"),
        (3_600 * 24 + 300, "1d", "24h"),
        (3_600 * 76 + 300, "3d 4h", "76h"),
    ],
)
def test_a_wait_is_short_text(seconds: float | None, whole_day: str | None, office: str | None) -> None:
    assert (wait_text(seconds), wait_text(seconds, days=False)) == (whole_day, office)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90m", 5_400),
        (" 24 H ", 86_400),
        ("7d", 604_800),
        ("2w", 1_209_600),
        ("0m", 0),
        ("1234567d", None),
        ("90", None),
        ("90s", None),
        ("-1d", None),
        ("", None),
    ],
)
def test_an_age_is_a_number_and_a_unit(text: str, seconds: int | None) -> None:
    assert read_age(text) == seconds
