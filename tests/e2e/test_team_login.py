"""The example of a whole login: a demo server, a browser that fills in the page, and the person's conversations."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from convirza_mcp.sandbox import Sandbox
from support.oauth_clients import name_of
from support.processes import environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "team_login.py"
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.name == "nt", reason="the standard library opens no other browser there"),
]
BROWSER = """
import re, sys
import httpx2

email, password, action, address = sys.argv[1:]
with httpx2.Client(follow_redirects=True, timeout=30) as browser:
    page = browser.get(address)
    csrf = re.search('name="csrf" value="([^"]*)"', page.text)[1]
    form = {"csrf": csrf, "email": email, "password": password, "action": action}
    origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
    browser.post(page.url, data=form, headers={"Origin": origin})
"""


def run(folder: Path, email: str, password: str, action: str) -> "subprocess.CompletedProcess[str]":
    program = folder / "browser.py"
    program.write_text(BROWSER)
    return subprocess.run(
        [sys.executable, str(EXAMPLE)],
        capture_output=True,
        encoding="utf-8",
        env=environment(CONVIRZA_TIMEZONE="UTC", BROWSER=f"{sys.executable} {program} {email} {password} {action} %s"),
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("place", [0, 1])
def test_a_person_sees_the_own_conversations(tmp_path: Path, place: int) -> None:
    login = Sandbox(conversations=0).logins[place]

    ended = run(tmp_path, login.email, login.password, "allow")

    assert (ended.returncode, ended.stderr) == (0, "")
    answer: dict[str, Any] = json.loads(ended.stdout[ended.stdout.index("{") :])
    assert answer["type"] == "assignedToYou"
    assert {row[answer["columns"].index("agent")] for row in answer["rows"]} == {name_of(login)}


def test_a_canceled_login_is_said(tmp_path: Path) -> None:
    ended = run(tmp_path, "demo@example.com", "sandbox", "cancel")

    assert (ended.returncode, ended.stderr) == (1, "The login was canceled.\n")
