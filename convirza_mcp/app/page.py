"""Assemble the page from its parts: one HTML file without network, dependency or build step."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

SCRIPTS = ("dom", "format", "groups", "summary", "rows", "draw", "theme", "bridge", "card", "start")
"""Scripts, in the order in which the page needs them."""

_LOCKED = "connect-src 'none'; form-action 'none'; base-uri 'none'; object-src 'none'; frame-src 'none'"
_HARMLESS = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


@cache
def app_page() -> str:
    """Return the page that a host shows in a chat; the answer reaches it by message."""
    # No script-src: hosts add scripts of their own.
    return _page("SMS inbox", _LOCKED, "")


def report_page(data: Mapping[str, Any]) -> str:
    """Return the page with its data embedded. Its policy allows its own script and style, and nothing else."""
    digest = b64encode(sha256(f"\n{_script()}\n".encode()).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; base-uri 'none'"
    # In a script element `<` could end it, or open a comment that hides its end.
    embedded = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_HARMLESS)
    element = f'<script type="application/json" id="data">{embedded}</script>\n'
    return _page(str(data["title"]), policy, element)


def _page(title: str, policy: str, data: str) -> str:
    given = {"title": escape(title), "policy": policy, "style": _part("style.css"), "script": _script(), "data": data}
    before, *rest = _part("page.html").split("{{")
    # Fill each placeholder once, so that no data is mistaken for a placeholder.
    return before + "".join(given[name] + text for name, text in (each.split("}}", 1) for each in rest)) + "\n"


@cache
def _script() -> str:
    return "\n".join(_part(f"{name}.js") for name in SCRIPTS)


@cache
def _part(name: str) -> str:
    """Return a part without indentation, comments on lines of their own, and the spaces that CSS does not need."""
    text = files(__package__).joinpath("parts", name).read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    if name.endswith(".css"):
        lines = [re.sub(r";? ?([{};:,]) ?", r"\1", line) for line in lines]
    return "\n".join(line for line in lines if line and not line.startswith(("// ", "/* ")))
