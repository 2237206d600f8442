"""How the login page looks in real Chromium: for every eye, width, keyboard, name and language."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from convirza_mcp.sandbox import Sandbox
from judges.login_page.browser import REDIRECT, LoginBrowser, login_browser
from judges.pictures.chat_host import needs_chromium
from support.oauth_clients import LoginServer, login_server

pytestmark = needs_chromium

NAMES = {
    "usual": "Claude",
    "long": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    "right to left": "מערכת ההודעות של הצוות",
    "hostile": "</bdi></h1><script>document.title=1</script><b>\u202eedualC\u200b",
    "none": "",
}
REDIRECTS = {
    "usual": REDIRECT,
    "long": "https://" + "a-long-label." * 15 + "example.com/callback",
    "local": "http://127.0.0.1:52163/callback",
    "app": "cursor://anysphere.cursor-mcp/oauth/callback",
}


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LoginServer]:
    with Sandbox(conversations=1, login_limit=None) as sandbox:
        async with login_server(sandbox, tmp_path_factory.mktemp("server")) as server:
            yield server


async def fits(opened: LoginBrowser) -> bool:
    """Whether nothing has to be moved sideways."""
    found: bool = await opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1_000, 320])
async def test_every_page_is_accessible(browser: Any, server: LoginServer, scheme: str, width: int) -> None:
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    async with login_browser(browser, server.issuer, **options) as opened:
        for name, redirect in (
            *((each, REDIRECT) for each in NAMES.values()),
            *(("X", to) for to in REDIRECTS.values()),
        ):
            await opened.page.goto(await opened.begin(redirect, name))
            assert await opened.findings() == []
            assert await fits(opened)
        address = opened.page.url
        await opened.fill(opened.page, "a@example.com", "wrong")
        await opened.page.keyboard.press("Enter")
        await opened.page.get_by_role("alert").wait_for()
        assert await opened.findings() == []
        await opened.page.get_by_role("button", name="Cancel").click()
        # Nothing takes the app's address here, so the page that leads there stays.
        await opened.page.get_by_role("link", name="Continue").wait_for()
        assert await opened.findings() == []
        await opened.page.goto(address)
        await opened.page.get_by_text("This login has ended").wait_for()
        assert await opened.findings() == []
        assert await fits(opened)
        assert [each for each in opened.trouble if "cursor:" not in each] == []


@pytest.mark.parametrize("options", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}, {"locale": "ar-EG"}])
async def test_a_person_s_settings_are_kept(browser: Any, server: LoginServer, options: dict[str, Any]) -> None:
    async with login_browser(browser, server.issuer, **options) as opened:
        await opened.page.goto(await opened.begin())

        assert await opened.findings() == []
        assert opened.trouble == []


async def test_large_text_fits(browser: Any, server: LoginServer) -> None:
    async with login_browser(browser, server.issuer, viewport={"width": 640, "height": 800}) as opened:
        await opened.page.goto(await opened.begin())
        await opened.page.evaluate("document.documentElement.style.fontSize = '32px'")

        assert await fits(opened)


async def test_the_keyboard_alone_is_enough(browser: Any, server: LoginServer) -> None:
    async with login_browser(browser, server.issuer) as opened:
        await opened.page.goto(await opened.begin())
        reached = []
        for text in ("demo@example.com", "sandbox", "", ""):
            await opened.page.keyboard.press("Tab")
            reached.append(await opened.page.evaluate("document.activeElement.name + document.activeElement.value"))
            if text:
                await opened.page.keyboard.type(text)
        await opened.page.keyboard.press("Shift+Tab")
        await opened.page.keyboard.press("Space")
        await opened.page.wait_for_url(f"{REDIRECT}?*")

    assert reached == ["email", "password", "actionallow", "actioncancel"]


async def test_the_first_button_allows(browser: Any, server: LoginServer) -> None:
    async with login_browser(browser, server.issuer) as opened:
        await opened.page.goto(await opened.begin())

        names = await opened.page.evaluate("[...document.querySelectorAll('button')].map(each => each.innerText)")
        fields = await opened.page.evaluate("[...new FormData(document.forms[0])].map(([name]) => name)")

    assert names == ["Log in and allow", "Cancel"]
    assert fields == ["csrf", "email", "password"]


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_stays_in_its_place(browser: Any, server: LoginServer, name: str) -> None:
    async with login_browser(browser, server.issuer) as opened:
        await opened.page.goto(await opened.begin(name=NAMES[name]))

        shown = await opened.page.locator("h1 bdi").inner_text()
        assert await opened.page.locator("h1").count() == 1
        assert await opened.page.locator("h1 *:not(bdi)").count() == 0
        assert await opened.page.title() == f"Connect {shown} to your inbox"
        assert opened.trouble == []
    assert 0 < len(shown) <= 80
    assert re.search("[\u202a-\u202e\u200b]", shown) is None


@pytest.mark.parametrize(
    ("redirect", "shown", "is_local"),
    [
        (REDIRECT, "claude.ai", False),
        ("https://claude.ai.evil.example:8443/claude.ai", "claude.ai.evil.example:8443", False),
        ("https://xn--clude-1ra.example/", "xn--clude-1ra.example", False),
        (REDIRECTS["local"], "127.0.0.1:52163", True),
        (REDIRECTS["app"], "cursor://anysphere.cursor-mcp", True),
    ],
)
async def test_the_host_stands_in_large_print(
    browser: Any, server: LoginServer, redirect: str, shown: str, is_local: bool
) -> None:
    async with login_browser(browser, server.issuer) as opened:
        await opened.page.goto(await opened.begin(redirect))
        host = opened.page.locator("strong")

        assert await host.inner_text() == shown
        sizes = await opened.page.evaluate(
            "[...document.querySelectorAll('strong, p')].map(each => parseFloat(getComputedStyle(each).fontSize))"
        )
        assert await host.evaluate("each => parseFloat(getComputedStyle(each).fontSize)") == max(sizes) >= 24
        assert await opened.page.get_by_text("a program on the computer that you are using").count() == is_local
