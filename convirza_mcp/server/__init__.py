"""The MCP server: tools, resources, prompts, completions, subscriptions."""

from pathlib import Path

PROMPT_NAMES = (
    "find_conversation",
    "morning_digest",
    "response_time_review",
    "triage_inbox",
    "unassigned_sweep",
    "weekly_report",
)
"""Names of the prompts, in the order in which clients see them."""


def packaged_text(name: str) -> str:
    """Return a file of `texts/`, without its last line feed."""
    return (Path(__file__).parent / "texts" / f"{name}.txt").read_text("utf-8").removesuffix("\n")
