"""Convirza's documented success envelope, for faults to be made of."""

from typing import Any

REQUEST_ID = "550e8400-e29b-41d4-a716-446655440000"


def row(conversation_id: Any = 987654, **changes: Any) -> dict[str, Any]:
    """A conversation as documented, with some fields changed or added."""
    return {
        "conversation_id": conversation_id,
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
        "agent": "Ann Lee",
        "closed_at": "2026-03-05T11:00:00.000Z",
        **changes,
    }


def envelope(rows: list[Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A page as documented, of two rows unless told otherwise."""
    rows = [row(987654), row(987650)] if rows is None else rows
    return {
        "code": 200,
        "message": "Success",
        "data": {"total": len(rows), "conversation": rows},
        "request_id": REQUEST_ID,
        "timestamp": "2026-01-20T12:34:56.789Z",
        **changes,
    }
