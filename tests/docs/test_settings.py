"""The page of settings: none is missing, and what it says of each is true."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from convirza_mcp.errors import SettingsError
from convirza_mcp.settings import VARIABLES as ALWAYS
from convirza_mcp.settings import Settings
from convirza_mcp.transports.http.settings import HTTP_VARIABLES, HttpSettings
from support.documents import text_of

VARIABLES = (*ALWAYS, *HTTP_VARIABLES)
FILES = {
    "CONVIRZA_TOKEN_FILE": "A" * 43,
    "CONVIRZA_PRIVACY_KEY_FILE": "A" * 43,
    "CONVIRZA_STORE_KEYS_FILE": "A" * 43 + "=",
    "CONVIRZA_LINES_FILE": "phone_number,name\n18015550101,Main\n",
}
PAGE = text_of("docs/settings.md")
SECTIONS = dict(re.findall(r"^## (CONVIRZA_\w+)\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL))
# Elsewhere the machine would be asked for its own.
UTC = {"CONVIRZA_TIMEZONE": "UTC"}
ADDRESSES = ("CONVIRZA_BASE_URL", "CONVIRZA_OAUTH_URL", "CONVIRZA_HTTP_URL", "CONVIRZA_OIDC_ISSUER")
BAD = dict.fromkeys(VARIABLES, "x y") | {"CONVIRZA_TOKEN": ""} | dict.fromkeys(ADDRESSES, "x")


def said(variable: str, name: str) -> str:
    found = re.search(rf"^\* {name}: (.*)$", SECTIONS[variable], re.MULTILINE)
    assert found is not None, f"{variable} has no line that begins with {name}"
    return found[1]


def settings(**given: str) -> dict[str, object]:
    return asdict(Settings.from_environment(UTC | given)) | asdict(HttpSettings.from_environment(given))


def test_no_setting_is_missing_from_the_page() -> None:
    rows = re.findall(r"^\| \[`(CONVIRZA_\w+)`\]\(#(\w+)\)", PAGE, re.MULTILINE)

    assert sorted(SECTIONS) == sorted(VARIABLES)
    assert rows == [(name, name.lower()) for name in SECTIONS]


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_default_is_the_one_that_counts(variable: str) -> None:
    default = re.fullmatch(r"`(.*)`", said(variable, "Default"))

    if default is not None:
        assert settings(**{variable: default[1]}) == settings()
    else:
        # No value stands for these: what counts without one is said in words.
        assert said(variable, "Default") == {
            "CONVIRZA_TOKEN": "none.",
            "CONVIRZA_TOKEN_FILE": "none.",
            "CONVIRZA_TIMEZONE": "the zone that this computer is set to, else `UTC`.",
            "CONVIRZA_BUSINESS_HOURS": "round the clock.",
            "CONVIRZA_HTTP_URL": "`http://127.0.0.1:8788/mcp` or the address that `--host` and `--port` give; "
            "required for another bind.",
            "CONVIRZA_HTTP_AUTH": "none; callers on this computer need no authentication, and others cannot reach the "
            "server.",
            "CONVIRZA_HTTP_KEYS_FILE": "`http-keys.json` in the [private folder](credentials.md#where-it-is-stored).",
            "CONVIRZA_STORE": "none; with `CONVIRZA_HTTP_AUTH=login`, `store.sqlite` in the "
            "[private folder](credentials.md#where-it-is-stored).",
            "CONVIRZA_OIDC_AUDIENCE": "the value of `CONVIRZA_HTTP_URL`.",
        }.get(variable, "none.")


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_example_can_be_used_and_is_no_default(variable: str, tmp_path: Path) -> None:
    example = re.fullmatch(rf'`{variable}="?(.*?)"?`', said(variable, "Example"))
    assert example is not None
    value = example[1]
    if variable in FILES:
        file = tmp_path / Path(value).name
        file.write_text(FILES[variable], encoding="ascii")
        value = str(file)

    assert settings(**{variable: value}) != settings()


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_error_on_the_page_is_the_one_raised(variable: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings(**{variable: BAD[variable]})

    assert said(variable, "Error") == f"`{refused.value}`".replace(", in plain ASCII without spaces.", ".")


@pytest.mark.parametrize("variable", VARIABLES)
def test_bounds_are_the_ones_that_hold(variable: str) -> None:
    bounds = re.search(r"([0-9]+) to ([0-9]+)", said(variable, "Takes"))
    if bounds is None:
        return
    low, high = int(bounds[1]), int(bounds[2])
    for value in (low, high):
        settings(**{variable: str(value)})
    for value in (low - 1, high + 1):
        with pytest.raises(SettingsError):
            settings(**{variable: str(value)})
