from convirza_mcp.settings import VARIABLES
from convirza_mcp.setup.doctor.checks.settings import check_settings, read_settings
from support.snapshots import Snapshot

SECRET = "CNVZ-AT-7f3e9d"


class Recorded(dict[str, str]):
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.asked.add(key)
        return default


def test_every_variable_that_is_read_is_known() -> None:
    from convirza_mcp.settings import Settings

    recorded = Recorded()
    Settings.from_environment(recorded)

    assert recorded.asked == set(VARIABLES)


def test_defaults_need_no_setting(snapshot: Snapshot) -> None:
    read = read_settings({"PATH": "/bin", "CONVIRZA_BASE_URL": " "})

    finding = check_settings(read)

    snapshot(finding)


def test_what_is_set_is_named_and_not_shown(snapshot: Snapshot) -> None:
    read = read_settings({"CONVIRZA_TIMEZONE": "America/Denver", "CONVIRZA_TOKEN": SECRET})

    finding = check_settings(read)

    snapshot(finding)
    assert (read.settings.token, str(read.settings.zone)) == (SECRET, "America/Denver")


def test_each_bad_variable_is_named_and_the_others_count(snapshot: Snapshot) -> None:
    read = read_settings(
        {
            "CONVIRZA_TIMEZONE": SECRET,
            "CONVIRZA_TIMEOUT": SECRET,
            "CONVIRZA_BASE_URL": f"http://{SECRET}",
            "CONVIRZA_OUTPUT": "text",
            "CONVIRZA_TOKEN": "",
        }
    )

    finding = check_settings(read)

    snapshot(finding)
    assert read.settings.output == "text"


def test_a_misspelt_variable_is_told_from_a_foreign_one(snapshot: Snapshot) -> None:
    finding = check_settings(read_settings({"CONVIRZA_TIME_ZONE": SECRET, "CONVIRZA_REPORTS_FOLDER": SECRET}))

    snapshot(finding)
