from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.clock.durations import seconds_of
from convirza_mcp.rules.summary import Figures, ResponseTimes, Trend, nearest_rank, share_text, trend

SECONDS = st.one_of(st.integers(0, 2_000), st.sampled_from([299, 300, 301, 899, 900, 901]), st.integers(0, 10**7))


@given(st.lists(SECONDS, min_size=1), st.integers(1, 100))
def test_the_nearest_rank_is_the_smallest_time_that_so_many_do_not_pass(times: list[int], percent: int) -> None:
    enough = [each for each in times if 100 * sum(other <= each for other in times) >= percent * len(times)]

    assert nearest_rank(sorted(times), percent) == min(enough)


def test_no_values_have_no_rank() -> None:
    assert nearest_rank([], 50) is None


@pytest.mark.parametrize(
    ("times", "median", "p90"),
    [([7], 7, 7), ([1, 2], 1, 2), ([1, 2, 3], 2, 3), (list(range(1, 11)), 5, 9), (list(range(1, 12)), 6, 10)],
)
def test_median_and_p90_are_nearest_ranks(times: list[int], median: int, p90: int) -> None:
    found = ResponseTimes.of(times[::-1], missing=0)

    assert (found.median_seconds, found.p90_seconds) == (median, p90)


@given(st.lists(SECONDS), st.integers(0, 9), st.sampled_from([1, 15, 60]))
def test_the_figures_are_those_of_a_plain_count(times: list[int], missing: int, target: int) -> None:
    mean = (Decimal(sum(times)) / len(times)).quantize(Decimal(1), ROUND_HALF_UP) if times else None

    assert ResponseTimes.of(times, missing=missing, target_minutes=target) == ResponseTimes(
        count=len(times),
        missing=missing,
        median_seconds=nearest_rank(sorted(times), 50),
        mean_seconds=mean if mean is None else int(mean),
        p90_seconds=nearest_rank(sorted(times), 90),
        within_5m=len([each for each in times if each <= 300]),
        within_target=len([each for each in times if each <= 60 * target]),
    )


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ([100] * 5, [100] * 5, "same"),
        ([105] * 5, [100] * 5, "same"),
        ([95] * 5, [100] * 5, "same"),
        ([106] * 5, [100] * 5, "slower"),
        ([94] * 5, [100] * 5, "faster"),
        ([1] * 4, [100] * 5, "few"),
        ([1] * 5, [100] * 4, "few"),
        ([], [], "few"),
    ],
)
def test_a_median_is_compared_to_within_five_percent_of_the_earlier_one(
    now: list[int], before: list[int], said: Trend
) -> None:
    assert trend(Figures(first_seconds=now), Figures(first_seconds=before)) == said
    assert trend(Figures(first_seconds=now), None) is None


@given(st.integers(0, 999_999), st.integers(0, 59), st.integers(0, 59), st.sampled_from(["{}", "{:02}", "{:06}"]))
def test_a_response_time_has_any_number_of_hours(hours: int, minutes: int, seconds: int, form: str) -> None:
    text = f"{form.format(hours)}:{minutes:02}:{seconds:02}"

    assert seconds_of(text) == hours * 3600 + minutes * 60 + seconds


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, None),
        (0, 7, "0%"),
        (7, 7, "100%"),
        (1, 2, "50.0%"),
        (2, 3, "66.7%"),
        (1, 16, "6.3%"),
        (9_999, 10_000, "99.9%"),
        (1, 10_000, "0.1%"),
    ],
)
def test_a_share_in_percent(part: int, whole: int, text: str | None) -> None:
    assert share_text(part, whole) == text


@given(st.integers(1, 1_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_a_share_is_rounded_as_by_hand(share: tuple[int, int]) -> None:
    part, whole = share
    exact = (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)

    assert share_text(part, whole) == ("0%" if not part else "100%" if part == whole else f"{exact}%")
