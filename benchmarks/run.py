"""Measure everything side by side in one run, and write the table of ratios into README.md beside this file.

    python benchmarks/run.py                        every part
    python benchmarks/run.py start calls            these parts, printed and not written
    python benchmarks/run.py --node DIR             also @ivotoby/openapi-mcp-server, from `npm install --prefix DIR`

The contestants take turns, so that a noisy machine is noisy for all of them. With O200K_RANKS (see o200k.py) tokens are
counted as well.
"""

import argparse
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import calls
import http_calls
import start
import texts
import whole_view
from contestants import BARE, HERE, NODE, OURS, PLAIN, Measure

TABLE = re.compile(r"(?<=<!-- ratios -->\n\n).*?(?=\n\n<!-- end of ratios -->)", re.DOTALL)
COLUMNS = (PLAIN, NODE, BARE, OURS)


def tokens() -> Iterator[Measure]:
    if "O200K_RANKS" not in os.environ:
        return
    import anyio
    from tokens import costs

    yield from anyio.run(costs)


def table(measures: Iterable[Measure]) -> str:
    lines = [f"| | {' | '.join(COLUMNS)} | ratio | limit |", f"|---{'|--:' * (len(COLUMNS) + 2)}|"]
    return "\n".join((*lines, *map(_line, measures)))


def _line(measure: Measure) -> str:
    figures = [_figure(measure.values[name], measure.unit) if name in measure.values else "" for name in COLUMNS]
    ratio = "" if measure.ratio is None else f"{measure.ratio:.2f}"
    limit = "" if measure.limit is None else f"{'≥' if measure.more_is_better else '≤'} {measure.limit:.3g}"
    if measure.at_most is not None:
        limit = f"{measure.at_most:,g} {measure.unit}".strip()
    missed = "" if measure.holds else " **missed**"
    return f"| {measure.what} | {' | '.join(figures)} | {ratio} | {limit}{missed} |"


def _figure(value: float, unit: str) -> str:
    return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f} {unit}".strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="start, calls, http_calls, whole_view, texts, tokens")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--node", type=Path)
    given = parser.parse_args()
    node = given.node if shutil.which("node") else None
    parts: dict[str, Callable[[], Iterator[Measure]]] = {
        "start": lambda: start.measure(given.rounds, node),
        "calls": lambda: calls.measure(given.rounds, node),
        "http_calls": lambda: http_calls.measure(given.rounds),
        "whole_view": whole_view.measure,
        "texts": texts.measure,
        "tokens": tokens,
    }
    measures = []
    for part in given.parts or parts:
        for measure in parts[part]():
            measures.append(measure)
            print(_line(measure), flush=True)
    if not given.parts:
        readme = HERE / "README.md"
        written = table(measures)
        readme.write_text(TABLE.sub(lambda _: written, readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
