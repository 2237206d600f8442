"""What can go wrong, as one tree.

* ConvirzaError                  everything this package raises on purpose
  + SettingsError                a setting cannot be used: the start ends with its sentence
  + InvalidArgument              an argument cannot be used: no request was made
  + CredentialMissing            there is no bearer token to send
    - LoginExpired               the OAuth service refused to renew the login: only a new login helps
    - LoginNotRenewed            the login could not be renewed just now, and its last token is of no more use
  + CredentialUnusable           what is stored cannot or must not be used: nothing was sent
    - CredentialLocked           another program holds it
  + PrivacyUnavailable           the privacy mode has no key to make aliases with: nothing was read
  + AccountChanged               another account's token came into use in the middle of an answer
  + ClientNotFound               an MCP client does not seem to be installed here: nothing was written
  + ConfigurationUnusable        an MCP client's configuration cannot be changed safely: it is as it was
    - ConfigurationChanged       another program wrote it meanwhile
    - NameTaken                  it has another server of that name
  + TooBusy                      too many calls are waiting already: no request was made
  + TooManyCalls                 more tool calls than a minute may have: no request was made
  + NotInWindow                  the conversation is in none of the views that were read
  + NoAnswer                     Convirza could not be reached or did not finish its answer
    - Unreachable                the connection could not be opened or broke
      . NotConnected             it could not be opened: nothing was sent
    - CertificateRefused         who answers cannot prove to be Convirza
    - DeadlineExceeded           the call's time ran out
  + AnswerRefused                Convirza answered with an error status
    - RequestRejected            400 and other client errors: the arguments were not accepted
    - TokenRefused               401
    - LoginRefused               the OAuth service did not accept e-mail and password
    - AccessDenied               403
    - NothingThere               404
    - RateLimited                429
    - UpstreamFault              5xx
  + UnexpectedAnswer             the answer is not what the API's documentation describes

`str(error)` is one sentence for a person or a model: what happened, whether trying again helps, what to
change. It is made of constants, settings' names, host names, numbers and Convirza's request id only: never a
token, a caller's text, a phone number or a word of the upstream body.
"""

__all__ = [
    "AccessDenied",
    "AccountChanged",
    "AnswerRefused",
    "CertificateRefused",
    "ClientNotFound",
    "ConfigurationChanged",
    "ConfigurationUnusable",
    "ConvirzaError",
    "CredentialLocked",
    "CredentialMissing",
    "CredentialUnusable",
    "DeadlineExceeded",
    "InvalidArgument",
    "LoginExpired",
    "LoginNotRenewed",
    "LoginRefused",
    "NameTaken",
    "NoAnswer",
    "NotConnected",
    "NotInWindow",
    "NothingThere",
    "PrivacyUnavailable",
    "RateLimited",
    "RequestRejected",
    "SettingsError",
    "TokenRefused",
    "TooBusy",
    "TooManyCalls",
    "UnexpectedAnswer",
    "Unreachable",
    "UpstreamFault",
]


class ConvirzaError(Exception):
    """Base of everything this package raises on purpose."""


class SettingsError(ConvirzaError):
    """A setting from the environment cannot be used."""


class InvalidArgument(ConvirzaError, ValueError):
    """An argument cannot be used as it was given.

    `argument` is its name; the sentence names it and what it takes, and never repeats its value.
    """

    def __init__(self, argument: str, sentence: str) -> None:
        super().__init__(sentence)
        self.argument = argument


class CredentialMissing(ConvirzaError):
    """There is no bearer token to send."""


class LoginExpired(CredentialMissing):
    """The OAuth service refused to renew the login: only `convirza-mcp login` helps."""


class LoginNotRenewed(CredentialMissing):
    """The access token has ended, and the login could not be renewed just now."""


class CredentialUnusable(ConvirzaError):
    """What is stored cannot be used, or must not be: nothing was sent."""


class CredentialLocked(CredentialUnusable):
    """Another program holds the credential store."""


class PrivacyUnavailable(ConvirzaError):
    """The privacy mode has no key to make aliases with, so nothing was read: it never falls back to off."""


class AccountChanged(ConvirzaError):
    """Another account's token came into use in the middle of an answer, which would have been of both."""


class ClientNotFound(ConvirzaError):
    """An MCP client whose configuration was asked for does not seem to be installed."""


class ConfigurationUnusable(ConvirzaError):
    """An MCP client's configuration file cannot be read, or cannot be changed safely: it is as it was."""


class ConfigurationChanged(ConfigurationUnusable):
    """Another program wrote the configuration file between its reading and its replacement."""


class NameTaken(ConfigurationUnusable):
    """The configuration has another server under the name that ours was to have."""


class TooBusy(ConvirzaError):
    """Too many calls wait for Convirza already."""


class TooManyCalls(ConvirzaError):
    """This minute's tool calls are used up; the sentence names the seconds to wait."""


class NotInWindow(ConvirzaError):
    """The conversation that was asked for is in none of the views that were read; the sentence names them."""


class NoAnswer(ConvirzaError):
    """Convirza gave no whole answer."""


class Unreachable(NoAnswer):
    """The connection could not be opened, or broke before the answer was whole."""


class NotConnected(Unreachable):
    """The connection could not be opened: nothing was sent."""


class CertificateRefused(NoAnswer):
    """The host's certificate was not accepted: nothing was sent."""


class DeadlineExceeded(NoAnswer):
    """The time for the call ran out."""


class AnswerRefused(ConvirzaError):
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


class RequestRejected(AnswerRefused):
    """400 and other client errors: Convirza did not accept the request."""


class TokenRefused(AnswerRefused):
    """401: the bearer token is missing, expired, revoked or malformed."""


class LoginRefused(AnswerRefused):
    """400 or 401 of the OAuth service: it did not accept e-mail and password."""


class AccessDenied(AnswerRefused):
    """403: the token's user may not see this."""


class NothingThere(AnswerRefused):
    """404: what that means for the inbox is undocumented."""


class RateLimited(AnswerRefused):
    """429: too many requests."""


class UpstreamFault(AnswerRefused):
    """5xx: Convirza failed."""


class UnexpectedAnswer(ConvirzaError):
    """The answer is not what the API's documentation describes."""
