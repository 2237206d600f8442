"""The sandbox's HTTP face: routes, the bearer check, and the envelopes around answers and errors."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from convirza_mcp.sandbox.http.exchange import ReceivedRequest, RefusalError
from convirza_mcp.sandbox.http.oauth import OAuth
from convirza_mcp.sandbox.http.query import read_query, read_user_query
from convirza_mcp.sandbox.http.token_families import TokenFamilies
from convirza_mcp.sandbox.http.variants import Answers
from convirza_mcp.sandbox.http.views import Inbox
from convirza_mcp.sandbox.seed.times import utc_text
from convirza_mcp.sandbox.seed.users import user_rows

Endpoint = Callable[[Request], Awaitable[Response]]

_SUCCESS = (
    b'{"code":200,"message":"Success","data":{"total":%d,"conversation":[%b]},"request_id":"%b","timestamp":"%b"}'
)


class SandboxApp:
    """The ASGI application. To serve another endpoint, add it to `routes`: path, method, endpoint."""

    def __init__(
        self,
        inbox: Inbox,
        *,
        answers: Answers,
        token: str,
        token_user: int,
        families: TokenFamilies,
        oauth: OAuth,
        clock: Callable[[], datetime],
        delay: float,
        record: Callable[[ReceivedRequest], None] | None,
    ) -> None:
        """Accept `token`, of the user `token_user`, besides the issued tokens.

        `delay` is in seconds, waited before each answer; `record` is called with every request.
        """
        self._inbox = inbox
        self._answers = answers
        self._authorization = f"Bearer {token}"
        self._token_user = token_user
        self._families = families
        self._clock = clock
        self._delay = delay
        self._record = record
        self.routes: Mapping[str, Mapping[str, Endpoint]] = {
            "/v3/conversations/sms": {"GET": self._sms_conversations},
            "/v3/users/list": {"GET": self._users},
            "/oauth/token": {"POST": _bare(oauth.log_in)},
            "/oauth/refresh-token": {"POST": _bare(oauth.refresh)},
            "/oauth/revoke-token": {"POST": _bare(oauth.revoke)},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._endpoint(request)(request)
        except RefusalError as refusal:
            response = self._error(refusal.status, refusal.message)
            if refusal.retry_after is not None:
                response.headers["retry-after"] = str(refusal.retry_after)
        if response.status_code == 405:
            response.headers["allow"] = ", ".join(self.routes[scope["path"]])
        if self._record is not None:
            self._record(_received(request, response.status_code))
        if self._delay:
            await asyncio.sleep(self._delay)
        await response(scope, receive, send)

    def _endpoint(self, request: Request) -> Endpoint:
        methods = self.routes.get(request.scope["path"])
        if methods is None:
            raise RefusalError(404, "Not found.")
        endpoint = methods.get(request.method)
        if endpoint is None:
            raise RefusalError(405, "Method not allowed.")
        return endpoint

    async def _users(self, request: Request) -> Response:
        self._check_token(request)
        asked = read_user_query(request.query_params, answers=self._answers)
        found = [row for row in self._answers.users(user_rows()) if row["status"] == asked.status]
        data = {"users": found[asked.offset : asked.offset + asked.limit], "total": len(found)}
        body = {
            "code": 200,
            "message": "Success",
            "data": data,
            "request_id": str(uuid.uuid4()),
            "timestamp": utc_text(self._clock()),
        }
        return _json(200, json.dumps(body, ensure_ascii=False).encode())

    def _check_token(self, request: Request) -> int:
        """Return the user's `ct_user_id`."""
        authorization = request.headers.get("authorization", "")
        scheme, _, token = authorization.partition(" ")
        user_id = self._families.access_user(token) if scheme == "Bearer" else None
        if authorization == self._authorization:
            user_id = self._token_user
        if user_id is None:
            raise RefusalError(401, "Unauthorized: the access token is missing or not valid.")
        request.state.user_id = user_id
        return user_id

    async def _sms_conversations(self, request: Request) -> Response:
        user_id = self._check_token(request)
        now = self._clock()
        query = read_query(request.query_params, now=now, answers=self._answers)
        found = self._inbox.select(query, user_id)
        self._answers.admit_offset(query.offset, len(found))
        encoded = self._inbox.rows.encoded
        rows = b",".join([encoded[position] for position in found[query.offset : query.offset + query.limit]])
        # The rows are already JSON; encoding them again would take most of the time of a page.
        return _json(200, _SUCCESS % (len(found), rows, str(uuid.uuid4()).encode(), utc_text(now).encode()))

    def _error(self, status: int, message: str) -> Response:
        body = {
            "code": status,
            "message": message,
            "requestId": str(uuid.uuid4()),
            "timestamp": utc_text(self._clock()),
        }
        return _json(status, json.dumps(body).encode())


def _bare(answer: Callable[[Request], Awaitable[dict[str, Any]]]) -> Endpoint:
    """Return an endpoint whose answer has no envelope."""

    async def endpoint(request: Request) -> Response:
        return _json(200, json.dumps(await answer(request)).encode())

    return endpoint


def _json(status: int, body: bytes) -> Response:
    return Response(body, status, media_type="application/json; charset=utf-8")


def _received(request: Request, status: int) -> ReceivedRequest:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return ReceivedRequest(
        request.method,
        request.scope["path"],
        request.query_params.multi_items(),
        headers,
        status,
        getattr(request.state, "user_id", None),
    )
