"""Every table of a release, as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import Field

from geo_service.api.catalogue import tables as tables_of_edition
from geo_service.api.context import Asked, AskedOfRound, AskedPageOfRound
from geo_service.api.formats.negotiate import chosen_format
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.models import About, Envelope, Row
from geo_service.api.questions.parameters import (
    TABLES,
    AdmParameter,
    LimitParameter,
    TableFormat,
    described,
)
from geo_service.api.questions.places import Within, places_of
from geo_service.api.questions.reading import in_language, shaped
from geo_service.api.questions.replies import about_of, page_size, reply, said
from geo_service.export.headings import column_heading
from geo_service.query.questions import Features
from geo_service.vocabulary import AdminLevel, Language
from geo_service.wording import Wording
from geo_service.wording import in_language as worded_in

if TYPE_CHECKING:
    from geo_service.query.filters import Filter
    from geo_service.release.manifest import Collection

__all__ = [
    "TableAbout",
    "TableAnswer",
    "TableField",
    "TableList",
    "TableRow",
    "list_of_tables",
    "one_table",
    "router",
]

router = APIRouter(tags=["tables"])

_TITLE = Wording(en="Tables of the release", ru="Таблицы выпуска", kk="Шығарылым кестелері")
_KEYS = {"fid", "id"}


class TableRow(Row):
    """One table that can be asked for."""

    table: Annotated[str, Field(description="Its name: /tables/{name}.")]
    title: str
    kind: Annotated[str, Field(description="`table` of the report, or `frame` that tables are made from.")]
    rows: int
    by: Annotated[AdminLevel | None, Field(description="What it is split by; null for the whole.")]
    basis: str | None
    href: str


class TableList(Envelope):
    """The tables that there are."""

    about: About
    rows: list[TableRow]


class TableField(Row):
    """One column."""

    name: str
    type: str
    title: Annotated[str, Field(description="What people call it, in the language asked for.")]


class TableAbout(About):
    """What the numbers of the table mean, and its columns."""

    table: str
    fields: list[TableField]
    of_rows: Annotated[int, Field(description="Rows on all pages.")]


class TableAnswer(Envelope):
    """A table; its columns are in `about.fields`."""

    about: TableAbout
    rows: list[dict[str, Any]]


@router.get(
    "/tables",
    response_model=TableList,
    **described(
        "tables",
        "The tables that there are",
        "Every table of the release that may be seen.",
        TABLES,
        "tables",
        "tables?lang=kk",
    ),
)
def list_of_tables(request: Request, asked: AskedOfRound, f: TableFormat = None) -> Response:
    """The tables of the release."""
    found = [asked.release.collection(name) for name in tables_of_edition(asked.release)]
    round_ = asked.release.manifest.round
    suffix = f"?round={round_.number}" if "round" in request.query_params and round_ else ""
    rows = pa.table(
        {
            "table": [one.name for one in found],
            "title": [one.title[asked.language] for one in found],
            "kind": [one.kind for one in found],
            "rows": [one.rows for one in found],
            "by": [_level(one) and str(_level(one)) for one in found],
            "basis": [said(one.about.get("basis"), asked.language) for one in found],
            "href": [f"{asked.base}/tables/{one.name}{suffix}" for one in found],
        }
    )
    return reply(
        asked,
        request,
        f,
        TABLES,
        name="tables",
        about=about_of(asked, None, title=worded_in(_TITLE(), asked.language)),
        rows=shaped(asked, rows, TableRow),
    )


@router.get(
    "/tables/{name}",
    response_model=TableAnswer,
    **described(
        "table",
        "One table",
        "Any table of the release in any format, with labels and names in the language asked for. /tables lists them.",
        TABLES,
        "tables/access_by_band",
        "tables/access_by_band_and_region?lang=ru&f=xlsx",
    ),
)
def one_table(
    request: Request,
    asked: AskedPageOfRound,
    name: Annotated[
        str,
        Path(
            description="The table, as /tables names it.",
            max_length=80,
            openapi_examples={"access_by_band": {"value": "access_by_band"}},
        ),
    ],
    adm: AdmParameter = None,
    limit: LimitParameter = None,
    f: TableFormat = None,
) -> Response:
    """A table as it is."""
    source = asked.release.collection(name)
    if source.geometry is not None:
        raise ProblemError(
            Problem.NOT_FOUND,
            f"'{source.name}' is a layer, not a table; it is at /ogc/collections/{source.name}/items",
        )
    within, inside = _inside(asked, source, adm)
    chosen = chosen_format(request, f, TABLES)
    question = Features(filter=inside, geometry=False)
    size = page_size(asked, chosen, limit, asked.settings.max_limit)
    page = asked.release.page(source.name, question, size, request.query_params.get("cursor"))
    rows = in_language(page.features, asked.language)
    rows = rows.select([one for one in rows.column_names if one not in _KEYS])
    matched = asked.release.count(source.name, question)
    about = about_of(asked, source, within, by=within.by if within else _level(source))
    return reply(
        asked,
        request,
        f,
        TABLES,
        name=source.name,
        about=TableAbout(
            **about.model_dump(), table=source.name, fields=_fields(rows, asked.language), of_rows=matched
        ),
        rows=rows,
        following=page.next,
        matched=matched,
        details=adm,
    )


def _level(source: Collection) -> AdminLevel | None:
    by = source.about.get("by")
    return AdminLevel(by) if by in set(AdminLevel) else None


def _inside(asked: Asked, source: Collection, adm: str | None) -> tuple[Within | None, Filter | None]:
    """What of a table is inside the units asked for."""
    if adm is None:
        return None, None
    columns = {one.name for one in source.fields}
    if "pcode" in columns and (by := _level(source)):
        within = places_of(asked.release).within(adm, by, by)
        return within, within.of_units
    within = places_of(asked.release).within(adm, None, AdminLevel.COUNTRY)
    needed = {"adm1_pcode"} if within.regions else set()
    needed |= {"adm2_pcode"} if within.districts else set()
    if not needed <= columns:
        raise ProblemError(
            Problem.INVALID_PARAMETER,
            f"'{source.name}' is not split by admin unit, so 'adm' cannot be asked of it; ask for a table by region or district",
            parameter="adm",
        )
    return within, within.of_villages


def _fields(rows: pa.Table, language: Language) -> list[TableField]:
    kinds = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "integer"),
        (pa.types.is_floating, "number"),
        (pa.types.is_date, "date"),
    )
    return [
        TableField(
            name=one.name,
            type=next((kind for is_kind, kind in kinds if is_kind(one.type)), "text"),
            title=column_heading(one.name, language),
        )
        for one in rows.schema
    ]
