"""The `convirza-mcp` command, also as `python -m convirza_mcp`."""

from __future__ import annotations

import gc
import io
import os
import sys


def main() -> None:
    _replace_unencodable()
    # At a terminal without a command, tell a person what to type.
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    options = sys.argv[1:] or ([] if is_terminal else ["serve"])
    try:
        if options[:1] == ["serve"] and not set(options[1:]) - {"--demo", "--from-form"}:
            # The commands take longer to import than a client should wait for the server's first answer.
            from convirza_mcp.transports.start import start

            start(demo="--demo" in options, from_form="--from-form" in options)
        # Most imported objects stay alive; garbage collection during the import would take a fifth of its time.
        gc.disable()
        # Imported here, so that Ctrl-C during the import prints no traceback.
        from convirza_mcp.cli import commands

        # On Windows, click would expand words such as `note*` to file names (pallets/click#3003).
        commands(prog_name="convirza-mcp", windows_expand_args=False)
    except KeyboardInterrupt:
        sys.exit(130)


def _replace_unencodable() -> None:
    """Replace characters that stdout's encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if sys.platform == "win32" and not stream.isatty() and "PYTHONIOENCODING" not in os.environ:
                # A file or a pipe would get the old code page, which no JSON reader expects.
                stream.reconfigure(encoding="utf-8", errors="replace")
            else:
                stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
