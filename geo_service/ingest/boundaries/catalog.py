"""The list of larger sets of admin units: where each is, what it may be used for and which of its columns is what.

The list is `boundaries/sources.toml`, or a file of the same form that an organisation keeps; `docs/boundaries.md`
describes the form.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo_service.errors import InputError
from geo_service.ingest.boundaries.columns import LEVELS, TEXT_COLUMNS, ColumnSource, UnitColumns
from geo_service.ingest.boundaries.store import boundaries_folder

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Source", "SourceColumn", "SourceFile", "SourceIndex", "find_source", "list_sources"]

_SHA256 = r"^[0-9a-fA-F]{64}$"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceFile(_Model):
    """A file of a set.

    Attributes:
        url: Where it is.
        sha256: What its checksum must be; null where its publisher changes it in place.
    """

    url: str
    sha256: str | None = Field(default=None, pattern=_SHA256)


class SourceIndex(_Model):
    """A JSON document that says where the file of a set is. Paths in it are keys with dots between them.

    Attributes:
        url: Where the document is.
        items: The path of a list to pick from; null to look at the document itself.
        where: What the picked item's keys must match, as shell patterns.
        link: The path of the file's address, from the picked item.
        licence: The path of the licence, from the document; null for the one of the set.
        attribution: The path of whom to name.
    """

    url: str
    link: str
    items: str | None = None
    where: dict[str, str] = {}
    licence: str | None = None
    attribution: str | None = None


class SourceColumn(_Model):
    """Where a column of `ADMIN_UNITS` comes from: a column, perhaps through a table of codes, or one value for all."""

    column: str | None = None
    value: str | None = None
    codes: str | dict[str, str] | None = None


class Source(_Model):
    """A set that can be fetched.

    Attributes:
        name: What it is called.
        title: What it is, one line.
        level: 0 country, 1 region, 2 district; null when it is a parameter.
        parameters: What must be said to fetch it: `iso3`, `level`. In all texts below, `{iso3}`, `{ISO3}` and `{level}` stand for them.
        licence: What it may be used under.
        attribution: Who must be named.
        homepage: The page that describes it.
        files: Its files, the one to read first.
        index: The document that says where its file is; null when `files` says it.
        member: The file to take out of a zip archive, as a shell pattern; null when the file is read as it is.
        layer: The layer of the file; null for the only one.
        columns: By column of `ADMIN_UNITS`, where it comes from; null to go by the usual names.
    """

    name: str
    title: str
    level: int | None = Field(default=None, ge=min(LEVELS), le=max(LEVELS))
    parameters: tuple[str, ...] = ()
    licence: str
    attribution: str
    homepage: str
    files: tuple[SourceFile, ...] = ()
    index: SourceIndex | None = None
    member: str | None = None
    layer: str | None = None
    columns: dict[str, str | SourceColumn] | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Source:
        if bool(self.files) == (self.index is not None):
            raise ValueError("a set has either files or an index that leads to its file")
        if (self.level is None) != ("level" in self.parameters):
            raise ValueError("a set has either a level or 'level' among its parameters")
        if unknown := set(self.parameters) - {"iso3", "level"}:
            raise ValueError(f"parameters are iso3 and level, not {', '.join(sorted(unknown))}")
        if unknown := set(self.columns or {}) - set(TEXT_COLUMNS):
            raise ValueError(f"columns are {', '.join(TEXT_COLUMNS)}, not {', '.join(sorted(unknown))}")
        return self

    def unit_columns(self) -> UnitColumns | None:
        """The mapping for `read_admin_units`; null to go by the usual names."""
        if self.columns is None:
            return None
        sources = {}
        for target, given in self.columns.items():
            one = SourceColumn(column=given) if isinstance(given, str) else given
            codes = one.codes if isinstance(one.codes, dict) else None
            sources[target] = ColumnSource(one.column, one.value, codes)
        return UnitColumns(self.level, sources)


def list_sources(sources: Path | None = None) -> list[Source]:
    """The sets that can be fetched, in the order of their list.

    Args:
        sources: A list of the form of `boundaries/sources.toml`; null for that one.

    Raises:
        InputError: The list cannot be read or is not of that form; the message says where.
    """
    path = boundaries_folder() / "sources.toml" if sources is None else sources
    try:
        known = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: the list of sources cannot be read: {error}") from error
    tables = known.get("codes", {})
    listed = []
    for name, described in known.get("sets", {}).items():
        try:
            listed.append(Source.model_validate({**described, "name": name}))
            listed[-1] = _with_code_tables(listed[-1], tables)
        except ValidationError as error:
            first = error.errors()[0]
            at = ".".join([name, *(str(part) for part in first["loc"])])
            raise InputError(f"{path}: sets.{at}: {first['msg']}") from error
        except LookupError as error:
            raise InputError(
                f"{path}: sets.{name}.columns: there is no table codes.{error.args[0]}"
            ) from error
    return listed


def _with_code_tables(source: Source, tables: dict[str, dict[str, str]]) -> Source:
    """The source with each name of a table of codes replaced by the table."""
    columns = {
        target: one.model_copy(update={"codes": tables[one.codes]})
        if isinstance(one, SourceColumn) and isinstance(one.codes, str)
        else one
        for target, one in (source.columns or {}).items()
    }
    return source.model_copy(update={"columns": columns or None})


def find_source(name: str, sources: Path | None = None) -> Source:
    """The set called `name`.

    Raises:
        InputError: There is none, or the list cannot be read.
    """
    listed = {source.name: source for source in list_sources(sources)}
    if name not in listed:
        raise InputError(f"there is no set '{name}' to fetch; there are {', '.join(listed) or 'none'}")
    return listed[name]
