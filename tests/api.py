"""The service for tests: an app over a release, asked without a socket, in any role."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from geo_service.api.security.callers import Caller
from geo_service.api.security.roles import Role
from geo_service.settings import ApiSettings, AuthSettings, UploadSettings
from geo_service.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["client_of"]


class _As:
    """Everybody is this caller."""

    is_configured = True

    def __init__(self, role: Role) -> None:
        self._caller = Caller(role, f"test:{role}")

    def caller(self, authorization: str | None) -> Caller:  # noqa: ARG002
        return self._caller


@contextmanager
def client_of(
    store: Path | str,
    role: Role = Role.EDITOR,
    *,
    scratch: Path | None = None,
    raise_server_exceptions: bool = True,
    **settings: object,
) -> Iterator[TestClient]:
    """A client of the service over the releases in `store`, as somebody of this role.

    Args:
        store: A folder of releases or `postgresql://…`.
        role: Who asks.
        scratch: Where uploads work; null where nobody uploads.
        raise_server_exceptions: Whether an error that nobody expected ends the test.
        settings: Of `ApiSettings`.
    """
    uploads = UploadSettings(directory=scratch) if scratch else UploadSettings()
    app = create_app(ApiSettings(store=str(store), **settings), auth=AuthSettings(), uploads=uploads)
    app.state.authenticator = _As(role)
    with TestClient(app, raise_server_exceptions=raise_server_exceptions) as client:
        yield client
