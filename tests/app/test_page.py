"""The page: one file of bounded size that reaches for nothing, and makes no element of a stranger's text."""

import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from convirza_mcp.app.page import SCRIPTS, app_page, report_page

PARTS = files("convirza_mcp.app") / "parts"
REPORT = {"title": "SMS inbox report", "period": "", "made": "", "privacy": None, "parts": []}
VOID = {"meta"}


class Strict(HTMLParser):
    """Elements that all close, in the order in which they opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)


def parse_json(page: str) -> Strict:
    parser = Strict()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def test_the_page_has_at_most_48_kilobytes_and_is_whole() -> None:
    page = app_page()

    assert len(page.encode()) <= 48_000
    assert page.startswith("<!doctype html>")
    assert [tag for tag, _ in parse_json(page).seen].count("script") == 1


@pytest.mark.parametrize("page", [app_page(), report_page(REPORT)], ids=["card", "report"])
def test_nothing_in_the_page_has_an_address(page: str) -> None:
    attributes = {name for _, given in parse_json(page).seen for name in given}

    assert not attributes & {"src", "href", "srcset", "action", "style"}
    assert not [each for each in attributes if each.startswith("on")]
    assert re.findall(r"https?:[^\"]*", page) == ["http://www.w3.org/2000/svg"]
    assert re.findall(r"url\([^)]*\)", page) == ["url(#hatch)"]


@pytest.mark.parametrize(
    "call",
    [
        "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "import(", "fetch(",
        "XMLHttpRequest", "WebSocket", "EventSource", "sendBeacon", "Worker", "localStorage", "sessionStorage",
        "indexedDB", "cookie", "createObjectURL", "data:", "blob:", "window.open", "location", "100vh", "DOMParser",
        "createContextualFragment", "ui/open-link",
    ],
)  # fmt: skip
def test_the_page_makes_no_such_call(call: str) -> None:
    assert call not in app_page()


def test_each_part_is_small_enough_to_read() -> None:
    names = {each.name for each in PARTS.iterdir()}

    assert names == {"page.html", "style.css", *(f"{name}.js" for name in SCRIPTS)}
    assert max(len((PARTS / name).read_text(encoding="utf-8").splitlines()) for name in names) <= 200


def test_the_policies_lock_the_page() -> None:
    policies = [
        next(given["content"] for tag, given in parse_json(page).seen if given.get("http-equiv")) or ""
        for page in (app_page(), report_page(REPORT))
    ]

    assert policies[0] == "connect-src 'none'; form-action 'none'; base-uri 'none'; object-src 'none'; frame-src 'none'"
    assert re.fullmatch(
        r"default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'unsafe-inline'; base-uri 'none'", policies[1]
    )


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "{{script}}", "&lt;\u2028\u2029"]
)
def test_no_text_leaves_the_data_of_a_report(text: str) -> None:
    data = REPORT | {"title": text, "parts": [{"heading": text, "answer": {"rows": [[text]]}}]}

    found = parse_json(report_page(data))

    scripts = [given for tag, given in found.seen if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "data"}, {"type": "module"}]
    assert json.loads(found.texts["script"][0]) == data
    assert found.texts["title"] == [text]
