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
    code = "missing_credential"


class LoginExpiredError(MissingCredentialError):
    code = "login_expired"


class LoginRefreshError(MissingCredentialError):
    code = "login_refresh_failed"


class TokenFileError(MissingCredentialError):
    code = "token_file"


class CredentialUnusableError(ConvirzaError):
    code = "credential_unusable"


class CredentialLockedError(CredentialUnusableError):
    code = "credential_locked"


class LoginFromElsewhereError(CredentialUnusableError):
    code = "login_from_elsewhere"


class PrivacyKeyError(ConvirzaError):
    code = "privacy_key"


class AccountChangedError(ConvirzaError):
    code = "account_changed"


class OverloadedError(ConvirzaError):
    code = "overloaded"


class CallLimitError(ConvirzaError):
    code = "call_limit"


class ConversationNotFoundError(ConvirzaError):
    code = "conversation_not_found"


class OutputError(ConvirzaError):
    code = "output_failed"


class APIConnectionError(ConvirzaError):
    code = "connection_failed"


class ConnectionBrokenError(APIConnectionError):
    code = "connection_broken"


class ConnectError(ConnectionBrokenError):
    code = "not_connected"


class CertificateError(APIConnectionError):
    code = "certificate_refused"


class APITimeoutError(APIConnectionError):
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
    code = "bad_request"


class AuthenticationError(APIStatusError):
    code = "token_refused"


class LoginRejectedError(APIStatusError):
    code = "login_rejected"


class PermissionDeniedError(APIStatusError):
    code = "permission_denied"


class NotFoundError(APIStatusError):
    code = "not_found"


class RateLimitError(APIStatusError):
    code = "rate_limited"


class ServerError(APIStatusError):
    code = "server_error"


class InvalidResponseError(ConvirzaError):
    code = "invalid_response"
