import re
import subprocess
import sys
from importlib.metadata import version

import pytest

import convirza_mcp
import convirza_mcp.errors

PUBLIC = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "Conversation",
    "ConversationNotFoundError",
    "ConversationPage",
    "ConversationQuery",
    "ConvirzaClient",
    "ConvirzaError",
    "Credential",
    "Inbox",
    "InvalidArgumentError",
    "InvalidResponseError",
    "MissingCredentialError",
    "NotFoundError",
    "Order",
    "PermissionDeniedError",
    "RateLimitError",
    "Settings",
    "SettingsError",
    "View",
    "__version__",
]
QUESTIONS = ["changes", "conversation", "page", "scan", "search", "summary", "waiting"]


def test_these_names_are_public_and_no_others() -> None:
    assert convirza_mcp.__all__ == PUBLIC
    assert all(getattr(convirza_mcp, name) is not None for name in PUBLIC)
    assert set(PUBLIC) <= set(dir(convirza_mcp))
    assert convirza_mcp.__version__ == version("convirza-mcp")
    with pytest.raises(AttributeError, match="has no attribute 'Inbocks'"):
        convirza_mcp.Inbocks  # noqa: B018


def test_an_inbox_has_a_method_a_question() -> None:
    methods = [name for name in vars(convirza_mcp.Inbox) if not name.startswith("_")]

    assert sorted(methods) == sorted([*QUESTIONS, "from_environment"])


def test_a_client_reads_and_nothing_else() -> None:
    methods = [name for name in vars(convirza_mcp.ConvirzaClient) if not name.startswith("_")]

    assert sorted(methods) == [
        "aclose",
        "credential_fingerprint",
        "from_environment",
        "from_settings",
        "list_sms_conversations",
        "list_users",
    ]


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, convirza_mcp; print([name for name in sys.modules if name.startswith('convirza_mcp.')])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)

    assert ended.stdout == "[]\n"


def test_every_error_is_drawn_in_the_tree_with_its_code() -> None:
    classes = {
        name: value
        for name, value in vars(convirza_mcp.errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }

    for name, value in classes.items():
        assert issubclass(value, convirza_mcp.ConvirzaError)
        assert re.search(rf"[*+.-] {name} +{value.code} ", convirza_mcp.errors.__doc__ or "")
