"""The `convirza-mcp` command, also as `python -m convirza_mcp`."""

from __future__ import annotations

import sys

from convirza_mcp.python_version import too_old


def main(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    sentence = too_old(version)
    if sentence is not None:
        sys.exit(sentence)
    try:
        # Imported here, so that Ctrl-C during the start is no traceback either, and an old Python does not get there.
        from convirza_mcp.cli import commands

        commands(prog_name="convirza-mcp")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
