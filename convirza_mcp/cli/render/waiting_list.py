"""The list of waiting conversations on a terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from convirza_mcp.answers.records import Value
from convirza_mcp.answers.rows import WAITING_COLUMNS
from convirza_mcp.cli.render.console import say
from convirza_mcp.cli.render.tables import as_cells, conversations
from convirza_mcp.rules.messages import ASKED, MAY_HAVE_ASKED


def print_waiting(
    out: Console, rows: Iterable[Iterable[Value]], *, waiting: int, read_but_incoming: int, scope: str, late: str = ""
) -> None:
    """Print the rows (values of `WAITING_COLUMNS`) and a line that counts them.

    `scope` is the view, the window and the clock; `late` counts the conversations over the maximum wait.
    """
    shown = [_highlighted(as_cells(WAITING_COLUMNS, row)) for row in rows]
    if shown:
        out.print(conversations(WAITING_COLUMNS, shown, out.width))
    read = f"{read_but_incoming} read but incoming"
    say(out, f"{len(shown)} shown of {waiting} waiting{late} · {read} · {scope}")


def _highlighted(cells: dict[str, Text | None]) -> dict[str, Text | None]:
    """Return the cells with the wait and opt-outs highlighted."""
    if cells["waiting"] is not None:
        cells["waiting"].stylize("bold yellow")
    if cells["why"] is not None:
        cells["why"].highlight_words([MAY_HAVE_ASKED, ASKED], "bold red")
    return cells
