"""Report why a command failed: on stderr for a person, and with --json on stdout as one object for a program."""

import errno
import json
from contextlib import suppress

import click

from convirza_mcp.errors import INTERNAL_ERROR, ConvirzaError, InvalidArgumentError, OutputError, SettingsError

_GIVEN = "convirza_mcp.given"
_STATUS = "convirza_mcp.failure_status"
_FAILED, _UNUSABLE = 1, 2
# Errors of writing itself, which name no file: to standard output, or to the file of `--output`.
_OF_WRITING = {errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF, getattr(errno, "EDQUOT", errno.ENOSPC)}


def remember_arguments(context: click.Context, arguments: list[str]) -> None:
    """Store the raw arguments, because a command that cannot be parsed has not read its --json."""
    context.meta[_GIVEN] = arguments[: arguments.index("--")] if "--" in arguments else [*arguments]


def given_arguments() -> list[str]:
    """Return the raw arguments of the running command, including its name."""
    return list(click.get_current_context().meta[_GIVEN])


def exit_on_failure(status: int) -> None:
    """Make the running command exit with `status` after an error that is not about its arguments or settings."""
    click.get_current_context().meta[_STATUS] = status


def report(context: click.Context, command: click.Command | None, error: Exception) -> int | None:
    """Report an error of a command.

    Returns:
        The exit code, if this printed the line on stderr; None for an error that click or Python prints there.
    """
    if isinstance(error, OSError) and error.filename is not None:
        error = OutputError(
            f"{error.filename} cannot be used: {error.strerror}.", remedy="Check the path and its permissions."
        )
    elif isinstance(error, OSError) and error.errno in _OF_WRITING:
        error = OutputError(
            f"The output could not be written: {error.strerror}.", remedy="Write it to a place with free space."
        )
    if not isinstance(error, ConvirzaError):
        if isinstance(error, click.UsageError):
            path = "convirza-mcp" if command is None else f"convirza-mcp {command.name}"
            parts = InvalidArgumentError.code, error.format_message(), f"See `{path} --help`."
            _print_object(context, command, *parts)
        elif not isinstance(error, click.ClickException):
            fault = f"convirza-mcp failed ({type(error).__name__})."
            _print_object(context, command, INTERNAL_ERROR, fault, "Please report this fault.")
        return None
    text, message, remedy = str(error), error.message, error.remedy
    if command is not None:
        # The message names the tool's parameters; replace them with options.
        from convirza_mcp.cli.options import with_option_names

        text, message, remedy = (with_option_names(each, command) for each in (text, message, remedy))
    click.echo(f"convirza-mcp: {text}", err=True)
    _print_object(context, command, error.code, message, remedy)
    is_unusable = isinstance(error, InvalidArgumentError | SettingsError)
    return _UNUSABLE if is_unusable else context.meta.get(_STATUS, _FAILED)


def _print_object(context: click.Context, command: click.Command | None, code: str, message: str, remedy: str) -> None:
    has_option = command is None or any(each.name == "as_json" for each in command.params)
    if has_option and "--json" in context.meta.get(_GIVEN, ()):
        error = {"code": code, "message": message, "remedy": remedy}
        # If standard output failed, only the line on stderr is possible.
        with suppress(OSError):
            click.echo(json.dumps({"error": error}, ensure_ascii=False, indent=2))
