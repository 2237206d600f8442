"""What one request is answered with: envelope, fields, bearer check, bounds."""

import re
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from support.rows import DOCUMENTED

NOW = datetime(2026, 3, 5, 18, 30, tzinfo=UTC)
FIELDS = list(DOCUMENTED)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


SANDBOX = {"conversations": 120, "now": NOW}


@pytest.fixture(scope="module")
def client(sandbox):
    with httpx2.Client(
        base_url=sandbox.base_url, headers={"Authorization": f"Bearer {sandbox.token}"}, verify=False
    ) as client:
        yield client


def assert_error(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    body = response.json()
    assert list(body) == ["code", "message", "requestId", "timestamp"]
    assert body["code"] == status
    assert body["message"]
    assert UUID.fullmatch(body["requestId"])
    assert body["timestamp"] == "2026-03-05T18:30:00.000Z"


def test_success_has_the_documented_envelope(client):
    response = client.get("/conversations/sms")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    body = response.json()
    assert list(body) == ["code", "message", "data", "request_id", "timestamp"]
    assert (body["code"], body["message"]) == (200, "Success")
    assert UUID.fullmatch(body["request_id"])
    assert body["timestamp"] == "2026-03-05T18:30:00.000Z"
    assert list(body["data"]) == ["total", "conversation"]
    assert len(body["data"]["conversation"]) == 7
    assert body["data"]["total"] > 7


def test_rows_have_the_sixteen_documented_fields_in_their_documented_forms(client):
    rows = client.get("/conversations/sms", params={"limit": 200, "start": "2025-01-01T00:00:00Z"}).json()["data"]
    time, length = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z"), re.compile(r"\d\d+:[0-5]\d:[0-5]\d")
    for row in rows["conversation"]:
        assert list(row) == FIELDS
        assert type(row["conversation_id"]) is int
        assert re.fullmatch(r"1\d{10}", row["phone_number"])
        assert re.fullmatch(r"1\d{3}55501\d\d", row["source"])
        assert time.fullmatch(row["conversation_started"])
        assert time.fullmatch(row["conversation_updated"])
        assert row["closed_at"] is None or time.fullmatch(row["closed_at"])
        assert row["first_response_time"] is None or length.fullmatch(row["first_response_time"])
        assert row["avg_response_time"] is None or length.fullmatch(row["avg_response_time"])
        assert row["sms_type"] in {"incoming", "outgoing"}
        assert type(row["pin"]) is bool
        assert 0 <= row["unread_count"] <= 9
        assert (row["ct_user_id"] is None) == (row["agent"] is None)


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer wrong", "Bearer sandbox-token2", "Basic sandbox-token", "sandbox-token"]
)
def test_anything_but_the_token_is_401(sandbox, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    assert_error(httpx2.get(sandbox.base_url + "/conversations/sms", headers=headers, verify=False), 401)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_method_but_get_is_405(client, method):
    response = client.request(method, "/conversations/sms")
    assert_error(response, 405)
    assert response.headers["allow"] == "GET"


def test_head_is_405_without_a_body(client):
    response = client.head("/conversations/sms")
    assert (response.status_code, response.content) == (405, b"")


@pytest.mark.parametrize("path", ["/conversations/sms/", "/conversations", "/conversations/calls", "/"])
def test_an_unknown_path_is_404(client, path):
    assert_error(client.get(path), 404)


OUT_OF_BOUNDS = {
    "type": ("closed", "all", "AllOpen", ""),
    "order": ("DESC", ""),
    "limit": ("0", "-1", "201", "7.0", "seven", "", " 7", "٧", "9" * 5000),
    "offset": ("-1", "1e2"),
    "search": ("x" * 256,),
    "start": (
        *("yesterday", "2026-03-01", "2026-03-01T00:00:00", "2026-03-01T00:00:00+00:00", "2026-02-30T00:00:00Z"),
        *("0000-01-01T00:00:00Z", "2026-03-05T18:30:00Z", "2027-01-01T00:00:00Z"),
    ),
    "end": ("2026-13-01T00:00:00Z", "0001-01-03T00:00:00Z"),
}


@pytest.mark.parametrize(("name", "value"), [(name, each) for name in OUT_OF_BOUNDS for each in OUT_OF_BOUNDS[name]])
def test_a_value_out_of_bounds_is_400(client, name, value):
    assert_error(client.get("/conversations/sms", params={name: value}), 400)


def test_end_must_be_after_start(client):
    same = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T00:00:00Z"}
    assert_error(client.get("/conversations/sms", params=same), 400)
    assert client.get("/conversations/sms", params=same | {"end": "2026-03-01T00:00:00.001Z"}).status_code == 200


@pytest.mark.parametrize(
    "parameters",
    [{"limit": "1"}, {"limit": "200"}, {"offset": "99999"}, {"search": "x" * 255}, {"search": ""}, {"colour": "red"}],
)
def test_a_value_on_the_bound_and_an_unknown_parameter_are_taken(client, parameters):
    assert client.get("/conversations/sms", params=parameters).status_code == 200


def test_the_defaults_are_seven_open_ones_of_the_last_seven_days_newest_first(client):
    spelled_out = {
        "type": "allOpen",
        "limit": "7",
        "offset": "0",
        "order": "desc",
        "start": "2026-02-26T18:30:00Z",
        "end": "2026-03-05T18:30:00Z",
    }
    bare = client.get("/conversations/sms").json()["data"]
    assert bare == client.get("/conversations/sms", params=spelled_out).json()["data"]


def test_one_end_of_the_range_implies_the_other(client):
    def data(**parameters):
        return client.get("/conversations/sms", params={"limit": "200"} | parameters).json()["data"]

    assert data(end="2026-02-20T00:00:00Z") == data(start="2026-02-13T00:00:00Z", end="2026-02-20T00:00:00Z")
    assert data(start="2026-02-20T00:00:00Z") == data(start="2026-02-20T00:00:00Z", end="2026-03-05T18:30:00Z")
    assert data(end="2026-02-20T00:00:00Z")["total"] > 0


def test_both_ends_of_the_range_are_inclusive(client, sandbox):
    row = sandbox.ask(limit=1, offset=3).rows[0]
    moment = row["conversation_updated"]
    just_before = (datetime.fromisoformat(moment) - timedelta(milliseconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    just_after = moment.replace(".000Z", ".001Z")

    def found(start, end):
        data = client.get("/conversations/sms", params={"start": start, "end": end, "limit": "200"}).json()["data"]
        return row in data["conversation"]

    assert found(moment, just_after)
    assert found(just_before, moment)
    assert not found("2026-01-01T00:00:00Z", just_before)
    assert not found(just_after, "2026-03-05T18:30:00Z")


def test_rows_are_utf_8_and_unescaped(client, sandbox):
    texts = {row["message"] for row in sandbox.conversations if row["message"] and not row["message"].isascii()}
    body = client.get("/conversations/sms", params={"limit": 200, "start": "2025-01-01T00:00:00Z"}).content
    assert texts
    assert b"\\u" not in body
    assert any(text.encode() in body for text in texts)
