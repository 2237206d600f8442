"""The `convirza-mcp` command, also as `python -m convirza_mcp`."""

from convirza_mcp.cli import commands


def main() -> None:
    commands(prog_name="convirza-mcp")


if __name__ == "__main__":
    main()
