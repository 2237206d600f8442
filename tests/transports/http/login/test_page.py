"""The login page over ASGI: what it shows, what it takes, where it leads, and how often."""

import re
from dataclasses import replace
from pathlib import Path

import anyio
import httpx2
import pytest

from convirza_mcp.api.login.oauth import OAuthService
from convirza_mcp.errors import (
    APITimeoutError,
    BadRequestError,
    ConnectError,
    ConvirzaError,
    RateLimitError,
    ServerError,
    StoreUnavailableError,
)
from convirza_mcp.sandbox import Sandbox
from convirza_mcp.transports.http.login.pending import PENDING_SECONDS
from support.login_pages import (
    EMAIL,
    ISSUER,
    PAIR,
    PASSWORD,
    PENDING,
    Convirza,
    LoginSite,
    csrf_of,
    error_of,
    heading,
    post,
)

HTML = {"Accept": "text/html,application/xhtml+xml"}


async def test_the_page_names_client_host_and_rights(site: LoginSite) -> None:
    async with site.browser() as browser:
        page = await browser.get(await site.begin())

    assert page.status_code == 200
    assert heading(page) == "Connect <bdi>Claude</bdi> to your inbox"
    assert "<strong>claude.<wbr>ai</strong>" in page.text
    assert "It\ncannot send, change or delete anything." in page.text
    names = re.findall(r"<(?:input|button)[^>]* name=\"(\w+)\"(?: [a-z]+=\"[^\"]*\")* ?", page.text)
    assert names == ["csrf", "email", "password", "action", "action"]
    assert re.findall(r"<button[^>]*value=\"(\w+)\"", page.text) == ["allow", "cancel"]
    assert "<script" not in page.text
    assert "style=" not in page.text


async def test_the_headers_keep_other_sites_out(site: LoginSite) -> None:
    async with site.browser() as browser:
        pages = [
            await browser.get(await site.begin()),
            await browser.get("/login"),
            await post(browser, await site.begin(), password="x"),
        ]

    assert [page.status_code for page in pages] == [200, 410, 403]
    for page in pages:
        policy = page.headers["content-security-policy"]
        assert re.fullmatch(
            r"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; img-src data:; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'",
            policy,
        )
        assert page.headers["referrer-policy"] == "same-origin"
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("issuer", "cookie"),
    [
        (ISSUER, r"__Host-convirza-login=[\w-]{43}; HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure"),
        ("http://127.0.0.1:8788", r"convirza-login=[\w-]{43}; HttpOnly; Max-Age=600; Path=/; SameSite=lax"),
    ],
)
async def test_the_cookie(tmp_path: Path, convirza: Convirza, issuer: str, cookie: str) -> None:
    site = LoginSite(tmp_path, convirza.log_in, issuer=issuer)
    async with site.browser() as browser:
        page = await browser.get(await site.begin())
        assert re.fullmatch(cookie, page.headers["set-cookie"])
        answer = await post(browser, await site.begin())
    await site.store.aclose()

    assert answer.status_code == 303


async def test_a_login_leads_to_the_client_once(site: LoginSite, convirza: Convirza) -> None:
    path = await site.begin()
    async with site.browser() as browser:
        answer = await post(browser, path, email=f" {EMAIL} ")
        again = await browser.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"] == "https://claude.ai/api/mcp/auth_callback?code=C1"
    assert answer.headers["cache-control"] == "no-store"
    assert site.finished == [(PENDING, PAIR, EMAIL)]
    assert convirza.asked == [EMAIL]
    assert again.status_code == 410


async def test_a_browser_goes_on_from_a_page(site: LoginSite) -> None:
    async with site.browser() as browser:
        answer = await post(browser, await site.begin())
        browser.headers |= HTML
        page = await post(browser, await site.begin())

    assert answer.status_code == 303
    assert page.status_code == 200
    target = "https://claude.ai/api/mcp/auth_callback?code=C2"
    assert f'<meta http-equiv="refresh" content="0;url={target}">' in page.text
    assert f'<a class="button" href="{target}">' in page.text


async def test_cancel_tells_the_client(site: LoginSite, convirza: Convirza) -> None:
    path = await site.begin()
    async with site.browser() as browser:
        answer = await post(browser, path, action="cancel", email="", password="")
        again = await browser.get(path)

    target = httpx2.URL(answer.headers["location"])
    assert target.copy_with(query=None) == PENDING.redirect_uri
    assert dict(target.params) == {"error": "access_denied", "state": PENDING.state, "iss": ISSUER}
    assert again.status_code == 410
    assert convirza.asked == []


async def test_a_wrong_password_is_asked_for_again(site: LoginSite) -> None:
    async with site.browser() as browser:
        page = await post(browser, await site.begin(), password="wrong-canary")
        form = {"csrf": csrf_of(page), "email": EMAIL, "password": PASSWORD}
        answer = await browser.post(page.url.raw_path.decode(), data=form)

    assert page.status_code == 403
    assert f'value="{EMAIL}"' in page.text
    assert "wrong-canary" not in page.text
    assert answer.status_code == 303


REFUSALS = [
    (EMAIL, "wrong", None),
    ("unknown@example.com", PASSWORD, None),
    ("not an address", "x", None),
    (EMAIL, PASSWORD, BadRequestError("locked", status=423)),
    (EMAIL, PASSWORD, BadRequestError("not verified", status=422)),
]


async def test_every_refusal_has_the_same_words(site: LoginSite, convirza: Convirza) -> None:
    sentences = set()
    for email, password, fault in REFUSALS:
        convirza.fault = fault
        async with site.browser() as browser:
            page = await post(browser, await site.begin(), email=email, password=password)
        assert page.status_code == 403
        sentences.add(error_of(page))

    assert len(sentences) == 1


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (RateLimitError("wait", status=429), 429),
        (ServerError("failed", status=503), 502),
        (APITimeoutError("late"), 502),
        (ConnectError("no connection"), 502),
    ],
)
async def test_a_fault_of_convirza_is_no_refusal(
    site: LoginSite, convirza: Convirza, fault: ConvirzaError, status: int
) -> None:
    path = await site.begin()
    async with site.browser() as browser:
        convirza.fault = fault
        page = await post(browser, path)
        convirza.fault = None
        answer = await post(browser, path)

    assert page.status_code == status
    assert "Wait a minute" in error_of(page)
    assert answer.status_code == 303


@pytest.mark.parametrize("fields", [{"email": ""}, {"password": ""}, {"email": "e" * 300}, {"password": "p" * 1_001}])
async def test_an_incomplete_form_is_not_sent_on(site: LoginSite, convirza: Convirza, fields: dict[str, str]) -> None:
    async with site.browser() as browser:
        page = await post(browser, await site.begin(), **fields)

    assert page.status_code == 400
    assert convirza.asked == []


async def test_an_id_ends_after_ten_minutes(site: LoginSite, convirza: Convirza) -> None:
    path = await site.begin()
    async with site.browser() as browser:
        form = {"csrf": csrf_of(await browser.get(path)), "email": EMAIL, "password": PASSWORD}
        site.clock.time += PENDING_SECONDS
        answer = await browser.post(path, data=form)
        page = await browser.get(path)

    assert (answer.status_code, page.status_code) == (410, 410)
    assert heading(answer) == "This login has ended"
    assert convirza.asked == []


async def test_a_double_click_logs_in_once_and_both_answers_lead_on(site: LoginSite, convirza: Convirza) -> None:
    convirza.gate = anyio.Event()
    replica = LoginSite(site.folder, convirza.log_in, clock=site.clock)
    path = await site.begin()
    answers: list[httpx2.Response] = []
    async with site.browser() as browser:
        form = {"csrf": csrf_of(await browser.get(path)), "email": EMAIL, "password": PASSWORD}

        async def click(there: httpx2.AsyncClient) -> None:
            answers.append(await there.post(path, data=form))

        async with replica.browser(cookies=browser.cookies) as other, anyio.create_task_group() as tasks:
            for there in (browser, browser, other):
                tasks.start_soon(click, there)
            while not convirza.asked:
                await anyio.lowlevel.checkpoint()
            convirza.gate.set()

        # The answer is for the browser that logged in, and not for long.
        async with site.browser() as stranger:
            refused = await stranger.post(path, data=form)
        site.clock.time += 10
        late = await browser.post(path, data=form)
    await replica.store.aclose()

    assert [each.headers["location"] for each in answers] == [f"{PENDING.redirect_uri}?code=C1"] * 3
    assert convirza.asked == [EMAIL]
    assert len(site.finished + replica.finished) == 1
    assert (refused.status_code, late.status_code) == (403, 410)


async def test_two_logins_of_one_browser_do_not_disturb_each_other(site: LoginSite) -> None:
    first, second = await site.begin(), await site.begin(replace(PENDING, redirect_uri="http://127.0.0.1:5/callback"))
    async with site.browser() as browser:
        forms = [csrf_of(await browser.get(path)) for path in (first, second)]
        answers = [
            await browser.post(path, data={"csrf": csrf, "email": EMAIL, "password": PASSWORD})
            for path, csrf in zip((first, second), forms, strict=True)
        ]

    assert [each.headers["location"] for each in answers] == [
        "https://claude.ai/api/mcp/auth_callback?code=C1",
        "http://127.0.0.1:5/callback?code=C2",
    ]


async def test_a_store_that_is_down_is_said_without_a_form(site: LoginSite, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(*_: object, **__: object) -> None:
        raise StoreUnavailableError("The store does not answer.")

    path = await site.begin()
    async with site.browser() as browser:
        form = {"csrf": csrf_of(await browser.get(path)), "email": EMAIL, "password": PASSWORD}
        monkeypatch.setattr(site.store, "get", down)
        answers = [await browser.get(path), await browser.post(path, data=form)]

    assert [(each.status_code, heading(each)) for each in answers] == [(503, "The server has a problem")] * 2


async def test_a_login_at_the_sandbox(tmp_path: Path) -> None:
    with Sandbox(conversations=1) as sandbox:
        async with OAuthService(sandbox.oauth_url) as service:
            site = LoginSite(tmp_path, service.log_in)
            async with site.browser() as browser:
                wrong = await post(browser, await site.begin(), email="demo@example.com", password="no")
                right = await post(browser, await site.begin(), email="demo@example.com", password="sandbox")
            await site.store.aclose()

    assert (wrong.status_code, right.status_code) == (403, 303)
    assert site.finished[0][1].access_token
