"""What can go wrong, as one tree.

* ConvirzaError                  everything this package raises on purpose
  + SettingsError                a setting cannot be used: the start ends with its sentence
  + InvalidArgumentError              an argument cannot be used: no request was made
  + MissingCredentialError            there is no bearer token to send
    - LoginExpiredError               the OAuth service refused to renew the login: only a new login helps
    - LoginRefreshError            the login could not be renewed just now, and its last token is of no more use
  + CredentialUnusableError           what is stored cannot or must not be used: nothing was sent
    - CredentialLockedError           another program holds it
  + PrivacyKeyError           the privacy mode has no key to make aliases with: nothing was read
  + AccountChangedError               another account's token came into use in the middle of an answer
  + ClientNotFoundError               an MCP client does not seem to be installed here: nothing was written
  + ClientConfigError        an MCP client's configuration cannot be changed safely: it is as it was
    - ClientConfigChangedError       another program wrote it meanwhile
    - ServerNameTakenError                  it has another server of that name
  + OverloadedError                      too many calls are waiting already: no request was made
  + CallLimitError                 more tool calls than a minute may have: no request was made
  + ConversationNotFoundError                  the conversation is in none of the views that were read
  + APIConnectionError                     Convirza could not be reached or did not finish its answer
    - ConnectionBrokenError                the connection could not be opened or broke
      . ConnectError             it could not be opened: nothing was sent
    - CertificateError         who answers cannot prove to be Convirza
    - APITimeoutError           the call's time ran out
  + APIStatusError                Convirza answered with an error status
    - BadRequestError            400 and other client errors: the arguments were not accepted
    - AuthenticationError               401
    - LoginRejectedError               the OAuth service did not accept e-mail and password
    - PermissionDeniedError               403
    - NotFoundError               404
    - RateLimitError                429
    - ServerError              5xx
  + InvalidResponseError             the answer is not what the API's documentation describes

`str(error)` is one sentence for a person or a model: what happened, whether trying again helps, what to
change. It is made of constants, settings' names, host names, numbers and Convirza's request id only: never a
token, a caller's text, a phone number or a word of the upstream body.
"""

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AccountChangedError",
    "AuthenticationError",
    "BadRequestError",
    "CallLimitError",
    "CertificateError",
    "ClientConfigChangedError",
    "ClientConfigError",
    "ClientNotFoundError",
    "ConnectError",
    "ConnectionBrokenError",
    "ConversationNotFoundError",
    "ConvirzaError",
    "CredentialLockedError",
    "CredentialUnusableError",
    "InvalidArgumentError",
    "InvalidResponseError",
    "LoginExpiredError",
    "LoginRefreshError",
    "LoginRejectedError",
    "MissingCredentialError",
    "NotFoundError",
    "OverloadedError",
    "PermissionDeniedError",
    "PrivacyKeyError",
    "RateLimitError",
    "ServerError",
    "ServerNameTakenError",
    "SettingsError",
]


class ConvirzaError(Exception):
    """Base of everything this package raises on purpose."""


class SettingsError(ConvirzaError):
    """A setting from the environment cannot be used."""


class InvalidArgumentError(ConvirzaError, ValueError):
    """An argument cannot be used as it was given.

    `argument` is its name; the sentence names it and what it takes, and never repeats its value.
    """

    def __init__(self, argument: str, sentence: str) -> None:
        super().__init__(sentence)
        self.argument = argument


class MissingCredentialError(ConvirzaError):
    """There is no bearer token to send."""


class LoginExpiredError(MissingCredentialError):
    """The OAuth service refused to renew the login: only `convirza-mcp login` helps."""


class LoginRefreshError(MissingCredentialError):
    """The access token has ended, and the login could not be renewed just now."""


class CredentialUnusableError(ConvirzaError):
    """What is stored cannot be used, or must not be: nothing was sent."""


class CredentialLockedError(CredentialUnusableError):
    """Another program holds the credential store."""


class PrivacyKeyError(ConvirzaError):
    """The privacy mode has no key to make aliases with, so nothing was read: it never falls back to off."""


class AccountChangedError(ConvirzaError):
    """Another account's token came into use in the middle of an answer, which would have been of both."""


class ClientNotFoundError(ConvirzaError):
    """An MCP client whose configuration was asked for does not seem to be installed."""


class ClientConfigError(ConvirzaError):
    """An MCP client's configuration file cannot be read, or cannot be changed safely: it is as it was."""


class ClientConfigChangedError(ClientConfigError):
    """Another program wrote the configuration file between its reading and its replacement."""


class ServerNameTakenError(ClientConfigError):
    """The configuration has another server under the name that ours was to have."""


class OverloadedError(ConvirzaError):
    """Too many calls wait for Convirza already."""


class CallLimitError(ConvirzaError):
    """This minute's tool calls are used up; the sentence names the seconds to wait."""


class ConversationNotFoundError(ConvirzaError):
    """The conversation that was asked for is in none of the views that were read; the sentence names them."""


class APIConnectionError(ConvirzaError):
    """Convirza gave no whole answer."""


class ConnectionBrokenError(APIConnectionError):
    """The connection could not be opened, or broke before the answer was whole."""


class ConnectError(ConnectionBrokenError):
    """The connection could not be opened: nothing was sent."""


class CertificateError(APIConnectionError):
    """The host's certificate was not accepted: nothing was sent."""


class APITimeoutError(APIConnectionError):
    """The time for the call ran out."""


class APIStatusError(ConvirzaError):
    """Convirza answered with an error status.

    `status` is the HTTP status, `request_id` what Convirza's support asks for and `retry_after` the seconds
    it asked to wait, both where they were given. `upstream_words` is the upstream's own message, **raw and
    written elsewhere**: it is not part of the sentence, and whoever shows it must clean it first.
    """

    def __init__(
        self,
        sentence: str,
        *,
        status: int,
        request_id: str | None = None,
        retry_after: float | None = None,
        upstream_words: str | None = None,
    ) -> None:
        super().__init__(sentence if request_id is None else f"{sentence} Convirza's request id: {request_id}.")
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.upstream_words = upstream_words


class BadRequestError(APIStatusError):
    """400 and other client errors: Convirza did not accept the request."""


class AuthenticationError(APIStatusError):
    """401: the bearer token is missing, expired, revoked or malformed."""


class LoginRejectedError(APIStatusError):
    """400 or 401 of the OAuth service: it did not accept e-mail and password."""


class PermissionDeniedError(APIStatusError):
    """403: the token's user may not see this."""


class NotFoundError(APIStatusError):
    """404: what that means for the inbox is undocumented."""


class RateLimitError(APIStatusError):
    """429: too many requests."""


class ServerError(APIStatusError):
    """5xx: Convirza failed."""


class InvalidResponseError(ConvirzaError):
    """The answer is not what the API's documentation describes."""
