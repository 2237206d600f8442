"""Show the card in real Chromium, in a chat made of the official bridge; count what it must not do."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.app.page import app_page
from judges.installed import FOLDER

CHAT, CARD = "http://chat.test/", "http://card.test/card.html"
DEFAULT_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data:; connect-src 'none'"
)
CAPABILITIES: dict[str, Any] = {"serverTools": {}, "message": {"text": {}}}
CONTEXT: dict[str, Any] = {
    "theme": "light",
    "displayMode": "inline",
    "availableDisplayModes": ["inline", "fullscreen"],
    "locale": "en-US",
}
CHROMIUM = shutil.which("chromium")

try:
    from playwright.async_api import Browser, Frame, Page, async_playwright
except ModuleNotFoundError:
    CHROMIUM = None

needs_chromium = pytest.mark.skipif(
    FOLDER is None or CHROMIUM is None,
    reason="needs JUDGES, Debian's chromium and the package playwright (.ci/run installs them where CI=true)",
)

CallTool = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass
class Card:
    """The card, and all that it did beside showing itself."""

    page: "Page"
    trouble: list[str] = field(default_factory=list)

    @property
    def frame(self) -> "Frame":
        return next(each for each in self.page.frames if each.url == CARD)

    async def open(
        self,
        *,
        width: int = 720,
        context: Mapping[str, Any] | None = None,
        capabilities: Mapping[str, Any] | None = None,
        fixed: int | None = None,
    ) -> None:
        given = {
            "address": CARD,
            "width": width,
            "capabilities": CAPABILITIES if capabilities is None else capabilities,
            "context": CONTEXT | dict(context or {}),
            "fixed": fixed,
        }
        await self.page.evaluate("given => openCard(given)", given)

    async def say(self, method: str, params: Any) -> None:
        await self.page.evaluate("([method, params]) => bridge[method](params)", [method, params])

    async def show(self, result: Mapping[str, Any], arguments: Mapping[str, Any] | None = None) -> None:
        await self.say("sendToolInput", {"arguments": dict(arguments or {})})
        await self.say("sendToolResult", result)
        await self.frame.locator("main > [data-shape], main > .partial").first.wait_for()
        await self.settled()

    async def settled(self) -> None:
        """Wait until the first paint, what the page adds after it, and the report of its height are done."""
        await self.frame.evaluate(
            """async () => {
                 const frame = () => new Promise(done => requestAnimationFrame(done));
                 for (let part = 0; part < 3; part++) { await frame(); await new Promise(done => setTimeout(done)); }
                 await frame();
               }"""
        )

    async def height(self) -> int:
        """Return the height that the card reported."""
        await self.settled()
        found: int = await self.page.evaluate("() => height")
        return found

    async def sent(self) -> list[dict[str, Any]]:
        """Return all that the card sent to the host."""
        found: list[dict[str, Any]] = await self.page.evaluate("() => received")
        return found

    async def findings(self) -> list[str]:
        """Return what axe-core finds in the card."""
        assert FOLDER is not None
        axe = (Path(FOLDER) / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
        await self.frame.evaluate(axe)
        found = await self.frame.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [f"{each['id']}: {node['html'][:120]}" for each in found["violations"] for node in each["nodes"]]


def bundle(folder: Path) -> str:
    """Return the chat's script with the official bridge in it."""
    assert FOLDER is not None
    made = folder / "chat.js"
    source = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    command = [
        str(Path(FOLDER) / "node_modules" / ".bin" / "esbuild"),
        "--bundle",
        "--format=iife",
        f"--outfile={made}",
    ]
    surroundings = os.environ | {"PATH": f"{Path(FOLDER) / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(
        command, input=source, cwd=FOLDER, env=surroundings, check=True, capture_output=True, encoding="utf-8"
    )
    return made.read_text(encoding="utf-8")


@asynccontextmanager
async def chromium() -> "AsyncIterator[Browser]":
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def chat(
    browser: "Browser",
    script: str,
    call_tool: CallTool,
    *,
    page_text: str | None = None,
    policy: str = DEFAULT_POLICY,
    **options: Any,
) -> AsyncIterator[Card]:
    """Open a chat. `call_tool` answers what the card asks of the server; `options` are those of a browser context."""
    window = await browser.new_context(viewport={"width": 1240, "height": 900}, **options)
    page = await window.new_page()
    card = Card(page)
    served = {
        CHAT: ("<!doctype html><title>Chat</title><body style='margin:0'><script src=chat.js></script>", {}),
        f"{CHAT}chat.js": (script, {}),
        CARD: (app_page() if page_text is None else page_text, {"Content-Security-Policy": policy}),
    }

    async def fulfill(route: Any) -> None:
        if (found := served.get(route.request.url)) is None:
            card.trouble.append(f"request: {route.request.url}")
            return await route.abort()
        kind = "text/javascript" if route.request.url.endswith(".js") else "text/html; charset=utf-8"
        return await route.fulfill(body=found[0], headers={"Content-Type": kind, **found[1]})

    def noted(kind: str) -> Callable[[Any], None]:
        return lambda each: card.trouble.append(f"{kind}: {getattr(each, 'text', each)}")

    await page.route("**/*", fulfill)
    page.on("console", lambda said: noted(said.type)(said) if said.type in ("error", "warning") else None)
    page.on("pageerror", noted("error"))
    page.on("dialog", noted("dialog"))
    page.on("popup", noted("popup"))
    page.on("websocket", noted("websocket"))
    await page.expose_function("callTool", call_tool)
    await page.goto(CHAT)
    yield card
    await window.close()
