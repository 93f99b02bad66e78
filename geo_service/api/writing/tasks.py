"""What a job has to do, of the fields and files that were received."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from geo_service.api.problems import Problem, ProblemError
from geo_service.vocabulary import countries

if TYPE_CHECKING:
    from geo_service.api.writing.receive import Received

__all__ = ["CRS", "HIGHEST", "LAYER_FIELDS", "MOST_FILES", "facilities_task", "round_task"]

HIGHEST = 100_000
"""Number of a round."""
MOST_FILES = 18
"""Of a survey; with the villages and the crosswalk as many as a form may have."""
CRS = r"^[A-Za-z]{2,10}:[A-Za-z0-9]{1,20}$"
LAYER_FIELDS = {
    "layer": "The layer or sheet of a file that has several.",
    "crs": "The reference system of a file that names none, such as EPSG:4326.",
    "encoding": "Of a CSV or shapefile, such as cp1251.",
    "lon": "The column of longitude or easting of a table; else found.",
    "lat": "The column of latitude or northing of a table; else found.",
    "id": "The column of ids; else found.",
    "name": "The column of names; else found.",
    "attribution": "Who must be named where the layer is used.",
    "licence": "Its licence, such as CC-BY-4.0.",
}
"""How a layer of facilities is read and credited: each field and what it is."""


def round_task(received: Received) -> dict[str, Any]:
    """What to do with the files of a round: its `number` and `country`.

    Raises:
        ProblemError: A field or file is missing, unknown, or not what it has to be.
    """
    fields = _only(received, ["number", "country"])
    if not received.files.get("files"):
        raise _wrong("files", "send the files of B1 and B2 in the field 'files'")
    if len(received.files["files"]) > MOST_FILES:
        raise _wrong("files", f"send at most {MOST_FILES} files in the field 'files'; a .zip holds more")
    number, country = fields.get("number", ""), fields.get("country", "")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", number) or int(number) > HIGHEST:
        raise _wrong("number", f"give the number of the round, from 1 to {HIGHEST}, in the field 'number'")
    if country not in countries():
        raise _wrong("country", "give the country by its ISO 3166-1 alpha-3 code, such as KAZ")
    for field in ("villages", "crosswalk"):
        if len(received.files.get(field, [])) > 1:
            raise _wrong(field, f"send one file in '{field}'")
    return {"number": int(number), "country": country}


def facilities_task(received: Received) -> dict[str, Any]:
    """What to do with a layer of facilities: the `LAYER_FIELDS` that were given. Of which service is for the caller to say.

    Raises:
        ProblemError: As of `round_task`.
    """
    if len(received.files.get("file", [])) != 1:
        raise _wrong("file", "send one file in the field 'file'")
    fields = _only(received, [*LAYER_FIELDS])
    if fields.get("crs") and not re.fullmatch(CRS, fields["crs"]):
        raise _wrong("crs", "give the reference system by authority and code, such as EPSG:4326")
    return dict(fields)


def _only(received: Received, names: list[str]) -> dict[str, str]:
    for name in received.fields:
        if name not in names:
            raise ProblemError(
                Problem.INVALID_BODY,
                f"'{name[:60]}' is no field here; there are: {', '.join(names)}",
                parameter=name[:60],
                allowed=names,
            )
    return received.fields


def _wrong(field: str, detail: str) -> ProblemError:
    return ProblemError(Problem.INVALID_BODY, detail, parameter=field)
