"""What published figures say of a round: computed from its frames with plain pandas, and looked up in its tables; nothing of the generator."""

from __future__ import annotations

import json
from decimal import Decimal

GROUPS = ("labour_migrants", "returnees", "emigrants", "internal_migrants", "internal_emigrants")
DIMENSION_OF_SHARES = {
    "share_by_sex": "sex",
    "share_by_migration_type": "kind",
    "share_by_reason": "reason",
    "share_by_nationality_printed": "country",
    "share_by_country_printed": "country",
}
DIMENSION_OF_COUNTS = {"by_nationality": "country", "by_country": "country", "by_year": "year"}


def read(path):
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def statements(figures):
    """Every printed figure that a round can meet, by its place in the file: what is printed, and how it follows from a round."""
    said = {"round.villages_assessed": (figures["round"]["villages_assessed"], lambda r: len(r.villages))}
    said |= informants(figures.get("key_informants", {}))
    for name in GROUPS:
        if name in figures:
            said |= group(name, figures[name])
    return said | services(figures.get("service_access", {}))


def share(part, total, printed):
    """`part` of `total` in percent, rounded as `printed` is."""
    decimals = -Decimal(str(printed)).as_tuple().exponent
    return round(Decimal(int(part)) * 100 / int(total), decimals)


def informants(printed):
    if not printed:
        return {}
    total = printed["total"]

    def by(column, code):
        return lambda r: r.key_informants.query(f"{column} == @code", local_dict={"code": code})[
            "informants"
        ].sum()

    said = {"key_informants.total": (total, lambda r: r.key_informants["informants"].sum())}
    for role, count in printed.get("by_role", {}).items():
        said[f"key_informants.by_role.{role}"] = (count, by("role", role))
    for sex, percent in printed.get("share_by_sex", {}).items():
        said[f"key_informants.share_by_sex.{sex}"] = (
            percent,
            lambda r, s=sex, p=percent: share(by("sex", s)(r), total, p),
        )
    return said


def group(name, printed):
    return totals(name, printed) | regions(name, printed) | parts(name, printed)


def rows(r, name):
    return r.mobility[r.mobility["group"] == name].merge(r.villages[["village_id", "adm1_pcode"]])


def totals(name, printed):
    columns = {"individuals": "individuals", "households": "households", "villages_present": "present"}
    return {
        f"{name}.{key}": (printed[key], lambda r, c=column: rows(r, name)[c].sum())
        for key, column in columns.items()
        if key in printed
    }


def regions(name, printed):
    def there(r, code):
        return rows(r, name).query("adm1_pcode == @code", local_dict={"code": code})["individuals"].sum()

    said = {}
    for code, count in printed.get("by_region", {}).items():
        said[f"{name}.by_region.{code}"] = (count, lambda r, c=code: there(r, c))
    for code, percent in printed.get("share_by_region_printed", {}).items():
        said[f"{name}.share_by_region_printed.{code}"] = (
            percent,
            lambda r, c=code, p=percent: share(there(r, c), printed["individuals"], p),
        )
    return said


def parts(name, printed):
    def counts(r, dimension):
        chosen = r.breakdowns[(r.breakdowns["group"] == name) & (r.breakdowns["dimension"] == dimension)]
        return chosen.groupby("code")["individuals"].sum()

    said = {}
    if "countries" in printed:
        said[f"{name}.countries"] = (
            printed["countries"],
            lambda r: len(counts(r, "country").drop(["other", "unknown"], errors="ignore")),
        )
    for key, dimension in DIMENSION_OF_COUNTS.items():
        for code, count in printed.get(key, {}).items():
            said[f"{name}.{key}.{code}"] = (count, lambda r, d=dimension, c=code: counts(r, d).get(c, 0))
    for key, dimension in DIMENSION_OF_SHARES.items():
        for code, percent in printed.get(key, {}).items():
            said[f"{name}.{key}.{code}"] = (
                percent,
                lambda r, d=dimension, c=code, p=percent: share(
                    counts(r, d).get(c, 0), printed["individuals"], p
                ),
            )
    return said


def services(printed):
    said = {}

    def answers(r, service):
        return r.reported_access[r.reported_access["service"] == service].merge(
            r.villages[["village_id", "households"]]
        )

    for service, percent in printed.get("share_of_communities_with_service", {}).items():
        said[f"share_of_communities_with_service.{service}"] = (
            percent,
            lambda r, s=service, p=percent: share(answers(r, s)["present"].sum(), len(r.villages), p),
        )
    for service, cells in printed.get("households_by_distance_km", {}).items():
        for band, households in cells.items():
            if band != "total_printed":
                said[f"households_by_distance_km.{service}.{band}"] = (
                    households,
                    lambda r, s=service, b=band: (
                        answers(r, s)
                        .query("~present and band == @b", local_dict={"b": b})["households"]
                        .sum()
                    ),
                )
    return said


# The same figures in the tables of the round


def table_statements(figures):
    """Every printed figure that the tables of a round can show, by the places of `statements`: what is printed, and where the tables say it.

    Tables are lists of rows by name, as a JSON document of them holds.
    """
    said = {"round.villages_assessed": (figures["round"]["villages_assessed"], cell("coverage", "villages"))}
    said |= informants_in_tables(figures.get("key_informants", {}))
    for name in GROUPS:
        if name in figures:
            said |= group_in_tables(name, figures[name])
    return said | services_in_tables(figures.get("service_access", {}))


def cell(table, column, **where):
    """The sum of a column over the rows of a table that match."""
    return lambda tables: sum(
        row[column] for row in tables[table] if all(row[key] == value for key, value in where.items())
    )


def percent_cell(table, column, printed, **where):
    """A share of a table in percent, rounded as `printed` is."""
    decimals = -Decimal(str(printed)).as_tuple().exponent
    of = cell(table, column, **where)
    return lambda tables: round(Decimal(str(of(tables))) * 100, decimals)


def informants_in_tables(printed):
    if not printed:
        return {}
    said = {"key_informants.total": (printed["total"], cell("key_informants", "informants"))}
    for role, count in printed.get("by_role", {}).items():
        said[f"key_informants.by_role.{role}"] = (count, cell("key_informants", "informants", role=role))
    for sex, percent in printed.get("share_by_sex", {}).items():
        said[f"key_informants.share_by_sex.{sex}"] = (
            percent,
            percent_cell("key_informants_by_sex", "share", percent, sex=sex),
        )
    return said


def group_in_tables(name, printed):
    said = {
        f"{name}.{key}": (printed[key], cell("groups", key, group=name))
        for key in ("individuals", "households", "villages_present", "countries")
        if key in printed
    }
    for code, count in printed.get("by_region", {}).items():
        said[f"{name}.by_region.{code}"] = (count, cell(f"{name}_by_region", "individuals", pcode=code))
    for code, percent in printed.get("share_by_region_printed", {}).items():
        said[f"{name}.share_by_region_printed.{code}"] = (
            percent,
            percent_cell(f"{name}_by_region", "share", percent, pcode=code),
        )
    for key, dimension in DIMENSION_OF_COUNTS.items():
        for code, count in printed.get(key, {}).items():
            said[f"{name}.{key}.{code}"] = (count, cell(f"{name}_by_{dimension}", "individuals", code=code))
    for key, dimension in DIMENSION_OF_SHARES.items():
        for code, percent in printed.get(key, {}).items():
            said[f"{name}.{key}.{code}"] = (
                percent,
                percent_cell(f"{name}_by_{dimension}", "share", percent, code=code),
            )
    return said


def services_in_tables(printed):
    said = {}
    for service, percent in printed.get("share_of_communities_with_service", {}).items():
        said[f"share_of_communities_with_service.{service}"] = (
            percent,
            percent_cell("services", "share_with", percent, service=service),
        )
    for service, cells in printed.get("households_by_distance_km", {}).items():
        for band, households in cells.items():
            if band != "total_printed":
                said[f"households_by_distance_km.{service}.{band}"] = (
                    households,
                    cell("households_without_service", "households", service=service, band=band),
                )
    return said
