"""The proof that the text of a statement has nothing in it that came from outside: each of its tokens is on a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.query.properties import Queryables

__all__ = ["assert_nothing_from_outside"]

TOKEN = re.compile(
    r"""\s+|'(?P<text>(?:[^']|'')*)'|"(?P<quoted>(?:[^"]|"")*)"|(?P<parameter>\$\d+|%\((?:param_\d+(?:_\d+)?)\)s)"""
    r"""|(?P<number>\d[\w.]*)|(?P<word>[^\W\d]\w*)|(?P<sign>::|&&|<=|>=|<>|!=|[-+*/%^=<>(),.])"""
)
KEYWORDS = {
    "SELECT",
    "AS",
    "FROM",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "NULL",
    "LIKE",
    "ESCAPE",
    "ORDER",
    "BY",
    "DESC",
    "ASC",
    "NULLS",
    "LAST",
    "LIMIT",
    "GROUP",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "COLLATE",
    "true",
    "false",
    "DISTINCT",
    "DOUBLE",
    "PRECISION",
    "TIMESTAMP",
    "WITHOUT",
    "TIME",
    "ZONE",
    "DATE",
    "BIGINT",
    "VARCHAR",
    "BOOLEAN",
    "geography",
    "FLOAT",
    "BYTEA",
}
FUNCTIONS = {
    "replace",
    "lower",
    "nullif",
    "least",
    "greatest",
    "trunc",
    "power",
    "struct_extract",
    "count",
    "sum",
    "min",
    "max",
    "bool_and",
    "bool_or",
    "ST_AsWKB",
    "ST_AsBinary",
    "ST_GeomFromWKB",
    "ST_MakeEnvelope",
    "ST_Intersects",
    "ST_Within",
    "ST_Contains",
    "ST_Touches",
    "ST_Crosses",
    "ST_Overlaps",
    "ST_Equals",
    "ST_Distance",
    "ST_Distance_Spheroid",
    "ST_Point2D",
    "ST_SetSRID",
    "ST_MakePoint",
}
TEXTS = {"ς", "σ", "İ", "i̇", "!", "xmin", "ymin", "xmax", "ymax", "NDR"}
NUMBERS = {"4326"}
QUOTED = {"C", "und-x-icu"}


def assert_nothing_from_outside(sql: str, queryables: Queryables, columns: tuple[str, ...] = ()) -> None:
    """Every token is a parameter, a sign, or a word that this package or the collection's own schema has.

    Args:
        sql: The text.
        queryables: Whose names may occur.
        columns: Names of columns of the answer that may occur too.
    """
    own = {queryables.collection, "bbox", *queryables.names(), *columns}
    own |= {f"_sort_{i}" for i in range(9)}
    at = 0
    while at < len(sql):
        token = TOKEN.match(sql, at)
        assert token, f"{sql[at : at + 20]!r} in {sql}"
        at = token.end()
        kind, word = token.lastgroup, token.group()
        if kind == "text":
            assert token["text"] in TEXTS, f"{word} in {sql}"
        elif kind == "quoted":
            assert token["quoted"] in QUOTED | own, f"{word} in {sql}"
        elif kind == "number":
            assert word in NUMBERS, f"{word} in {sql}"
        elif kind == "word":
            assert word in KEYWORDS | FUNCTIONS | own, f"{word} in {sql}"
