"""What the check of the conformance suite's results says, without the suite."""

from judges.expectations import entries_of, read_reasons


def test_the_list_gives_every_entry_once_and_a_reason_for_each() -> None:
    reasons = read_reasons(aliases=False)
    entries = entries_of(reasons)

    assert len(entries) == len(set(entries))
    assert all(reason.why.endswith(".") and reason.says and reason.scenarios for reason in reasons)
    whole = {entry for entry in entries if ":" not in entry}
    assert not {entry for entry in entries if entry.partition(":")[0] in whole} - whole


def test_what_passes_with_aliases_is_not_expected_to_fail_there() -> None:
    missing = set(entries_of(read_reasons(aliases=False))) - set(entries_of(read_reasons(aliases=True)))

    assert missing == {
        "tools-call-simple-text",
        "tools-call-error",
        "tools-call-with-progress",
        "prompts-get-simple",
        "prompts-get-with-args",
        "resources-read-text",
        "completion-complete",
    }
