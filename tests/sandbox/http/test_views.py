"""Every combination of view, search, order, window and page, against a reference that is slow and plainly right."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convirza_mcp.sandbox import Sandbox

NOW = datetime(2026, 3, 5, 18, 30, tzinfo=UTC)
VIEWS = ["allOpen", "assignedToYou", "unassigned", "close"]


@pytest.fixture(
    scope="module",
    params=[
        (),
        ("pinned-first", "range-on-started"),
        *(pytest.param((each,), marks=pytest.mark.long) for each in ("pinned-first", "range-on-started")),
    ],
)
def served(request):
    sandbox = Sandbox(conversations=300, seed=11, now=NOW, variants=request.param)
    with sandbox, httpx2.Client(headers={"Authorization": f"Bearer {sandbox.token}"}) as client:
        yield sandbox, client, request.param


def expected(sandbox, variants, *, view, search, order, start, end):
    """All matching rows in order, straight from the documentation."""
    closed = sandbox.ids("close")
    key = "conversation_started" if "range-on-started" in variants else "conversation_updated"
    found = []
    for row in sandbox.conversations:
        is_open = row["conversation_id"] not in closed
        shown = {
            "allOpen": is_open,
            "assignedToYou": is_open and row["ct_user_id"] == sandbox.user_id,
            "unassigned": is_open and row["ct_user_id"] is None,
            "close": not is_open,
        }[view]
        named = search.casefold() in (row["source_name"] or "").casefold()
        if shown and start <= datetime.fromisoformat(row[key]) <= end and (named or search in row["source"]):
            found.append(row)
    found.sort(key=lambda row: row["conversation_id"])
    found.sort(key=lambda row: row["conversation_updated"], reverse=order == "desc")
    if "pinned-first" in variants:
        found.sort(key=lambda row: not row["pin"])
    return found


windows = st.tuples(st.integers(0, 300 * 86400), st.integers(1, 300 * 86400)).map(
    lambda ages: (NOW - timedelta(seconds=ages[0] + ages[1]), NOW - timedelta(seconds=ages[0]))
)
searches = st.one_of(
    st.just(""),
    st.sampled_from(
        ["a", "AR", "garcía", "GARCÍA", "555", "5550", "1", "כהן", "王", "o'", " ", "555\n", "zzzz", "ß", "SS"]
    ),
    st.text(max_size=3),
)


@given(
    view=st.sampled_from(VIEWS),
    search=searches,
    order=st.sampled_from(["asc", "desc"]),
    window=windows,
    limit=st.integers(1, 200),
    offset=st.integers(0, 250),
)
def test_a_page_is_that_slice_of_the_reference(served, view, search, order, window, limit, offset):
    sandbox, client, variants = served
    start, end = window
    whole = expected(sandbox, variants, view=view, search=search, order=order, start=start, end=end)
    parameters = {
        "type": view,
        "search": search,
        "order": order,
        "limit": limit,
        "offset": offset,
        "start": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "end": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    response = client.get(sandbox.base_url + "/conversations/sms", params=parameters)
    assert response.status_code == 200
    assert response.json()["data"] == {"total": len(whole), "conversation": whole[offset : offset + limit]}
    asked = sandbox.ask(type=view, search=search, order=order, limit=limit, offset=offset, start=start, end=end)
    assert asked == (len(whole), whole[offset : offset + limit])


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("view", VIEWS)
def test_walking_the_pages_gives_the_whole_view(served, view, order):
    sandbox, client, variants = served
    start = NOW - timedelta(days=400)
    whole = expected(sandbox, variants, view=view, search="", order=order, start=start, end=NOW)
    walked = []
    while True:
        parameters = {"type": view, "order": order, "limit": 41, "offset": len(walked), "start": "2025-01-29T18:30:00Z"}
        page = client.get(sandbox.base_url + "/conversations/sms", params=parameters).json()["data"]
        assert page["total"] == len(whole)
        if not page["conversation"]:
            break
        walked += page["conversation"]
    assert walked == whole
    if "range-on-started" not in variants:
        assert {row["conversation_id"] for row in walked} == sandbox.ids(view)


def test_without_a_limit_the_truth_has_every_row(served):
    sandbox, _, variants = served
    start = NOW - timedelta(days=90)
    whole = expected(sandbox, variants, view="close", search="", order="desc", start=start, end=NOW)
    assert sandbox.ask(type="close", start=start) == (len(whole), whole)
    assert sandbox.ask(type="close", start=start, offset=5).rows == whole[5:]
