"""When a request is made again, and after how long."""

from collections.abc import Callable

import anyio
import pytest

from convirza_mcp.api.http.retry import Backoff, RetryBudget
from convirza_mcp.errors import (
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    CertificateError,
    ConnectionBrokenError,
    InvalidArgumentError,
    InvalidResponseError,
    MissingCredentialError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)

AN_HOUR = 3_600.0


def highest(_: float, most: float) -> float:
    return most


def lowest(least: float, _: float) -> float:
    return least


def backoff(
    budget: RetryBudget | None = None, *, seconds: float = AN_HOUR, uniform: Callable[[float, float], float] = highest
) -> Backoff:
    return Backoff(RetryBudget() if budget is None else budget, anyio.current_time() + seconds, uniform=uniform)


def fault(status: int = 503, retry_after: float | None = None) -> ServerError:
    return ServerError("failed", status=status, retry_after=retry_after)


def limited(retry_after: float | None = None) -> RateLimitError:
    return RateLimitError("slower", status=429, retry_after=retry_after)


def left_in(budget: RetryBudget) -> int:
    """What the budget still holds; takes it all."""
    tokens = 0
    while budget.spend(1):
        tokens += 1
    return tokens


async def test_two_retries_with_a_doubling_ceiling_and_then_no_more() -> None:
    decide = backoff()

    assert [decide.wait_after(fault()) for _ in range(3)] == [0.2, 0.4, None]


async def test_a_rate_limit_is_given_more_time() -> None:
    decide = backoff()

    assert [decide.wait_after(limited()) for _ in range(3)] == [1.0, 2.0, None]


async def test_the_jitter_is_full() -> None:
    asked: list[tuple[float, float]] = []

    def half(least: float, most: float) -> float:
        asked.append((least, most))
        return (least + most) / 2

    decide = backoff(uniform=half)

    assert [decide.wait_after(fault()), decide.wait_after(limited())] == [0.1, 1.0]
    assert asked == [(0.0, 0.2), (0.0, 2.0)]


async def test_the_jitter_is_random_by_default() -> None:
    budget = RetryBudget(14 * 200)
    waits = [Backoff(budget, anyio.current_time() + AN_HOUR).wait_after(fault()) for _ in range(200)]

    assert all(0.0 <= wait <= 0.2 for wait in waits)
    assert len(set(waits)) > 190


@pytest.mark.parametrize(
    ("uniform", "waits"), [(lowest, [0.0, 7.0, None]), (highest, [0.02, 7.04, None])], ids=["lowest", "highest"]
)
async def test_a_wait_that_convirza_asks_for_is_kept_and_spread_a_little(
    uniform: Callable[[float, float], float], waits: list[float | None]
) -> None:
    decide = backoff(uniform=uniform)

    assert [
        decide.wait_after(fault(retry_after=0.0)),
        decide.wait_after(fault(retry_after=7.0)),
        decide.wait_after(fault()),
    ] == pytest.approx(waits)


@pytest.mark.parametrize(("asked", "kept"), [(10.0, True), (10.5, False), (600.0, False)])
async def test_a_long_wait_is_an_answer_for_the_caller(asked: float, kept: bool) -> None:
    for error in (fault(retry_after=asked), limited(retry_after=asked)):
        assert backoff(uniform=lowest).wait_after(error) == (asked if kept else None)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_statuses_that_may_pass_are_retried(status: int) -> None:
    assert backoff().wait_after(fault(status)) == 0.2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 418, 422, 501, 505, 599])
async def test_other_statuses_are_not_retried(status: int) -> None:
    assert backoff().wait_after(fault(status)) is None


async def test_a_broken_connection_is_retried() -> None:
    assert backoff().wait_after(ConnectionBrokenError("gone")) == 0.2


@pytest.mark.parametrize(
    "error",
    [
        BadRequestError("no", status=400),
        AuthenticationError("no", status=401),
        PermissionDeniedError("no", status=403),
        NotFoundError("no", status=404),
        CertificateError("no"),
        MissingCredentialError("no"),
        APITimeoutError("no"),
        InvalidArgumentError("limit", "no"),
        OverloadedError("no"),
        InvalidResponseError("no"),
        ValueError("no"),
        RuntimeError("no"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_no_other_error_is_retried(error: Exception) -> None:
    budget = RetryBudget(14)

    assert backoff(budget).wait_after(error) is None
    assert left_in(budget) == 14


async def test_a_wait_that_would_outlast_the_deadline_is_not_begun_and_costs_nothing() -> None:
    budget = RetryBudget(14)

    assert backoff(budget, seconds=0.19).wait_after(fault()) is None
    assert backoff(budget, seconds=5.0).wait_after(fault(retry_after=6.0)) is None
    assert backoff(budget, seconds=0.0, uniform=lowest).wait_after(fault()) is None
    assert left_in(budget) == 14


async def test_a_retry_costs_14_and_one_of_a_rate_limit_5() -> None:
    budget = RetryBudget()

    backoff(budget).wait_after(fault())
    backoff(budget).wait_after(limited())
    backoff(budget).wait_after(ConnectionBrokenError("gone"))

    assert left_in(budget) == 500 - 14 - 5 - 14


async def test_an_empty_budget_stops_retries_but_not_first_attempts() -> None:
    budget = RetryBudget(13)

    assert backoff(budget).wait_after(fault()) is None
    assert backoff(budget).wait_after(limited()) == 1.0
    assert backoff(budget).wait_after(limited()) == 1.0
    assert backoff(budget).wait_after(limited()) is None


async def test_a_dead_api_is_retried_35_times_in_all() -> None:
    budget = RetryBudget()
    retries = 0
    for _ in range(1_000):
        decide = backoff(budget)
        while decide.wait_after(fault()):
            retries += 1

    assert retries == 35


async def test_a_first_success_gives_one_back() -> None:
    budget = RetryBudget()
    assert budget.spend(10)

    backoff(budget).succeeded()

    assert left_in(budget) == 491


@pytest.mark.parametrize(
    ("errors", "back"),
    [([fault()], 14), ([limited()], 5), ([fault(), limited()], 5), ([limited(), fault()], 14)],
    ids=["fault", "rate limit", "fault then rate limit", "rate limit then fault"],
)
async def test_a_retry_that_succeeds_gives_back_what_it_cost(errors: list[Exception], back: int) -> None:
    budget = RetryBudget()
    decide = backoff(budget)
    for error in errors:
        decide.wait_after(error)
    spent = 500 - sum(5 if isinstance(error, RateLimitError) else 14 for error in errors)

    decide.succeeded()

    assert left_in(budget) == spent + back


def test_the_budget_is_never_more_than_full() -> None:
    budget = RetryBudget()

    budget.refund(14)

    assert left_in(budget) == 500


def test_what_cannot_be_paid_costs_nothing() -> None:
    budget = RetryBudget(20)

    assert [budget.spend(14), budget.spend(14), budget.spend(6), budget.spend(1)] == [True, False, True, False]
