"""What can go wrong, as one tree. Each class has a stable `code`, by which a program tells errors apart.

* ConvirzaError                 error                   everything this package raises on purpose
  + SettingsError               settings                a setting cannot be used: the start ends with its sentence
  + InvalidArgumentError        invalid_argument        an argument cannot be used: no request was made
  + MissingCredentialError      missing_credential      there is no bearer token to send
    - LoginExpiredError         login_expired           the OAuth service refused the refresh: only a new login helps
    - LoginRefreshError         login_refresh_failed    the refresh failed for now, and the last token has expired
    - TokenFileError            token_file              the token file cannot be read or holds no token
  + CredentialUnusableError     credential_unusable     what is stored cannot or must not be used: nothing was sent
    - CredentialLockedError     credential_locked       another program holds it
    - LoginFromElsewhereError   login_from_elsewhere    the stored login is of another OAuth service than the settings
  + PrivacyKeyError             privacy_key             no key to make aliases with: nothing was read
  + AccountChangedError         account_changed         another account's token came into use in the middle of an answer
  + OverloadedError             overloaded              too many calls are waiting already: no request was made
  + CallLimitError              call_limit              more tool calls than a minute may have: no request was made
  + ConversationNotFoundError   conversation_not_found  the conversation is in none of the views that were read
  + OutputError                 output_failed           a command could not write its answer
  + APIConnectionError          connection_failed       Convirza could not be reached or did not finish its answer
    - ConnectionBrokenError     connection_broken       the connection could not be opened or broke
      . ConnectError            not_connected           it could not be opened: nothing was sent
    - CertificateError          certificate_refused     the server's TLS certificate could not be verified
    - APITimeoutError           timeout                 the call's time ran out
  + APIStatusError              error_status            Convirza answered with an error status
    - BadRequestError           bad_request             400 and other client errors: the arguments were not accepted
    - AuthenticationError       token_refused           401
    - LoginRejectedError        login_rejected          the OAuth service did not accept e-mail and password
    - PermissionDeniedError     permission_denied       403
    - NotFoundError             not_found               404
    - RateLimitError            rate_limited            429
    - ServerError               server_error            5xx
  + InvalidResponseError        invalid_response        the answer is not what the API's documentation describes

`message` says what happened and whether a retry helps, `remedy` what to do; `str(error)` is both. They are made of
constants, names of settings and hosts, numbers and Convirza's request id only: never a token, a caller's text, a phone
number or a word of the upstream body.
"""

from typing import ClassVar

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AccountChangedError",
    "AuthenticationError",
    "BadRequestError",
    "CallLimitError",
    "CertificateError",
    "ConnectError",
    "ConnectionBrokenError",
    "ConversationNotFoundError",
    "ConvirzaError",
    "CredentialLockedError",
    "CredentialUnusableError",
    "InvalidArgumentError",
    "InvalidResponseError",
    "LoginExpiredError",
    "LoginFromElsewhereError",
    "LoginRefreshError",
    "LoginRejectedError",
    "MissingCredentialError",
    "NotFoundError",
    "OutputError",
    "OverloadedError",
    "PermissionDeniedError",
    "PrivacyKeyError",
    "RateLimitError",
    "ServerError",
    "SettingsError",
    "TokenFileError",
]

INTERNAL_ERROR = "internal_error"
"""The code of a fault of our own, which has no class here."""


class ConvirzaError(Exception):
    """Base of everything this package raises on purpose.

    `message` and `remedy` are whole sentences. `remedy` is empty only where nothing can be done.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy

    def as_dict(self) -> dict[str, str]:
        """Return the parts, as `--json` prints them."""
        return {"code": self.code, "message": self.message, "remedy": self.remedy}


class SettingsError(ConvirzaError):
    """A setting from the environment cannot be used.

    Its message names what the setting takes, and so is most of the remedy already.
    """

    code = "settings"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.remedy = remedy or "Correct or unset it, then start again."


class InvalidArgumentError(ConvirzaError, ValueError):
    """An argument cannot be used as it was given.

    `argument` is its name; the message names it and what it takes, and never repeats its value.
    """

    code = "invalid_argument"

    def __init__(self, argument: str, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.argument = argument
        self.remedy = remedy or f"Correct `{argument}`."


class MissingCredentialError(ConvirzaError):
    """There is no bearer token to send."""

    code = "missing_credential"


class LoginExpiredError(MissingCredentialError):
    """The OAuth service refused to renew the login: only `convirza-mcp login` helps."""

    code = "login_expired"


class LoginRefreshError(MissingCredentialError):
    """The access token has ended, and the login could not be renewed just now."""

    code = "login_refresh_failed"


class TokenFileError(MissingCredentialError):
    """The file that CONVIRZA_TOKEN_FILE names cannot be read, or holds no token."""

    code = "token_file"


class CredentialUnusableError(ConvirzaError):
    """What is stored cannot be used, or must not be: nothing was sent."""

    code = "credential_unusable"


class CredentialLockedError(CredentialUnusableError):
    """Another program holds the credential store."""

    code = "credential_locked"


class LoginFromElsewhereError(CredentialUnusableError):
    """The stored login came from another OAuth service than the settings name."""

    code = "login_from_elsewhere"


class PrivacyKeyError(ConvirzaError):
    """The privacy mode has no key to make aliases with, so nothing was read: it never falls back to off."""

    code = "privacy_key"


class AccountChangedError(ConvirzaError):
    """Another account's token came into use in the middle of an answer, which would have been of both."""

    code = "account_changed"


class OverloadedError(ConvirzaError):
    """Too many calls wait for Convirza already."""

    code = "overloaded"


class CallLimitError(ConvirzaError):
    """This minute's tool calls are used up; the remedy names the seconds to wait."""

    code = "call_limit"


class ConversationNotFoundError(ConvirzaError):
    """The conversation is in none of the views that were read; the message names them."""

    code = "conversation_not_found"


class OutputError(ConvirzaError):
    """A command could not write its answer."""

    code = "output_failed"


class APIConnectionError(ConvirzaError):
    """Convirza gave no whole answer."""

    code = "connection_failed"


class ConnectionBrokenError(APIConnectionError):
    """The connection could not be opened, or broke before the answer was whole."""

    code = "connection_broken"


class ConnectError(ConnectionBrokenError):
    """The connection could not be opened: nothing was sent."""

    code = "not_connected"


class CertificateError(APIConnectionError):
    """The host's certificate was not accepted: nothing was sent."""

    code = "certificate_refused"


class APITimeoutError(APIConnectionError):
    """The time for the call ran out."""

    code = "timeout"


class APIStatusError(ConvirzaError):
    """Convirza answered with an error status.

    `status` is the HTTP status, `request_id` what Convirza's support asks for and `retry_after` the seconds
    it asked to wait, both where they were given. `upstream_words` is the upstream's own message, **raw and
    written elsewhere**: it is not part of the text, and must be cleaned before it is shown.
    """

    code = "error_status"

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        status: int,
        request_id: str | None = None,
        retry_after: float | None = None,
        upstream_words: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        if request_id is not None:
            named = f"Convirza's request id: {request_id}."
            self.args = (f"{self} {named}",)
            self.message = f"{message} {named}"
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.upstream_words = upstream_words


class BadRequestError(APIStatusError):
    """400 and other client errors: Convirza did not accept the request."""

    code = "bad_request"


class AuthenticationError(APIStatusError):
    """401: the bearer token is missing, expired, revoked or malformed."""

    code = "token_refused"


class LoginRejectedError(APIStatusError):
    """400 or 401 of the OAuth service: it did not accept e-mail and password."""

    code = "login_rejected"


class PermissionDeniedError(APIStatusError):
    """403: the token's user may not see this."""

    code = "permission_denied"


class NotFoundError(APIStatusError):
    """404: what that means for the inbox is undocumented."""

    code = "not_found"


class RateLimitError(APIStatusError):
    """429: too many requests."""

    code = "rate_limited"


class ServerError(APIStatusError):
    """5xx: Convirza failed."""

    code = "server_error"


class InvalidResponseError(ConvirzaError):
    """The answer is not what the API's documentation describes."""

    code = "invalid_response"
