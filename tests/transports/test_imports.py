"""What a server has imported: before its first answer, when it is built, and after the first call."""

import json
import subprocess
import sys

import pytest

from convirza_mcp.sandbox import Sandbox
from support.processes import close_stdin, environment, server_process

# All that the front may import, beside what the interpreter itself starts with.
FRONT = {
    *("__future__", "_functools", "_json", "_operator", "_random", "_sre", "_thread", "_weakref", "_weakrefset"),
    *("_collections", "_heapq", "collections", "contextlib", "convirza_mcp", "copyreg", "enum", "functools", "gc"),
    *("heapq", "importlib", "itertools", "json", "keyword", "math", "operator", "queue", "re", "reprlib", "select"),
    *("signal", "threading", "types", "warnings", "weakref"),
}
FRONT_MODULES = {
    "convirza_mcp",
    "convirza_mcp.transports",
    "convirza_mcp.transports.front",
    "convirza_mcp.transports.front.answers",
    "convirza_mcp.transports.front.front",
    "convirza_mcp.transports.plain_settings",
    "convirza_mcp.transports.start",
    "convirza_mcp.transports.stdio",
    "convirza_mcp.transports.stdio.lines",
    "convirza_mcp.transports.stdio.plain_messages",
}
# Imported by a call that needs them, or by other commands.
NEVER_AT_START = {
    *(f"convirza_mcp.accounts.{each}" for each in ("registry", "users")),
    *(f"convirza_mcp.api.{each}" for each in ("login.oauth", "users")),
    "convirza_mcp.app",
    "convirza_mcp.cli",
    "convirza_mcp.clock.hours_text",
    "convirza_mcp.clock.public_holidays",
    "convirza_mcp.inbox",
    *(f"convirza_mcp.privacy.{each}" for each in ("masking", "number_forms", "reader")),
    *(f"convirza_mcp.questions.{each}" for each in ("scope", "search")),
    *(f"convirza_mcp.rules.{each}" for each in ("grouping", "messages", "place", "search", "summary", "terms")),
    "convirza_mcp.sandbox",
    *(f"convirza_mcp.scan.{each}" for each in ("cache", "latest", "parallel_scan", "view_scan")),
    *(f"convirza_mcp.server.{each}" for each in ("completions", "prompts", "resources", "subscriptions")),
    "convirza_mcp.setup",
    "convirza_mcp.tools.search_sms_messages",
    "difflib",
    "filelock",
    "holidays",
    "httpcore2",
    "jsonschema",
    "platformdirs",
    "regex",
    "rich",
    "tzlocal",
}
NEVER_AFTER_A_CALL = NEVER_AT_START - {"httpcore2", "regex"}


def imported(program: str, **settings: str) -> list[str]:
    before = "import sys\nbefore = {*sys.modules}\n"
    after = "\nimport json\nprint(json.dumps([*sys.modules.keys() - before]))"
    ended = subprocess.run(
        [sys.executable, "-c", f"{before}{program}{after}"],
        capture_output=True,
        encoding="utf-8",
        env=environment(CONVIRZA_TIMEZONE="UTC", **settings),
        check=True,
    )
    found: list[str] = json.loads(ended.stdout)
    return found


def forbidden(modules: list[str], never: set[str]) -> set[str]:
    return {each for each in never if any(f"{name}.".startswith(f"{each}.") for name in modules)}


def test_the_first_answer_waits_for_few_imports() -> None:
    modules = imported(
        "import os\n"
        "from convirza_mcp.transports.start import are_plain, load_answers\n"
        "assert are_plain({'CONVIRZA_TOKEN': 'CNVZ-AT-7f3e9d'})\n"
        'line = b\'{"jsonrpc":"2.0","id":1,"method":"ping"}\'\n'
        "assert load_answers('both').answer(line)"
    )

    assert {each for each in modules if each.startswith("convirza_mcp")} == FRONT_MODULES
    assert {each.partition(".")[0] for each in modules} <= FRONT


def test_a_server_is_built_without_what_only_some_calls_use() -> None:
    modules = imported(
        "from convirza_mcp.transports.stdio.real_server import build, read_start\n"
        "build(read_start(demo=False, from_form=False))"
    )

    assert forbidden(modules, NEVER_AT_START) == set()


@pytest.mark.long
def test_the_first_call_imports_the_http_stack_and_little_else() -> None:
    program = """
import json, os, sys
real = os._exit
def leave(status):
    print(json.dumps([*sys.modules]), file=sys.stderr, flush=True)
    real(status)
os._exit = leave
sys.argv[1:] = ["serve"]
from convirza_mcp.__main__ import main
main()
"""
    with (
        Sandbox() as sandbox,
        server_process(
            [sys.executable, "-c", program],
            CONVIRZA_TOKEN=sandbox.token,
            CONVIRZA_BASE_URL=sandbox.base_url,
            CONVIRZA_TIMEZONE="UTC",
        ) as server,
    ):
        server.call(1, {"limit": 3})
        assert "structuredContent" in server.receive()["result"]
        close_stdin(server)
        _, _, err = server.end(10)

    modules: list[str] = json.loads(err.splitlines()[-1])
    assert "httpcore2" in modules
    assert forbidden(modules, NEVER_AFTER_A_CALL) == set()


@pytest.mark.long
def test_a_server_over_http_imports_nothing_of_a_mode_that_is_off() -> None:
    modules = imported(
        "from convirza_mcp import Settings\n"
        "from convirza_mcp.transports.http import serve\n"
        "from convirza_mcp.transports.http.settings import HttpSettings\n"
        "url, issuer = 'https://sms.example.com/mcp', 'https://x.example'\n"
        "http = HttpSettings(http_auth='keys,oidc', http_url=url, oidc_issuer=issuer)\n"
        "serve.check_start('0.0.0.0', http)\n"
        "settings = Settings(token='x')\n"
        "serve.http_app(settings, http, url=url, open_client=serve.shared_client(settings))"
    )

    assert forbidden(modules, {"convirza_mcp.transports.http.login", "convirza_mcp.store", "redis", "sqlite3"}) == set()
