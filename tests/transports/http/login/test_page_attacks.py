"""Attacks on the login page: forged forms, guessed passwords, hostile clients, bodies that are slow or endless."""

import gc
import logging
import re
from dataclasses import replace
from html import unescape

import anyio
import pytest

from support.login_pages import EMAIL, ISSUER, PASSWORD, PENDING, Convirza, LoginSite, csrf_of, heading, post

FORGED = {
    "another origin": {"Origin": "https://evil.example"},
    "another port": {"Origin": f"{ISSUER}:8443"},
    "plain http": {"Origin": "http://sms.example.com"},
    "a sandboxed frame": {"Origin": "null"},
    "a subdomain": {"Origin": "https://evil.sms.example.com"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "json": {"Content-Type": "application/json"},
    "plain text": {"Content-Type": "text/plain"},
    "multipart": {"Content-Type": "multipart/form-data; boundary=x"},
    "no kind": {"Content-Type": ""},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
async def test_a_form_from_elsewhere_is_refused(site: LoginSite, convirza: Convirza, headers: dict[str, str]) -> None:
    path = await site.begin()
    async with site.browser() as browser:
        form = {"csrf": csrf_of(await browser.get(path)), "email": EMAIL, "password": PASSWORD}
        answer = await browser.post(path, data=form, headers=headers)

    assert answer.status_code == 403
    assert heading(answer) == "This form cannot be used"
    assert convirza.asked == []


async def test_a_browser_without_these_headers_needs_the_token_alone(site: LoginSite) -> None:
    async with site.browser() as browser:
        del browser.headers["Origin"], browser.headers["Sec-Fetch-Site"]
        answer = await post(browser, await site.begin())

    assert answer.status_code == 303


async def test_the_token_is_the_browser_s_and_the_login_s(site: LoginSite, convirza: Convirza) -> None:
    path, other_path = await site.begin(), await site.begin()
    async with site.browser() as victim, site.browser() as attacker:
        own = csrf_of(await victim.get(path))
        tokens = {
            "none": "",
            "a guess": "A" * 43 + "=",
            "of another browser": csrf_of(await attacker.get(path)),
            "of another login": csrf_of(await victim.get(other_path)),
            "not ASCII": "é" * 44,
        }
        answers = [
            await victim.post(path, data={"csrf": token, "email": EMAIL, "password": PASSWORD})
            for token in tokens.values()
        ]
        twice = await victim.post(
            path,
            content=f"csrf={own}&csrf={own}&email={EMAIL}&password={PASSWORD}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    for answer in (*answers, twice):
        assert answer.status_code == 403
        assert heading(answer) == "This page is out of date"
    assert convirza.asked == []


async def test_without_the_cookie_nothing_is_sent_and_the_form_can_be_opened_again(
    site: LoginSite, convirza: Convirza
) -> None:
    path = await site.begin()
    async with site.browser() as browser:
        form = {"csrf": csrf_of(await browser.get(path)), "email": EMAIL, "password": PASSWORD}
        browser.cookies.clear()
        lost = await browser.post(path, data=form)
        fixed = await browser.post(path, data=form, headers={"Cookie": "__Host-convirza-login=x"})
        link = re.search('class="button" href="([^"]+)"', lost.text)
        assert link is not None
        answer = await post(browser, unescape(link[1]))

    assert (lost.status_code, fixed.status_code, answer.status_code) == (403, 403, 303)
    assert convirza.asked == [EMAIL]


IDS = ["", "x", "A" * 43, "A" * 42, "A" * 10_000, "../../x", "<script>", "a%00b", "%E2%80%AE", "login:x"]


@pytest.mark.parametrize("login_id", IDS)
async def test_made_up_ids_lead_nowhere(site: LoginSite, login_id: str) -> None:
    async with site.browser() as browser:
        csrf = csrf_of(await browser.get(await site.begin()))
        page = await browser.get(f"/login?id={login_id}")
        answer = await browser.post(f"/login?id={login_id}", data={"csrf": csrf, "email": EMAIL, "password": PASSWORD})

    assert (page.status_code, answer.status_code) == (410, 403)
    assert "<script" not in page.text + answer.text


@pytest.mark.parametrize(
    "redirect", ["javascript:alert(1)", "http://evil.example/", "https://user@claude.ai/", "data:text/html,x", "//x"]
)
async def test_a_redirect_that_could_not_be_registered_is_not_shown(site: LoginSite, redirect: str) -> None:
    async with site.browser() as browser:
        page = await browser.get(await site.begin(replace(PENDING, redirect_uri=redirect)))

    assert page.status_code == 410


HOSTILE = [
    "<script>alert(1)</script>",
    "</bdi></h1><form action=https://evil.example><input name=password>",
    '" onmouseover="alert(1)',
    "Claude\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "$email ${csrf} $$ {{body}} %s",
    "Claude\u202e\u2066\u200b\ufeff\u00ad",
    "A" * 10_000,
    "ü\u0301\u0302" * 5_000,
    "&lt;b&gt;&#0;",
    "\x00\x1b]0;title\x07\x85\u2028",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_hostile_client_name_stays_text(site: LoginSite, name: str) -> None:
    async with site.browser() as browser:
        usual = await browser.get(await site.begin())
        page = await browser.get(await site.begin(replace(PENDING, client_name=name)))

    assert len(page.text) < len(usual.text) + 1_000
    assert {*page.headers} == {*usual.headers}
    assert page.headers["content-security-policy"] == usual.headers["content-security-policy"]
    # The same elements as for every other client, with the same attributes.
    elements, usual_elements = (
        re.findall(r"<(\w+)((?: [\w-]+(?:=\"[^\"]*\")?)*)>", each.text) for each in (page, usual)
    )
    assert [name for name, _ in elements] == [name for name, _ in usual_elements]
    assert re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f\x85]", page.text) is None


async def test_a_form_of_many_fields_is_refused(site: LoginSite, convirza: Convirza) -> None:
    path = await site.begin()
    async with site.browser() as browser:
        await browser.get(path)
        answer = await browser.post(path, data={f"f{number}": "x" for number in range(11)})

    assert answer.status_code == 403
    assert convirza.asked == []


async def test_the_password_stays_in_no_text(
    site: LoginSite, convirza: Convirza, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    texts = []
    async with site.browser() as browser:
        for fields in ({}, {"email": "x"}, {"email": "e" * 300}, {"action": "cancel"}):
            path = await site.begin()
            answer = await post(browser, path, **fields)
            texts += [answer.text, str(answer.headers), (await browser.get(path)).text]
        convirza.fault = RuntimeError("a fault of our own")  # type: ignore[assignment]
        with pytest.raises(RuntimeError) as raised:
            await post(browser, await site.begin())
    await site.store.aclose()
    gc.collect()
    store = (site.folder / "store.sqlite").read_bytes()

    assert PASSWORD not in "".join(texts) + caplog.text + repr(raised.value) + repr(site.page)
    assert PASSWORD.encode() not in store
    assert EMAIL.encode() not in store


async def test_as_many_as_wait_are_bounded(site: LoginSite, convirza: Convirza) -> None:
    convirza.gate = anyio.Event()
    statuses: list[int] = []
    async with site.browser() as browser:
        path = await site.begin()
        form = {"csrf": csrf_of(await browser.get(path)), "email": EMAIL, "password": PASSWORD}

        async def click() -> None:
            statuses.append((await browser.post(path, data=form)).status_code)

        async with anyio.create_task_group() as tasks:
            for _ in range(40):
                tasks.start_soon(click)
            while len(statuses) < 8:
                await anyio.lowlevel.checkpoint()
            assert {*statuses} == {503}
            convirza.gate.set()

    assert sorted(statuses) == [303] * 32 + [503] * 8
    assert convirza.asked == [EMAIL]
