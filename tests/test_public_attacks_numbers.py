"""The public visitor computes: with all numbers that are shown in one system of equations, with filters, sorts, counts and tiles as oracles."""

from __future__ import annotations

import io
import json
from itertools import product

import mapbox_vector_tile
import pandas as pd
import pyogrio
import pytest
from api import client_of
from api_world import world
from attacks import got, tables_over_http
from suppression_attacker import Attacker

from geo_service.api.security.roles import Role
from geo_service.vocabulary import PopulationGroup

__all__ = ["world"]

# What it runs is run by other tests too; tracing would double its time.
pytestmark = [pytest.mark.xdist_group("public attacks")]

THRESHOLD = 5
WHOLE_TILE = "/tiles/WebMercatorQuad/0/0/0"


@pytest.fixture(scope="module")
def public(world):
    with client_of(world, Role.PUBLIC, rate_per_minute=0) as client:
        yield client


@pytest.fixture(scope="module")
def analyst(world):
    with client_of(world, Role.ANALYST, rate_per_minute=0) as client:
        yield client


@pytest.fixture(scope="module")
def shown(public):
    return {number: tables_over_http(public, number) for number in (2, 3)}


@pytest.fixture(scope="module")
def whole(analyst, shown):
    """The truth about the tables that the public sees, the rows in the order of the analyst's."""
    return {number: tables_over_http(analyst, number, shown[number]) for number in shown}


@pytest.fixture(scope="module")
def layers(public, analyst):
    """The layers with numbers, by name: what the public is shown and the truth, by P-code."""
    found = {}
    for one in public.get("/ogc/collections").json()["collections"]:
        if one["id"].startswith(("mobility_", "access_")):
            url = f"/ogc/collections/{one['id']}/items?limit=1000"
            found[one["id"]] = tuple(
                pd.DataFrame([each["properties"] for each in client.get(url).json()["features"]]).set_index(
                    "pcode"
                )
                for client in (public, analyst)
            )
    assert len(found) == 4
    return found


def hidden_of(layer):
    """The cells of a layer that are hidden, with their values: by column, the P-codes."""
    seen, truth = layer
    cells = {
        column: [code for code in seen.index if pd.isna(seen[column][code]) and pd.notna(truth[column][code])]
        for column in seen.columns.intersection(truth.columns)
        if pd.api.types.is_numeric_dtype(truth[column]) and column != "fid"
    }
    return {column: codes for column, codes in cells.items() if codes}


# One system of all numbers


@pytest.mark.parametrize("number", [2, 3])
def test_no_hidden_number_follows_from_all_that_is_shown(shown, whole, number):
    attacker = Attacker(shown[number])
    truth = Attacker(
        {
            name: table.assign(suppressed=False)
            for name, table in whole[number].items()
            if name in shown[number]
        }
    )
    assert len(attacker.hidden) > 100
    # What the attacker knows is so.
    for name, value in attacker.known.items():
        if name in truth.known and name[0] in {
            "individuals",
            "by",
            "households",
            "with",
            "without",
            "lacking",
        }:
            assert truth.known[name] == value, name
    small = [
        name
        for name, value in truth.known.items()
        if name[0] in {"individuals", "by"} and 0 < value < THRESHOLD
    ]
    assert len(small) > 30
    assert [name for name in small if name in attacker.known] == []
    assert attacker.narrow(attacker.hidden, THRESHOLD - 1) == []
    for name in sorted(attacker.hidden, key=str)[::25]:
        least, most = attacker.range(name)
        assert least <= truth.known[name] <= most, f"{name}: the attacker reasons wrongly"


def test_layers_show_nothing_that_the_tables_hide(shown, layers):
    checked = 0
    for level in ("region", "district"):
        groups = shown[3][f"groups_by_{level}"].dropna(subset="pcode").set_index(["pcode", "group"])
        layer = layers[f"mobility_by_{level}"][0]
        for (pcode, group), row in groups.iterrows():
            assert pd.isna(layer[group][pcode]) == pd.isna(row["individuals"]), (pcode, group)
            checked += 1
        bands = shown[3][f"access_by_band_and_{level}"].dropna(subset="pcode")
        far = bands[
            (bands["band"] == ">25") | bands["status"].isin(["no_facility", "unreachable", "beyond_limit"])
        ]
        lacking = shown[3][f"households_without_service_by_{level}"]
        lacking = lacking[lacking["band"] == ">25"].dropna(subset="pcode")
        layer = layers[f"access_by_{level}"][0]
        for prefix, rows in (("", far), ("reported_", lacking)):
            for (pcode, service), of_unit in rows.groupby(["pcode", "service"]):
                for what in ("households", "share"):
                    if of_unit[what].isna().any():
                        assert pd.isna(layer[f"{prefix}{service}_{what}_beyond_25_km"][pcode]), (
                            pcode,
                            service,
                        )
                    checked += 1
    assert checked > 200


def test_questions_show_nothing_that_the_tables_hide(public, shown):
    """Every row of a question that is of a hidden cell has no number: by unit, group, code, year, service and band."""
    keys = ("group", "code", "pcode", "service", "band", "status", "base_year", "year")
    asked = [
        *((f"/mobility/concentration?group={group}&by={by}", f"concentration_by_{by}", {"group": group}) for group in PopulationGroup for by in ("region", "district")),
        *((f"/mobility/breakdown?group={group}&dimension={what}&by=region", f"{group}_by_{what}_and_region", {}) for group in PopulationGroup for what in ("sex", "year", "kind", "reason")),
        *((f"/mobility/trends?group={group}&by=region", f"{group}_growth_by_region", {}) for group in PopulationGroup),
        ("/access/bands?by=district&basis=reported", "households_without_service_by_district", {}),
        ("/access/bands?by=district&basis=measured", "access_by_band_and_district", {}),
        ("/coverage/assessment?by=district", "coverage_by_district", {}),
    ]  # fmt: skip
    hidden = 0
    for url, name, fixed in asked:
        table = shown[3][name]
        by = [one for one in keys if one in table.columns]
        numbers = {
            tuple(map(_plain, row)): numbers
            for row, numbers in zip(table[by].itertuples(index=False), table.to_dict("records"), strict=True)
        }
        rows = public.get(url).json()["rows"]
        assert rows, url
        for row in rows:
            there = numbers[tuple(_plain((row | fixed).get(one)) for one in by)]
            hidden += bool(there["suppressed"])
            for column in there.keys() & row.keys() - set(by):
                assert pd.isna(there[column]) <= pd.isna(row[column]), (url, row, column)
    assert hidden > 50


def _plain(value):
    return None if pd.isna(value) else str(value)


# In every format


@pytest.mark.parametrize(
    "format_", ["geojson", "csv", "xlsx", "gpkg", "fgb", "parquet", "ndjson", "geojsonseq"]
)
def test_every_format_hides_the_same_cells(public, layers, tmp_path, format_):
    for name in ("mobility_by_district", "mobility_by_region"):
        seen, _ = layers[name]
        answer = got(public, f"/ogc/collections/{name}/items?f={format_}")
        assert answer.status == 200
        frame = _frame(answer.content, format_, tmp_path / f"of.{format_}").set_index("pcode")
        frame = frame.rename(columns=str.lower)
        looked_at = 0
        for column, codes in hidden_of(layers[name]).items():
            for code in codes:
                assert pd.isna(frame[column][code]) or frame[column][code] == "", (format_, column, code)
                looked_at += 1
        assert looked_at > 2
        assert frame["villages"].astype(int).sum() == seen["villages"].sum()


def _frame(content, format_, path):
    if format_ == "csv":
        # The first row after the header may be HXL tags.
        frame = pd.read_csv(io.BytesIO(content), dtype="string", keep_default_na=False)
        return frame[~frame.iloc[:, 0].str.startswith("#").fillna(False)]
    if format_ in {"ndjson", "geojsonseq"}:
        rows = [
            json.loads(line.strip("\x1e")) for line in content.decode().splitlines() if line.strip("\x1e ")
        ]
        return pd.DataFrame([row.get("properties", row) for row in rows])
    path.write_bytes(content)
    if format_ == "xlsx":
        return next(
            one
            for one in pd.read_excel(path, sheet_name=None, engine="calamine").values()
            if "pcode" in one.columns
        )
    if format_ == "parquet":
        return pd.read_parquet(path)
    return pyogrio.read_dataframe(path, read_geometry=False)


def test_the_cells_of_tiles_are_hidden_too(public, layers):
    looked_at = 0
    for name, layer in layers.items():
        tile = got(public, f"/ogc/collections/{name}{WHOLE_TILE}")
        features = mapbox_vector_tile.decode(tile.content)[name]["features"]
        rows = {one["properties"]["pcode"]: one["properties"] for one in features}
        for column, codes in hidden_of(layer).items():
            for code in codes:
                if code in rows:
                    assert rows[code].get(column) is None, (name, column, code)
                    looked_at += 1
    assert looked_at > 30


# Oracles


def test_no_filter_tells_a_hidden_number(public, layers):
    """Whatever a hidden number is compared with, by whatever way of asking: nothing is ever true of it, nor of its contrary."""
    columns = 0
    for name, layer in layers.items():
        _, truth = layer
        url = f"/ogc/collections/{name}/items?limit=1"
        for column, codes in list(hidden_of(layer).items()):
            columns += 1
            among = ",".join(f"'{code}'" for code in codes)
            value = truth[column][codes[0]]
            tests = (
                f"({column} >= 0 OR {column} < 0)",
                f"({column} = {value} OR NOT {column} = {value})",
                f"{column} BETWEEN -1000000 AND 1000000",
                f"{column} * 2 - {column} > -1",
                f"NOT ({column} IN (-1, {value}))",
                f"NOT ({column} IS NULL)",
            )
            ask = tests if columns % 8 == 0 else tests[columns % 6 :][:1]
            for test in ask:
                answer = public.get(url, params={"filter": f"pcode IN ({among}) AND ({test})"})
                assert answer.status_code == 200, answer.text
                assert answer.json()["numberMatched"] == 0, (name, column, test)
    assert columns > 6


def test_no_bisection_finds_a_hidden_number_by_counts_parameters_or_tiles(public, layers):
    seen, truth = layers["mobility_by_district"]
    cells = [(column, code) for column, codes in hidden_of((seen, truth)).items() for code in codes]
    assert len(cells) > 10
    items = "/ogc/collections/mobility_by_district/items"
    for column, code in cells[::4]:
        value = int(truth[column][code])
        said = set()
        for bound in {0, value - 1, value, value + 1, 10_000}:
            tree = {
                "op": "and",
                "args": [
                    {"op": "=", "args": [{"property": "pcode"}, code]},
                    {"op": ">", "args": [{"property": column}, bound]},
                ],
            }
            asked = {"filter": json.dumps(tree), "filter-lang": "cql2-json"}
            answers = (
                public.get(items, params=asked).json()["numberMatched"],
                public.get(items, params={"pcode": code, column: bound}).json()["numberMatched"],
                len(public.get(f"{items}", params=asked | {"f": "csv"}).text.splitlines()),
                public.get(f"/ogc/collections/mobility_by_district{WHOLE_TILE}", params=asked).content,
            )
            said.add(answers)
        assert len(said) == 1, (column, code)
        assert next(iter(said))[0] == next(iter(said))[1] == 0
        # The same questions find what is shown.
        visible = next(one for one in seen.index if pd.notna(seen[column][one]))
        counts = {
            public.get(items, params={"filter": f"pcode = '{visible}' AND {column} > {bound}"}).json()[
                "numberMatched"
            ]
            for bound in (-1, 1_000_000)
        }
        assert counts == {0, 1}


def test_no_order_tells_a_hidden_number(public, layers):
    """Rows with a hidden number stand together, in one order of their own, whichever way they are sorted."""
    for name in ("mobility_by_district", "access_by_district"):
        seen, _ = layers[name]
        place = {code: at for at, code in enumerate(public_order(public, name, None))}
        for column, codes in list(hidden_of(layers[name]).items())[:8]:
            nulls = [code for code in seen.index if pd.isna(seen[column][code])]
            for sort in (column, f"-{column}"):
                order = [code for code in public_order(public, name, sort) if code in nulls]
                assert order == sorted(order, key=place.get), (name, sort)
            assert set(codes) <= set(nulls)


def public_order(client, name, sort):
    by = f"&sortby={sort}" if sort else ""
    answer = client.get(f"/ogc/collections/{name}/items?limit=1000&properties=pcode{by}")
    return [one["properties"]["pcode"] for one in answer.json()["features"]]


def test_rows_of_tables_stand_in_an_order_that_tells_nothing_of_hidden_ones(shown):
    """Countries and reasons: in all tables in the order of the whole, and there the hidden ones last, by code."""
    looked_at = 0
    aside = ["other", "rest", "unknown", "earlier"]
    for group, what in product(PopulationGroup, ("country", "reason")):
        name = f"{group}_by_{what}"
        if name not in shown[3]:
            continue
        rows = shown[3][name][~shown[3][name]["code"].isin(aside)]
        is_hidden = rows["individuals"].isna()
        assert is_hidden.tolist() == sorted(is_hidden), f"{name}: a hidden row stands between shown ones"
        assert rows["code"][is_hidden].is_monotonic_increasing, name
        place = {code: at for at, code in enumerate(rows["code"])}
        for other in (f"{name}_and_region", f"{group}_top_countries"):
            table = shown[3].get(other)
            if table is None or (other.endswith("countries") and what != "country"):
                continue
            units = table["pcode"].fillna("") if "pcode" in table else pd.Series("", index=table.index)
            for _, of_unit in table[~table["code"].isin(aside)].groupby(units):
                places = [place[code] for code in of_unit["code"]]
                assert places == sorted(places), other
                looked_at += int(of_unit["individuals"].isna().sum())
    assert looked_at > 20


def test_properties_that_only_others_see_are_not_there_to_ask_of(public, analyst):
    """By filter, sort, parameter or choice of properties; the refusal names none of them but the one that was asked for."""
    of_others = set()
    for one in analyst.get("/ogc/collections").json()["collections"]:
        of_others |= (
            analyst.get(f"/ogc/collections/{one['id']}/queryables?f=json").json()["properties"].keys()
        )
    assert {"village_id", "village_name", "interviewed_on", "measured_present"} <= of_others
    refused = 0
    for one in public.get("/ogc/collections").json()["collections"]:
        name = one["id"]
        known = public.get(f"/ogc/collections/{name}/queryables?f=json").json()["properties"].keys()
        own = analyst.get(f"/ogc/collections/{name}/queryables?f=json").json()["properties"].keys()
        hidden = sorted(
            (own | {"village_id", "interviewed_on", "distance_m", "row_before", "public_id"}) - known
        )
        for at, column in enumerate(hidden):
            asked = (
                {"filter": f"{column} IS NULL"},
                {"sortby": column},
                {"properties": column},
                {column: "1"},
            )
            for query in (asked[at % 4], asked[(at + 1) % 4]):
                for path in ("items", "tiles/WebMercatorQuad/0/0/0"):
                    if path.startswith("tiles") and "sortby" in query:
                        continue
                    answer = public.get(f"/ogc/collections/{name}/{path}", params=query)
                    assert answer.status_code == 400, (name, path, query)
                    said = answer.text.replace(column, "")
                    assert [
                        each for each in ("village_id", "village_name", "row_before") if each in said
                    ] == []
                    refused += 1
    assert refused > 50


def test_ids_of_villages_find_nothing(public, analyst):
    ids = [one["id"] for one in analyst.get("/ogc/collections/villages/items?limit=3").json()["features"]]
    for one in public.get("/ogc/collections").json()["collections"]:
        for id_ in ids:
            assert public.get(f"/ogc/collections/{one['id']}/items/{id_}").status_code == 404
            found = public.get(f"/ogc/collections/{one['id']}/items", params={"filter": f"id = '{id_}'"})
            assert found.json()["numberMatched"] == 0
