"""The two steps of a round, each with its form."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.ingest.survey.forms.b1 import b1_form
from geo_service.ingest.survey.forms.b2 import YEARS_ASKED, b2_form

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geo_service.ingest.survey.forms.form import Form

__all__ = ["Step", "survey_form"]


class Step(StrEnum):
    """A step of data collection; the code is also the id of its form."""

    B1 = "B1"
    B2 = "B2"


def survey_form(
    step: Step,
    units: gpd.GeoDataFrame | None = None,
    years: Sequence[int] = YEARS_ASKED,
    country: str = "",
) -> Form:
    """The form of a step; see `b1_form` and `b2_form`. B1 asks for no years and countries."""
    return b1_form(units) if step is Step.B1 else b2_form(units, years, country)
