"""Which rounds and which releases there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from geo_service.api.context import Asked, AskedCurrent
from geo_service.api.questions.models import About, Envelope, Row
from geo_service.api.questions.parameters import TABLES, TableFormat, described
from geo_service.api.questions.reading import shaped
from geo_service.api.questions.replies import about_of, reply
from geo_service.api.security.roles import Role
from geo_service.wording import Wording, in_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from geo_service.release.manifest import Manifest

__all__ = ["ReleaseRow", "Releases", "RoundRow", "Rounds", "releases", "rounds", "rounds_there", "router"]

router = APIRouter(tags=["releases"])

_ROUNDS = Wording(en="Rounds", ru="Раунды", kk="Раундтар")
_RELEASES = Wording(en="Releases", ru="Выпуски", kk="Шығарылымдар")
_ROUND_RULE = Wording(
    en="release: the one that answers round=…: the current one where it is of the round, else the one that came last",
    ru="release: выпуск, который отвечает на round=…: текущий, если он этого раунда, иначе последний",
    kk="release: round=… сұрауына жауап беретін шығарылым: осы раундтікі болса — ағымдағысы, әйтпесе соңғысы",
)


class RoundRow(Row):
    """One round that can be asked of."""

    round: int
    country: Annotated[str, Field(description="ISO 3166-1 alpha-3.")]
    collected_from: Annotated[str | None, Field(description="ISO 8601.")]
    collected_to: Annotated[str | None, Field(description="ISO 8601.")]
    synthetic: Annotated[bool, Field(description="Whether any of its villages are made up.")]
    release: str
    is_current: Annotated[bool, Field(description="Whether it is answered where no round is named.")]


class Rounds(Envelope):
    """The rounds that there are."""

    about: About
    rows: list[RoundRow]


class ReleaseRow(Row):
    """One release."""

    release: str
    is_current: bool
    since: Annotated[str, Field(description="Since when it is here, ISO 8601, UTC.")]
    round: int | None
    country: str | None
    collected_from: str | None
    collected_to: str | None
    synthetic: bool | None
    parent: Annotated[
        str | None, Field(description="The release that was current when this one was published first.")
    ]
    readable: Annotated[bool, Field(description="Whether its manifest can be read.")]


class Releases(Envelope):
    """The releases that there are."""

    about: About
    rows: list[ReleaseRow]


@router.get(
    "/rounds",
    response_model=Rounds,
    **described(
        "rounds",
        "The rounds that there are",
        "The rounds that can be asked of with `round=`, each with the release that answers.",
        TABLES,
        "rounds",
    ),
)
def rounds(request: Request, asked: AskedCurrent, f: TableFormat = None) -> Response:
    """The rounds that there are, the last first."""
    return _listed(
        asked,
        request,
        f,
        "rounds",
        _ROUNDS,
        rounds_there(asked, asked.release.manifest.id),
        RoundRow,
        rule=in_language(_ROUND_RULE(), asked.language),
    )


def rounds_there(asked: Asked, current: str | None) -> list[dict[str, Any]]:
    """The rounds that can be asked of, the last first: fields of `RoundRow`.

    Args:
        asked: The request.
        current: The release that counts.
    """
    found: dict[int, dict[str, Any]] = {}
    for entry in asked.live.entries():
        if entry.manifest is None or entry.damage is not None or entry.manifest.round is None:
            continue
        number = entry.manifest.round.number
        if number not in found or entry.id == current:
            found[number] = _of_round(entry.manifest) | {"is_current": entry.id == current}
    return [found[number] for number in sorted(found, reverse=True)]


@router.get(
    "/releases",
    response_model=Releases,
    **described(
        "releases",
        "The releases that there are",
        "Every release, the one that came last first. The public is shown the current one.",
        TABLES,
        "releases",
    ),
)
def releases(request: Request, asked: AskedCurrent, f: TableFormat = None) -> Response:
    """The releases that there are."""
    current = asked.release.manifest.id
    entries = asked.live.entries()
    if asked.role is Role.PUBLIC:
        entries = [entry for entry in entries if entry.id == current]
    rows = [
        ({} if entry.manifest is None else _of_round(entry.manifest) | {"parent": entry.manifest.parent})
        | {
            "release": entry.id,
            "is_current": entry.id == current,
            "since": entry.since.isoformat(timespec="seconds"),
            "readable": entry.manifest is not None and entry.damage is None,
        }
        for entry in entries
    ]
    if asked.role is Role.PUBLIC:
        rows = [row | {"parent": None} for row in rows]
    return _listed(asked, request, f, "releases", _RELEASES, rows, ReleaseRow)


def _of_round(manifest: Manifest) -> dict[str, Any]:
    of = manifest.round
    said = {} if of is None else of.model_dump(exclude={"number"}) | {"round": of.number}
    return said | {"release": manifest.id}


def _listed(
    asked: Asked,
    request: Request,
    f: Any,
    name: str,
    title: Wording,
    rows: Sequence[dict[str, Any]],
    model: type[BaseModel],
    **more: Any,
) -> Response:
    columns = {key: [row.get(key) for row in rows] for key in model.model_fields}
    return reply(
        asked,
        request,
        f,
        TABLES,
        name=name,
        about=about_of(asked, None, title=in_language(title(), asked.language), notes=[], **more),
        rows=shaped(asked, pa.table(columns), model),
    )
