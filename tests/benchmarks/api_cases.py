"""The questions put to each service, in many variants, so that what is measured is the work and not a cache."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks.api_data import KINDS
from tests.benchmarks.inputs import SEED

if TYPE_CHECKING:
    from tests.benchmarks.api_data import Villages

__all__ = ["CASES", "ApiCase", "Ask", "api_cases"]

BOXES, SINGLES, TILES, DEEP = 2_000, 5_000, 200, 10
IN_A_BOX, IN_A_TILE = 1_000, 500
ZOOM = 9
KIND = KINDS[-1]


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, in the terms of no service.

    Attributes:
        limit: How many features, null where that is not asked.
        offset: How many to leave out: a multiple of 1,000 that all services can begin at.
        box: West, south, east, north in degrees, and the `kind` wanted in it; null for everywhere.
        number: Which feature, from 1; null for several.
        tile: Zoom, column, row; null for no tile.
    """

    limit: int | None = None
    offset: int = 0
    box: tuple[float, float, float, float] | None = None
    number: int | None = None
    tile: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class ApiCase:
    """Variants of one question.

    Attributes:
        name: As `--only` and the report call it.
        title: What is asked.
        asks: The variants, asked in turn.
        expected: The ids of what the first variant and the last should find.
        note: What a reader must know.
        unchanged: Whether the client has the answer already, and says so with If-None-Match.
    """

    name: str
    title: str
    asks: list[Ask]
    expected: list[set[str]] = field(repr=False)
    note: str = ""
    unchanged: bool = False


CASES = (
    "items 10",
    "items 1,000",
    "items 10,000",
    "deep page",
    "box and filter",
    "single feature",
    "tile",
    "unchanged",
)


def api_cases(villages: Villages) -> list[ApiCase]:
    """All cases, over these rows."""
    ids = villages.frame["village_id"].to_numpy()
    rows = len(ids)
    random = np.random.default_rng(SEED)

    def page(limit: int, offset: int = 0) -> set[str]:
        return set(ids[offset : offset + limit])

    cases = []
    for limit in (10, 1_000, 10_000):
        # One variant of ten: the others differ by a hundredth at most.
        limits = [limit - number * limit // 1_000 for number in range(10)] if limit > 10 else [limit]
        asks = [Ask(limit=one) for one in limits]
        title = f"The first {limit:,} features, all properties"
        cases.append(ApiCase(f"items {limit:,}", title, asks, [page(limits[0]), page(limits[-1])]))
    step = min(1_000, max(rows // 100, 1))
    first = rows * 9 // 10 // step * step - DEEP // 2 * step
    offsets = [first + number * step for number in range(DEEP)]
    cases.append(
        ApiCase(
            "deep page",
            f"{step:,} features after some {rows * 9 // 10:,} others",
            [Ask(limit=step, offset=offset) for offset in offsets],
            [page(step, offsets[0]), page(step, offsets[-1])],
            "ours by the cursor of a next link, got beforehand; the peers by offset",
        )
    )
    boxes = _boxes(villages, random)
    cases.append(
        ApiCase(
            "box and filter",
            f"bbox and kind = '{KIND}', some {min(IN_A_BOX, rows // 20):,} features, {len(boxes):,} boxes in turn",
            [Ask(limit=10_000, box=box) for box in boxes],
            [_found(villages, boxes[0]), _found(villages, boxes[-1])],
            "CQL2 or CQL text where a service has it, else a property filter",
        )
    )
    numbers = random.integers(1, rows + 1, SINGLES).tolist()
    cases.append(
        ApiCase(
            "single feature",
            "One feature by its id, another each time",
            [Ask(number=number) for number in numbers],
            [{ids[numbers[0] - 1]}, {ids[numbers[-1] - 1]}],
        )
    )
    tiles, found = _tiles(villages)
    title = f"A vector tile of zoom {ZOOM} with some {IN_A_TILE} features, all properties, {len(tiles)} tiles in turn"
    # What of the border belongs to a tile is each service's own affair.
    cases.append(ApiCase("tile", title, [Ask(tile=one) for one in tiles], found))
    same = ApiCase(
        "unchanged",
        "The first 1,000 features, which the client has",
        [Ask(limit=1_000)],
        [page(1_000)],
        unchanged=True,
    )
    return [*cases, same]


def _boxes(villages: Villages, random: np.random.Generator) -> list[tuple[float, float, float, float]]:
    points = villages.frame.geometry
    lon_lat = np.column_stack([points.x, points.y])
    wanted = lon_lat[(villages.frame["kind"] == KIND).to_numpy()]
    count = min(IN_A_BOX, len(lon_lat) // 20)
    boxes = []
    for centre in wanted[random.integers(0, len(wanted), BOXES)]:
        distances = np.abs(wanted - centre).max(axis=1)
        # Between two points, so that no edge is on one.
        near, far = np.partition(distances, [count - 1, count])[count - 1 : count + 1]
        half = (near + far) / 2
        boxes.append((*(centre - half).round(7).tolist(), *(centre + half).round(7).tolist()))
    return boxes


def _found(villages: Villages, box: tuple[float, float, float, float]) -> set[str]:
    frame, (west, south, east, north) = villages.frame, box
    inside = frame.geometry.x.between(west, east) & frame.geometry.y.between(south, north)
    return set(frame.loc[inside & (frame["kind"] == KIND), "village_id"])


def _tiles(villages: Villages) -> tuple[list[tuple[int, int, int]], list[set[str]]]:
    points = villages.frame.geometry
    latitude = np.radians(points.y.to_numpy())
    column = ((points.x.to_numpy() + 180) / 360 * 2**ZOOM).astype(int)
    row = ((1 - np.arcsinh(np.tan(latitude)) / np.pi) / 2 * 2**ZOOM).astype(int)
    places, where, counts = np.unique(
        np.column_stack([column, row]), axis=0, return_inverse=True, return_counts=True
    )
    best = np.argsort(np.abs(counts - IN_A_TILE), kind="stable")[:TILES]
    ids = villages.frame["village_id"].to_numpy()
    found = [set(ids[where.ravel() == one]) for one in (best[0], best[-1])]
    return [(ZOOM, int(places[one][0]), int(places[one][1])) for one in best], found
