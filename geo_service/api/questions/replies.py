"""From rows to an answer: what its numbers mean, its links, its format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

from geo_service.api.answers import Answer, Format, Link
from geo_service.api.formats.media import alternates, with_parameter
from geo_service.api.formats.negotiate import chosen_format
from geo_service.api.formats.respond import WITH_LINKS, respond
from geo_service.api.questions.models import About, Bands, RoundInfo, Suppression
from geo_service.api.questions.reading import PLACE
from geo_service.coverage.bands import Bands as MadeBands
from geo_service.export.headings import column_heading
from geo_service.release.titles import SUPPRESSED
from geo_service.vocabulary import Basis, Language
from geo_service.wording import in_language as worded_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request, Response

    from geo_service.api.context import Asked
    from geo_service.api.questions.places import Within
    from geo_service.release.manifest import Collection, Manifest

__all__ = ["MOST_IN_A_FILE", "about_of", "notes_of", "page_size", "reply", "round_info", "said"]

MOST_IN_A_FILE = 100_000
"""Rows of a file that names no limit; what is more is on its next page."""


def about_of(asked: Asked, source: Collection | None, within: Within | None = None, **more: Any) -> About:
    """What the numbers of a collection mean, in the language asked for.

    Args:
        asked: The request.
        source: The collection that the rows are from; null for what no collection holds.
        within: What was asked for; null where there are no units.
        more: Fields of `About` that are otherwise than the collection says.
    """
    manifest, language = asked.release.manifest, asked.language
    own = {} if source is None else {key: said(value, language) for key, value in source.about.items()}
    suppressed = _suppression(own, language)
    is_measured = Basis.MEASURED in str(own.get("basis") or "")
    bands = _bands(manifest, own, language) if is_measured else None
    if bands is not None and own.get("rule") in {
        bands.rule,
        manifest.parameters.get("bands", {}).get("rule"),
    }:
        own.pop("rule")
    fields: dict[str, Any] = {
        "title": "" if source is None else source.title[language],
        "basis": own.get("basis"),
        "method": own.get("method"),
        "rule": own.get("rule"),
        "base": own.get("base"),
        "bands": bands,
        "presence_km": manifest.parameters.get("presence_km") if is_measured else None,
        "round": round_info(manifest),
        "release": manifest.id,
        "by": None if within is None else within.by,
        "adm": None if within is None or within.adm is None else list(within.adm),
        "language": language,
        "suppressed": suppressed,
        "notes": notes_of(manifest, language, own),
        "attributions": list(manifest.licences),
    }
    notes = [*fields["notes"], *more.pop("notes", [])]
    return About(**(fields | more | {"notes": notes}))


def reply(
    asked: Asked,
    request: Request,
    f: Format | None,
    offered: Sequence[Format],
    *,
    name: str,
    about: About,
    rows: pa.Table,
    geometry: str | None = None,
    feature_id: str | None = None,
    following: str | None = None,
    matched: int | None = None,
    details: str | None = None,
    with_place: bool = True,
) -> Response:
    """The answer, in the format that is asked for.

    Args:
        asked: The request.
        request: The same, as it came.
        f: The format that its URL names; null for none.
        offered: The formats that there are, the default first.
        name: Of files and layers.
        about: What the numbers mean.
        rows: In the columns of the answer's model.
        geometry: The column of the geometry; null for none.
        feature_id: The column that identifies a row; null for none.
        following: The cursor of the next page; null after the last.
        matched: How many rows all pages have; null where that is not said.
        details: What else is in the name of a file; null for nothing.
        with_place: Whether typed JSON says the longitude and latitude of points.

    Raises:
        ProblemError: There is no such format.
    """
    chosen = chosen_format(request, f, offered)
    links = alternates(asked.url, offered, chosen)
    if following is not None:
        links.append(Link(with_parameter(asked.url, "cursor", following), "next", title="The next page"))
    route = request.scope["route"]
    operation = f"{asked.base}/docs#/{route.tags[0]}/{route.operation_id}" if route.tags else asked.base
    links.append(Link(operation, "help", "text/html", "What can be asked here"))
    if geometry is not None and chosen is Format.JSON and with_place:
        rows = _with_place(rows, geometry)
    answer = Answer(
        name=name,
        title=about.title,
        rows=rows,
        about=about.model_dump(mode="json"),
        geometry=geometry,
        feature_id=feature_id,
        links=tuple(links),
        matched=matched,
        details=details,
        language=asked.language,
        labels={one: column_heading(one, asked.language) for one in rows.column_names},
    )
    return respond(answer, chosen, request)


def page_size(asked: Asked, chosen: Format, limit: int | None, otherwise: int) -> int:
    """How many rows a page has.

    Args:
        asked: The request.
        chosen: Its format: a file that names no limit holds all of `MOST_IN_A_FILE`.
        limit: What the request says; null for nothing.
        otherwise: What it is where a page is read on the spot and the request says nothing.
    """
    if limit is None and chosen not in WITH_LINKS:
        return MOST_IN_A_FILE
    return min(limit or otherwise, asked.settings.max_limit)


def round_info(manifest: Manifest) -> RoundInfo | None:
    """The round of a release; null where it has none."""
    return None if manifest.round is None else RoundInfo(**manifest.round.model_dump())


def said(value: Any, language: Language) -> Any:
    """What is said by language, in one."""
    if isinstance(value, dict) and value.keys() == set(Language):
        return value[language]
    return value


def notes_of(manifest: Manifest, language: Language, own: dict[str, Any] | None = None) -> list[str]:
    """What a reader has to know of all of a release and of one of its collections, each once."""
    every = [one[language] for one in manifest.notes]
    every += [str(text) for key, text in (own or {}).items() if key.endswith("note") and text]
    return list(dict.fromkeys(every))


def _with_place(rows: pa.Table, geometry: str) -> pa.Table:
    """The place of points as two columns; null for what is no point."""
    shapes = shapely.from_wkb(rows[geometry].to_numpy())
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    for name, of in zip(PLACE, (shapely.get_x, shapely.get_y), strict=True):
        values = np.where(is_point, of(shapes), np.nan)
        rows = rows.append_column(name, pa.array(values, pa.float64(), from_pandas=True))
    return rows


def _bands(manifest: Manifest, own: dict[str, Any], language: Language) -> Bands | None:
    """The bands of a collection, else of its release; their rule in the language where this version says the same."""
    of_release = manifest.parameters.get("bands") or {}
    edges = own.get("edges_km") or of_release.get("edges_km")
    if not edges:
        return None
    said = str(own.pop("band_rule", None) or of_release.get("rule") or "")
    worded = MadeBands(tuple(edges)).rule
    return Bands(
        edges_km=[float(one) for one in edges], rule=worded_in(worded, language) if said == worded else said
    )


def _suppression(own: dict[str, Any], language: Language) -> Suppression | None:
    """How a guarded collection is guarded, which its `rule` then no longer says too; null for one that is whole."""
    if own.get("edition") != "public" or not isinstance(own.get("threshold"), int):
        return None
    threshold, least = own["threshold"], own.get("least_villages")
    rule = worded_in(SUPPRESSED(threshold=threshold, villages=least or 1), language)
    own["rule"] = str(own.get("rule") or "").removesuffix(rule).removesuffix(". ") or None
    return Suppression(threshold=threshold, least_villages=least, rule=rule)
