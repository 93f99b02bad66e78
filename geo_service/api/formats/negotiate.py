"""Which format a request is answered in: `f=`, else what `Accept` likes best, else the first that is offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fastapi import Request

from geo_service.api.answers import Format
from geo_service.api.formats.media import bare_type
from geo_service.api.problems import Problem, ProblemError

__all__ = ["chosen_format"]

_OTHER_TYPES: Mapping[Format, tuple[str, ...]] = {
    Format.HTML: ("application/xhtml+xml",),
    Format.GPKG: ("application/x-sqlite3", "application/vnd.sqlite3"),
    Format.PARQUET: ("application/parquet", "application/x-parquet"),
    Format.NDJSON: ("application/ndjson", "application/jsonl", "application/x-jsonlines"),
    Format.GEOJSONSEQ: ("application/json-seq",),
}
"""Under what else clients ask for a format."""


def chosen_format(request: Request, f: Format | None, offered: Sequence[Format]) -> Format:
    """The format of the answer.

    `json` asks for GeoJSON where there is that and no other JSON. Of formats that `Accept` likes equally well one that it names goes
    before one that it only lets through, then the one that is offered first.

    Args:
        request: Its `Accept` counts where there is no `f`.
        f: What `f=` says; null where it says nothing.
        offered: What the route can answer with, the default first.

    Raises:
        ProblemError: None of those offered is asked for.
    """
    if f is not None:
        chosen = Format.GEOJSON if f is Format.JSON and Format.JSON not in offered else f
        if chosen in offered:
            return chosen
        raise _refused(f"there is no f={f.value} of this", offered, "f")
    header = ",".join(request.headers.getlist("accept"))
    if not header.strip():
        return offered[0]
    ranges = list(_ranges(header))
    liked = [(_liking(one, offered, ranges), one) for one in offered]
    (quality, _), best = max(liked, key=lambda pair: pair[0])
    if quality > 0:
        return best
    raise _refused("none of the media types in Accept can be given", offered, "Accept")


def _refused(what: str, offered: Sequence[Format], parameter: str) -> ProblemError:
    there = [one.value for one in offered]
    return ProblemError(
        Problem.NOT_ACCEPTABLE,
        f"{what}; use f= with one of: {', '.join(there)}",
        parameter=parameter,
        allowed=there,
    )


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    """The media ranges of an `Accept` and their weights; those that cannot be read are left out."""
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights = [one[2:] for one in parameters if one.startswith("q=")]
        try:
            weight = float(weights[0]) if weights else 1.0
        except ValueError:
            continue
        if "/" in name and 0 <= weight <= 1:
            yield name, weight


def _liking(one: Format, offered: Sequence[Format], ranges: Sequence[tuple[str, float]]) -> tuple[float, int]:
    """The weight of the range that says most exactly what the format is, and how exactly: 0 to 3."""
    names = {bare_type(one), *_OTHER_TYPES.get(one, ())}
    if one is Format.GEOJSON and Format.JSON not in offered:
        names.add(bare_type(Format.JSON))
    wide = {f"{name.partition('/')[0]}/*" for name in names if name == bare_type(one)}
    found = [
        (3 if name in names else 2 if name in wide else 1, weight)
        for name, weight in ranges
        if name in names or name in wide or name == "*/*"
    ]
    if not found:
        return (0.0, 0)
    exactness = max(exact for exact, _ in found)
    return max(weight for exact, weight in found if exact == exactness), exactness
