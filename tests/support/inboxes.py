"""Inboxes of any conversations, for properties: changes of clocks, odd writings and missing fields among them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from convirza_mcp.api.models import Conversation
from convirza_mcp.business_lines import BusinessLine
from convirza_mcp.clock.business_hours import ROUND_THE_CLOCK, BusinessHours
from convirza_mcp.rules.grouping import GroupBy
from convirza_mcp.rules.terms import Member
from convirza_mcp.scan.results import Seen

NOW = datetime(2026, 3, 9, 16, tzinfo=UTC)
MEMBERS = {1: Member("Sales", "West", "Acme"), 2: Member("sales ", None, "Acme"), 3: Member()}
OPEN = BusinessHours.parse("Mon-Fri 08:00-12:00 13:00-18:00")
HOURS = [ROUND_THE_CLOCK, BusinessHours.parse("Mon-Fri 08:00-12:00 13:00-18:00, Sat 22:00-02:00")]

LINES = {"8015550101": BusinessLine("Main office", "Spring flyer"), "8015550102": BusinessLine("Billing")}
CAMPAIGNS = {"18015550101": "spring flyer"}
# Days with a change of clocks in some of the zones are among them, and times after "now".
MOMENTS = st.one_of(
    st.datetimes(datetime(2026, 3, 6), datetime(2026, 3, 10)),
    st.datetimes(datetime(2025, 10, 25), datetime(2025, 11, 3)),
    st.sampled_from([NOW - timedelta(minutes=minutes) for minutes in (0, 5, 15, 60, 240, 1440)]).map(
        lambda moment: moment.replace(tzinfo=None)
    ),
).map(lambda moment: moment.replace(tzinfo=UTC))
ZONES = st.sampled_from(
    [
        UTC,
        ZoneInfo("America/Denver"),
        ZoneInfo("Asia/Kolkata"),
        ZoneInfo("Pacific/Apia"),
        timezone(-timedelta(hours=11, minutes=30)),
    ]
)
DURATIONS = st.none() | st.sampled_from(["00:00:00", "00:05:00", "00:05:01", "0:15:00", "100:00:00", "999999:59:59"])
CONVERSATIONS = st.builds(
    Conversation,
    conversation_id=st.integers(0, 10**9),
    phone_number=st.sampled_from([None, "", "18015550101", "+1 801-555-0101", "18015550102", "Front Desk"]),
    first_response_time=DURATIONS,
    avg_response_time=DURATIONS,
    conversation_started=st.none() | MOMENTS,
    conversation_updated=st.none() | MOMENTS,
    ct_user_id=st.sampled_from([None, 1, 2, 3, 4]),
    closed_at=st.none() | MOMENTS,
    sms_type=st.sampled_from([None, "incoming", "outgoing"]),
    message=st.sampled_from([None, "STOP", "Hello"]),
    conversation_status=st.sampled_from([None, " ", "read", "unread", " Unread ", "snoozed"]),
    pin=st.sampled_from([None, True, False]),
    unread_count=st.sampled_from([None, 0, 1, 7]),
    agent=st.sampled_from([None, "", "\u200b \n", "John Doe", "john  doe ", "JOHN\u200b DOE", "Zoë", "Nobody"]),
)
INBOXES = st.lists(st.builds(Seen, CONVERSATIONS, st.booleans()), max_size=60, unique_by=lambda seen: seen[0])


def plain_group(by: GroupBy, each: Conversation, zone: Any) -> Any:
    """What a conversation belongs to, said anew; None where the field is missing."""
    if by == "agent":
        return " ".join((each.agent or "").replace("\u200b", "").split()).lower() or None
    if by == "status":
        return (each.conversation_status or "").strip().lower() or None
    if by == "phone_number":
        return (each.phone_number or "").lower().translate(str.maketrans("", "", "+- ")) or None
    if by == "campaign":
        return CAMPAIGNS.get((each.phone_number or "").translate(str.maketrans("", "", "+- ")))
    if by in ("team", "parent_group", "account"):
        member = MEMBERS.get(each.ct_user_id or 0, Member())
        return (getattr(member, by) or "").strip().lower() or None
    if each.conversation_updated is None:
        return None
    local = each.conversation_updated.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    is_open = local.isoweekday() < 6 and (8 <= local.hour < 12 or 13 <= local.hour < 18)
    return {
        "day": local.strftime("%Y-%m-%d"),
        "week": monday.isoformat(),
        "month": local.strftime("%Y-%m"),
        "weekday": local.isoweekday(),
        "hour": local.hour,
        "business_hours": "1 inside" if is_open else "2 outside",
    }[by]
