"""Features of a release to files, in the format of the file's extension, without ever holding all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.errors import OutputError
from geo_service.export.feature_layers import (
    write_flatgeobuf,
    write_geojson,
    write_geopackage,
    write_kml,
    write_shapefile,
)
from geo_service.export.feature_tables import write_csv, write_parquet, write_xlsx
from geo_service.export.staging import refuse_existing, staged
from geo_service.export.streams import FeatureStream
from geo_service.export.vector import layer_outputs
from geo_service.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo_service.query.questions import Features
    from geo_service.release.protocol import Release

__all__ = ["FEATURE_FORMATS", "WITHOUT_GEOMETRY", "write_features"]

FEATURE_FORMATS: Mapping[str, Callable[[FeatureStream, Path], None]] = {
    ".geojson": write_geojson,
    ".gpkg": write_geopackage,
    ".fgb": write_flatgeobuf,
    ".parquet": write_parquet,
    ".shp": write_shapefile,
    ".csv": write_csv,
    ".xlsx": write_xlsx,
    ".kml": write_kml,
}
"""Writers by extension."""

WITHOUT_GEOMETRY = (".csv", ".xlsx", ".parquet", ".gpkg")
"""The formats that features without a geometry go into."""


def write_features(
    release: Release,
    name: str,
    features: Features,
    path: Path | str,
    *,
    overwrite: bool = False,
    language: Language = Language.EN,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write features of a collection in the format of the extension: one of `FEATURE_FORMATS`.

    Null stays null, dates stay dates and integers keep all of their digits, each in the way that the format has: a workbook has
    them as text where they are longer than 15, a shapefile refuses those longer than 18. An empty text is null in a shapefile and in a
    workbook. `fid` is the key of a GeoPackage and a column elsewhere. What the release and the collection say of themselves goes
    along where the format has a place for it; a shapefile has none. Shapefile and KML also get `villages.shp.fields.csv`, which
    says what became of each column.

    Args:
        release: Where they are.
        name: The collection.
        features: Which of its features, which fields, in which order. GeoPackage and FlatGeobuf have an order of their own.
        path: Where to.
        overwrite: Whether to replace what is there.
        language: Of titles and notes.
        progress: Called with the number of features written so far.

    Returns:
        How many were written.

    Raises:
        OutputError: The extension is not known, the file exists, or the format cannot hold the features.
        NotFoundError: There is no such collection.
        FilterError: The question does not fit the collection.
        MissingExtraError: XLSX is asked for and its writer is not installed.
    """
    path = Path(path)
    refuse_existing(layer_outputs(path), overwrite=overwrite)
    written = 0

    def count(rows: int) -> None:
        nonlocal written
        written = rows
        if progress is not None:
            progress(rows)

    stream = FeatureStream(release, name, features, language, count)
    suffix = path.suffix.lower()
    if stream.geometry is None and suffix not in WITHOUT_GEOMETRY:
        raise OutputError(
            f"{path.name}: '{name}' has no geometry here, and {suffix} is for layers; use one of "
            f"{', '.join(WITHOUT_GEOMETRY)}"
        )
    with staged([path], overwrite=overwrite) as [beside]:
        try:
            FEATURE_FORMATS[suffix](stream, beside)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error}") from error
    return written
