"""The command, as the process that a user starts."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx2
import pytest
from click.testing import CliRunner

from convirza_mcp.cli.admin.sandbox import command
from convirza_mcp.sandbox.http.variants import VARIANTS

START = [sys.executable, "-m", "convirza_mcp", "sandbox"]

only_posix = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@contextmanager
def started(*arguments):
    process = subprocess.Popen(
        [*START, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def exports(process):
    """The three lines, as a shell would set them: the API's address and the token."""
    first, second, third = (process.stdout.readline() for _ in range(3))
    shell = subprocess.run(
        ["sh", "-c", f'{first}{second}{third}printf "%s\\n%s" "$CONVIRZA_BASE_URL" "$CONVIRZA_TOKEN"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert first.startswith("export CONVIRZA_BASE_URL=http://127.0.0.1:")
    assert second == first.replace("BASE", "OAUTH").removesuffix("/v3\n") + "\n"
    assert third.startswith("export CONVIRZA_TOKEN=")
    return shell.stdout.split("\n")


@only_posix
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_the_command_prints_three_lines_serves_and_ends_on_a_signal(number):
    with started("--port", "0", "--conversations", "30", "--token", "it's-$HOME") as process:
        base_url, token = exports(process)
        assert token == "it's-$HOME"
        response = httpx2.get(base_url + "/conversations/sms", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 200
        process.send_signal(number)
        assert process.communicate(timeout=180) == ("", "")
        assert process.returncode == 0


@only_posix
def test_a_signal_ends_it_while_an_answer_waits():
    with started("--port", "0", "--conversations", "1", "--delay", "3600") as process:
        base_url, _ = exports(process)
        port = int(base_url.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as waiting:
            waiting.sendall(b"GET /v3/conversations/sms HTTP/1.1\r\nHost: x\r\n\r\n")
            process.send_signal(signal.SIGTERM)
            assert process.communicate(timeout=180) == ("", "")
        assert process.returncode == 0


@only_posix
def test_the_options_reach_the_inbox():
    with started("--port", "0", "--seed", "3", "--variant", "clamped-limits", "--variant", "offset-404") as process:
        base_url, token = exports(process)
        assert token == "sandbox-token"
        with httpx2.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}) as client:
            assert client.get("/conversations/sms", params={"limit": 0}).status_code == 200
            assert client.get("/conversations/sms", params={"offset": 9999}).status_code == 404


def test_a_taken_port_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = subprocess.run(
            [*START, "--port", str(port), "--conversations", "1"],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: Port {port} on 127.0.0.1 cannot be used")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--variant", "nonsense"), "--variant"),
        (("--port", "65536"), "--port"),
        (("--conversations", "-1"), "--conversations"),
        (("--token", "two words"), "token"),
        (("--now", "soon"), "--now"),
        (("--now", "2026-11-20"), "--now"),
        (("--now", "2026-11-20T17:00:00"), "--now"),
    ],
)
def test_a_bad_option_is_a_usage_error(arguments, named):
    result = CliRunner().invoke(command, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert named in result.stderr


def test_help_names_every_variant():
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    for name in VARIANTS:
        assert f"{name}: " in result.stdout


def test_importing_the_command_does_not_import_the_web_server():
    # Its sub-modules are looked for, as the client's library may bring the packages themselves.
    program = (
        "import sys, convirza_mcp.cli.admin.sandbox\n"
        "print({'uvicorn.server', 'convirza_mcp.sandbox.http.app'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"


@only_posix
def test_its_clock_can_stand_still():
    with started("--port", "0", "--conversations", "30", "--now", "2026-11-20T17:00:00Z") as process:
        base_url, token = exports(process)
        body = httpx2.get(base_url + "/conversations/sms", headers={"Authorization": f"Bearer {token}"}).json()

    assert body["timestamp"] == "2026-11-20T17:00:00.000Z"
    assert all(row["conversation_updated"] <= "2026-11-20T17:00:00.000Z" for row in body["data"]["conversation"])
