"""The pages of a login as HTML, with the headers that keep other sites out."""

import base64
import re
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from convirza_mcp.text.clean import clip
from convirza_mcp.text.fold import on_one_line
from convirza_mcp.transports.http.login.pending import PendingLogin
from convirza_mcp.transports.http.login.redirects import MAX_NAME_LENGTH, is_on_this_computer

_WARNING = (
    '<p class="note">The app chose its name itself. Log in only if you started this connection, and know the address '
    "above.</p>\n"
)
_LOCAL_WARNING = (
    '<p class="note">The access goes to a program on the computer that you are using now. Log in only if you started '
    "that program yourself: any program here can give itself this name.</p>\n"
)


def form_page(pending: PendingLogin, *, login_id: str, csrf: str, status: int, sentence: str, email: str) -> Response:
    """Return the form. `sentence` says why it is shown again."""
    client = clip(on_one_line(pending.client_name or ""), MAX_NAME_LENGTH) or "an app without a name"
    body = _template("form.html").substitute(
        client=escape(client),
        destination=_breakable(_destination(pending.redirect_uri)),
        warning=_LOCAL_WARNING if is_on_this_computer(pending.redirect_uri) else _WARNING,
        error=f'<p class="error" id="error" role="alert">{escape(sentence)}</p>\n' if sentence else "",
        invalid=' aria-invalid="true" aria-describedby="error"' if status in (400, 403) else "",
        focus=" autofocus" if sentence else "",
        email=escape(clip(on_one_line(email), 254)),
        id=login_id,
        csrf=csrf,
    )
    response = _page(status, f"{'Error: ' if sentence else ''}Connect {client} to your inbox", body)
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response


def _destination(redirect_uri: str) -> str:
    parts = urlsplit(redirect_uri)
    return parts.netloc if parts.scheme in ("http", "https") else f"{parts.scheme}://{parts.netloc}"


def _breakable(address: str) -> str:
    """Return the address as HTML; a long one breaks at its dots."""
    return escape(address).replace(".", ".<wbr>")


def continue_to(request: Request, target: str) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return RedirectResponse(target, 303, {"Cache-Control": "no-store"})
    # A page, because Chromium applies form-action to every redirect after a form, and a client may redirect again.
    link = escape(target)
    where = _breakable(_destination(target))
    body = f'<h1>Back to {where}</h1>\n<p><a class="button" href="{link}">Continue</a></p>\n'
    body += "<p>Your browser goes there by itself. If it opens another app, you can close this page.</p>"
    return _page(200, "Back to the app", body, f'<meta http-equiv="refresh" content="0;url={link}">\n')


def notice(status: int, title: str, sentence: str, link: str | None = None) -> Response:
    again = "" if link is None else f'\n<p><a class="button" href="{escape(link)}">Try again</a></p>'
    return _page(status, title, f"<h1>{title}</h1>\n<p>{sentence}</p>{again}")


def _page(status: int, title: str, body: str, head: str = "") -> Response:
    text = _template("page.html").substitute(title=escape(title), body=body, head=head)
    return HTMLResponse(text, status, _headers())


@cache
def _headers() -> dict[str, str]:
    style = re.search("<style>(.*)</style>", _template("page.html").template, re.DOTALL)
    digest = base64.b64encode(sha256(style[1].encode() if style else b"").digest()).decode()
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'"
        ),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        # With no-referrer, browsers send "Origin: null" with the form. No Cross-Origin-Opener-Policy: clients that open
        # this page as a popup wait for a message from the page that comes after it.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


@cache
def _template(name: str) -> Template:
    return Template(files(__package__).joinpath("pages", name).read_text(encoding="utf-8"))
