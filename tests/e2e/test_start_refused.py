"""A start with an address that no token may be sent to, or with a token that is none: one line, soon, no secret."""

import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from support.processes import SERVE, environment

SECRET = "CNVZ-AT-7f3e9d"
SOON = 6.0
"""Seconds; the promise is two, bounded at three times that for busy machines."""

ADDRESSES = (
    f"https://somebody:{SECRET}@platform-api.convirza.com/v3",
    "http://localhost.evil.example/v3",
    "http://127.0.0.1.nip.io/v3",
    "http://2130706433/v3",
    "http://[::ffff:127.0.0.1]/v3",
    "https://platform-api.convirza。com/v3",
)
TOKENS = (f"{SECRET}\nX-Other: 1", f"{SECRET} {SECRET}", f"{SECRET}é", "Bearer ", "")
FEW = [{"CONVIRZA_BASE_URL": ADDRESSES[0]}, {"CONVIRZA_TOKEN": TOKENS[0]}]
ALL = [
    *({name: address} for name in ("CONVIRZA_BASE_URL", "CONVIRZA_OAUTH_URL") for address in ADDRESSES),
    *({"CONVIRZA_TOKEN": token} for token in TOKENS),
]


def started(settings: dict[str, str]) -> tuple[Any, float]:
    began = time.monotonic()
    ended = subprocess.run(
        SERVE, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", env=environment(**settings),
        timeout=30, check=False,
    )  # fmt: skip
    return ended, time.monotonic() - began


@pytest.mark.parametrize("starts", [FEW, pytest.param(ALL, marks=pytest.mark.long)], ids=["few", "all"])
def test_it_ends_with_one_line_that_names_the_setting(
    starts: list[dict[str, str]], record_property: Callable[[str, object], None]
) -> None:
    slowest = 0.0
    for settings in starts:
        ended, took = started(settings)
        (name,) = settings

        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr.startswith(f"convirza-mcp: {name} ")
        assert ended.stderr.count("\n") == 1
        assert not any(part in ended.stderr for part in (SECRET, "somebody", "evil", "nip.io", "2130706433"))
        assert took < SOON
        slowest = max(slowest, took)
    record_property("slowest refusal, seconds", slowest)
