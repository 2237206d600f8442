"""The `convirza-mcp` command, also as `python -m convirza_mcp`."""

import sys


def main() -> None:
    try:
        # Imported here, so that Ctrl-C during the start is no traceback either.
        from convirza_mcp.cli import commands

        commands(prog_name="convirza-mcp")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
