"""What is put side by side, and what is wanted of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.benchmarks import join_peers, nearest_peers, osm_peers, release_peers, release_writers, round_peers
from tests.benchmarks.inputs import data_folder, settlements

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.contender import Contender

__all__ = ["ROUND_TIMES", "Case", "Ceiling", "Wanted", "make_cases"]


ROUND_TIMES = (1, 10, 100)
"""How many times the villages of Round 3 a benchmarked round has."""

PUBLISH_MB = 1536
OPEN_S = 0.05
LARGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the project asks of ours: at most, or at least, so many times a peer.

    Attributes:
        peer: The contender.
        times: Our seconds over the peer's where `at_most`, the peer's over ours else.
        at_most: Which of the two.
    """

    peer: type[Contender]
    times: float
    at_most: bool


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What one contender may take.

    Attributes:
        contender: Which.
        measure: `median_s` or `peak_mb`.
        most: In the unit of the measure.
    """

    contender: type[Contender]
    measure: str
    most: float


@dataclass(frozen=True, slots=True)
class Case:
    """Contenders that do the same work, ours first.

    Attributes:
        name: Its heading in the report.
        contenders: Each with the rows and the details it is given.
        geodesic: Whether other answers are measured in metres.
        wanted: What is asked of ours.
        postgis: Whether contenders share a PostGIS server that the run starts.
    """

    name: str
    contenders: list[tuple[type[Contender], int, dict[str, Any]]]
    geodesic: bool = False
    wanted: list[Wanted | Ceiling] = field(default_factory=list)
    postgis: bool = False


def make_cases(points: int, facilities: int, scaling: list[int], extracts: list[Path]) -> list[Case]:
    """All cases, for `points` household points and `facilities` a service."""
    size = f"{points:,} points, {facilities:,} facilities"
    floor = Wanted(nearest_peers.Floor, 1.3, at_most=True)
    postgis = Wanted(nearest_peers.PostgisNearest, 40, at_most=False)
    every = [
        nearest_peers.ExactNearest,
        nearest_peers.Floor,
        nearest_peers.SjoinNearestConic,
        nearest_peers.SjoinNearestUtm,
        nearest_peers.PostgisNearest,
        nearest_peers.SedonaPlanar,
        nearest_peers.SedonaSpheroid,
    ]
    with_k = [peer for peer in every if not issubclass(peer, nearest_peers.SjoinNearestConic)]
    sjoin = [
        Wanted(peer, 4, at_most=False) for peer in every if issubclass(peer, nearest_peers.SjoinNearestConic)
    ]
    cases = [
        Case(
            f"Nearest, k=1: {size}",
            [(peer, points, {"k": 1}) for peer in every],
            True,
            [floor, *sjoin, postgis],
        ),
        Case(f"Nearest, k=3: {size}", [(peer, points, {"k": 3}) for peer in with_k], True, [floor, postgis]),
        Case(
            f"Six services: {points:,} points, 6 x {facilities:,} facilities",
            [(nearest_peers.ExactAccess, points, {}), (nearest_peers.SixFloors, points, {})],
            wanted=[Wanted(nearest_peers.SixFloors, 1.3, at_most=True)],
        ),
        Case(
            f"Scaling, k=1: {facilities:,} facilities",
            [(nearest_peers.ExactNearest, rows, {}) for rows in scaling],
        ),
    ]
    joins = [join_peers.Locate, join_peers.LocateSnapping, join_peers.SjoinWithin, join_peers.SjoinIntersects]
    places = settlements()
    if places is not None:
        real = f"Points into districts: {len(places):,} real places"
        cases.append(Case(real, [(peer, len(places), {"places": True}) for peer in joins]))
    cases.append(Case(f"Points into districts: {points:,} points", [(peer, points, {}) for peer in joins]))
    readers = [osm_peers.ReadOsm, osm_peers.GdalOsm, osm_peers.GdalOsmWanted]
    for path in extracts or [data_folder() / "andorra_osm" / "andorra.osm.pbf"]:
        size_mb = f" ({path.stat().st_size / 1e6:.1f} MB)" if path.is_file() else ""
        cases.append(
            Case(f"OSM extract: {path.name}{size_mb}", [(peer, 1, {"path": path}) for peer in readers])
        )
    for times in ROUND_TIMES:
        villages = times * round_peers.VILLAGES
        peers = [round_peers.ImportAndTabulate, round_peers.ImportOnly, round_peers.PandasAlone]
        # Openpyxl would take an hour for the largest.
        peers += [round_peers.PandasOpenpyxl] if times < ROUND_TIMES[-1] else []
        cases.append(
            Case(
                f"Survey round: {villages:,} villages",
                [(peer, villages, {}) for peer in peers],
                wanted=[Wanted(round_peers.PandasAlone, 3, at_most=True)],
            )
        )
    for villages in (points // 100, points // 10, points):
        cases += _release_cases(villages)
    return cases


def _release_cases(villages: int) -> list[Case]:
    """What is done with a release of `villages` and six services."""
    peers, writers = release_peers, release_writers
    size = f"{villages:,} villages, 6 services"
    publishers = [
        writers.Publish,
        writers.MeasureAndPublish,
        writers.PushToPostgis,
        writers.WriteGeopackage,
        writers.WriteGeoparquet,
    ]
    askers = [peers.AskDuckdb, peers.AskPostgis, peers.GeopackagePushed, peers.GeopackageWhole]
    memory = [Ceiling(one, "peak_mb", PUBLISH_MB) for one in (writers.Publish, writers.MeasureAndPublish)]
    opening = [Ceiling(one, "median_s", OPEN_S) for one in (writers.OpenFolder, writers.OpenPostgis)]
    geopackages = (peers.GeopackagePushed, peers.GeopackageWhole)
    # Of a small file there is nothing to leave out.
    faster = [Wanted(one, 10, at_most=False) for one in geopackages if villages >= LARGE]
    cases = [
        Case(f"Release, publish: {size}", _all(publishers, villages), wanted=memory, postgis=True),
        Case(
            f"Release, open: {size}",
            _all([writers.OpenFolder, writers.OpenPostgis], villages),
            wanted=opening,
            postgis=True,
        ),
    ]
    for question, heading, wanted in (
        ("attribute", "attributes, some 1,000 features", []),
        ("box", "box and attribute, some 1,000 features", faster),
        ("pages", "pages of 1,000, up to 100", []),
        ("sorted pages", "pages of 1,000 by distance, up to 100", []),
        ("aggregate", "counts, sums and means by service and band", []),
    ):
        more = [peers.ParquetPushed] if question in {"attribute", "box"} else []
        contenders = _all([*askers, *more], villages, question=question)
        cases.append(Case(f"Release, {heading}: {size}", contenders, wanted=[*wanted], postgis=True))
    return cases


def _all(peers: list[Any], rows: int, **details: Any) -> list[tuple[type[Contender], int, dict[str, Any]]]:
    return [(peer, rows, details) for peer in peers]
