"""One page of the inbox, as Convirza itself lists it."""

from dataclasses import dataclass

from convirza_mcp.accounts.account import Request, within_one_account
from convirza_mcp.answers.hints import Hint, Name, argument, hint, longer_start
from convirza_mcp.api.models import DEFAULT_LIMIT, Conversation, ConversationPage, ConversationQuery, Order, View
from convirza_mcp.clock.window import API_DEFAULT_DAYS, Window
from convirza_mcp.scan.results import Coverage, Gap
from convirza_mcp.text.phone import typed_number


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPage:
    """A page, with its query and its window. `notes` explain an empty page."""

    query: ConversationQuery
    page: ConversationPage
    coverage: Coverage
    window: Window
    notes: tuple[Hint, ...]

    @property
    def rows(self) -> tuple[Conversation, ...]:
        """Return the conversations in Convirza's order."""
        return self.page.conversations

    @property
    def total(self) -> int | None:
        """Return the number of conversations in the view; None if Convirza does not give it."""
        return self.page.total

    @property
    def unreadable(self) -> dict[str, int]:
        """Return the number of unreadable values by field; `conversation_id` counts rows left out for lack of an id."""
        dropped = len(self.page.dropped)
        return dict(sorted(self.page.unreadable.items())) | ({"conversation_id": dropped} if dropped else {})

    @property
    def next_offset(self) -> int | None:
        """Return the offset of the next page; None at the end.

        An empty page is the end, whatever `total` says. Without a usable `total`, each page with rows has a next
        offset.
        """
        following = self.query.offset + self.page.received
        ends = self.page.received == 0 or (self.total is not None and following >= self.total)
        return None if ends else following

    def offset_after(self, shown: int) -> int | None:
        """Return the next offset if only the first `shown` rows are shown; None at the end."""
        return self.next_offset if shown >= len(self.rows) else self.query.offset + self.page.rows_through(shown)


def read_page_window(request: Request, start: str | None, end: str | None) -> Window:
    """Return the window of a page; without both times Convirza's own. Invalid ones raise `InvalidArgumentError`."""
    zone = request.account.settings.zone
    return Window.read(start, end, now=request.now, zone=zone, default_days=API_DEFAULT_DAYS, api_default=True)


@within_one_account
async def page(
    request: Request,
    window: Window,
    *,
    view: View = "allOpen",
    search: str | None = None,
    order: Order = "desc",
    offset: int = 0,
    limit: int = DEFAULT_LIMIT,
) -> InboxPage:
    """Return one page. A telephone number as `search` is sent as the digits that all its formats share."""
    start, end = window.bounds
    search = search and typed_number(search)
    query = ConversationQuery(offset=offset, limit=limit, type=view, search=search, order=order, start=start, end=end)
    found = await request.account.reader.list_sms_conversations(query)
    coverage = Coverage(
        read=found.received,
        total=found.total,
        requests=1,
        as_of=request.now,
        gap=None if offset == 0 and found.received == found.total else Gap.PAGE,
        unreadable=found.unreadable_fields,
        dropped=len(found.dropped),
    )
    notes = () if found.received else (_note_on_nothing(query, window, found),)
    return InboxPage(query=query, page=found, coverage=coverage, window=window, notes=notes)


def _note_on_nothing(query: ConversationQuery, window: Window, page: ConversationPage) -> Hint:
    if query.offset:
        return hint(f"Convirza returned nothing at offset {query.offset}; call again with ", argument("offset", 0), ".")
    if not page.is_empty:
        counted = "no readable total" if page.total is None else f"a total of {page.total}"
        return hint(f"Convirza returned no rows but {counted}, so the view may not be empty; try again in a minute.")
    longer = longer_start(window)
    view, which = ("close", "closed") if query.type != "close" else ("allOpen", "open")
    steps = (*((longer, ", or ") if longer else ()), argument("type", view), f" for {which} ones.")
    nothing = f"No {query.type} conversation in this window"
    if query.search is None:
        return hint(f"{nothing}; try ", *steps)
    return hint(
        f"{nothing} has `",
        argument("search"),
        "` in its contact's name or number, and messages are searched by ",
        Name("tool", "search_sms_messages"),
        " only; try a part of it, ",
        *steps,
    )
