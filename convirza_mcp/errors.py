"""Errors, as one tree. Each class has a stable `code` for programs.

* ConvirzaError                 error                   base of everything this package raises on purpose
  + SettingsError               settings                a setting is invalid; the start ends with its message
  + InvalidArgumentError        invalid_argument        an argument is invalid; no request was made
  + MissingCredentialError      missing_credential      there is no bearer token to send
    - LoginExpiredError         login_expired           the OAuth service refused the refresh; only a new login helps
    - LoginRefreshError         login_refresh_failed    the refresh failed for now, and the token has expired
    - TokenFileError            token_file              the token file cannot be read or holds no token
  + CredentialUnusableError     credential_unusable     the stored file cannot or must not be used; nothing was sent
    - CredentialLockedError     credential_locked       another program holds it
    - LoginFromElsewhereError   login_from_elsewhere    another OAuth service than the configured one issued it
  + StoreUnavailableError       store_unavailable       the store that replicas share does not answer
    - StoreLockedError          store_locked            another program holds the lock
  + PrivacyKeyError             privacy_key             there is no key for aliases; nothing was read
  + AccountChangedError         account_changed         another account's token came into use during an answer
  + OverloadedError             overloaded              too many calls are already waiting; no request was made
  + CallLimitError              call_limit              too many tool calls in a minute; no request was made
  + ConversationNotFoundError   conversation_not_found  the conversation is not in the views that were read
  + OutputError                 output_failed           a command could not write its answer
  + APIConnectionError          connection_failed       Convirza could not be reached or did not finish its answer
    - ConnectionBrokenError     connection_broken       the connection could not be opened or broke
      . ConnectError            not_connected           it could not be opened; nothing was sent
    - CertificateError          certificate_refused     the server's TLS certificate could not be verified
    - APITimeoutError           timeout                 the call's time ran out
  + APIStatusError              error_status            Convirza answered with an error status
    - BadRequestError           bad_request             400 and other client errors: the arguments were rejected
    - AuthenticationError       token_refused           401
    - LoginRejectedError        login_rejected          the OAuth service rejected e-mail and password
    - PermissionDeniedError     permission_denied       403
    - NotFoundError             not_found               404
    - RateLimitError            rate_limited            429
    - ServerError               server_error            5xx, 408, 425
  + InvalidResponseError        invalid_response        the answer is not what the API's documentation describes

`message` states what happened and whether a retry helps, `remedy` what to do; `str(error)` is both. They contain only
constants, names of settings and hosts, numbers and Convirza's request id: never a token, a caller's text, a phone
number or a word of the upstream body.
"""

from typing import ClassVar

INTERNAL_ERROR = "internal_error"
"""Code of a fault in convirza-mcp, which has no class here."""


class ConvirzaError(Exception):
    """Base of everything this package raises on purpose.

    `message` and `remedy` are complete sentences. `remedy` is empty only if nothing can be done.
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

    Its message states what the setting takes, which is most of the remedy.
    """

    code = "settings"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.remedy = remedy or "Correct or unset it, then start again."


class InvalidArgumentError(ConvirzaError, ValueError):
    """An argument is invalid.

    `argument` is its name. The message states the name and the accepted form, and never repeats the value.
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


class StoreUnavailableError(ConvirzaError):
    code = "store_unavailable"


class StoreLockedError(StoreUnavailableError):
    code = "store_locked"


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

    `status` is the HTTP status, `request_id` the id that Convirza's support asks for, and `retry_after` the seconds to
    wait; both may be missing. `upstream_words` is the upstream's own message, **raw and untrusted**: it is not part of
    the text, and must be cleaned before it is shown.
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
