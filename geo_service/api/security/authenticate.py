"""From the headers of a request to who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.api.security.callers import Caller
from geo_service.api.security.roles import Role

if TYPE_CHECKING:
    from geo_service.settings import AuthSettings

__all__ = ["Authenticator"]


class Authenticator:
    """Finds out who asks.

    Args:
        settings: Where tokens are and whose signatures count.
        is_local: Whether the service listens on a loopback only: without any authentication configured everybody is then an editor.
    """

    def __init__(self, settings: AuthSettings, *, is_local: bool) -> None:
        """Read nothing yet."""
        self._settings = settings
        self._is_local = is_local

    @property
    def is_configured(self) -> bool:
        """Whether there is any token or issuer."""
        return False

    def caller(self, authorization: str | None) -> Caller:
        """Who asks.

        Args:
            authorization: The header `Authorization`; null where there is none.

        Raises:
            ProblemError: It is there and not valid.
        """
        if self._is_local and not self.is_configured:
            return Caller(Role.EDITOR, "local")
        return Caller(Role.PUBLIC)
