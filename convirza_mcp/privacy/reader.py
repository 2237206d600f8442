"""Privacy by construction: a reader between the client and all other code that removes contacts' identities.

Rows leave it with aliases for numbers and names, and with messages masked or removed. So tools, cached views, exports
and logs never hold a contact's number.

Convirza's search matches any part of a number or name, so digit-by-digit queries would reveal a hidden number.
Therefore only whole numbers and whole words match; other matches are dropped and not counted.
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
from convirza_mcp.privacy.aliases import Aliases, Contact, alias_key, parse_alias
from convirza_mcp.privacy.masking import mask_text
from convirza_mcp.scan.overlap_scan import OverlapScan
from convirza_mcp.settings import Privacy
from convirza_mcp.text.clean import ELLIPSIS, clean
from convirza_mcp.text.fold import fold, on_one_line
from convirza_mcp.text.phone import SHORTEST_NUMBER, number_key, searchable_number

_NO_PAGE = ConversationPage(conversations=(), total=0)

_WORD = re.compile(r"\w+")
_MAX_RAW = 16_000
"""Characters of a text that are processed: four times what a mask keeps, and longer than any text message."""
_UNSURE = 320
"""Characters to drop before a cut, where a number may have lost the end that identifies it."""
_AT_ONCE = 8_000
"""Characters to mask before other tasks run: tens of milliseconds at most."""


class PrivateSearch:
    """A search in privacy mode; raise InvalidArgumentError if it has no word, or only one to six digits."""

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
        # Sent to Convirza, whose search matches parts literally: digits that every format has.
        self.upstream = search if self._number is None else digits

    def finds(self, row: Conversation) -> bool:
        """Return whether the contact's whole number is this one, or its name has all the words as whole words."""
        if self._number is not None and number_key(row.source) == self._number:
            return True
        return row.source_name is not None and self._words <= set(_WORD.findall(fold(on_one_line(row.source_name))))


class PrivatePages:
    """A reader whose rows name no contact. Agents and the business's lines stay, for questions such as "who is slow?".

    `timeout` is in seconds, for one page including the reads that resolve an alias or filter a search.
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
        """Return one page. An alias as `search` finds its contact, from memory or by reading the view.

        Other matches of the original, such as a longer name, are included. An alias without a contact in the view and
        window gives an empty page. Any other search finds whole numbers and whole words (`PrivateSearch`); offsets and
        totals count only those rows, so a dropped row leaves no trace.

        Raises:
            InvalidArgumentError, PrivacyKeyError: the search is not allowed, or there is no key; no request was made.
            ConvirzaError: as the client's, without the upstream's own words.
        """
        query = ConversationQuery() if query is None else query
        alias = parse_alias(query.search)
        search = None if alias is not None or query.search is None else PrivateSearch(query.search)
        try:
            aliases = await self._current_aliases()
            if query.search is None:
                return await self._private(await self._reader.list_sms_conversations(query), aliases)
            with anyio.move_on_after(self._timeout):
                if search is not None:
                    return await self._page_with(search, query, aliases)
                if alias is not None:
                    return await self._page_of(alias, query, aliases)
            raise APITimeoutError(
                "The time ran out before the view was read for this search.",
                remedy="Use a shorter window, or raise CONVIRZA_TIMEOUT.",
            )
        except APIStatusError as error:
            # Drop the upstream's words, because they may repeat the search text.
            error.upstream_words = None
            raise

    async def list_users(self, status: UserStatus = "active", *, offset: int = 0) -> UserPage:
        """Return the page unchanged: users are the business's own, and only their groups are read."""
        return await self._reader.list_users(status, offset=offset)

    async def _current_aliases(self) -> Aliases:
        account = await self._reader.credential_fingerprint()
        if self._key is None:
            self._key = await anyio.to_thread.run_sync(self._read_key, abandon_on_cancel=True)
        if self._aliases is None or account != self._account:
            # Do not resolve one account's aliases with another account's data.
            self._aliases, self._account = Aliases(self._key), account
        return self._aliases

    async def _page_of(self, alias: str, query: ConversationQuery, aliases: Aliases) -> ConversationPage:
        pages = OverlapScan(self, replace(query, search=None, offset=0, order="desc"))
        while (original := aliases.original(alias)) is None:
            if await pages.next_page() is None:
                return _NO_PAGE
        page = await self._reader.list_sms_conversations(replace(query, search=searchable_number(original)))
        return await self._private(page, aliases)

    async def _page_with(self, search: PrivateSearch, query: ConversationQuery, aliases: Aliases) -> ConversationPage:
        """Return the page as if Convirza searched this way: read all its matches, and count them again."""
        pages = OverlapScan(self._reader, replace(query, search=search.upstream))
        first: ConversationPage | None = None
        found: dict[int, Conversation] = {}
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

    async def _private(self, page: ConversationPage, aliases: Aliases) -> ConversationPage:
        rows: list[Conversation] = []
        waiting = 0
        for each in page.conversations:
            waiting += min(len(each.message or ""), _MAX_RAW)
            if waiting > _AT_ONCE:
                await anyio.lowlevel.checkpoint()
                waiting = 0
            rows.append(self._without_contact(each, aliases))
        return replace(page, conversations=tuple(rows))

    def _without_contact(self, row: Conversation, aliases: Aliases) -> Conversation:
        contact = aliases.contact(row.source)
        # It is undocumented that this is the business's line, so hide it if it is the contact's own number.
        own = contact.alias is not None and _line_key(row.phone_number) == contact.key
        # Field by field: for tens of thousands of rows, `replace` takes as long as everything else here.
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


@lru_cache(maxsize=256)
def _line_key(line: str | None) -> str:
    return number_key(line)


def _masked(text: str | None, contact: Contact) -> str | None:
    if text is None or (text.isascii() and text.isalpha()):
        return text
    # Clean first, because a hidden character between two digits would hide the number from the mask.
    if len(text) <= _MAX_RAW:
        return mask_text(clean(text), contact.digits)
    return mask_text(clean(text[:_MAX_RAW])[:-_UNSURE], contact.digits).removesuffix(ELLIPSIS) + ELLIPSIS
