"""Password guessing on the login page: limits per id, per e-mail address, in a minute and in total, over replicas."""

from typing import Any

import pytest

from convirza_mcp.transports.http.login.attempts import (
    EMAIL_SECONDS,
    MAX_FOR_EMAIL,
    MAX_FOR_ID,
    MAX_IN_TOTAL,
    MAX_UPSTREAM,
    TOTAL_SECONDS,
    UPSTREAM_SECONDS,
)
from support.login_pages import EMAIL, PASSWORD, Convirza, LoginSite, csrf_of, error_of, heading, post


async def test_an_id_takes_five_attempts(site: LoginSite, convirza: Convirza) -> None:
    path = await site.begin()
    async with site.browser() as browser:
        pages = [await post(browser, path, password="wrong") for _ in range(MAX_FOR_ID - 1)]
        form = {"csrf": csrf_of(await browser.get(path)), "email": EMAIL, "password": "wrong"}
        last = await browser.post(path, data=form)
        after = await browser.post(path, data=form | {"password": PASSWORD})

    assert {error_of(page) for page in pages} == {error_of(pages[0])}
    assert heading(last) == "Too many attempts"
    assert after.status_code == 410
    assert len(convirza.asked) == MAX_FOR_ID


async def test_an_address_takes_ten_attempts_in_any_writing_and_then_even_the_right_password_is_refused(
    site: LoginSite, convirza: Convirza
) -> None:
    async with site.browser() as browser:
        for number in range(MAX_FOR_EMAIL):
            email = EMAIL.upper() if number % 2 else EMAIL
            wrong = await post(browser, await site.begin(), email=email, password="wrong")
            site.clock.time += UPSTREAM_SECONDS / MAX_UPSTREAM
        refused = await post(browser, await site.begin())
        other = await post(browser, await site.begin(), email="daniel@example.com")
        assert len(convirza.asked) == MAX_FOR_EMAIL + 1
        site.clock.time += EMAIL_SECONDS
        admitted = await post(browser, await site.begin())

    assert refused.status_code == other.status_code == 403
    assert error_of(refused) == error_of(wrong) == error_of(other)
    assert admitted.status_code == 303


async def test_convirza_is_asked_ten_times_a_minute_over_all_replicas(site: LoginSite, convirza: Convirza) -> None:
    replica = LoginSite(site.folder, convirza.log_in, clock=site.clock)
    async with site.browser() as browser, replica.browser() as other:
        for number in range(MAX_UPSTREAM):
            await post((browser, other)[number % 2], await site.begin(), email=f"{number}@example.com")
        path = await site.begin()
        waiting = [await post((browser, other)[number % 2], path) for number in range(2 * MAX_FOR_ID)]
        assert len(convirza.asked) == MAX_UPSTREAM
        site.clock.time += UPSTREAM_SECONDS
        # Waiting has not used up the id.
        admitted = await post(browser, path)
    await replica.store.aclose()

    assert {(page.status_code, page.headers["retry-after"]) for page in waiting} == {(429, "60")}
    assert admitted.status_code == 303


async def test_the_total_is_limited(site: LoginSite, convirza: Convirza) -> None:
    async with site.browser() as browser:
        for number in range(MAX_IN_TOTAL):
            await post(browser, await site.begin(), email=f"{number}@example.com", password="wrong")
            site.clock.time += UPSTREAM_SECONDS / MAX_UPSTREAM
        page = await post(browser, await site.begin())
        assert len(convirza.asked) == MAX_IN_TOTAL
        site.clock.time += TOTAL_SECONDS
        admitted = await post(browser, await site.begin())

    assert (page.status_code, admitted.status_code) == (429, 303)


async def test_an_unknown_address_takes_the_same_steps(
    site: LoginSite, convirza: Convirza, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes time here is the store and Convirza; neither is asked more or less for a known address."""
    steps: list[str] = []

    def noted(name: str) -> Any:
        inner = getattr(site.store, name)

        def note(*given: Any, **options: Any) -> Any:
            steps.append(name)
            return inner(*given, **options)

        return note

    async with site.browser() as browser:
        # This address has logged in before.
        await post(browser, await site.begin())
        for name in ("get", "put", "delete", "count", "lock"):
            monkeypatch.setattr(site.store, name, noted(name))
        taken = []
        for email in (EMAIL, "unknown@example.com"):
            path = await site.begin()
            form = {"csrf": csrf_of(await browser.get(path)), "email": email, "password": "wrong"}
            steps.clear()
            answer = await browser.post(path, data=form)
            taken.append((answer.status_code, [*steps], len(answer.content) - len(email)))

    assert taken[0] == taken[1]
    assert taken[0][:2] == (403, ["lock", "get", "count", "count", "count", "count"])
    assert convirza.asked[1:] == [EMAIL, "unknown@example.com"]
