"""The login page: shows which client asks for access, and takes a Convirza login once."""

import base64
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import parse_qs

from mcp.server.auth.provider import construct_redirect_uri
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from convirza_mcp.api.login.oauth import TokenPair
from convirza_mcp.errors import APIStatusError, ConvirzaError, RateLimitError, StoreUnavailableError
from convirza_mcp.store.protocol import Store
from convirza_mcp.transports.http.login.attempts import Verdict, count_attempt
from convirza_mcp.transports.http.login.pending import PENDING_SECONDS, PendingLogin, name_of_login
from convirza_mcp.transports.http.login.redirects import is_allowed_redirect
from convirza_mcp.transports.http.login.rendering import continue_to, form_page, notice

PATH = "/login"
_MAX_AT_ONCE = 32
# Longer than a login at Convirza may take.
_LOCK_SECONDS, _LOCK_WAIT = 60.0, 45.0
_DONE_SECONDS = 10.0
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_MAX_EMAIL, _MAX_PASSWORD = 254, 1_000

_REFUSED = (
    "Convirza did not accept this e-mail and password. Check both, and try again. After several attempts, wait 15 "
    "minutes."
)
_BUSY = "Too many people are logging in at the moment. Wait a minute, then try again."
_NO_ANSWER = "Convirza did not answer. Wait a minute, then try again."
_INCOMPLETE = "Enter your e-mail and your password."
_ENDED = (
    "This login has ended",
    "It was completed, canceled, or left open for ten minutes. Go back to your app, and connect again.",
)
_SPENT = ("Too many attempts", "Go back to your app, and connect again.")
_FOREIGN = ("This form cannot be used", "It did not come from this page. Go back to your app, and connect again.")
_OUTDATED = ("This page is out of date", "Your browser has opened the login again since. Open it once more.")
_NO_COOKIE = (
    "The login could not start",
    "Your browser did not send this page's cookie back. Allow cookies for this site.",
)
_TROUBLE = ("The server has a problem", "It cannot complete logins at the moment. Wait a minute, then connect again.")

LogIn = Callable[[str, str], Awaitable[TokenPair]]
Finish = Callable[[PendingLogin, TokenPair, str], Awaitable[str]]


class LoginPage:
    """The page at `/login`.

    `log_in` takes e-mail and password to Convirza. `finish` keeps the pair and returns the address that the browser
    goes to. `account_of` returns a keyed hash of an e-mail address. `issuer` is the root of the public address.
    """

    def __init__(
        self, store: Store, log_in: LogIn, finish: Finish, *, account_of: Callable[[str], str], issuer: str
    ) -> None:
        self._store = store
        self._log_in = log_in
        self._finish = finish
        self._issuer = issuer
        self._account_of = account_of
        self._at_once = 0
        self._is_https = issuer.startswith("https:")
        # A browser takes the prefix only over TLS; on loopback the page also works without.
        self._cookie = f"{'__Host-' if self._is_https else ''}convirza-login"

    @property
    def routes(self) -> list[Route]:
        return [Route(PATH, self.show, methods=["GET"]), Route(PATH, self.submit, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """Show the form of a pending login."""
        login_id = request.query_params.get("id", "")
        try:
            pending = await self._pending(login_id)
        except StoreUnavailableError:
            return notice(503, *_TROUBLE)
        return notice(410, *_ENDED) if pending is None else self._form(request, login_id, pending)

    async def submit(self, request: Request) -> Response:
        """Take the form: log in and go on, cancel, or show it again."""
        login_id = request.query_params.get("id", "")
        fields = await _fields(request)
        if fields is None or not self._is_from_here(request):
            return notice(403, *_FOREIGN)
        cookie = self._cookie_of(request)
        form = f"{PATH}?id={login_id}" if _TOKEN.fullmatch(login_id) else None
        if cookie is None:
            return notice(403, *_NO_COOKIE, form)
        if not hmac.compare_digest(_csrf(cookie, login_id), fields.get("csrf", "").encode()):
            return notice(403, *_OUTDATED, form)
        if self._at_once >= _MAX_AT_ONCE:
            return notice(503, *_TROUBLE)
        self._at_once += 1
        try:
            return await self._answer(request, login_id, cookie, fields)
        except StoreUnavailableError:
            return notice(503, *_TROUBLE)
        finally:
            self._at_once -= 1

    async def _answer(self, request: Request, login_id: str, cookie: str, fields: dict[str, str]) -> Response:
        # A second click waits for the first, and gets its answer: the browser shows only the second one's.
        async with self._store.lock(f"{name_of_login(login_id)}:lock", seconds=_LOCK_SECONDS, wait=_LOCK_WAIT):
            if (pending := await self._pending(login_id)) is not None:
                if fields.get("action") == "cancel":
                    return await self._end(request, login_id, cookie, pending, None)
                return await self._attempt(request, login_id, cookie, pending, fields)
            done = await self._store.get(_name_of_answer(cookie, login_id))
            return notice(410, *_ENDED) if done is None else continue_to(request, done.value.decode())

    async def _attempt(
        self, request: Request, login_id: str, cookie: str, pending: PendingLogin, fields: dict[str, str]
    ) -> Response:
        email, password = fields.get("email", "").strip(), fields.get("password", "")

        def again(status: int, sentence: str) -> Response:
            return self._form(request, login_id, pending, status, sentence, email)

        if not email or not password or len(email) > _MAX_EMAIL or len(password) > _MAX_PASSWORD:
            return again(400, _INCOMPLETE)
        verdict = await count_attempt(self._store, name_of_login(login_id), self._account_of(email))
        if verdict is Verdict.WAIT:
            return again(429, _BUSY)
        if verdict in (Verdict.ADMITTED, Verdict.LAST):
            try:
                pair = await self._log_in(email, password)
            except RateLimitError:
                return again(429, _BUSY)
            except ConvirzaError as error:
                if not isinstance(error, APIStatusError) or error.status >= 500:
                    return again(502, _NO_ANSWER)
            else:
                return await self._end(request, login_id, cookie, pending, (pair, email))
        if verdict in (Verdict.LAST, Verdict.SPENT):
            await self._store.delete(name_of_login(login_id))
            return notice(403, *_SPENT)
        return again(403, _REFUSED)

    async def _end(
        self, request: Request, login_id: str, cookie: str, pending: PendingLogin, found: tuple[TokenPair, str] | None
    ) -> Response:
        """End the pending login, with its tokens and e-mail address or canceled, and send the browser on."""
        if not await self._store.delete(name_of_login(login_id)):
            return notice(410, *_ENDED)
        if found is None:
            error = {"error": "access_denied", "state": pending.state, "iss": self._issuer}
            target = construct_redirect_uri(pending.redirect_uri, **error)
        else:
            try:
                target = await self._finish(pending, *found)
            except ConvirzaError:
                return notice(503, *_TROUBLE)
        # Only a second click needs it.
        with suppress(StoreUnavailableError):
            await self._store.put(_name_of_answer(cookie, login_id), target.encode(), seconds=_DONE_SECONDS)
        return continue_to(request, target)

    async def _pending(self, login_id: str) -> PendingLogin | None:
        if not _TOKEN.fullmatch(login_id) or (stored := await self._store.get(name_of_login(login_id))) is None:
            return None
        pending = PendingLogin.from_bytes(stored.value)
        return pending if is_allowed_redirect(pending.redirect_uri) else None

    def _is_from_here(self, request: Request) -> bool:
        origin = request.headers.get("origin")
        is_ours = origin is None or origin.lower() == self._issuer.lower()
        # "none" is the user's own doing, such as a reload.
        return is_ours and request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")

    def _cookie_of(self, request: Request) -> str | None:
        value = request.cookies.get(self._cookie, "")
        return value if _TOKEN.fullmatch(value) else None

    def _form(
        self,
        request: Request,
        login_id: str,
        pending: PendingLogin,
        status: int = 200,
        sentence: str = "",
        email: str = "",
    ) -> Response:
        cookie = self._cookie_of(request) or secrets.token_urlsafe(32)
        csrf = _csrf(cookie, login_id).decode()
        response = form_page(pending, login_id=login_id, csrf=csrf, status=status, sentence=sentence, email=email)
        response.set_cookie(
            self._cookie, cookie, max_age=int(PENDING_SECONDS), secure=self._is_https, httponly=True, samesite="lax"
        )
        return response


async def _fields(request: Request) -> dict[str, str] | None:
    """Return the fields of a form; None if there is no readable form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return None
    # The guard has read it, and bounds its size and time. Replaced: an error about the encoding would hold the form.
    body = (await request.body()).decode("ascii", "replace")
    try:
        found = parse_qs(body, keep_blank_values=True, errors="replace", max_num_fields=10)
    except ValueError:
        return None
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _csrf(cookie: str, login_id: str) -> bytes:
    """Return the token that only a page of this server can have made for this browser and this login."""
    return _keyed(cookie, f"csrf {login_id}")


def _name_of_answer(cookie: str, login_id: str) -> str:
    """Return the name of a login's answer, which may hold a code: only the cookie of the same browser gives it."""
    return f"{name_of_login(login_id)}:{_keyed(cookie, f'done {login_id}').decode()}"


def _keyed(cookie: str, text: str) -> bytes:
    return base64.urlsafe_b64encode(hmac.digest(cookie.encode(), text.encode("utf-8", "replace"), "sha256"))
