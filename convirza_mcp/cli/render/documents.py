"""Shared parts of the `--json` documents, with fixed keys and ISO 8601 times."""

from typing import Any

from convirza_mcp.clock.window import Window
from convirza_mcp.scan.results import Coverage


def window_document(window: Window) -> dict[str, str]:
    return {
        "start": window.local(window.start).isoformat(),
        "end": window.local(window.end).isoformat(),
        "zone": window.zone_name,
    }


def coverage_document(coverage: Coverage, window: Window) -> dict[str, Any]:
    """Return the coverage. `reason` is null if `complete` is true.

    `unreadable` counts, by field, the unreadable values, which are null; under `conversation_id`, the rows left out.
    """
    return {
        "read": coverage.read,
        "total": coverage.total,
        "requests": coverage.requests,
        "complete": coverage.gap is None,
        "reason": None if coverage.gap is None else str(coverage.gap),
        "unreadable": coverage.unreadable_counts,
        "as_of": window.local(coverage.as_of).isoformat(timespec="seconds"),
    }
