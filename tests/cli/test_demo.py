import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from convirza_mcp.cli import commands
from processes import environment


def test_the_demo_asks_three_questions_and_ends_by_itself() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "convirza_mcp", "demo"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        # Whatever is configured for a real account must not reach the demo.
        env=environment(CONVIRZA_TOKEN_FILE="/no/such/file", CONVIRZA_OUTPUT="neither", COLUMNS="160"),
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    questions = re.findall(r"^(.*\?)  list_sms_conversations\((.*)\)", ended.stdout, re.MULTILINE)
    name = questions[2][0].removeprefix("Is there anything from ").removesuffix("?")
    assert questions == [
        ("What came in last?", ""),
        ("Which open conversations has nobody taken?", "type='unassigned', order='asc', start='30d', limit=5"),
        (f"Is there anything from {name}?", f"search={name!r}, start='30d', limit=5"),
    ]
    assert ended.stdout.count(f'"{name}","1') >= 2
    figures = re.findall(r"reads about ([\d,]+) tokens; .* about ([\d,]+) \(([\d.]+) times", ended.stdout)
    assert len(figures) == 3
    for ours, theirs, times in figures:
        ratio = int(theirs.replace(",", "")) / int(ours.replace(",", ""))
        assert f"{ratio:.1f}" == times
    assert "/v3/conversations" not in ended.stdout


def test_a_zone_that_is_none_is_one_sentence() -> None:
    result = CliRunner().invoke(commands, ["demo"], env={"CONVIRZA_TIMEZONE": "Foo"}, prog_name="convirza-mcp")

    assert result.exit_code == 2
    assert result.stderr == "convirza-mcp: CONVIRZA_TIMEZONE takes an IANA time zone such as America/Denver, or UTC.\n"


@pytest.mark.long
def test_a_company_s_proxy_and_certificates_do_not_concern_it() -> None:
    settings = environment(HTTP_PROXY="http://127.0.0.1:9", ALL_PROXY="socks5://127.0.0.1:9", SSL_CERT_FILE="/nowhere")

    ended = subprocess.run([sys.executable, "-m", "convirza_mcp", "demo"], env=settings, capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.long
def test_whoever_reads_it_may_have_seen_enough() -> None:
    command = [sys.executable, "-m", "convirza_mcp", "demo"]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complained = process.stderr.read()

    assert (process.returncode, complained) == (1, "")
