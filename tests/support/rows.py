"""Rows as the API's documentation shows them, and a client that answers with them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2

from convirza_mcp import ConvirzaClient, Settings

REQUEST_ID = "550e8400-e29b-41d4-a716-446655440000"
DOCUMENTED = {
    "conversation_id": 987654,
    "phone_number": "18015557654",
    "first_response_time": "00:03:21",
    "avg_response_time": "00:04:15",
    "sms_type": "incoming",
    "conversation_started": "2026-03-05T10:30:00.000Z",
    "conversation_updated": "2026-03-05T10:35:00.000Z",
    "source": "18015551234",
    "source_name": "John Doe",
    "conversation_status": "unread",
    "ct_user_id": 501,
    "pin": True,
    "message": "Can you call me back?",
    "unread_count": 2,
    "agent": "John Doe",
    "closed_at": "2026-03-05T11:00:00.000Z",
}


def row(conversation_id: Any = 987654, **changed: Any) -> dict[str, Any]:
    return DOCUMENTED | {"conversation_id": conversation_id} | changed


def envelope(rows: list[Any] | None = None, total: Any = None, **changes: Any) -> dict[str, Any]:
    """A page as documented, of two rows unless told otherwise."""
    rows = [row(987654), row(987650)] if rows is None else rows
    return {
        "code": 200,
        "message": "Success",
        "data": {"total": len(rows) if total is None else total, "conversation": rows},
        "request_id": REQUEST_ID,
        "timestamp": "2026-01-20T12:34:56.789Z",
    } | changes


def answering(answer: dict[str, Any] | Callable[[httpx2.Request], httpx2.Response]) -> httpx2.MockTransport:
    """A transport in the network's place, which gives one answer or asks a function for it."""
    if callable(answer):
        return httpx2.MockTransport(answer)
    return httpx2.MockTransport(lambda _: httpx2.Response(200, json=answer))


def opening(
    settings: Settings, transport: httpx2.AsyncBaseTransport
) -> Callable[[], AbstractAsyncContextManager[ConvirzaClient]]:
    """How a server built for a test reaches Convirza."""
    return lambda: ConvirzaClient.from_settings(settings, transport=transport)
