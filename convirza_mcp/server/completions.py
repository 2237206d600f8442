"""Completions: what the arguments of prompts and addresses may be, while somebody types. No request is made for one."""

from collections.abc import Callable, Iterable

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CompleteRequestParams, Completion, PromptReference

from convirza_mcp.accounts.account import Account
from convirza_mcp.errors import ConvirzaError
from convirza_mcp.rules.completion_values import agents_in, beginning, ids_in, lines_in, matching
from convirza_mcp.scan.results import WholeView
from convirza_mcp.server.prompts import PROMPTS, PromptArgument
from convirza_mcp.server.resources import TEMPLATES

MOST_VALUES = 100
"""The protocol's own bound."""

_KNOWN: dict[str, Callable[[Iterable[WholeView]], list[str]]] = {
    "agent": agents_in,
    "line": lines_in,
    "conversation_id": ids_in,
}
"""By name of the argument."""


async def complete(params: CompleteRequestParams, account: Account) -> Completion:
    """Choices of the argument, or what was last read and is still in memory, then the argument's suggestions.

    Choices, agents and lines are found by any part of them, ids by their beginning.

    Raises:
        MCPError: there is no such prompt, resource template or argument.
    """
    typed = params.argument.value
    if isinstance(params.ref, PromptReference):
        argument = _prompt_argument(params.ref.name, params.argument.name)
        values = list(argument.choices) or await _known(argument.name, account)
        found = list(dict.fromkeys([*matching(values, typed), *matching(argument.suggestions, typed)]))
    else:
        found = beginning(await _known(_address_argument(params.ref.uri, params.argument.name), account), typed)
    return Completion(values=found[:MOST_VALUES], total=len(found), has_more=len(found) > MOST_VALUES)


def _prompt_argument(name: str, argument: str) -> PromptArgument:
    if name not in PROMPTS:
        raise _unknown("prompt", PROMPTS)
    arguments = {each.name: each for each in PROMPTS[name].arguments}
    if argument not in arguments:
        raise _unknown("argument", arguments)
    return arguments[argument]


def _address_argument(uri: str, argument: str) -> str:
    if uri not in TEMPLATES:
        raise _unknown("resource template", TEMPLATES)
    if argument not in TEMPLATES[uri].arguments:
        raise _unknown("argument", TEMPLATES[uri].arguments)
    return argument


async def _known(name: str, account: Account) -> list[str]:
    if name not in _KNOWN:
        return []
    try:
        return _KNOWN[name](await account.views.held())
    except ConvirzaError:
        # Without a credential nothing is in memory. Who asks for an answer is told so; who is typing is not.
        return []


def _unknown(what: str, known: Iterable[str]) -> MCPError:
    return MCPError(code=INVALID_PARAMS, message=f"Unknown {what}; there is {', '.join(known)}.")
