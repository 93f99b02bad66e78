"""What key informants said of each population group and each service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.cells import codes, counts, yes_no
from geo_service.ingest.survey.answers.choices import BAND_WORDS, GROUP_WORDS, SERVICE_WORDS
from geo_service.ingest.survey.answers.grid import read_grid, spread
from geo_service.vocabulary import PopulationGroup, Service

if TYPE_CHECKING:
    from geo_service.ingest.survey.answers.grid import Grid
    from geo_service.ingest.survey.answers.reading import Reading

__all__ = ["GROUPS", "SERVICES", "mobility_answers", "service_answers"]

GROUPS = tuple(PopulationGroup)
SERVICES = tuple(Service)


def mobility_answers(reading: Reading) -> tuple[pd.DataFrame, Grid]:
    """Presence, individuals and households of each group.

    Returns:
        One row a village and group, the groups of a village together: `present` (boolean, null where not said), `individuals`,
        `households` (float64, NaN where not said), `is_bad` (bool: what stands for the individuals is no number); and where they stand.
    """
    questions = {
        what: tuple(q.group_question(group, what) for group in GROUPS)
        for what in ("present", "individuals", "households")
    }
    grid = read_grid(reading, "mobility", "group", GROUP_WORDS, GROUPS, questions)
    present = yes_no(grid.cells["present"], reading.lines, reading.findings)
    individuals, is_bad = counts(grid.cells["individuals"], reading.lines, reading.findings)
    households, _ = counts(grid.cells["households"], reading.lines, reading.findings)
    frame = pd.DataFrame(
        {
            "present": pd.array(
                spread(grid, "present", present.to_numpy(dtype=object), None), dtype="boolean"
            ),
            "individuals": spread(grid, "individuals", individuals, np.nan),
            "households": spread(grid, "households", households, np.nan),
            "is_bad": spread(grid, "individuals", is_bad, empty=False),
        }
    )
    return frame, grid


def service_answers(reading: Reading) -> tuple[pd.DataFrame, Grid]:
    """Presence of each service and the reported distance band to the nearest.

    Returns:
        One row a village and service, the services of a village together: `present` (boolean, null where not said), `band` (string, a
        code of `Band`, null where not said), `is_bad` (bool: what stands for the band is none); and where they stand.
    """
    questions = {
        "present": tuple(q.presence_question(service) for service in SERVICES),
        "band": tuple(q.band_question(service) for service in SERVICES),
    }
    grid = read_grid(reading, "services", "service", SERVICE_WORDS, SERVICES, questions)
    present = yes_no(grid.cells["present"], reading.lines, reading.findings)
    band, is_bad = codes(grid.cells["band"], BAND_WORDS, reading.lines, reading.findings)
    frame = pd.DataFrame(
        {
            "present": pd.array(
                spread(grid, "present", present.to_numpy(dtype=object), None), dtype="boolean"
            ),
            "band": pd.array(spread(grid, "band", band.to_numpy(dtype=object), None), dtype="string"),
            "is_bad": spread(grid, "band", is_bad, empty=False),
        }
    )
    return frame, grid
