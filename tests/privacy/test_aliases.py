"""Aliases: the same for one contact wherever the key is the same, and nothing that shows who it is."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.errors import PrivacyKeyError
from convirza_mcp.privacy.aliases import KEY_BYTES, Aliases, alias_key, is_person, parse_alias
from support.processes import environment
from support.snapshots import Snapshot

KEY = bytes(range(KEY_BYTES))
OTHER_KEY = bytes(KEY_BYTES)
FULL_WIDTH = "１８０１５５５１２３４"


def test_an_alias_depends_on_the_key_and_the_contact_alone() -> None:
    # As of the first release: another value would break what people have written down.
    assert Aliases(KEY).of_number("18015551234") == "contact-ggvdhcvlxh"
    assert Aliases(KEY).of_name("John Doe") == "person-vawukhwzpc"
    assert Aliases(OTHER_KEY).of_number("18015551234") != Aliases(KEY).of_number("18015551234")


@pytest.mark.parametrize(
    "written",
    [
        "+18015551234",
        "+1 (801) 555-1234",
        "801.555.1234",
        "8015551234",
        FULL_WIDTH,
        " 1-801-555-1234 ",
        "tel:8015551234",
    ],
)
def test_how_a_number_is_written_makes_no_other_contact(written: str) -> None:
    assert Aliases(KEY).of_number(written) == Aliases(KEY).of_number("18015551234")


@pytest.mark.parametrize(
    "written", ["john doe", " John\u00a0 Doe\n", "JOHN DOE", "Ｊｏｈｎ Doe", "Jo\u200bhn Doe", "Jóhn Doe"]
)
def test_how_a_name_is_written_makes_no_other_person(written: str) -> None:
    assert Aliases(KEY).of_name(written) == Aliases(KEY).of_name("John Doe")


def test_different_contacts_have_different_aliases() -> None:
    aliases = Aliases(KEY)
    numbers = [
        *("18015551234", "18015551235", "448015551234", "87121", "871210", "BANK", "Bank24", "BANK24 X"),
        "anonymous",
    ]

    made = [aliases.of_number(each) for each in numbers] + [
        aliases.of_name(each) for each in ("BANK", "John", "Johnny")
    ]

    assert len(set(made)) == len(made)
    assert aliases.of_number("BANK") == aliases.of_number("bank")


@pytest.mark.parametrize("nothing", [None, "", "  ", "\u200b\u202e", "\n"])
def test_a_missing_number_has_no_alias(nothing: str | None) -> None:
    assert (Aliases(KEY).of_number(nothing), Aliases(KEY).of_name(nothing)) == (None, None)


@given(st.text(min_size=1))
def test_an_alias_shows_nothing_of_what_it_stands_for(text: str) -> None:
    aliases = Aliases(KEY)
    for alias, kind in ((aliases.of_number(text), "contact"), (aliases.of_name(text), "person")):
        if alias is not None:
            assert re.fullmatch(rf"{kind}-[a-z]{{10}}", alias)
            assert parse_alias(f" {alias.upper()}\n") == alias
            assert is_person(alias) == (kind == "person")


@pytest.mark.parametrize(
    "text", [None, "", "contact-", "contact-abcdefghi", "contact-abcdefghijk", "person-abcdefghi1", "x"]
)
def test_other_text_is_no_alias(text: str | None) -> None:
    assert parse_alias(text) is None


def test_an_alias_leads_back_to_what_a_search_finds_it_by() -> None:
    aliases = Aliases(KEY)
    number, name = aliases.of_number("+1 (801) 555-1234"), aliases.of_name("John Doe")
    assert (number, name) == (aliases.of_number("8015551234"), aliases.of_name("John Doe"))
    assert number is not None
    assert name is not None

    # Of both ways to write it, the one that is a part of most.
    assert aliases.original(number) == "8015551234"
    assert aliases.original(name) == "John Doe"
    assert aliases.original("contact-aaaaaaaaaa") is None


def test_what_is_remembered_is_bounded_and_the_latest() -> None:
    aliases = Aliases(KEY, remembered=400)
    made = [aliases.of_number(str(18_010_000_000 + place)) or "" for place in range(1_050)]

    known = [place for place, alias in enumerate(made) if aliases.original(alias) is not None]

    # Of names and numbers half each.
    assert known == list(range(850, 1_050))
    assert aliases.of_number("18010000000") == made[0]


def test_names_that_are_not_names_are_searched_for_by_their_beginning() -> None:
    aliases = Aliases(KEY)
    first, second = aliases.of_name("long " * 100 + "one"), aliases.of_name("long " * 100 + "two")
    assert first is not None
    assert second is not None

    assert first != second
    assert aliases.original(first) == ("long " * 51)[:255]


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    key = alias_key(tmp_path / "state")

    assert len(key) == KEY_BYTES
    assert alias_key(tmp_path / "state") == key
    assert (tmp_path / "state" / "privacy.key").read_bytes() == key
    assert alias_key(tmp_path / "other") != key
    if os.name == "posix":
        assert {stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "state").iterdir()} == {0o600}
        assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from convirza_mcp.privacy.aliases import alias_key\n"
        "sys.stdin.readline()\n"
        "print(alias_key(Path(sys.argv[1])).hex())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "state")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            encoding="utf-8",
        )
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    keys = {process.communicate(timeout=180)[0] for process in processes}

    assert keys == {alias_key(tmp_path / "state").hex() + "\n"}


@pytest.mark.parametrize("content", [b"", b"short", bytes(KEY_BYTES + 1)])
def test_a_broken_key_is_refused_and_left_alone(tmp_path: Path, content: bytes, snapshot: Snapshot) -> None:
    file = tmp_path / "state" / "privacy.key"
    alias_key(file.parent)
    file.write_bytes(content)

    with pytest.raises(PrivacyKeyError) as error:
        alias_key(file.parent)
    snapshot.shared(error.value)

    assert file.read_bytes() == content


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, snapshot: Snapshot) -> None:
    alias_key(tmp_path / "state")
    (tmp_path / "state" / "privacy.key").chmod(0o644)

    with pytest.raises(PrivacyKeyError) as error:
        alias_key(tmp_path / "state")
    snapshot(error.value)


def test_where_no_key_can_be_kept_there_are_no_aliases(tmp_path: Path, snapshot: Snapshot) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")

    with pytest.raises(PrivacyKeyError) as error:
        alias_key(tmp_path / "state")
    snapshot(error.value)
