"""Each variant changes its one answer, alone and with the others."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from convirza_mcp.sandbox import VARIANTS, RefusalError, Sandbox

NOW = datetime(2026, 3, 5, 18, 30, tzinfo=UTC)
LONG_AGO = "2025-03-06T00:00:00Z"
NAMES = {
    *("pinned-first", "range-on-started", "max-31-days", "offset-404", "clamped-limits", "nulls"),
    *("past-end", "sms-type-origin", "users-403", "fewer-users", "null-groups", "refresh-ends-access"),
}


def inbox(*variants, conversations=300):
    return Sandbox(conversations=conversations, now=NOW, variants=variants)


def get(sandbox, **parameters):
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    # Loopback has no TLS; reading the machine's certificates would take longer than the test.
    return httpx2.get(sandbox.base_url + "/conversations/sms", params=parameters, headers=headers, verify=False)


def page_ids(response):
    assert response.status_code == 200
    return [row["conversation_id"] for row in response.json()["data"]["conversation"]]


def test_every_variant_is_named_with_a_sentence():
    assert set(VARIANTS) == NAMES
    assert all(sentence.endswith(".") for sentence in VARIANTS.values())


def test_an_unknown_variant_is_refused():
    with pytest.raises(ValueError, match="no such variant: nonsense"):
        Sandbox(conversations=0, variants=["nulls", "nonsense"])


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pinned_first_lists_pinned_conversations_first(order):
    with inbox("pinned-first", conversations=1000) as sandbox:
        response = get(sandbox, order=order, limit=200, start=LONG_AGO, type="close")
    rows = response.json()["data"]["conversation"]
    pins = [row["pin"] for row in rows]
    assert pins == sorted(pins, reverse=True)
    assert any(pins)
    for pinned in (True, False):
        times = [row["conversation_updated"] for row in rows if row["pin"] is pinned]
        assert times == sorted(times, reverse=order == "desc")


def test_range_on_started_filters_by_the_start_of_conversations():
    with inbox("range-on-started") as sandbox, inbox() as usual:
        closed = [row for row in sandbox.conversations if row["conversation_id"] in sandbox.ids("close")]
        old = next(row for row in closed if row["conversation_started"] < row["conversation_updated"])
        # A window that begins with its latest message: it began before.
        begins = {"start": f"{old['conversation_updated'][:19]}Z", "type": "close", "limit": 200}
        found, by_update = page_ids(get(sandbox, **begins)), page_ids(get(usual, **begins, order="asc"))
    assert old["conversation_id"] in by_update
    assert old["conversation_id"] not in found


def test_max_31_days_refuses_a_longer_window():
    with inbox("max-31-days") as sandbox:
        assert get(sandbox, start="2026-02-02T18:30:00Z").status_code == 200
        assert get(sandbox, start="2026-02-02T18:29:59Z").status_code == 400
        assert get(sandbox, start="2025-06-01T00:00:00Z", end="2025-07-02T00:00:00Z").status_code == 200
        assert get(sandbox, start="2025-06-01T00:00:00Z", end="2025-07-02T00:00:01Z").status_code == 400


def test_past_end_refuses_an_end_in_the_future():
    with inbox("past-end") as sandbox:
        assert get(sandbox, end="2026-03-05T18:31:00Z").status_code == 200
        assert get(sandbox, end="2026-03-05T18:31:01Z").status_code == 400
        assert get(sandbox, end="2026-03-06T06:30:00Z", start="2026-03-05T18:29:00Z").status_code == 400


def test_offset_404_answers_an_offset_past_the_end_with_404():
    with inbox("offset-404") as sandbox:
        total = get(sandbox).json()["data"]["total"]
        assert len(page_ids(get(sandbox, offset=total - 1))) == 1
        response = get(sandbox, offset=total)
        assert (response.status_code, response.json()["code"]) == (404, 404)
        nothing = get(sandbox, search="nobody of this name")
        assert nothing.json()["data"] == {"total": 0, "conversation": []}
    with pytest.raises(RefusalError):
        sandbox.ask(offset=total)
    with inbox() as usual:
        assert get(usual, offset=total).json()["data"] == {"total": total, "conversation": []}


def test_clamped_limits_answers_with_fewer_rows_than_the_limit():
    with inbox("clamped-limits") as sandbox:
        assert page_ids(get(sandbox, limit=0)) == page_ids(get(sandbox, limit=1))
        assert page_ids(get(sandbox, limit=-5)) == page_ids(get(sandbox, limit=1))
        assert page_ids(get(sandbox, limit=100_000, start=LONG_AGO)) == page_ids(
            get(sandbox, limit=200, start=LONG_AGO)
        )
        assert page_ids(get(sandbox, offset=-3)) == page_ids(get(sandbox))
        assert get(sandbox, limit="many").status_code == 400


def test_nulls_keep_the_id_and_little_else():
    usual = inbox().conversations
    with inbox("nulls") as sandbox:
        response = get(sandbox, type="close", limit=200, start=LONG_AGO)
    served = response.json()["data"]["conversation"]
    by_id = {row["conversation_id"]: row for row in sandbox.conversations}
    assert [by_id[row["conversation_id"]] for row in served] == served
    documented = set(usual[0])
    nulled, missing, unknown = set(), set(), set()
    for whole, holed in zip(usual, sandbox.conversations, strict=True):
        assert holed["conversation_id"] == whole["conversation_id"]
        for name in documented & holed.keys():
            assert holed[name] in (whole[name], None)
            if holed[name] != whole[name]:
                nulled.add(name)
        missing |= documented - holed.keys()
        unknown |= holed.keys() - documented
    assert nulled == missing == documented - {"conversation_id"}
    assert unknown == {"org_unit_id", "campaign"}


def test_nulls_change_neither_what_is_found_nor_its_order():
    usual, holed = inbox(), inbox("nulls")
    for view in ("allOpen", "close"):
        for search in ("", "a"):
            whole = usual.ask(type=view, search=search).rows
            found = holed.ask(type=view, search=search).rows
            assert [row["conversation_id"] for row in found] == [row["conversation_id"] for row in whole]


def test_sms_type_origin_keeps_the_type_of_the_first_message():
    usual, origin = inbox().conversations, inbox("sms-type-origin").conversations
    changed = 0
    for latest, first in zip(usual, origin, strict=True):
        assert latest | {"sms_type": first["sms_type"]} == first
        assert first["sms_type"] in {"incoming", "outgoing"}
        changed += latest["sms_type"] != first["sms_type"]
        if latest["unread_count"]:
            assert latest["sms_type"] == "incoming"
    assert changed > 50


def test_all_variants_at_once():
    with inbox(*VARIANTS) as sandbox:
        whole = sandbox.ask(type="close", start=NOW - timedelta(days=31))
        assert page_ids(get(sandbox, type="close", limit=999, offset=-1, start="2026-02-02T18:30:00Z")) == [
            row["conversation_id"] for row in whole.rows[:200]
        ]
        assert get(sandbox, type="close", start=LONG_AGO).status_code == 400
        assert get(sandbox, offset=5000).status_code == 404
