"""Privacy by construction: what stands between the client and everything above it, and lets no contact through.

Rows leave with aliases for numbers and names, and with messages masked or left out, so that nothing above has to
remember: neither tools nor views held in memory, neither exports nor logs ever had a contact's number to lose.

Convirza's search takes any part of a number or name. Asked digit by digit, it would read a hidden number out: so only
whole numbers and whole words find anything, and whatever else matched is as if it were not there.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import anyio
import anyio.lowlevel
import anyio.to_thread

from convirza_mcp.api.models import Conversation, ConversationPage, ConversationQuery, ConversationReader
from convirza_mcp.api.users import UserPage, UserStatus
from convirza_mcp.errors import APIStatusError, APITimeoutError, InvalidArgumentError
from convirza_mcp.privacy.aliases import Aliases, Contact, alias_key, as_alias
from convirza_mcp.privacy.masking import masked
from convirza_mcp.scan.overlap_scan import OverlapScan
from convirza_mcp.settings import Privacy
from convirza_mcp.text.clean import ELLIPSIS, clean
from convirza_mcp.text.fold import fold, on_one_line
from convirza_mcp.text.phone import SHORTEST_NUMBER, number_key, searchable_number

_NOBODY = ConversationPage(conversations=(), total=0)

_WORD = re.compile(r"\w+")
_MOST_RAW = 16_000
"""Characters of a text that are looked at: of these a mask shows a quarter, and no text message is as long."""
_UNSURE = 320
"""At the end of what was cut off a number may have lost its end, by which it would have been known."""
_AT_ONCE = 8_000
"""Characters to mask, some tens of milliseconds at worst, before others in the process get their turn."""


class PrivateSearch:
    """A search as a privacy mode takes it.

    Raises:
        InvalidArgumentError: there is no word in it, or nothing but one to six digits.
    """

    def __init__(self, search: str) -> None:
        folded = fold(on_one_line(search))
        self._words = frozenset(_WORD.findall(folded))
        key = number_key(folded)
        digits = key.lstrip("0") if key.isdecimal() else ""
        if not self._words or (len(digits) < SHORTEST_NUMBER and not any(map(str.isalpha, folded))):
            raise InvalidArgumentError(
                "search",
                f"`search` takes a whole phone number of at least {SHORTEST_NUMBER} digits, whole words of a name or "
                "an alias while CONVIRZA_PRIVACY hides contacts.",
            )
        self._number = key if len(digits) >= SHORTEST_NUMBER else None
        self.upstream = search if self._number is None else digits
        """What to ask Convirza for. Its search takes parts as written: of a number, digits that no writing lacks."""

    def finds(self, row: Conversation) -> bool:
        """Return whether the contact's whole number is this one, or all words stand in its name as whole words."""
        if self._number is not None and number_key(row.source) == self._number:
            return True
        return row.source_name is not None and self._words <= set(_WORD.findall(fold(on_one_line(row.source_name))))


class PrivatePages:
    """A reader whose rows name nobody. Agents and the business's lines stay: "who is slow?" is asked about them.

    `timeout` is in seconds, for one page with all that it takes to find out whom an alias stands for, or which rows
    have what was searched for.
    """

    def __init__(
        self, reader: ConversationReader, mode: Privacy, *, timeout: float, read_key: Callable[[], bytes] | None = None
    ) -> None:
        self._reader = reader
        self._mode = mode
        self._timeout = timeout
        self._read_key = read_key or alias_key
        self._key: bytes | None = None
        self._aliases: Aliases | None = None
        self._account = ""

    async def credential_fingerprint(self) -> str:
        return await self._reader.credential_fingerprint()

    async def list_sms_conversations(self, query: ConversationQuery | None = None) -> ConversationPage:
        """One page. A `search` that is an alias finds its contact: from memory, else by reading the view for it.

        What matches elsewhere, such as a longer name, comes along then. An alias that stands for nobody in the view
        and window gives an empty page. Any other search finds whole numbers and whole words (`PrivateSearch`), and
        offsets and totals count those rows alone: one that is left out leaves no trace.

        Raises:
            InvalidArgumentError: the search is one that a privacy mode does not take; nothing was asked.
            PrivacyKeyError: there is no key to make aliases with; nothing was asked.
            ConvirzaError: as the client's, without the upstream's own words.
        """
        query = ConversationQuery() if query is None else query
        alias = as_alias(query.search)
        search = None if alias is not None or query.search is None else PrivateSearch(query.search)
        try:
            aliases = await self._current_aliases()
            if alias is not None:
                return await self._page_of(alias, query, aliases)
            if search is not None:
                return await self._page_with(search, query, aliases)
            return await self._private(await self._reader.list_sms_conversations(query), aliases)
        except APIStatusError as error:
            # They may repeat what was searched for, and whoever shows an error would have to think of it.
            error.upstream_words = None
            raise

    async def list_users(self, status: UserStatus = "active", *, offset: int = 0) -> UserPage:
        """Return the page as it is: users are the business's own, and nothing of them but their groups is read."""
        return await self._reader.list_users(status, offset=offset)

    async def _current_aliases(self) -> Aliases:
        account = await self._reader.credential_fingerprint()
        if self._key is None:
            self._key = await anyio.to_thread.run_sync(self._read_key, abandon_on_cancel=True)
        if self._aliases is None or account != self._account:
            # What one account's aliases stand for is not asked of another.
            self._aliases, self._account = Aliases(self._key), account
        return self._aliases

    async def _page_of(self, alias: str, query: ConversationQuery, aliases: Aliases) -> ConversationPage:
        with anyio.move_on_after(self._timeout):
            if aliases.original(alias) is None:
                await self._read_for(alias, query, aliases)
            original = aliases.original(alias)
            if original is None:
                return _NOBODY
            page = await self._reader.list_sms_conversations(replace(query, search=searchable_number(original)))
            return await self._private(page, aliases)
        raise _out_of_time()

    async def _read_for(self, alias: str, query: ConversationQuery, aliases: Aliases) -> None:
        everyone = replace(query, search=None, offset=0, order="desc")
        pages = OverlapScan(self, everyone)
        while aliases.original(alias) is None and await pages.next_page() is not None:
            pass

    async def _page_with(self, search: PrivateSearch, query: ConversationQuery, aliases: Aliases) -> ConversationPage:
        """The page as if Convirza itself searched in this way: all that it finds is read, and counted anew."""
        pages = OverlapScan(self._reader, replace(query, search=search.upstream))
        first: ConversationPage | None = None
        found: dict[int, Conversation] = {}
        with anyio.move_on_after(self._timeout):
            while (page := await pages.next_page()) is not None:
                first = first or page
                for each in page.conversations:
                    if search.finds(each):
                        found.setdefault(each.conversation_id, each)
            rows = tuple(found.values())[query.offset : query.offset + query.limit]
            counted = ConversationPage(
                conversations=rows,
                total=len(found) if pages.gap is None else None,
                answered_at=None if first is None else first.answered_at,
                request_id=None if first is None else first.request_id,
                unreadable=Counter(name for each in rows for name in each.unreadable),
            )
            return await self._private(counted, aliases)
        raise _out_of_time()

    async def _private(self, page: ConversationPage, aliases: Aliases) -> ConversationPage:
        rows: list[Conversation] = []
        waiting = 0
        for each in page.conversations:
            waiting += min(len(each.message or ""), _MOST_RAW)
            if waiting > _AT_ONCE:
                await anyio.lowlevel.checkpoint()
                waiting = 0
            rows.append(self._without_contact(each, aliases))
        return replace(page, conversations=tuple(rows))

    def _without_contact(self, row: Conversation, aliases: Aliases) -> Conversation:
        contact = aliases.contact(row.source)
        # That this is the business's line is undocumented: the contact's own number is not taken for one.
        own = contact.alias is not None and _line_key(row.phone_number) == contact.key
        # By name, field by field: of tens of thousands of rows `replace` takes as long as everything else here.
        return Conversation(
            conversation_id=row.conversation_id,
            phone_number=contact.alias if own else row.phone_number,
            first_response_time=row.first_response_time,
            avg_response_time=row.avg_response_time,
            sms_type=_masked(row.sms_type, contact),
            conversation_started=row.conversation_started,
            conversation_updated=row.conversation_updated,
            source=contact.alias,
            source_name=aliases.of_name(row.source_name),
            conversation_status=_masked(row.conversation_status, contact),
            ct_user_id=row.ct_user_id,
            pin=row.pin,
            message=None if self._mode == "strict" else _masked(row.message, contact),
            unread_count=row.unread_count,
            agent=row.agent,
            closed_at=row.closed_at,
            unreadable=row.unreadable,
        )


def _out_of_time() -> APITimeoutError:
    return APITimeoutError(
        "The time ran out before the view was read for this search.",
        remedy="Use a shorter window, or raise CONVIRZA_TIMEOUT.",
    )


@lru_cache(maxsize=256)
def _line_key(line: str | None) -> str:
    return number_key(line)


def _masked(text: str | None, contact: Contact) -> str | None:
    if text is None or (text.isascii() and text.isalpha()):
        return text
    # Clean first: a hidden character between two digits would hide the number from the mask, and no longer after it.
    if len(text) <= _MOST_RAW:
        return masked(clean(text), contact.digits)
    return masked(clean(text[:_MOST_RAW])[:-_UNSURE], contact.digits).removesuffix(ELLIPSIS) + ELLIPSIS
