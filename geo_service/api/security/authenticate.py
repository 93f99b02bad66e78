"""From the headers of a request to who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.security.callers import Caller
from geo_service.api.security.oidc import SignedTokens
from geo_service.api.security.roles import Role
from geo_service.api.security.session import Sessions
from geo_service.api.security.tokens import PREFIX, TokenFile
from geo_service.errors import StoreError

if TYPE_CHECKING:
    from geo_service.api.security.session import SignedIn
    from geo_service.settings import AuthSettings

__all__ = ["Authenticator"]

_LONGEST = 16_384


class Authenticator:
    """Finds out who asks.

    Args:
        settings: Where tokens are and whose signatures count.
        is_local: Whether the service listens on a loopback only: without any authentication configured everybody is then an editor.

    Raises:
        InputError: The settings of the issuer do not fit together.
    """

    def __init__(self, settings: AuthSettings, *, is_local: bool) -> None:
        """Read nothing yet."""
        self._tokens = TokenFile(settings.tokens)
        self._signed = SignedTokens(settings) if settings.oidc_issuer else None
        self._sessions = Sessions(settings, self._tokens, self._signed)
        self._is_local = is_local

    @property
    def is_configured(self) -> bool:
        """Whether there is an issuer or a token was ever made: one that is over or taken back counts, so that nothing opens by itself.

        Raises:
            StoreError: The file of tokens cannot be read.
        """
        return self._signed is not None or self._tokens.path.exists()

    def caller(self, authorization: str | None) -> Caller:
        """Who asks.

        Args:
            authorization: The header `Authorization`; null where there is none.

        Raises:
            ProblemError: It is there and not valid, or cannot be checked now.
        """
        if authorization is None:
            if self._is_local and not self.is_configured:
                return Caller(Role.EDITOR, "local")
            return Caller(Role.PUBLIC)
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise _refused("the header Authorization has to be 'Bearer' and a token")
        try:
            caller = self._of_token(text.strip())
        except StoreError as error:
            raise _later() from error
        if caller is None:
            raise _refused("the token is not valid, is over or was taken back; ask for a new one")
        return caller

    def sign_in(self, token: str) -> SignedIn | None:
        """A session of whoever has this token; null when it is none that counts.

        Raises:
            ProblemError: Tokens cannot be checked now.
        """
        try:
            return self._sessions.begin(token)
        except StoreError as error:
            raise _later() from error

    def caller_of_session(self, cookie: str) -> Caller | None:
        """Whose session it is; null when it is none that counts now.

        Args:
            cookie: The value of the cookie.

        Raises:
            ProblemError: That cannot be found out now.
        """
        try:
            return self._sessions.caller(cookie)
        except StoreError as error:
            raise _later() from error

    def _of_token(self, text: str) -> Caller | None:
        if text.startswith(PREFIX):
            token = self._tokens.verify(text)
            return Caller(token.role, f"token:{token.id}") if token else None
        if self._signed is not None and len(text) <= _LONGEST:
            return self._signed.caller(text)
        return None


def _later() -> ProblemError:
    return ProblemError(
        Problem.BUSY,
        "tokens cannot be checked at this moment; try again soon",
        headers={"Retry-After": "10"},
    )


def _refused(detail: str) -> ProblemError:
    return ProblemError(
        Problem.UNAUTHENTICATED,
        detail,
        parameter="Authorization",
        headers={"WWW-Authenticate": 'Bearer realm="geo-service", error="invalid_token"'},
    )
