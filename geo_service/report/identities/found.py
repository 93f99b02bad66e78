"""Where the numbers of a release are not what they have to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.identities.declared import declared
from geo_service.report.identities.numbers import Tables, split_names
from geo_service.vocabulary import AdminLevel

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from geo_service.report.identities.numbers import Columns

__all__ = ["identity_faults", "needed_tables"]


def identity_faults(tables: Mapping[str, Columns]) -> list[str]:
    """The cells that are not what follows from others, by what `geo_service.coverage` says of the columns.

    Parts make their whole in the row; shares and changes are what they are computed from; units add up to the country, bands to the households without a
    service, dimensions to the group; and two tables that say the same number say the same. A number that is not known counts as 0 in a sum,
    as it does in the tables. What no other cell of the tables says is not seen.

    Args:
        tables: By name, as `plain_columns` gives them. A rule says nothing where a table or column is not there, nor of tables
            with rows that are `suppressed`: what is left of them does not add up, and must not.

    Returns:
        A sentence a fault, which names the table, the row, the column, what is there and what follows; none where all is well.

    Example:
        >>> identity_faults({"key_informants": {"informants": [5], "male": [2], "female": [2], "unknown": [0]}})
        ["the table 'key_informants', the whole, column 'informants': 5 is there, and male + female + unknown is 4"]
    """
    known = Tables(tables)
    found = (fault for rule in declared(tables) for fault in rule.faults(known))
    return list(dict.fromkeys(found))


def needed_tables(names: Collection[str], used: Collection[str]) -> list[str]:
    """Which tables of a release are to be read so that numbers of some of them are checked.

    Args:
        names: Of all tables of the release.
        used: Of those that are in print.

    Returns:
        Names in the order of `names`: every table that a rule is about, for the whole and by region; by district only those that are used, since there are many rows in them.
    """
    about = {table for rule in declared(names) for table in rule.tables}
    wanted = {*about, *(name for table in about for name in split_names(table, AdminLevel.REGION))}
    by_district = {name for table in about for name in split_names(table, AdminLevel.DISTRICT)}
    return [name for name in names if name in wanted or (name in by_district and name in used)]
