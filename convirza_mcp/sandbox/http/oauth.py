"""The three OAuth endpoints: log in, refresh, revoke. Their answers stand without the business API's envelope."""

import json
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import ClientDisconnect, Request

from convirza_mcp.sandbox.http.exchange import RefusalError
from convirza_mcp.sandbox.http.token_families import TokenFamilies
from convirza_mcp.sandbox.seed.users import Login

_WINDOW_SECONDS = 60.0
_MAX_BODY_BYTES = 64 * 1024


class LoginLimit:
    """At most so many logins from one address in any 60 seconds, refused ones included."""

    def __init__(self, most: int | None, *, clock: Callable[[], float]) -> None:
        """Limit logins to `most`, None for no limit. `clock` returns monotonic seconds."""
        self._most = most
        self._clock = clock
        self._logins: dict[str, deque[float]] = {}

    def admit(self, address: str) -> None:
        """Count a login; RefusalError, 429 with the seconds to wait, when it is one too many."""
        if self._most is None:
            return
        now = self._clock()
        logins = self._logins.setdefault(address, deque())
        while logins and logins[0] <= now - _WINDOW_SECONDS:
            logins.popleft()
        if len(logins) >= self._most:
            wait = math.ceil(logins[0] + _WINDOW_SECONDS - now) if logins else int(_WINDOW_SECONDS)
            raise RefusalError(429, "Too many logins from this address.", retry_after=wait)
        logins.append(now)


class OAuth:
    """Answers the bodies of POST requests; RefusalError where the answer is an error."""

    def __init__(self, families: TokenFamilies, *, logins: Sequence[Login], limit: LoginLimit) -> None:
        """Accept only these logins."""
        self._families = families
        self._logins = {(login.email, login.password): login for login in logins}
        self._limit = limit

    async def log_in(self, request: Request) -> dict[str, Any]:
        self._limit.admit(request.client.host if request.client else "")
        email, password = _texts(await _body(request), "email", "password")
        login = self._logins.get((email, password))
        if login is None:
            raise RefusalError(401, "Unauthorized: the email or the password is wrong.")
        request.state.user_id = login.ct_user_id
        return self._families.issue(login.user)

    async def refresh(self, request: Request) -> dict[str, Any]:
        (token,) = _texts(await _body(request), "refresh_token")
        request.state.user_id = self._families.refresh_user(token)
        pair = self._families.rotate(token)
        if pair is None:
            raise RefusalError(401, "Unauthorized: the refresh token is expired, revoked or used already.")
        return pair

    async def revoke(self, request: Request) -> dict[str, Any]:
        token, token_type = _texts(await _body(request), "token", "token_type")
        match token_type:
            case "access" | "refresh":
                self._families.revoke(token, token_type)
            case _:
                raise RefusalError(400, "token_type must be access or refresh.")
        # The same answer for unknown tokens, so that guesses reveal nothing.
        return {"message": "Token revoked."}


async def _body(request: Request) -> Mapping[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusalError(400, "The body must be JSON, with a content type of application/json.")
    content = b""
    try:
        async for piece in request.stream():
            content += piece
            if len(content) > _MAX_BODY_BYTES:
                raise RefusalError(400, "The body is too large.")
    except ClientDisconnect:
        raise RefusalError(400, "The body ended too early.") from None
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise RefusalError(400, "The body must be JSON.") from None
    if not isinstance(body, dict):
        raise RefusalError(400, "The body must be a JSON object.")
    return body


def _texts(body: Mapping[str, Any], *names: str) -> list[str]:
    texts = []
    for name in names:
        text = body.get(name)
        if not isinstance(text, str) or not text:
            raise RefusalError(400, f"{name} is required, as a string.")
        texts.append(text)
    return texts
