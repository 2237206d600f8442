"""Progress bar on a terminal's stderr while pages are read; nothing elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from convirza_mcp.scan import reading


@contextmanager
def page_progress() -> Iterator[reading.Progress]:
    """Yield a progress callback; the bar disappears when the block ends."""
    err = Console(stderr=True)
    # Ask the stream itself: FORCE_COLOR makes rich treat any stream as a terminal, and a log file must not get a bar.
    if not err.file.isatty() or not err.is_interactive:
        yield reading.no_progress
        return
    # Imported here, because jobs and pipes have no bar.
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("Reading the inbox"), BarColumn(), MofNCompleteColumn(), TextColumn("pages"))
    with Progress(*columns, console=err, transient=True) as bars:
        bar = bars.add_task("pages", total=None)

        async def advance(pages: int, of: int | None) -> None:
            bars.update(bar, completed=pages, total=of)

        yield advance
