"""What changed from one release to another, by collection, unit, service and village; across stores."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo_service.release.difference_rows import NUMERIC, Workspace
from geo_service.settings import ReleaseSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geo_service.release.difference_rows import Changes
    from geo_service.release.manifest import Collection, Manifest
    from geo_service.release.protocol import Release

__all__ = ["DETAILS_LIMIT", "Difference", "difference"]

DETAILS_LIMIT = 100_000
"""How many details are given unless it is said otherwise; they are held in memory."""

_TEXT, _COUNT = "string", "int64"
_CHANGES = {"added": _COUNT, "removed": _COUNT, "changed": _COUNT}
_FRAMES: dict[str, dict[str, str]] = {
    "manifest": {"part": _TEXT, "name": _TEXT, "before": _TEXT, "after": _TEXT},
    "collections": {
        "collection": _TEXT,
        "rows_before": "Int64",
        "rows_after": "Int64",
        **_CHANGES,
        "same": _COUNT,
        "villages": _COUNT,
        "details": _COUNT,
    },
    "columns": {"collection": _TEXT, "column": _TEXT, "before": _TEXT, "after": _TEXT, "compared": "bool"},
    "fields": {"collection": _TEXT, "field": _TEXT, "rows": _COUNT},
    "units": {
        "collection": _TEXT,
        "level": "Int64",
        "pcode": _TEXT,
        **_CHANGES,
        "villages": _COUNT,
    },
    "services": {"collection": _TEXT, "service": _TEXT, **_CHANGES, "villages": _COUNT},
    "bands": {"collection": _TEXT, "service": _TEXT, "before": _TEXT, "after": _TEXT, "rows": _COUNT},
    "villages": {"collection": _TEXT, "village_id": _TEXT, **_CHANGES},
    "details": {
        "collection": _TEXT,
        "id": _TEXT,
        "village_id": _TEXT,
        "service": _TEXT,
        "group": _TEXT,
        "pcode": _TEXT,
        "change": _TEXT,
        "field": _TEXT,
        "before": _TEXT,
        "after": _TEXT,
        "moved_m": "float64",
    },
}
_KEYS_OF_FILES = {
    "file",
    "sha256",
    "rows_sha256",
    "bytes",
    "rows",
    "fields",
    "geometry_types",
    "extent",
    "interval",
    "name",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one release to another.

    A feature is the same one when its `id` is; `fid`, its place in the file, does not count. Where the `id` is only the number of a row
    (findings, tables), a row that is put in changes those after it. A geometry has changed when its WKB has.
    Texts are null where there is no value. In each frame the collections are in the order of the releases, what only the earlier has last.

    Attributes:
        before: The id of the release that change is counted from.
        after: The id of the other.
        manifest: What the manifests say differently: `part` (`round`, `input`, `parameter`, `version`, `licence`, `note`, `collection`), `name`,
            `before` and `after`, null where only the other says it.
        collections: A row each: `rows_before` and `rows_after` (null where the release has no such collection, whose rows then are all added or
            removed, and of which nothing else is told), `added`, `removed`, `changed`, `same`, how many `villages` have rows that are not the
            same, and how many `details` there are.
        columns: Columns that only one release has, or with another type: `before` and `after` are types, null where there is none;
            `compared` is true for integers that became numbers or the reverse. What is not compared does not make a row changed.
        fields: How many `rows` of both releases differ in each `field`.
        units: Rows by admin unit: at `level` 1 by `adm1_pcode`, at 2 by `adm2_pcode`, at null by `pcode` (of units and tables). `pcode` is null for
            rows without a unit. A row that went to another unit counts in the new one; where a collection has villages only, their units count.
        services: Rows by service, of collections that have one.
        bands: How many rows went from one distance band to another, by service; null for no band.
        villages: Rows by village, of collections that have one; not more than the limit, by `village_id`, of each collection.
        details: What changed in each row that was not the same, a row a field, by collection, `id` and field: `change` is `added`, `removed` (both
            without a field) or `changed`; `pcode` is the smallest unit known. `before` and `after` are text: of a point its WKT, with `moved_m`, the
            geodesic distance in metres; of another geometry its type, or `shape changed`. Not more than the limit.
    """

    before: str
    after: str
    manifest: pd.DataFrame
    collections: pd.DataFrame
    columns: pd.DataFrame
    fields: pd.DataFrame
    units: pd.DataFrame
    services: pd.DataFrame
    bands: pd.DataFrame
    villages: pd.DataFrame
    details: pd.DataFrame

    @property
    def is_same(self) -> bool:
        """Whether both hold the same rows; what they say of themselves may differ."""
        counts = self.collections[["added", "removed", "changed"]]
        return not counts.to_numpy().any() and self.columns.empty and not self.collections.isna().any().any()

    @property
    def details_left_out(self) -> int:
        """How many details the limit left out."""
        return int(self.collections["details"].sum()) - len(self.details)


def difference(
    before: Release,
    after: Release,
    *,
    limit: int | None = DETAILS_LIMIT,
    settings: ReleaseSettings | None = None,
    progress: Callable[[str], None] | None = None,
) -> Difference:
    """What changed from `before` to `after`, which may be in two stores.

    Collections with the same columns and checksum of rows are not read. The rows of the others go through a temporary database on disk, so that
    memory does not grow with their number.

    Args:
        before: The release that change is counted from, open.
        after: The other, open.
        limit: The most details, and the most villages of a collection; null for all. Counts are always of everything.
        settings: How much memory and how many threads DuckDB may use; null for those of the environment.
        progress: Called with the collection that is being compared.

    Raises:
        MissingExtraError: DuckDB is not installed.
        StoreError: A release cannot be read.
    """
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _FRAMES}
    rows["manifest"] = list(_manifest_rows(before.manifest, after.manifest))
    ours = {one.name: one for one in before.manifest.collections}
    theirs = {one.name: one for one in after.manifest.collections}
    with Workspace(before, after, settings or ReleaseSettings()) as workspace:
        for name in [*theirs, *(one for one in ours if one not in theirs)]:
            earlier, later = ours.get(name), theirs.get(name)
            if earlier is None or later is None:
                rows["collections"].append(_only_in_one(name, earlier, later))
                continue
            columns = list(_columns(earlier, later))
            rows["columns"] += [(name, *one) for one in columns]
            if _holds_the_same(earlier, later):
                rows["collections"].append(
                    (name, earlier.rows, later.rows, 0, 0, 0, later.rows, 0, 0),
                )
                continue
            if progress is not None:
                progress(name)
            left = None if limit is None else limit - len(rows["details"])
            _add(rows, name, workspace.compare(earlier, later, details=left, villages=limit))
    return Difference(
        before.manifest.id, after.manifest.id, **{name: _frame(name, rows[name]) for name in _FRAMES}
    )


def _frame(name: str, rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    columns = _FRAMES[name]
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _only_in_one(name: str, earlier: Collection | None, later: Collection | None) -> tuple[Any, ...]:
    gone = None if earlier is None else earlier.rows
    come = None if later is None else later.rows
    return (name, gone, come, come or 0, gone or 0, 0, 0, 0, 0)


def _holds_the_same(earlier: Collection, later: Collection) -> bool:
    # The checksum is of values only: columns that changed places have to be seen by their names.
    columns = [[(one.name, one.type) for one in side.fields] for side in (earlier, later)]
    return earlier.rows_sha256 == later.rows_sha256 and columns[0] == columns[1]


def _columns(earlier: Collection, later: Collection) -> Iterator[tuple[str, str | None, str | None, bool]]:
    types = {one.name: one.type for one in earlier.fields}
    later_types = {one.name: one.type for one in later.fields}
    for name in [*types, *(one for one in later_types if one not in types)]:
        old, new = types.get(name), later_types.get(name)
        if old is not new:
            yield name, old and old.value, new and new.value, {old, new} == NUMERIC


def _add(rows: dict[str, list[tuple[Any, ...]]], name: str, changes: Changes) -> None:
    """The changes of one collection, to the rows of each frame."""
    added, removed, changed = changes.added, changes.removed, changes.changed
    same = changes.rows_after - added - changed
    details = added + removed + sum(count for _, count in changes.fields)
    rows["collections"].append(
        (
            name,
            changes.rows_before,
            changes.rows_after,
            added,
            removed,
            changed,
            same,
            changes.village_count,
            details,
        )
    )
    for frame in ("fields", "units", "services", "bands", "villages", "details"):
        rows[frame] += [(name, *one) for one in getattr(changes, frame)]


def _manifest_rows(before: Manifest, after: Manifest) -> Iterator[tuple[str, str, str | None, str | None]]:
    ours, theirs = _said(before), _said(after)
    for key in [*ours, *(one for one in theirs if one not in ours)]:
        if ours.get(key) != theirs.get(key):
            yield (*key, ours.get(key), theirs.get(key))


def _said(manifest: Manifest) -> dict[tuple[str, str], str]:
    """What a manifest says beside its rows, each a text, by part and name."""
    content = manifest.model_dump(mode="json")
    said: dict[tuple[str, str], str] = {}

    def say(part: str, name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                say(part, f"{name}.{key}" if name else str(key), inner)
        elif value is not None:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            said[part, name] = text

    say("round", "", content["round"])
    seen: dict[str, int] = {}
    for one in content["inputs"]:
        name = f"{one.pop('role')} {one.pop('name')}"
        seen[name] = seen.get(name, 0) + 1
        say("input", name if seen[name] == 1 else f"{name} ({seen[name]})", one)
    say("parameter", "", content["parameters"])
    say("version", "", content["versions"])
    for licence in content["licences"]:
        say("licence", licence, licence)
    for note in content["notes"]:
        say("note", next(iter(note.values()), ""), next(iter(note.values()), ""))
    for one in content["collections"]:
        described = {key: value for key, value in one.items() if key not in _KEYS_OF_FILES}
        say("collection", one["name"], described)
    return said
