"""The manifest of a release: what it holds, what it was made from, how, and how to know that all of it is there.

`docs/manifest.schema.json` is the JSON Schema of these classes.
"""

from __future__ import annotations

import hashlib
import json
from difflib import get_close_matches
from typing import Any, Literal
from weakref import WeakValueDictionary

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geo_service.errors import DamagedReleaseError, NotFoundError
from geo_service.query.properties import Property, PropertyType, Queryables
from geo_service.vocabulary import Language

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "Collection",
    "CollectionField",
    "CollectionKind",
    "Input",
    "Manifest",
    "RoundOf",
    "manifest_schema",
    "read_manifest",
]

FORMAT = "geo-service-release"

FORMAT_VERSION = "1.0"
"""Of this version's releases. A reader takes the versions up to its own; see docs/releases.md."""

CollectionKind = Literal["layer", "frame", "table"]
"""A layer has a geometry, a frame has none, a table is one of the report's."""

Sha256 = Field(pattern=r"^[0-9a-f]{64}$")

_in_use: WeakValueDictionary[bytes, Manifest] = WeakValueDictionary()
"""By the checksum of their text, for as long as anybody has them: a service that lists its releases each second parses none twice."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CollectionField(_Part):
    """One column of a collection.

    Attributes:
        name: The column.
        type: What it holds.
        nullable: Whether it may be null.
        values: All values that it can have, where there is such a list.
    """

    name: str
    type: PropertyType
    nullable: bool = True
    values: tuple[str, ...] = ()


class Collection(_Part):
    """One frame of a release and the file that holds it.

    Attributes:
        name: As it is asked for; also the table's name in PostGIS.
        kind: Layer, frame or table.
        title: In each language.
        file: Its file inside the release, with `/`.
        sha256: Of the file.
        rows_sha256: Of the rows, whatever wrote them into which file: `RowsDigest` of 16,384 rows at a time.
        bytes: Of the file.
        rows: How many features.
        fields: Its columns in their order; `fid` and `id` first, the geometry last.
        geometry: The name of the column of the geometry; null for frames and tables.
        geometry_types: GeoJSON's names of the types that occur, sorted; empty where there are none.
        extent: West, south, east, north of all geometries, degrees in OGC:CRS84; null where there are none.
        time: The name of the column of dates that a time is asked of; null where there is none.
        interval: The first and the last date that occurs, ISO; null where there are none.
        about: What a table says of itself by language or once: `basis`, `by`, `base`, `rule`, `note` and the like.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    kind: CollectionKind
    title: dict[Language, str]
    file: str
    sha256: str = Sha256
    rows_sha256: str = Sha256
    bytes: int = Field(ge=0)
    rows: int = Field(ge=0)
    fields: tuple[CollectionField, ...]
    geometry: str | None = None
    geometry_types: tuple[str, ...] = ()
    extent: tuple[float, float, float, float] | None = None
    time: str | None = None
    interval: tuple[str, str] | None = None
    about: dict[str, Any] = {}

    @property
    def queryables(self) -> Queryables:
        """What can be asked of it."""
        properties = tuple(Property(one.name, one.type, one.nullable, one.values) for one in self.fields)
        return Queryables(self.name, properties, self.geometry, self.time, self.geometry_types)


class Input(_Part):
    """One file or set that the release was made from.

    Attributes:
        role: What it was used as: `round`, `earlier_round`, `villages`, `facilities`, `osm_tags`, `boundaries`, `inhabitants`.
        name: The file's name or the name of the set; never a folder.
        sha256: Of the file, or of the frame where it came from no single file.
        rows: How many rows were taken from it; null where that says nothing.
        licence: Its SPDX identifier or name; null where it is not known.
        attribution: What has to be said where it is used; null where nothing has to.
    """

    role: str
    name: str
    sha256: str = Sha256
    rows: int | None = None
    licence: str | None = None
    attribution: str | None = None


class RoundOf(_Part):
    """The round of data collection, as in `SurveyRound`."""

    number: int
    country: str
    collected_from: str | None
    collected_to: str | None
    synthetic: bool


class Manifest(_Part):
    """What a release says of itself.

    Attributes:
        format: Always `geo-service-release`.
        format_version: Of the layout of files and of this document.
        id: The first 32 hexadecimal digits of the SHA-256 of everything else here but `parent`.
        parent: The release that was current when this one was first published; null for the first of a store.
        round: Null for a release without a survey round.
        inputs: By role, name and checksum, whatever order they were given in.
        parameters: Bands in km, presence, methods, with what files were read and joined, and the like.
        versions: Of this package and of the libraries that numbers depend on.
        licences: Attributions and licences of all that is inside, each once, sorted.
        notes: What a reader has to know, by language: that data are synthetic, that distances are straight.
        collections: In the order of the report.
    """

    format: Literal["geo-service-release"] = "geo-service-release"
    format_version: str = Field(default=FORMAT_VERSION, pattern=r"^\d+\.\d+$")
    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    parent: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")
    round: RoundOf | None = None
    inputs: tuple[Input, ...] = ()
    parameters: dict[str, Any] = {}
    versions: dict[str, str] = {}
    licences: tuple[str, ...] = ()
    notes: tuple[dict[Language, str], ...] = ()
    collections: tuple[Collection, ...]

    def collection(self, name: str) -> Collection:
        """The collection of that name.

        Raises:
            NotFoundError: There is none; the message names those that are near, and all but the tables.
        """
        for one in self.collections:
            if one.name == name:
                return one
        near = get_close_matches(name, [one.name for one in self.collections])
        meant = f"did you mean {' or '.join(near)}? There are" if near else "there are"
        there = ", ".join(one.name for one in self.collections if one.kind != "table")
        tables = sum(one.kind == "table" for one in self.collections)
        raise NotFoundError(
            f"'{name}' is not a collection of release {self.id[:12]}; {meant} {there or 'no layers'} and {tables} tables"
        )

    def to_json(self) -> str:
        """The bytes of `manifest.json` as text: keys in the order above, one line feed at the end."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def content_id(self) -> str:
        """The id that its content gives, whatever `id` says."""
        return _content_id(self.model_dump(mode="json"))

    def identified(self) -> Manifest:
        """The same with the id that its content gives."""
        return self.model_copy(update={"id": self.content_id()})


def _content_id(document: dict[str, Any]) -> str:
    """The id of a manifest as it is written: fields that a later version adds do not change that of an earlier release."""
    content = {key: value for key, value in document.items() if key not in {"id", "parent"}}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def read_manifest(text: str, where: str) -> Manifest:
    """The manifest in `text`, of this version's format or an earlier one; the same object for the same text while it is in use.

    Args:
        text: What `manifest.json` holds.
        where: The release or file, for messages.

    Raises:
        DamagedReleaseError: It is no manifest, its id is not that of its content, or a newer version of this package made it.
    """
    checksum = hashlib.sha256(text.encode()).digest()
    known = _in_use.get(checksum)
    if known is None:
        known = _in_use[checksum] = _parsed(text, where)
    return known


def _parsed(text: str, where: str) -> Manifest:
    try:
        content = json.loads(text)
        version = str(content["format_version"]) if content["format"] == FORMAT else ""
        major, minor = (int(number) for number in version.split("."))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedReleaseError(f"{where} is not the manifest of a release") from error
    if (major, minor) > tuple(int(number) for number in FORMAT_VERSION.split(".")):
        raise DamagedReleaseError(
            f"{where} has the format {version}, which is newer than {FORMAT_VERSION}; use a newer geo-service"
        )
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise DamagedReleaseError(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if manifest.id != _content_id(content):
        raise DamagedReleaseError(f"{where} says it is {manifest.id}, and its content is not that release's")
    return manifest


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `manifest.json`."""
    schema = Manifest.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
