"""The file of names for lines, as spreadsheets and people write it."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.business_lines import BusinessLine, line_label, parse_lines
from convirza_mcp.errors import SettingsError
from convirza_mcp.settings import Settings
from convirza_mcp.text.fold import name_key, on_one_line

SECRET = "Tres Amigos"
MAIN = {"8015550101": BusinessLine("Main, office", "Spring"), "8015550102": BusinessLine("Billing")}
PLAIN = 'phone_number,name,campaign\n18015550101,"Main, office",Spring\n18015550102,Billing,\n'


def read(file: Path) -> object:
    return Settings.from_environment({"CONVIRZA_TIMEZONE": "UTC", "CONVIRZA_LINES_FILE": str(file)}).lines


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        "\ufeff".encode("utf-16-be") + PLAIN.encode("utf-16-be"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace("\n", "\r\n").encode("utf-16"),
        PLAIN.replace('"Main, office"', "“Main, office”").encode(),
        PLAIN.replace('"Main, office"', ' "Main, office"').encode(),
        PLAIN.replace('"Main, office"', "Main; office").replace(",", "\t").replace(";", ",").encode("utf-16"),
        PLAIN.replace('"Main, office"', "Main| office").replace(",", ";").replace("|", ",").encode(),
        PLAIN.partition("\n")[2].encode(),
        f"\n{PLAIN}\n,,\n".encode(),
        PLAIN.replace("phone_number", "Phone Number").replace("18015550101", "'+1 (801) 555-0101").encode(),
        b'campaign,notes,name,phone_number\nSpring,x,"Main, office",801.555.0101\n,,Billing,8015550102',
    ],
    ids=str,
)
def test_a_file_is_read_as_computers_write_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "lines.csv"
    file.write_bytes(content)

    assert read(file) == MAIN


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\n\nphone_number,name\n,Main\n", "Row 4 of {} has no phone number such as 18015550101."),
        ("phone_number,name\n,Main\n", "Row 2 of {} has no phone number such as 18015550101."),
        ("phone_number,name\n1.80156E+10,Main\n", "Row 2 of {} has no phone number such as 18015550101."),
        (
            "phone_number,name,campaign\n18015550101,Main\n\n801-555-0101,Other\n",
            "Row 4 of {} has the phone number of row 2.",
        ),
        (
            f"phone_number,name\n18015550101,{SECRET},Spring\n",
            "Row 2 of {} has too many values. Put a name with a comma in double quotes.",
        ),
        (
            "number,label\n18015550101,Main\n",
            "Row 1 of {} has no columns phone_number and name. Begin the file with phone_number,name,campaign.",
        ),
        (f"phone_number,name\n18015550101,{'x' * 61}\n", "Row 2 of {} has a name of more than 60 characters."),
        (
            'phone_number,name\n18015550101,"Main\n18015550102,Billing\n',
            "Row 2 of {} has a quotation mark without its pair.",
        ),
        (f"phone_number,name\n18015550101,{'x' * 200_000}\n", "Row 2 of {} is not CSV."),
        ("phone_number,name\n18015550101,Müller\n", "{} is not UTF-8 text. Save the file as CSV UTF-8."),
    ],
)
def test_a_bad_row_is_one_sentence_with_its_number(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "lines.csv"
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises(SettingsError) as refused:
        read(file)

    assert str(refused.value) == sentence.format("CONVIRZA_LINES_FILE")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("path", [".", "no such file", "\0", "~nobody-here/x", "x" * 9_000])
def test_what_is_no_file_is_refused(path: str) -> None:
    with pytest.raises(SettingsError, match="takes the path of a CSV file"):
        read(Path(path))


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=12).map(str.strip)
texts = st.lists(words.filter(lambda word: not set("“”„") & set(word)), max_size=4).map(" ".join).map(str.strip)


@given(
    st.dictionaries(st.integers(2_000_000_000, 9_999_999_999).map(str), st.tuples(texts, texts), max_size=8),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_program_writes_is_what_is_read(
    rows: dict[str, tuple[str, str]], delimiter: str, terminator: str
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=terminator)
    writer.writerows([("phone_number", "name", "campaign"), *((number, *line) for number, line in rows.items())])
    read = parse_lines(file.getvalue())

    assert list(read) == list(rows)
    for number, (name, campaign) in rows.items():
        assert read[number].name == on_one_line(name)
        assert name_key(read[number].campaign) == name_key(campaign)


def test_a_label_has_the_number_and_the_name() -> None:
    assert line_label("+1 801-555-0102", MAIN) == "+1 801-555-0102 Billing"
    assert line_label("18015550103", MAIN) == "18015550103"
    assert line_label("18015550101", {"8015550101": BusinessLine("", "Spring")}) == "18015550101"
