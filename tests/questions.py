"""Planners' questions for tests: the service over the made-up country, in each role."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
from api import client_of
from api_world import world_facilities, world_round

from geo_service.api.security.roles import Role
from geo_service.coverage.access import access

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd

__all__ = ["Questions", "measured", "questions_of", "reported"]


class Questions:
    """Asks the service as anybody."""

    def __init__(self, store: Path, stack: ExitStack) -> None:
        self._clients = {role: stack.enter_context(client_of(store, role)) for role in Role}

    def response(self, url: str, role: Role = Role.ANALYST, status: int = 200) -> Any:
        """What comes back, whose status has to be this."""
        response = self._clients[role].get(url)
        assert response.status_code == status, (url, response.status_code, response.text[:500])
        return response

    def answer(self, url: str, role: Role = Role.ANALYST) -> dict[str, Any]:
        """The JSON of an answer."""
        found: dict[str, Any] = self.response(url, role).json()
        return found

    def problem(self, url: str, status: int, role: Role = Role.ANALYST) -> dict[str, Any]:
        """The JSON of a problem."""
        response = self.response(url, role, status)
        assert response.headers["content-type"].startswith("application/problem+json")
        found: dict[str, Any] = response.json()
        return found

    def rows(self, url: str, role: Role = Role.ANALYST) -> pd.DataFrame:
        """The rows of an answer; what is null is NA or None."""
        return pd.DataFrame(self.answer(url, role)["rows"]).convert_dtypes()

    def openapi(self) -> dict[str, Any]:
        """The document of the service."""
        return self.answer("/openapi.json")


@contextmanager
def questions_of(store: Path) -> Iterator[Questions]:
    """Over the releases of a folder."""
    with ExitStack() as stack:
        yield Questions(store, stack)


@cache
def measured() -> gpd.GeoDataFrame:
    """Measured access of the country's villages, computed here and not read from the release."""
    return access(world_round().villages, world_facilities())


@cache
def reported() -> pd.DataFrame:
    """What key informants said, beside the units and households of each village."""
    survey = world_round()
    columns = ["village_id", "adm1_pcode", "adm2_pcode", "households"]
    return survey.reported_access.merge(pd.DataFrame(survey.villages[columns]), on="village_id")
