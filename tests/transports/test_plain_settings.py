"""What looks plain is good: `Settings` takes it, and reads the same of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convirza_mcp.settings import VARIABLES, Settings
from convirza_mcp.transports import plain_settings
from convirza_mcp.transports.plain_settings import are_plain

TEXTS = {name: st.from_regex(pattern, fullmatch=True) for name, pattern in plain_settings._PLAIN.items()}
ENVIRONMENTS = st.fixed_dictionaries(
    {}, optional=TEXTS | {"CONVIRZA_TIMEZONE": st.sampled_from(["UTC", "America/Denver"])}
)


@settings(max_examples=60)
@given(ENVIRONMENTS)
def test_what_is_plain_is_taken(environ: dict[str, str]) -> None:
    if are_plain(environ):
        read = Settings.from_environment({"CONVIRZA_TIMEZONE": "UTC"} | environ)
        assert read.output == environ.get("CONVIRZA_OUTPUT", "both")
        assert read.front == environ.get("CONVIRZA_FRONT", "on")


@given(st.sampled_from(VARIABLES), st.text(max_size=40) | st.sampled_from(["Bearer x", '"both"', " on", "both ", "１"]))
def test_no_other_text_is_plain(name: str, text: str) -> None:
    if are_plain({name: text}):
        Settings.from_environment({"CONVIRZA_TIMEZONE": "UTC"} | {name: text})


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"CONVIRZA_TOKEN": "CNVZ-AT-7f3e9d", "CONVIRZA_OAUTH_URL": "http://127.0.0.1:43073"},
        {"CONVIRZA_BASE_URL": "https://platform-api.convirza.com/v3"},
        {"CONVIRZA_BASE_URL": "http://127.0.0.1:8787/v3", "CONVIRZA_OUTPUT": "text"},
        {"CONVIRZA_BUSINESS_HOURS": "Mon-Fri 08:00-18:00"},
        {"CONVIRZA_TIMEOUT": "30", "CONVIRZA_PRIVACY": "mask", "CONVIRZA_DEMO": "true"},
    ],
)
def test_usual_settings_are_plain(environ: dict[str, str]) -> None:
    assert are_plain(environ)


@pytest.mark.parametrize(
    "environ",
    [
        {"CONVIRZA_TOKEN": ""},
        {"CONVIRZA_TOKEN": '"CNVZ-AT-7f3e9d"'},
        {"CONVIRZA_TOKEN_FILE": "/run/secrets/token"},
        {"CONVIRZA_OUTPUT": "json"},
        {"CONVIRZA_TIMEZONE": "Mars/Olympus"},
        {"CONVIRZA_TIMEZONE": "America/Denver", "PYTHONTZPATH": "/nowhere"},
        {"CONVIRZA_UNKNOWN": "x"},
    ],
)
def test_unusual_settings_are_not_plain(environ: dict[str, str]) -> None:
    assert not are_plain(environ)
