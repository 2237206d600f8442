"""Output to a terminal. All text was cleaned before it got here."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import click
from pydantic_core import to_json
from rich.console import Console
from rich.text import Text

from convirza_mcp.answers.head import privacy_line
from convirza_mcp.answers.hints import Hint
from convirza_mcp.answers.records import Value
from convirza_mcp.cli.options import in_commands
from convirza_mcp.cli.render.blocks import NOTHING
from convirza_mcp.questions.scope import Narrowing
from convirza_mcp.scan.results import Coverage, unreadable_text
from convirza_mcp.settings import Privacy

_WIDTH_WITHOUT_TERMINAL = 160
_NAMES_WIDTH = 24
_NARROWEST_BESIDE_NAMES = 60


def console() -> Console:
    """Return a console for standard output; wide if there is no terminal width."""
    out = Console(highlight=False)
    return out if has_width(out) else Console(highlight=False, width=_WIDTH_WITHOUT_TERMINAL)


def print_json(document: dict[str, Any]) -> None:
    click.echo(to_json(document, indent=2).decode())


def say(out: Console, text: str, style: str = "dim") -> None:
    """Print a sentence below the rows, wrapped to the terminal's width if it has one."""
    # As Text: a quoted value may look like rich's markup.
    out.print(Text(text), style=style, soft_wrap=not has_width(out))


def print_remarks(
    out: Console, coverage: Coverage, notes: Iterable[Hint], narrowing: Narrowing, *, reason: Hint | None = None
) -> None:
    """Print why the read was incomplete, the unreadable fields, the notes, the whole names, and any candidates.

    `reason` replaces the coverage's own.
    """
    if not coverage.complete:
        why = coverage.reason if reason is None else reason.worded(in_commands)
        say(out, f"Not complete: {why}", "bold yellow")
    print_unreadable(out, coverage.unreadable_counts)
    for note in notes:
        say(out, note.worded(in_commands))
    if whole := narrowing.shown():
        say(out, "Of " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in whole.items()))
    for each in narrowing.matches:
        say(out, f"  {each}")


def print_unreadable(out: Console, counts: Mapping[str, int]) -> None:
    """Print the unreadable fields, if any."""
    if (text := unreadable_text(counts)) is not None:
        say(out, f"Unreadable fields: {text}", "yellow")


def print_privacy(out: Console, privacy: Privacy) -> None:
    """Print what the privacy mode hides, if anything."""
    if (line := privacy_line(privacy)) is not None:
        say(out, f"Privacy {line}")


def print_record(out: Console, record: Mapping[str, Value]) -> None:
    """Print every field with its name before it, or above it on a narrow terminal."""
    beside = out.width >= _NARROWEST_BESIDE_NAMES
    indent = _NAMES_WIDTH if beside else 2
    for name, value in record.items():
        shown = Text(NOTHING if value is None else str(value)).wrap(out, max(1, out.width - indent)) or [Text()]
        text = Text(f"{name:<{indent}}" if beside else f"{name}\n{'':<{indent}}", "bold")
        whole = Text.assemble(text, Text("\n" + " " * indent).join(shown))
        out.print(whole, soft_wrap=True)


def has_width(out: Console) -> bool:
    """Return whether the output has a width."""
    return out.is_terminal or "COLUMNS" in os.environ
