"""Several users: each with their own login, token pair and `assignedToYou`."""

from collections import Counter
from datetime import UTC, datetime

import httpx2
import pytest

from convirza_mcp.sandbox import Sandbox
from convirza_mcp.sandbox.seed.people import AGENTS


@pytest.fixture
def sandbox():
    with Sandbox(conversations=300, login_limit=None) as sandbox:
        yield sandbox


def post(sandbox, path, **body):
    return httpx2.post(f"{sandbox.oauth_url}/oauth/{path}", json=body, verify=False)


def log_in(sandbox, login):
    answer = post(sandbox, "token", email=login.email, password=login.password)
    assert answer.status_code == 200
    return answer.json()


def page(sandbox, token, **parameters):
    query = {"limit": "200", "start": "2020-01-01T00:00:00Z"} | parameters
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.get(sandbox.base_url + "/conversations/sms", params=query, headers=headers, verify=False)


def ids(answer):
    return {row["conversation_id"] for row in answer.json()["data"]["conversation"]}


def test_every_active_user_has_a_login_and_no_two_share_an_address_or_password(sandbox):
    active = {row["ct_user_id"]: row["email"] for row in sandbox.users if row["status"] == "active"}
    assert sandbox.logins[0] == (sandbox.user_id, "demo@example.com", "sandbox")
    assert {each.ct_user_id: each.email for each in sandbox.logins[1:]} == {
        identifier: email for identifier, email in active.items() if identifier != sandbox.user_id
    }
    assert len({each.email for each in sandbox.logins}) == len({each.password for each in sandbox.logins})
    assert len(sandbox.logins) == len(active) > 200


def test_each_user_sees_the_own_conversations_as_assigned_and_shares_the_other_views(sandbox):
    agents = [each for each in sandbox.logins if each.ct_user_id in {agent.ct_user_id for agent in AGENTS}]
    seen = set()
    for login in agents:
        token = log_in(sandbox, login)["access_token"]
        mine = page(sandbox, token, type="assignedToYou").json()["data"]["conversation"]
        assert {row["ct_user_id"] for row in mine} <= {login.ct_user_id}
        numbers = {row["conversation_id"] for row in mine}
        assert numbers == sandbox.ids("assignedToYou", user_id=login.ct_user_id)
        asked = sandbox.ask(type="assignedToYou", user_id=login.ct_user_id, start=datetime(2020, 1, 1, tzinfo=UTC))
        assert {row["conversation_id"] for row in asked.rows} == numbers
        assert ids(page(sandbox, token, type="unassigned")) == sandbox.ids("unassigned")
        assert not seen & numbers
        seen |= numbers
    assert len(agents) > 5
    assert sandbox.ids("assignedToYou") < seen < sandbox.ids("allOpen")


def test_a_user_without_conversations_sees_an_empty_page(sandbox):
    token = sandbox.issue(sandbox.logins[-1])["access_token"]
    for search in ("", "a"):
        answer = page(sandbox, token, type="assignedToYou", search=search)
        assert (answer.status_code, answer.json()["data"]) == (200, {"total": 0, "conversation": []})


def test_a_password_opens_only_its_own_login(sandbox):
    first, second = sandbox.logins[:2]
    assert post(sandbox, "token", email=first.email, password=second.password).status_code == 401
    assert post(sandbox, "token", email=second.email, password=first.password).status_code == 401
    assert log_in(sandbox, second)["user"] == {
        "user_id": second.ct_user_id,
        "email": second.email,
        "role_id": 1,
        "org_unit_id": 1001,
    }


def test_a_refresh_keeps_the_user(sandbox):
    login = sandbox.logins[1]
    pair = post(sandbox, "refresh-token", refresh_token=log_in(sandbox, login)["refresh_token"]).json()
    assert pair["user"]["user_id"] == login.ct_user_id
    assert ids(page(sandbox, pair["access_token"], type="assignedToYou")) == sandbox.ids(
        "assignedToYou", user_id=login.ct_user_id
    )


def test_ended_logins_are_those_of_one_user(sandbox):
    first, second = (log_in(sandbox, login) for login in sandbox.logins[:2])
    sandbox.end_logins(sandbox.logins[1].ct_user_id)
    assert [page(sandbox, pair["access_token"]).status_code for pair in (first, second)] == [200, 401]
    assert post(sandbox, "refresh-token", refresh_token=second["refresh_token"]).status_code == 401
    sandbox.end_logins()
    assert page(sandbox, first["access_token"]).status_code == 401
    assert post(sandbox, "refresh-token", refresh_token=first["refresh_token"]).status_code == 401
    assert page(sandbox, sandbox.token).status_code == 200


def test_a_recorded_request_tells_whose_it_was(sandbox):
    second = sandbox.logins[1]
    pair = log_in(sandbox, second)
    page(sandbox, pair["access_token"])
    page(sandbox, sandbox.token)
    page(sandbox, "another")
    for _ in range(2):
        post(sandbox, "refresh-token", refresh_token=pair["refresh_token"])
    post(sandbox, "token", email=second.email, password="wrong")
    assert Counter((each.path.rpartition("/")[2], each.status, each.user_id) for each in sandbox.requests) == Counter(
        [
            ("token", 200, second.ct_user_id),
            ("sms", 200, second.ct_user_id),
            ("sms", 200, sandbox.user_id),
            ("sms", 401, None),
            ("refresh-token", 200, second.ct_user_id),
            ("refresh-token", 401, second.ct_user_id),
            ("token", 401, None),
        ]
    )
