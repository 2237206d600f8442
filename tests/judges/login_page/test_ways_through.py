"""The login page in real Chromium, over the real server and the sandbox: every way through it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from convirza_mcp.sandbox import Sandbox
from faults.answers import html, redirect
from faults.server import FaultServer
from judges.login_page.browser import REDIRECT, STATE, LoginBrowser, login_browser
from judges.pictures.chat_host import needs_chromium
from support.oauth_clients import Clock, LoginServer, login_server

pytestmark = needs_chromium

EMAIL, PASSWORD = "demo@example.com", "sandbox"
ENDED = "This login has ended"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(tmp_path: Path, clock: Clock) -> AsyncIterator[LoginServer]:
    with Sandbox(conversations=1) as sandbox:
        async with login_server(sandbox, tmp_path, clock=clock) as server:
            yield server


@pytest.fixture
async def opened(browser: Any, server: LoginServer) -> AsyncIterator[LoginBrowser]:
    async with login_browser(browser, server.issuer) as opened:
        yield opened
        assert opened.trouble == []


async def heading(page: Any) -> str:
    found: str = await page.locator("h1").inner_text()
    return found


async def log_in(opened: LoginBrowser, page: Any | None = None, password: str = PASSWORD) -> None:
    page = page or opened.page
    await opened.fill(page, EMAIL, password)
    await page.locator("button").first.click()


@pytest.mark.parametrize("address", [REDIRECT, "http://127.0.0.1:33418/", "http://localhost:1/callback"])
async def test_the_right_password_leads_to_the_client(opened: LoginBrowser, server: LoginServer, address: str) -> None:
    await opened.page.goto(await opened.begin(address))
    await log_in(opened)
    await opened.page.wait_for_url(f"{address}?*")

    (arrived,) = opened.arrived
    assert (arrived["state"], arrived["iss"]) == (STATE, server.issuer)
    assert await opened.exchange() == 200
    # A page of the client's own may go on from there.
    assert await opened.page.title() == "The client"


async def test_a_client_may_redirect_to_another_host(opened: LoginBrowser) -> None:
    with FaultServer(html(200)) as last, FaultServer(redirect(302, f"{last.origin}/done")) as client:
        for each in (last, client):
            await opened.window.route(f"{each.origin}/**", lambda route: route.continue_())
        await opened.page.goto(await opened.begin(f"{client.origin}/callback"))
        await log_in(opened)
        await opened.page.wait_for_url(f"{last.origin}/done")


async def test_a_wrong_password_may_be_corrected(opened: LoginBrowser) -> None:
    await opened.page.goto(await opened.begin())
    await log_in(opened, password="wrong")
    await opened.page.get_by_role("alert").wait_for()

    assert await opened.page.input_value("[name=email]") == EMAIL
    assert await opened.page.input_value("[name=password]") == ""
    assert await opened.page.evaluate("document.activeElement.name") == "password"
    await opened.page.keyboard.type(PASSWORD)
    await opened.page.keyboard.press("Enter")
    await opened.page.wait_for_url(f"{REDIRECT}?*")

    assert await opened.exchange() == 200


async def test_cancel_tells_the_client(opened: LoginBrowser, server: LoginServer) -> None:
    await opened.page.goto(await opened.begin())
    await opened.page.get_by_role("button", name="Cancel").click()
    await opened.page.wait_for_url(f"{REDIRECT}?*")

    assert opened.arrived == [{"error": "access_denied", "state": STATE, "iss": server.issuer}]


async def test_an_expired_id_says_so(opened: LoginBrowser, clock: Clock) -> None:
    await opened.page.goto(await opened.begin())
    clock.seconds += 600
    await log_in(opened)
    await opened.page.get_by_text(ENDED).wait_for()
    await opened.page.reload()

    assert await heading(opened.page) == ENDED
    assert opened.arrived == []


async def test_a_second_tab_of_the_same_login_ends_with_the_first(opened: LoginBrowser) -> None:
    second = await opened.new_page()
    await opened.page.goto(await opened.begin())
    await second.goto(opened.page.url)
    await log_in(opened, second)
    await second.wait_for_url(f"{REDIRECT}?*")
    assert await opened.exchange() == 200

    await opened.page.reload()

    assert await heading(opened.page) == ENDED


async def test_two_logins_in_two_tabs_both_succeed(opened: LoginBrowser) -> None:
    second = await opened.new_page()
    await opened.page.goto(await opened.begin())
    await second.goto(await opened.begin("http://127.0.0.1:33418/"))
    await log_in(opened)
    await opened.page.wait_for_url(f"{REDIRECT}?*")
    await log_in(opened, second)
    await second.wait_for_url("http://127.0.0.1:33418/?*")

    assert len(opened.arrived) == 2


async def test_the_back_button_shows_no_form_again(opened: LoginBrowser) -> None:
    await opened.page.goto("about:blank")
    await opened.page.goto(await opened.begin())
    await log_in(opened)
    await opened.page.wait_for_url(f"{REDIRECT}?*")
    assert await opened.exchange() == 200

    await opened.page.go_back()

    assert await heading(opened.page) == ENDED
    assert await opened.page.locator("form").count() == 0
    assert len(opened.arrived) == 1


async def test_back_after_a_wrong_password_still_logs_in(opened: LoginBrowser) -> None:
    await opened.page.goto(await opened.begin())
    await log_in(opened, password="wrong")
    await opened.page.get_by_role("alert").wait_for()
    await opened.page.go_back()
    await log_in(opened)
    await opened.page.wait_for_url(f"{REDIRECT}?*")

    assert await opened.exchange() == 200


async def test_a_double_click_logs_in_once(opened: LoginBrowser, server: LoginServer) -> None:
    await opened.page.goto(await opened.begin())
    await opened.fill(opened.page, EMAIL, PASSWORD)
    await opened.page.locator("button").first.dblclick(no_wait_after=True)
    await opened.page.wait_for_url(f"{REDIRECT}?*")

    logins = [each for each in server.sandbox.requests if each.path.endswith("/oauth/token")]
    assert len(logins) == 1
    assert {each["code"] for each in opened.arrived} == {opened.arrived[0]["code"]}
    assert await opened.exchange() == 200


async def test_a_lost_cookie_is_explained_and_the_login_goes_on(opened: LoginBrowser) -> None:
    await opened.page.goto(await opened.begin())
    await opened.window.clear_cookies()
    await log_in(opened)
    await opened.page.get_by_text("Allow cookies").wait_for()
    await opened.page.get_by_role("link", name="Try again").click()
    await log_in(opened)
    await opened.page.wait_for_url(f"{REDIRECT}?*")

    assert await opened.exchange() == 200


async def test_a_page_of_another_site_can_neither_frame_it_nor_send_its_form(
    opened: LoginBrowser, server: LoginServer
) -> None:
    await opened.page.goto(await opened.begin())
    address = opened.page.url
    evil = await opened.window.new_page()

    async def attack(route: Any) -> None:
        form = f"<form method=post action='{address}'><input name=email value=x><input name=password value=y></form>"
        await route.fulfill(body=f"<iframe src='{address}'></iframe>{form}", content_type="text/html")

    await opened.window.route("https://evil.example/", attack)
    await evil.goto("https://evil.example/")
    framed = await evil.frames[1].content()
    await evil.evaluate("document.forms[0].submit()")
    await evil.wait_for_url(lambda url: urlsplit(url).path == "/login")

    assert "password" not in framed
    assert await heading(evil) == "This form cannot be used"
    assert [each for each in server.sandbox.requests if "oauth" in each.path] == []
    # The victim's own page is as good as before.
    await log_in(opened)
    await opened.page.wait_for_url(f"{REDIRECT}?*")
