"""Query parameters that several questions have, and how their routes are described."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from geo_service.api.answers import Format
from geo_service.api.formats.media import LAYER_FORMATS, TABLE_FORMATS, bare_type
from geo_service.vocabulary import AdminLevel, Basis, PopulationGroup, Service

__all__ = [
    "LAYERS",
    "TABLES",
    "AdmParameter",
    "BasisParameter",
    "ByParameter",
    "GroupParameter",
    "LayerFormat",
    "LimitParameter",
    "OneService",
    "ServiceParameter",
    "TableFormat",
    "UnitLevel",
    "UnitParameter",
    "described",
]

LAYERS: tuple[Format, ...] = (Format.JSON, *LAYER_FORMATS)
"""What rows with a geometry are offered in: typed JSON first."""

TABLES: tuple[Format, ...] = TABLE_FORMATS
"""What rows without a geometry are offered in: typed JSON first."""


class UnitLevel(StrEnum):
    """A level of admin units below the country."""

    REGION = "region"
    DISTRICT = "district"


ByParameter = Annotated[
    AdminLevel | SkipJsonSchema[None],
    Query(description="Split by admin unit; else the whole, or with `adm` the level of its units."),
]

UnitParameter = Annotated[
    UnitLevel | SkipJsonSchema[None],
    Query(description="The level of the units; else regions, or with `adm` the level of its units."),
]

AdmParameter = Annotated[
    Annotated[str, Field(min_length=1, max_length=2_000)] | SkipJsonSchema[None],
    Query(
        description="Only what is inside these admin units: P-codes of regions or districts, several with commas."
    ),
]

OneService = Annotated[
    Service,
    Query(
        description="The service.",
        openapi_examples={"hospital": {"value": "hospital", "summary": "Hospitals"}},
    ),
]

ServiceParameter = Annotated[
    Service | SkipJsonSchema[None], Query(description="Only this service; else all of them.")
]

BasisParameter = Annotated[
    Basis | SkipJsonSchema[None],
    Query(
        description="`reported` by key informants, or `measured` from facility layers; else reported where key informants were asked."
    ),
]

GroupParameter = Annotated[
    PopulationGroup,
    Query(
        description="The population group.",
        openapi_examples={"returnees": {"value": "returnees", "summary": "Returnees"}},
    ),
]

_FORMAT = Query(description="The format of the answer; else what `Accept` asks for, else JSON.")

# The schema names what a route offers; of other formats the answer says that there is no such.
TableFormat = Annotated[
    Annotated[Format, WithJsonSchema({"type": "string", "enum": [*map(str, TABLES)]})] | SkipJsonSchema[None],
    _FORMAT,
]

LayerFormat = Annotated[
    Annotated[Format, WithJsonSchema({"type": "string", "enum": [*map(str, LAYERS)]})] | SkipJsonSchema[None],
    _FORMAT,
]

LimitParameter = Annotated[
    # The limits stand inside, since a schema without null would else lose them.
    Annotated[int, Field(ge=1, le=1_000_000)] | SkipJsonSchema[None],
    Query(description="How many rows a page has; more than the service gives at once is cut down to that."),
]


def described(
    name: str, summary: str, what: str, offered: tuple[Format, ...], *examples: str
) -> dict[str, Any]:
    """What the OpenAPI says of a route beside its parameters and its model: formats and examples.

    Args:
        name: Its operationId, which stays.
        summary: One line.
        what: What is asked and what is answered.
        offered: In which formats it answers.
        examples: URLs that run as they stand, without the slash that they begin with.
    """
    runs = "".join(f"\n- [`/{one}`]({one})" for one in examples)
    files = {bare_type(one): {"schema": _schema(one)} for one in offered if one is not Format.JSON}
    return {
        "operation_id": name,
        "name": name,
        "summary": summary,
        "description": f"{what}\n\nExamples:\n{runs}",
        "responses": {200: {"description": "The answer.", "content": files}},
    }


def _schema(one: Format) -> dict[str, Any]:
    if one is Format.GEOJSON:
        return {"type": "object"}
    is_text = one in {Format.HTML, Format.CSV, Format.NDJSON, Format.GEOJSONSEQ}
    return {"type": "string"} if is_text else {"type": "string", "format": "binary"}
