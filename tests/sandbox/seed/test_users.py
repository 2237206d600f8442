"""The sandbox's list of users, over HTTP, as Convirza documents it."""

import httpx2
import pytest

from convirza_mcp.sandbox import RefusalError, Sandbox
from convirza_mcp.sandbox.seed.people import AGENTS


def get(sandbox, token=None, **parameters):
    headers = {"Authorization": f"Bearer {token or sandbox.token}"}
    return httpx2.get(sandbox.base_url + "/users/list", params=parameters, headers=headers, verify=False)


SANDBOX = {"conversations": 10}


def test_active_users_come_by_default_in_pages(sandbox):
    active = [each for each in sandbox.users if each["status"] == "active"]
    body = get(sandbox).json()
    rest = get(sandbox, offset=100, limit=200).json()

    assert (body["code"], body["data"]["total"]) == (200, len(active))
    assert body["data"]["users"] + rest["data"]["users"] == active
    assert len(body["data"]["users"]) == 100


def test_every_agent_is_a_user_and_some_have_left(sandbox):
    by_id = {each["ct_user_id"]: each for each in sandbox.users}

    assert {agent.name for agent in AGENTS} == {
        f"{row['first_name']} {row['last_name']}" for row in (by_id[agent.ct_user_id] for agent in AGENTS)
    }
    assert {by_id[agent.ct_user_id]["status"] for agent in AGENTS} == {"active", "inactive", "deleted"}
    assert get(sandbox, user_status="inactive").json()["data"]["users"] == [
        each for each in sandbox.users if each["status"] == "inactive"
    ]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [({"limit": 201}, 400), ({"limit": 0}, 400), ({"offset": -1}, 400), ({"user_status": "gone"}, 400)],
)
def test_what_is_out_of_bounds_is_refused(sandbox, parameters, status):
    assert get(sandbox, **parameters).status_code == status


def test_users_need_the_token(sandbox):
    assert get(sandbox, token="another").status_code == 401


def test_variants_of_the_user_list():
    with Sandbox(conversations=0, variants=["users-403"]) as refusing:
        assert get(refusing).status_code == 403
        with pytest.raises(RefusalError):
            _ = refusing.users
    everyone = Sandbox(conversations=0).users
    assert Sandbox(conversations=0, variants=["fewer-users"]).users == everyone[::2]
    without = Sandbox(conversations=0, variants=["null-groups"]).users
    assert {each["group"] is None for each in without} == {True, False}
