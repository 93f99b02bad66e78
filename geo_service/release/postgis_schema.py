"""How releases lie in a database: the registry, a schema a release, the views of the current one, and who may read.

```text
geo_service              releases          id, manifest (the exact text), arrived, schema_name
                         current_release   one row: the release that counts
release_<id>             one table a collection, never changed once it is there
current                  one view a collection of the release that counts
```

The role of readers may read all of this and write none of it. Identifiers are quoted by psycopg; they come from manifests, never from questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import errors
from psycopg.sql import SQL, Composed, Identifier, Literal

from geo_service.errors import StoreError
from geo_service.query.properties import FID, ID, PropertyType

if TYPE_CHECKING:
    import psycopg

    from geo_service.release.manifest import Collection, CollectionField, Manifest

__all__ = [
    "REGISTRY",
    "VIEWS",
    "act_as_owner",
    "count_rows",
    "create_registry",
    "create_table",
    "drop_views",
    "finish_table",
    "grant_reading",
    "has_registry",
    "indexes_in",
    "indexes_of",
    "qualified",
    "release_schema",
    "replace_views",
    "select_rows",
    "shows_all",
    "tables_in",
    "view_sources",
]

REGISTRY, VIEWS = "geo_service", "current"
LONGEST_NAME = 63
"""Bytes of an identifier; PostgreSQL cuts off the rest."""

_TYPES = {
    PropertyType.TEXT: 'text COLLATE "C"',
    PropertyType.INTEGER: "bigint",
    PropertyType.NUMBER: "double precision",
    PropertyType.BOOLEAN: "boolean",
    PropertyType.DATE: "date",
}
_GEOMETRY_TYPES = (
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
_CODE_ENDINGS = ("_pcode", "_code", "_id")

CREATE_REGISTRY = """
CREATE SCHEMA IF NOT EXISTS {registry};
CREATE SCHEMA IF NOT EXISTS {views};
CREATE TABLE IF NOT EXISTS {registry}.releases (
    id text COLLATE "C" PRIMARY KEY,
    manifest text NOT NULL,
    arrived timestamptz NOT NULL DEFAULT clock_timestamp(),
    schema_name text NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS {registry}.current_release (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id text COLLATE "C" NOT NULL REFERENCES {registry}.releases (id)
);
COMMENT ON SCHEMA {registry} IS 'geo-service: which releases there are and which one counts';
COMMENT ON SCHEMA {views} IS 'geo-service: the collections of the release that counts';
"""

TABLES = """
SELECT class.relname::text
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE namespace.nspname = %s AND class.relkind::text = ANY (%s)
ORDER BY 1
"""

INDEXES = """
SELECT class.relname::text, attribute.attname::text, method.amname::text
FROM pg_catalog.pg_index AS index
JOIN pg_catalog.pg_class AS own ON own.oid = index.indexrelid
JOIN pg_catalog.pg_am AS method ON method.oid = own.relam
JOIN pg_catalog.pg_class AS class ON class.oid = index.indrelid
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = class.oid AND attribute.attnum = index.indkey[0]
WHERE namespace.nspname = %s AND index.indisvalid AND index.indpred IS NULL
"""

# Newer versions of PostgreSQL do not say the table of each column.
SHOWN = r"""
SELECT regexp_replace(pg_catalog.pg_get_viewdef(pg_catalog.to_regclass(format('%%I.%%I', {views}, {name}))), '\s+', ' ', 'g')
    IN (
        format(' SELECT %%s FROM %%I.%%I;', string_agg(format('%%I.%%I', {name}, one), ', ' ORDER BY place), {schema}, {name}),
        format(' SELECT %%s FROM %%I.%%I;', string_agg(format('%%I', one), ', ' ORDER BY place), {schema}, {name})
    )
FROM unnest(%s::text[]) WITH ORDINALITY AS columns (one, place)
"""

OWNER = """
SELECT owner.rolname, owner.rolsuper, pg_catalog.pg_has_role(owner.oid, 'MEMBER'), current_user
FROM pg_catalog.pg_namespace AS namespace JOIN pg_catalog.pg_roles AS owner ON owner.oid = namespace.nspowner
WHERE namespace.nspname = %s AND owner.rolname <> current_user
"""

VIEW_SOURCES = """
SELECT DISTINCT view.relname::text, schema_of.nspname::text
FROM pg_catalog.pg_class AS view
JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = view.relnamespace
JOIN pg_catalog.pg_rewrite AS rule ON rule.ev_class = view.oid
JOIN pg_catalog.pg_depend AS dependency
    ON dependency.classid = 'pg_catalog.pg_rewrite'::regclass AND dependency.objid = rule.oid
    AND dependency.refclassid = 'pg_catalog.pg_class'::regclass AND dependency.refobjid <> view.oid
JOIN pg_catalog.pg_class AS source ON source.oid = dependency.refobjid AND source.relname = view.relname
JOIN pg_catalog.pg_namespace AS schema_of ON schema_of.oid = source.relnamespace
WHERE namespace.nspname = %s AND view.relkind = 'v'
"""


def release_schema(release: str) -> str:
    """The schema of a release."""
    return f"release_{release}"


def qualified(schema: str, name: str) -> Identifier:
    """A table or view, quoted."""
    return Identifier(schema, name)


def has_registry(connection: psycopg.Connection) -> bool:
    """Whether anything was ever published to this database."""
    row = connection.execute("SELECT pg_catalog.to_regclass(%s)", [f"{REGISTRY}.current_release"]).fetchone()
    return row is not None and row[0] is not None


def act_as_owner(connection: psycopg.Connection) -> None:
    """Publish as the role that published first, whoever of its members this is: views read what their owner may read.

    Raises:
        StoreError: This user is none of them.
    """
    row = connection.execute(OWNER, [REGISTRY]).fetchone()
    if row is None:
        return
    owner, is_superuser, is_member, user = row
    if not is_member:
        how = "" if is_superuser else f", or have an administrator run once: GRANT {owner} TO {user}"
        raise StoreError(
            f"{user} may not publish here, the releases of this database are those of {owner}; publish as {owner}{how}"
        )
    connection.execute(SQL("SET ROLE {}").format(Identifier(owner)))


def create_registry(connection: psycopg.Connection, reader: str) -> None:
    """Make what is not there yet: the registry, the schema of views, the role of readers.

    Raises:
        StoreError: The role is not there and this user may not make it, or this user may not make schemas.
    """
    row = connection.execute(
        """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %s), rolsuper OR rolcreaterole,
            pg_catalog.has_database_privilege(current_database(), 'CREATE'), current_user, current_database()
        FROM pg_catalog.pg_roles WHERE rolname = current_user
        """,
        [reader],
    ).fetchone()
    is_there, may_make, may_create, user, database = row or (False, False, False, "this user", "it")
    if not may_create:
        raise StoreError(
            f"{user} may not make schemas in the database {database}; "
            f"an administrator has to run once: GRANT CREATE ON DATABASE {database} TO {user}"
        )
    if not is_there and not may_make:
        raise StoreError(
            f"the role {reader} is not there and {user} may not make it; "
            f"an administrator has to run once: CREATE ROLE {reader} NOLOGIN"
        )
    if not has_registry(connection):
        names = {"registry": Identifier(REGISTRY), "views": Identifier(VIEWS)}
        connection.execute(SQL(CREATE_REGISTRY).format(**names))
    if not is_there:
        connection.execute(SQL("CREATE ROLE {} NOLOGIN").format(Identifier(reader)))
    grant_reading(connection, REGISTRY, reader)


def grant_reading(connection: psycopg.Connection, schema: str, reader: str) -> None:
    """Let readers read all that is in a schema."""
    names = {"schema": Identifier(schema), "reader": Identifier(reader)}
    connection.execute(
        SQL(
            "GRANT USAGE ON SCHEMA {schema} TO {reader}; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader}"
        ).format(**names)
    )


def create_table(connection: psycopg.Connection, schema: str, collection: Collection) -> None:
    """Make the table of a collection: its columns, nothing else yet.

    Raises:
        StoreError: A column's name is too long.
    """
    for one in collection.fields:
        if len(one.name.encode()) > LONGEST_NAME:
            raise StoreError(
                f"{collection.name}: PostgreSQL takes names of {LONGEST_NAME} bytes; rename the column '{one.name}'"
            )
    columns = SQL(", ").join(
        SQL("{} {} {}").format(
            Identifier(one.name), SQL(_column_type(one, collection)), SQL("" if one.nullable else "NOT NULL")
        )
        for one in collection.fields
    )
    connection.execute(SQL("CREATE TABLE {} ({})").format(qualified(schema, collection.name), columns))


def _column_type(one: CollectionField, collection: Collection) -> str:
    if one.type is not PropertyType.GEOMETRY:
        return _TYPES[one.type]
    types = collection.geometry_types if one.name == collection.geometry else ()
    only = types[0] if len(types) == 1 and types[0] in _GEOMETRY_TYPES else "Geometry"
    return f"geometry({only}, 4326)"


def finish_table(connection: psycopg.Connection, schema: str, collection: Collection) -> None:
    """Give a table that has its rows its keys, indexes, comment and statistics."""
    table = qualified(schema, collection.name)
    connection.execute(SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(table, Identifier(FID)))
    connection.execute(SQL("CREATE UNIQUE INDEX ON {} ({})").format(table, Identifier(ID)))
    for name, method in indexes_of(collection):
        if name not in {FID, ID}:
            statement = SQL("CREATE INDEX ON {} USING {} ({})")
            connection.execute(statement.format(table, Identifier(method), Identifier(name)))
    connection.execute(SQL("COMMENT ON TABLE {} IS {}").format(table, Literal(_title(collection))))
    connection.execute(SQL("ANALYZE {}").format(table))


def indexes_of(collection: Collection) -> list[tuple[str, str]]:
    """The columns of a collection that have an index, each with the index's method."""
    return [
        (one.name, "gist" if one.type is PropertyType.GEOMETRY else "btree")
        for one in collection.fields
        if one.type is PropertyType.GEOMETRY or _is_asked_for(one, collection)
    ]


def _is_asked_for(one: CollectionField, collection: Collection) -> bool:
    if one.name in {FID, ID}:
        return True
    is_code = one.name == "pcode" or one.name.endswith(_CODE_ENDINGS)
    return bool(one.values) or is_code or one.type is PropertyType.DATE or one.name == collection.time


def _title(collection: Collection) -> str:
    return " / ".join(dict.fromkeys(collection.title.values()))


def select_rows(schema: str, collection: Collection) -> Composed:
    """All rows of a collection in the order of `fid`, geometries as little-endian WKB."""
    columns = SQL(", ").join(
        SQL("ST_AsBinary({}, 'NDR')").format(Identifier(one.name))
        if one.type is PropertyType.GEOMETRY
        else Identifier(one.name)
        for one in collection.fields
    )
    table = qualified(schema, collection.name)
    return SQL("SELECT {} FROM {} ORDER BY {}").format(columns, table, Identifier(FID))


def count_rows(connection: psycopg.Connection, schema: str, collection: Collection) -> int:
    """How many rows the table of a collection has."""
    query = SQL("SELECT count(*) FROM {}").format(qualified(schema, collection.name))
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def tables_in(connection: psycopg.Connection, schema: str, *, views: bool = True) -> list[str]:
    """The names of all tables of a schema, with `views` also of what only looks like one."""
    kinds = ["r", "p", *(("v", "m", "f") if views else ())]
    return [row[0] for row in connection.execute(TABLES, [schema, kinds])]


def indexes_in(connection: psycopg.Connection, schema: str) -> set[tuple[str, str, str]]:
    """The table, first column and method of each index of a schema that covers all rows."""
    return set(connection.execute(INDEXES, [schema]).fetchall())


def shows_all(connection: psycopg.Connection, schema: str, collection: Collection) -> bool:
    """Whether the view of a collection is every row and column of its table in a schema."""
    names = {"views": Literal(VIEWS), "name": Literal(collection.name), "schema": Literal(schema)}
    row = connection.execute(SQL(SHOWN).format(**names), [[one.name for one in collection.fields]]).fetchone()
    return bool(row and row[0])


def view_sources(connection: psycopg.Connection) -> dict[str, str]:
    """The schema that each view of the current release reads."""
    return dict(connection.execute(VIEW_SOURCES, [VIEWS]).fetchall())


def drop_views(connection: psycopg.Connection, release: str) -> None:
    """Drop the views of `current` that show a release.

    Raises:
        StoreError: Something that others built stands on one.
    """
    for name, schema in view_sources(connection).items():
        if schema == release_schema(release):
            _drop_view(connection, name)


def replace_views(connection: psycopg.Connection, manifest: Manifest, reader: str) -> None:
    """Point the views of `current` to a release, and drop those of other releases.

    A view whose columns stay is replaced, so that what others built on it stays as well.

    Raises:
        StoreError: Something that others built stands on a view that has to go.
    """
    schema = release_schema(manifest.id)
    for collection in sorted(manifest.collections, key=lambda one: one.name):
        _replace_view(connection, schema, collection)
    for name, source in view_sources(connection).items():
        if source != schema and source.startswith(release_schema("")):
            _drop_view(connection, name)
    grant_reading(connection, VIEWS, reader)


def _replace_view(connection: psycopg.Connection, schema: str, collection: Collection) -> None:
    view = qualified(VIEWS, collection.name)
    columns = SQL(", ").join(Identifier(one.name) for one in collection.fields)
    table = qualified(schema, collection.name)
    selected = SQL("VIEW {} AS SELECT {} FROM {}").format(view, columns, table)
    try:
        with connection.transaction():
            connection.execute(SQL("CREATE OR REPLACE {}").format(selected))
    except errors.InvalidTableDefinition:
        _drop_view(connection, collection.name)
        connection.execute(SQL("CREATE {}").format(selected))
    except errors.WrongObjectType as error:
        raise StoreError(
            f"{VIEWS}.{collection.name} is a table of somebody's, not a view; rename it or drop it"
        ) from error
    connection.execute(SQL("COMMENT ON VIEW {} IS {}").format(view, Literal(_title(collection))))


def _drop_view(connection: psycopg.Connection, name: str) -> None:
    try:
        connection.execute(SQL("DROP VIEW {}").format(qualified(VIEWS, name)))
    except errors.DependentObjectsStillExist as error:
        raise StoreError(
            f"{VIEWS}.{name} has to change, and somebody built on it: {error.diag.message_detail}; "
            "drop that first and make it again afterwards"
        ) from error
