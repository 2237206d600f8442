"""Completions for the arguments of prompts and addresses, from the cache. A completion makes no request."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CompleteRequestParams, Completion, PromptReference

from convirza_mcp.accounts.account import Account
from convirza_mcp.errors import ConvirzaError
from convirza_mcp.rules.completion_values import agents_in, ids_in, lines_in, matching
from convirza_mcp.scan.results import WholeView
from convirza_mcp.server.prompts import PROMPTS
from convirza_mcp.server.resources import TEMPLATES

T = TypeVar("T")

MAX_VALUES = 100
"""The protocol's limit."""

_KNOWN: dict[str, Callable[[Iterable[WholeView]], list[str]]] = {
    "agent": agents_in,
    "line": lines_in,
    "conversation_id": ids_in,
}
"""Suggestions by argument name."""


async def complete(params: CompleteRequestParams, account: Account) -> Completion:
    """Return the argument's choices, or cached values, then the argument's suggestions; raise `MCPError` for an unknown
    one.

    Choices, agents and lines match by any part, ids by prefix.
    """
    typed = params.argument.value
    if isinstance(params.ref, PromptReference):
        prompt = _one_of("prompt", PROMPTS, params.ref.name)
        argument = _one_of("argument", {each.name: each for each in prompt.arguments}, params.argument.name)
        values = list(argument.choices) or await _known(argument.name, account)
        found = list(dict.fromkeys([*matching(values, typed), *matching(argument.suggestions, typed)]))
    else:
        template = _one_of("resource template", TEMPLATES, params.ref.uri)
        name = _one_of("argument", {each: each for each in template.arguments}, params.argument.name)
        found = [each for each in await _known(name, account) if each.startswith(typed.strip())]
    return Completion(values=found[:MAX_VALUES], total=len(found), has_more=len(found) > MAX_VALUES)


def _one_of(what: str, known: Mapping[str, T], name: str) -> T:
    if name not in known:
        raise MCPError(code=INVALID_PARAMS, message=f"Unknown {what}; there is {', '.join(known)}.")
    return known[name]


async def _known(name: str, account: Account) -> list[str]:
    if name not in _KNOWN:
        return []
    try:
        known = _KNOWN[name](await account.views.held())
    except ConvirzaError:
        # Without a credential the cache is empty. A call reports that; a completion does not.
        known = []
    return known if name != "line" else known + [each.name for each in account.settings.lines.values() if each.name]
