"""Completions: what the arguments of prompts may be, while somebody types them. No request is made for one."""

from collections.abc import Callable, Iterable, Mapping

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CompleteRequestParams, Completion, PromptReference

from convirza_mcp.errors import ConvirzaError
from convirza_mcp.inbox.known_values import agents_in, lines_in, matching
from convirza_mcp.inbox.views import WholeView
from convirza_mcp.prompt_templates import PromptArgument, PromptTemplate
from convirza_mcp.resources import TEMPLATES
from convirza_mcp.tools.context import Context

MOST_VALUES = 100
"""The protocol's own bound."""

_KNOWN: dict[str, Callable[[Iterable[WholeView]], list[str]]] = {"agent": agents_in, "line": lines_in}
"""By name of a prompt's argument."""


async def complete(
    params: CompleteRequestParams, prompts: Mapping[str, PromptTemplate], context: Context
) -> Completion:
    """Choices of the argument; agents and lines from what was last read and is still in memory; else nothing.

    Raises:
        MCPError: there is no such prompt, resource template or argument.
    """
    argument = _argument(params, prompts)
    if argument is None:
        return Completion(values=[], total=0, has_more=False)
    values = list(argument.choices) if argument.choices else await _known(argument.name, context)
    found = matching(values, params.argument.value)
    return Completion(values=found[:MOST_VALUES], total=len(found), has_more=len(found) > MOST_VALUES)


def _argument(params: CompleteRequestParams, prompts: Mapping[str, PromptTemplate]) -> PromptArgument | None:
    """The prompt's argument; None for a resource template's, of which nothing is known."""
    if isinstance(params.ref, PromptReference):
        prompt = prompts.get(params.ref.name)
        if prompt is None:
            raise _unknown("prompt", prompts)
        arguments = {each.name: each for each in prompt.arguments}
        if params.argument.name not in arguments:
            raise _unknown("argument", arguments)
        return arguments[params.argument.name]
    template = TEMPLATES.get(params.ref.uri)
    if template is None:
        raise _unknown("resource template", TEMPLATES)
    if params.argument.name not in template.arguments:
        raise _unknown("argument", template.arguments)
    return None


async def _known(name: str, context: Context) -> list[str]:
    if name not in _KNOWN:
        return []
    try:
        return _KNOWN[name](await context.views.held())
    except ConvirzaError:
        # Without a credential nothing is in memory. Who asks for an answer is told so; who is typing is not.
        return []


def _unknown(what: str, known: Iterable[str]) -> MCPError:
    return MCPError(code=INVALID_PARAMS, message=f"Unknown {what}; there is {', '.join(known)}.")
