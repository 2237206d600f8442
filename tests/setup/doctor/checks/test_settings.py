from convirza_mcp.settings import VARIABLES
from convirza_mcp.setup.doctor.checks.settings import check_settings, read_settings

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


def test_nothing_set() -> None:
    read = read_settings({"PATH": "/bin", "CONVIRZA_BASE_URL": " "})

    finding = check_settings(read)

    assert (finding.name, finding.ok, finding.detail) == (
        "settings",
        True,
        "Nothing is set, so everything has its default.",
    )


def test_what_is_set_is_named_and_not_shown() -> None:
    read = read_settings({"CONVIRZA_TIMEZONE": "America/Denver", "CONVIRZA_TOKEN": SECRET})

    finding = check_settings(read)

    assert (finding.ok, finding.detail) == (
        True,
        "CONVIRZA_TOKEN and CONVIRZA_TIMEZONE can be used; everything else has its default.",
    )
    assert (read.settings.token, str(read.settings.zone)) == (SECRET, "America/Denver")


def test_each_bad_variable_is_named_and_the_others_count() -> None:
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

    assert (finding.ok, finding.detail, finding.remedy) == (
        False,
        "CONVIRZA_TOKEN cannot be used; CONVIRZA_BASE_URL cannot be used; CONVIRZA_TIMEZONE cannot be used; "
        "CONVIRZA_TIMEOUT cannot be used.",
        "CONVIRZA_TOKEN is empty. Set it to the bearer token, or unset it. "
        "CONVIRZA_BASE_URL takes an https address such as https://platform-api.convirza.com/v3; plain http is for "
        "localhost, 127.0.0.0/8 and [::1] only. "
        "CONVIRZA_TIMEZONE takes an IANA time zone such as America/Denver, or UTC. "
        "CONVIRZA_TIMEOUT takes seconds from 1 to 600.",
    )
    assert read.settings.output == "text"


def test_a_misspelt_variable_is_told_from_somebody_elses() -> None:
    finding = check_settings(read_settings({"CONVIRZA_TIME_ZONE": SECRET, "CONVIRZA_REPORTS_FOLDER": SECRET}))

    assert (finding.ok, finding.detail, finding.remedy) == (
        False,
        "CONVIRZA_TIME_ZONE is no setting, and nothing reads it.",
        "Call it CONVIRZA_TIMEZONE.",
    )
