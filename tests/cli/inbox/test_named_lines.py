"""Names of lines and holidays in commands."""

import json
from pathlib import Path

from convirza_mcp.sandbox import Sandbox
from support.commands import run

FILE = "phone_number,name,campaign\n18015550101,Main office,Radio\n18015550102,Billing,\n"


def test_commands_take_and_show_names_of_lines(inbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_text(FILE, encoding="utf-8")

    named = run(inbox, "search", "--phone-number", "main", "--json", CONVIRZA_LINES_FILE=str(file))
    radio = run(inbox, "summary", "--only", "campaign=Radio", "--json", CONVIRZA_LINES_FILE=str(file))
    groups = run(inbox, "summary", "--group-by", "campaign", CONVIRZA_LINES_FILE=str(file))
    rows = run(inbox, "search", "--only", "campaign=radio", "--limit", "1", CONVIRZA_LINES_FILE=str(file))

    found = json.loads(named.stdout)
    assert found["narrowed_by"] == {"phone_number": "18015550101 Main office"}
    assert {each["phone_number"] for each in found["conversations"]} == {"18015550101"}
    assert json.loads(radio.stdout)["conversations"] == found["matches"] > 0
    assert "no campaign" in groups.stdout
    assert "Main" in rows.stdout


def test_a_bad_row_ends_the_command_before_any_request(inbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_text(f"{FILE}unknown,Sales,\n", encoding="utf-8")
    asked = len(inbox.requests)

    result = run(inbox, "summary", CONVIRZA_LINES_FILE=str(file))

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Row 4 of CONVIRZA_LINES_FILE has no phone number such as 18015550101." in result.stderr
    assert len(inbox.requests) == asked


def test_a_document_states_the_holidays(inbox: Sandbox) -> None:
    hours = {"CONVIRZA_BUSINESS_HOURS": "Mon-Fri 08:00-18:00", "CONVIRZA_HOLIDAYS": "us-ut"}

    result = run(inbox, "waiting", "--json", **hours)

    assert json.loads(result.stdout)["business_hours"] == "Mon-Fri 08:00-18:00, closed on holidays of US-UT"
