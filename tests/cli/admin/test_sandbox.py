"""The command, as the process that a user starts."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx2
import pytest

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
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_three_lines_serves_and_ends_on_a_signal(number):
    with started("--port", "0", "--conversations", "30", "--token", "it's-$HOME") as process:
        base_url, token = exports(process)
        assert token == "it's-$HOME"
        response = httpx2.get(base_url + "/conversations/sms", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 200
        process.send_signal(number)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0


@only_posix
def test_a_signal_ends_it_while_an_answer_waits():
    with started("--port", "0", "--conversations", "1", "--delay", "3600") as process:
        base_url, _ = exports(process)
        port = int(base_url.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as waiting:
            waiting.sendall(b"GET /v3/conversations/sms HTTP/1.1\r\nHost: x\r\n\r\n")
            process.send_signal(signal.SIGTERM)
            assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0


@only_posix
def test_the_options_reach_the_inbox():
    with started("--port", "0", "--seed", "3", "--variant", "clamped-limits", "--variant", "offset-404") as process:
        base_url, token = exports(process)
        assert token == "sandbox-token"
        with httpx2.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}) as client:
            assert client.get("/conversations/sms", params={"limit": 0}).status_code == 200
            assert client.get("/conversations/sms", params={"offset": 9999}).status_code == 404


def refused(*arguments):
    return subprocess.run([*START, *arguments], capture_output=True, text=True, timeout=30, check=False)


def test_a_taken_port_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = refused("--port", str(port), "--conversations", "1")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: Port {port} on 127.0.0.1 cannot be used")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [("--variant", "nonsense"), ("--port", "65536"), ("--conversations", "-1"), ("--token", "two words")],
)
def test_a_bad_option_is_a_usage_error(arguments):
    result = refused(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_help_names_every_variant():
    result = refused("--help")
    assert result.returncode == 0
    for name in ("pinned-first", "range-on-started", "max-31-days", "offset-404", "clamped-limits", "nulls"):
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


@pytest.mark.parametrize("now", ["soon", "2026-11-20", "2026-11-20T17:00:00"])
def test_a_wrong_clock_is_one_sentence(now):
    with started("--now", now) as process:
        _, said = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "`--now` takes a date-time with its zone, such as 2026-11-20T17:00:00Z." in said
