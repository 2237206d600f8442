"""Pages of a whole view are requested in one place; every other request has a reason to be a single one."""

import ast
from pathlib import Path

import convirza_mcp

PACKAGE = Path(convirza_mcp.__file__).parent
METHOD = "list_sms_conversations"
CALLERS = {
    "scan/view_scan.py": "the page engine",
    "scan/latest.py": "the newest page, polled",
    "privacy/reader.py": "passes a page on without contacts",
    "questions/page.py": "one page is what the caller asks for",
    "questions/waiting.py": "counts what is older than the window",
    "cli/admin/status.py": "tries the credential",
    "setup/doctor/checks/call.py": "tries the credential",
}


def calls_in(path: Path) -> int:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = (each.func for each in ast.walk(tree) if isinstance(each, ast.Call))
    return sum(isinstance(each, ast.Attribute) and each.attr == METHOD for each in calls)


def test_only_these_modules_request_pages() -> None:
    found = {path.relative_to(PACKAGE).as_posix(): calls_in(path) for path in sorted(PACKAGE.rglob("*.py"))}

    assert {path for path, calls in found.items() if calls} == set(CALLERS)
    assert found["scan/view_scan.py"] == 1
