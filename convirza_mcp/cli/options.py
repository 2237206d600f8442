"""A tool's parameters as command-line options, and messages with option names instead of parameter names."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from convirza_mcp.accounts.account import account_settings
from convirza_mcp.answers.hints import Name
from convirza_mcp.api.models import Conversation
from convirza_mcp.clock.zones import ASSUMED_UTC
from convirza_mcp.errors import InvalidArgumentError
from convirza_mcp.questions.scope import Narrowing
from convirza_mcp.rules.place import Place
from convirza_mcp.settings import Settings
from convirza_mcp.tools.schema import Arguments, input_schema

_DEMO = "convirza_mcp.demo"

Command = TypeVar("Command", bound=Callable[..., Any])

_COMMANDS = {
    "list_sms_conversations": "list",
    "search_sms_messages": "search",
    "list_waiting_sms_conversations": "waiting",
    "summarize_sms_inbox": "summary",
}
"""Commands by the tool with the same question, to replace names in a message."""

_DESCRIPTIONS = {"From left_out, to continue.": "Continue after this row or group, as an earlier answer names it."}
"""A parameter's description in a command, where a tool's answer has a key that the command's does not."""

json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object with a fixed set of keys, for programs."
)


def demo_option(command: Command) -> Command:
    """Add `--demo` to a command that reads its settings with `settings_of_command`."""

    def keep(context: click.Context, _: click.Parameter, demo: bool) -> None:
        context.meta[_DEMO] = demo

    described = "Use the demo inbox; no account needed. Same as CONVIRZA_DEMO=true."
    return click.option("--demo", is_flag=True, expose_value=False, callback=keep, help=described)(command)


def settings_of_command() -> Settings:
    """Return the settings of the running command; a demo inbox lasts as long as the command."""
    context = click.get_current_context()
    settings = context.with_resource(account_settings(demo=context.meta[_DEMO]))
    if settings.demo:
        # CONVIRZA_DEMO is easily forgotten, and demo rows could be taken for real ones.
        click.echo("Demo inbox: all people and messages are made up.", err=True)
    if settings.zone is ASSUMED_UTC:
        click.echo("No time zone found: days and times are UTC. Set CONVIRZA_TIMEZONE.", err=True)
    return settings


def tool_options(arguments: type[Arguments], *, without: str | None = None) -> Callable[[Command], Command]:
    """Return an option for each of the tool's parameters except `without`, and `--demo`.

    Values stay text; the tool's own parsing validates them.
    """
    schema = input_schema(arguments)

    def decorate(command: Command) -> Command:
        command = demo_option(command)
        for name, parameter in reversed(schema["properties"].items()):
            if name == without:
                continue
            default = parameter.get("default")
            described = _in_commands(parameter["description"]) + ("" if default is None else f" [default: {default}]")
            option = click.option(
                option_of(name),
                name,
                metavar="|".join(parameter["enum"]) if "enum" in parameter else parameter["type"].upper(),
                help=described,
                callback=_none_in_any_case if name == "agent" else None,
            )
            command = option(command)
        return command

    return decorate


def _none_in_any_case(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    # A tool takes None for a bridge's word for "not given", but a person who types it means none.
    return "none" if text == "None" else text


def with_option_names(sentence: str, command: click.Command) -> str:
    """Return the message with this command's options and arguments instead of parameter names."""
    words = {
        each.name: each.opts[0] if isinstance(each, click.Option) else each.human_readable_name
        for each in command.params
    }

    def word(found: re.Match[str]) -> str:
        if (known := words.get(found["name"] or found["given"])) is None:
            return found[0]
        return f"`{known}`" if found["name"] else f"{known} "

    return re.sub(r"`(?P<name>[a-z_]+)`|\b(?P<given>[a-z_]+)=", word, sentence)


def _in_commands(description: str) -> str:
    description = _DESCRIPTIONS.get(description, description)
    for tool in _COMMANDS:
        description = description.replace(tool, f"`{in_commands(Name('tool', tool))}`")
    return description


def option_of(parameter: str) -> str:
    return f"--{parameter.replace('_', '-')}"


def after_option(last: Conversation) -> str:
    """Return the option that continues after the last conversation shown."""
    return f"{option_of('after')} {Place.of(last)}"


def in_commands(name: Name) -> str:
    """Return a name as a command writes it: `--start 90d`, `convirza-mcp search`, `Read but incoming`."""
    match name.kind:
        case "argument":
            return option_of(name.name) if name.value is None else f"{option_of(name.name)} {name.value}"
        case "tool":
            return f"convirza-mcp {_COMMANDS[name.name]}"
        case "figure":
            return name.name.replace("_", " ").capitalize()


def check_narrowing(narrowing: Narrowing) -> None:
    """Refuse a name that fits several or none, because a file without rows would look like an answer."""
    if narrowing.unclear is not None and narrowing.note is not None:
        candidates = f" {', '.join(narrowing.matches)}." if narrowing.matches else ""
        raise InvalidArgumentError(narrowing.unclear, f"{narrowing.note.worded(in_commands)}{candidates}")
