"""Who asks: the caller of a request, found from its bearer token."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.api.security.roles import Role

__all__ = ["Caller"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        role: What they may see.
        name: For logs and limits: the id of a token (`token:3f9a…`), a keyed hash of an OIDC subject, `local`, or `anonymous`. Never a name of a person.
    """

    role: Role
    name: str = "anonymous"
