"""The tag table: which OpenStreetMap tags make a village, and which give each service.

The table itself is `tags.toml` beside this module, with the reason for each line; a user can replace it, whole or
in part (`docs/osm-tags.md`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo_service.errors import InputError
from geo_service.vocabulary import Service, parse_service

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["COLUMNS", "Rule", "TagRules", "TagTable", "default_tag_table_text", "load_tag_table"]

COLUMNS = ("name", "name_en", "name_ru", "name_kk", "population")
"""What a table of `[columns]` can fill."""

ANY = "*"
"""The value of a rule that any value fits."""

Tags = dict[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Tags that must all be there.

    Attributes:
        wanted: Keys, each with the values that fit it, in the order they were written.
    """

    wanted: tuple[tuple[str, frozenset[str]], ...]

    @property
    def first_key(self) -> str:
        """The key that an object must have before anything else is tested."""
        return self.wanted[0][0]

    def fits(self, tags: Mapping[str, str]) -> bool:
        """Whether `tags` have every key with one of its values; `a;b` counts as `a` and as `b`."""
        return all(_has_value(tags.get(key), values) for key, values in self.wanted)


def _has_value(value: str | None, values: frozenset[str]) -> bool:
    if value is None:
        return False
    if value in values or ANY in values:
        return True
    return ";" in value and any(part.strip() in values for part in value.split(";"))


@dataclass(frozen=True, slots=True)
class TagRules:
    """What is in, and what is out although it would be in."""

    match: tuple[Rule, ...] = ()
    exclude: tuple[Rule, ...] = ()

    def take(self, tags: Mapping[str, str]) -> bool:
        """Whether some rule of `match` fits and none of `exclude` does."""
        return any(rule.fits(tags) for rule in self.match) and not any(
            rule.fits(tags) for rule in self.exclude
        )


@dataclass(frozen=True, slots=True)
class TagTable:
    """Which tags make a village, and which give each service.

    Attributes:
        village: What is a village.
        services: What gives each service; a service that is not a key is not looked for.
        exclude: What is neither, whatever else its tags say.
        columns: The keys that fill a column of `COLUMNS`, the first that an object has.
    """

    village: TagRules
    services: Mapping[Service, TagRules]
    exclude: tuple[Rule, ...]
    columns: Mapping[str, tuple[str, ...]]

    def is_village(self, tags: Mapping[str, str]) -> bool:
        """Whether an object with these tags is a village."""
        return self.village.take(tags) and not self._is_excluded(tags)

    def services_of(self, tags: Mapping[str, str]) -> tuple[Service, ...]:
        """The services that an object with these tags gives, in the order of the vocabulary; often none, maybe several."""
        found = tuple(service for service, rules in self.services.items() if rules.take(tags))
        return () if found and self._is_excluded(tags) else found

    def wants(self, tags: Mapping[str, str]) -> bool:
        """Whether an object with these tags is a village or gives a service."""
        is_some = self.village.take(tags) or any(rules.take(tags) for rules in self.services.values())
        return is_some and not self._is_excluded(tags)

    def column(self, name: str, tags: Mapping[str, str]) -> str | None:
        """What fills the column `name`, stripped; null when no key of it is there, or all are blank."""
        values = (tags.get(key, "").strip() for key in self.columns[name])
        return next((value for value in values if value), None)

    def first_keys(self) -> tuple[str, ...]:
        """One key of each rule of `match`: an object with none of them is not wanted."""
        rules = [self.village, *self.services.values()]
        return tuple(dict.fromkeys(rule.first_key for of_one in rules for rule in of_one.match))

    def only(self, services: Iterable[Service], *, villages: bool = True) -> TagTable:
        """This table for fewer layers."""
        chosen = set(services)
        return replace(
            self,
            village=self.village if villages else TagRules(),
            services={service: rules for service, rules in self.services.items() if service in chosen},
        )

    def _is_excluded(self, tags: Mapping[str, str]) -> bool:
        return any(rule.fits(tags) for rule in self.exclude)


def default_tag_table_text() -> str:
    """The table that ships with the package, as TOML with its comments, for a user to change."""
    return resources.files("geo_service.ingest.osm").joinpath("tags.toml").read_text(encoding="utf-8")


def load_tag_table(path: Path | str | None = None) -> TagTable:
    """The tag table of a TOML file, or the one that ships with the package.

    A table that the file leaves out (`[everything]`, `[columns]`, `[village]`, `[services.x]`) is the shipped one; a
    table that is there replaces the shipped one of that name as a whole. `match = []` switches a layer off.

    Args:
        path: A TOML file in UTF-8; null for the shipped table.

    Raises:
        InputError: The file cannot be read, is no TOML, or has a table, key or value that means nothing here; the message names the
            file, the table and the key.
    """
    default = _parsed(default_tag_table_text(), "osm_tags.toml")
    if path is None:
        return _table(default, "osm_tags.toml")
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the tag table cannot be read: {error}") from error
    own = _parsed(text, str(path))
    _refuse_unknown(own, default, str(path), "the file")
    services = _subtable(own, "services", str(path))
    for name in services:
        _known_service(name, str(path))
    return _table(default | own | {"services": default["services"] | services}, str(path))


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: the tag table is not TOML: {error}") from error


def _table(content: Mapping[str, Any], file: str) -> TagTable:
    services = _subtable(content, "services", file)
    everything = _subtable(content, "everything", file)
    _refuse_unknown(everything, {"exclude"}, file, "[everything]")
    return TagTable(
        village=_tag_rules(content["village"], file, "[village]"),
        services={
            service: _tag_rules(services[service], file, f"[services.{service}]")
            for service in Service
            if service in services
        },
        exclude=_rules(everything, "exclude", file, "[everything]"),
        columns=_columns(_subtable(content, "columns", file), file),
    )


def _tag_rules(content: object, file: str, table: str) -> TagRules:
    if not isinstance(content, dict):
        raise InputError(f"{file}: {table} must be a table with 'match' and 'exclude', not {_kind(content)}")
    _refuse_unknown(content, {"match", "exclude"}, file, table)
    if "match" not in content:
        raise InputError(f"{file}: {table} has no 'match'; write match = [] to switch this layer off")
    return TagRules(_rules(content, "match", file, table), _rules(content, "exclude", file, table))


def _rules(content: Mapping[str, Any], key: str, file: str, table: str) -> tuple[Rule, ...]:
    rules = content.get(key, [])
    if not isinstance(rules, list):
        raise InputError(f"{file}: {table} '{key}' must be a list of rules, not {_kind(rules)}")
    return tuple(
        _rule(rule, file, f"{table} '{key}', rule {number}") for number, rule in enumerate(rules, start=1)
    )


def _rule(content: object, file: str, where: str) -> Rule:
    if not isinstance(content, dict) or not content:
        raise InputError(f'{file}: {where} must be like {{ amenity = "school" }}, not {_kind(content)}')
    return Rule(
        tuple(
            (key, frozenset(_texts(value, file, f"{where}, key '{key}'"))) for key, value in content.items()
        )
    )


def _columns(content: Mapping[str, Any], file: str) -> dict[str, tuple[str, ...]]:
    _refuse_unknown(content, COLUMNS, file, "[columns]")
    return {
        name: _texts(content.get(name, []), file, f"[columns] '{name}'", or_none=True) for name in COLUMNS
    }


def _texts(value: object, file: str, where: str, *, or_none: bool = False) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InputError(f"{file}: {where} must be a text or a list of texts, not {_kind(value)}")
    if not texts and not or_none:
        raise InputError(f'{file}: {where} has no value; write "{ANY}" for any')
    return tuple(texts)


def _subtable(content: Mapping[str, Any], name: str, file: str) -> dict[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise InputError(f"{file}: '{name}' must be a table, not {_kind(table)}")
    return table


def _known_service(name: str, file: str) -> None:
    try:
        parse_service(name)
    except InputError as error:
        raise InputError(f"{file}: [services.{name}]: {error}") from None


def _refuse_unknown(content: Mapping[str, Any], known: Iterable[str], file: str, table: str) -> None:
    names = list(known)
    for key in content:
        if key not in names:
            raise InputError(f"{file}: {table} has '{key}', which means nothing here; use {', '.join(names)}")


def _kind(value: object) -> str:
    names = {
        dict: "a table",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), type(value).__name__)
