"""The hostile inbox: every text in its carrier, in an otherwise ordinary inbox."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from convirza_mcp.cli.admin.sandbox import command
from convirza_mcp.sandbox import RefusalError, Sandbox
from convirza_mcp.sandbox.hostile.rows import FIRST_ERROR_OFFSET, hostile_texts

NOW = datetime(2026, 3, 6, 16, 12, tzinfo=UTC)


def test_each_text_stands_in_its_carrier_once():
    rows = [*Sandbox(now=NOW, hostile=True).conversations]

    for hostile in hostile_texts():
        carrying = [row for row in rows if any(row[field] == hostile.text for field in hostile.fields)]
        assert len(carrying) == (hostile.carrier != "error"), hostile.id
        for row in carrying:
            assert {row[field] for field in hostile.fields} == {hostile.text}


def test_every_other_row_of_the_latest_is_as_in_an_ordinary_inbox():
    ordinary, hostile = Sandbox(now=NOW), Sandbox(now=NOW, hostile=True)
    carried = sum(bool(each.fields) for each in hostile_texts())

    changed = {
        row["conversation_id"]
        for row, same in zip(hostile.conversations, ordinary.conversations, strict=True)
        if row != same
    }

    assert len(changed) == carried
    latest = [*ordinary.conversations]
    latest.sort(key=lambda row: row["conversation_updated"], reverse=True)
    assert {row["conversation_id"] in changed for row in latest[: 2 * carried : 2]} == {True}
    assert ordinary.ids("close") == hostile.ids("close")


def test_ids_classes_and_carriers_tell_them_apart():
    texts = hostile_texts()

    assert len({each.id for each in texts}) == len(texts) >= 80
    assert {each.carrier for each in texts} == {"message", "source_name", "agent", "number", "error"}


def test_unusual_offsets_are_refused_with_hostile_words():
    sandbox = Sandbox(now=NOW, hostile=True)

    for number, hostile in enumerate(each for each in hostile_texts() if each.carrier == "error"):
        with pytest.raises(RefusalError) as refused:
            sandbox.ask(offset=FIRST_ERROR_OFFSET + number)
        assert (refused.value.status, refused.value.message) == (400, hostile.text)
    assert Sandbox(now=NOW).ask(offset=FIRST_ERROR_OFFSET).rows == []


def test_a_hostile_inbox_has_room_for_every_text():
    with pytest.raises(ValueError, match="at least 128"):
        Sandbox(conversations=127, hostile=True)
    assert len(Sandbox(conversations=128, hostile=True).conversations) == 128


def test_the_command_says_which_offsets_and_passes_the_option_on():
    assert f"offset={FIRST_ERROR_OFFSET}" in " ".join(CliRunner().invoke(command, ["--help"]).stdout.split())

    refused = CliRunner().invoke(command, ["--hostile", "--conversations", "5"])

    assert refused.exit_code == 2
    assert "at least 128" in refused.stderr
