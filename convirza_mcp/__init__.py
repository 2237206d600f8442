"""Answers questions about a Convirza SMS inbox, for AI assistants and scripts. Read-only.

As a library:

>>> from convirza_mcp import Inbox
>>> async with Inbox.from_environment() as inbox:
...     waiting = await inbox.waiting(start="7d")
"""

from __future__ import annotations

from importlib import import_module

# Not from `typing`: its import takes a tenth of the time until a server's first answer.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from convirza_mcp.api.client import ConvirzaClient as ConvirzaClient
    from convirza_mcp.api.login.credentials import Credential as Credential
    from convirza_mcp.api.models import Conversation as Conversation
    from convirza_mcp.api.models import ConversationPage as ConversationPage
    from convirza_mcp.api.models import ConversationQuery as ConversationQuery
    from convirza_mcp.api.models import Order as Order
    from convirza_mcp.api.models import View as View
    from convirza_mcp.errors import APIConnectionError as APIConnectionError
    from convirza_mcp.errors import APIStatusError as APIStatusError
    from convirza_mcp.errors import APITimeoutError as APITimeoutError
    from convirza_mcp.errors import AuthenticationError as AuthenticationError
    from convirza_mcp.errors import ConversationNotFoundError as ConversationNotFoundError
    from convirza_mcp.errors import ConvirzaError as ConvirzaError
    from convirza_mcp.errors import InvalidArgumentError as InvalidArgumentError
    from convirza_mcp.errors import InvalidResponseError as InvalidResponseError
    from convirza_mcp.errors import MissingCredentialError as MissingCredentialError
    from convirza_mcp.errors import NotFoundError as NotFoundError
    from convirza_mcp.errors import PermissionDeniedError as PermissionDeniedError
    from convirza_mcp.errors import RateLimitError as RateLimitError
    from convirza_mcp.errors import SettingsError as SettingsError
    from convirza_mcp.inbox import Inbox as Inbox
    from convirza_mcp.settings import Settings as Settings

    __version__: str

_NAMES = {
    "api.client": "ConvirzaClient",
    "api.login.credentials": "Credential",
    "api.models": "Conversation ConversationPage ConversationQuery Order View",
    "errors": "APIConnectionError APIStatusError APITimeoutError AuthenticationError ConversationNotFoundError "
    "ConvirzaError InvalidArgumentError InvalidResponseError MissingCredentialError NotFoundError "
    "PermissionDeniedError RateLimitError SettingsError",
    "inbox": "Inbox",
    "settings": "Settings",
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted([*_HOMES, "__version__"])


def __getattr__(name: str) -> Any:
    # At first use: the client takes 0.2 s to import, and the sandbox and `--version` do not need it.
    if name == "__version__":
        from importlib.metadata import version

        return version("convirza-mcp")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
