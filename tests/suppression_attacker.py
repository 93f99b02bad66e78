"""An attacker of public tables: reads every number, share, growth and total as an equation, and narrows what is hidden by linear programming.

It shares no code with what hides the cells. All that it knows is in the public tables and in the codes of units: the first six letters of a district's
are its region's.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csgraph

GROUPS = ("labour_migrants", "returnees", "emigrants", "internal_migrants", "internal_emigrants")
DIMENSIONS = ("sex", "country", "year", "kind", "reason")
BANDS = ("0-5", "6-10", "11-15", "16-20", "21-25", ">25")
LEVELS = ("country", "region", "district")
WHOLE = ("country", None)
ROUNDING = 1e-5


class Attacker:
    """What follows from public tables.

    Attributes:
        known: The numbers that are shown, by name.
        least: Of each number that is not shown the least that it can be, by name.
        hidden: The names of the cells that are null and suppressed.
    """

    def __init__(self, public):
        self.public = public
        self.known, self.least, self.hidden, self.equations = {}, {}, set(), []
        self.at_least_as_large = []
        self.villages, self._of_level, self._parts = {}, {}, None
        self._read_groups()
        self._read_dimensions()
        self._read_services(self._read_coverage())
        self._read_derived()
        self._read_shares_of_services()

    # What is asked

    def range(self, name):
        """The least and the largest that a hidden number can be, as whole numbers; infinity for no largest."""
        system, at = self._part(name)
        ends = []
        for sign in (1, -1):
            found = self._extreme(system, at, sign)
            ends.append(np.inf if found is None else found[at])
        return np.ceil(ends[0] - ROUNDING), np.floor(ends[1] + ROUNDING)

    def narrow(self, names, width):
        """Those of the numbers whose largest and least are closer than `width`, with both."""
        found = []
        for system in self._every_part():
            asked = [system["at"][name] for name in system["names"] if name in names]
            least, most = np.full(len(system["names"]), np.inf), np.full(len(system["names"]), -np.inf)
            for at, sign in product(asked, (-1, 1)):
                # Any tables that fit say something of each number in them.
                if most[at] - least[at] >= width - ROUNDING:
                    continue
                one = self._extreme(system, at, sign)
                if one is None:
                    least[at], most[at] = self.least[system["names"][at]], np.inf
                else:
                    least, most = np.minimum(least, one), np.maximum(most, one)
            found += [
                (system["names"][at], least[at], most[at])
                for at in asked
                if most[at] - least[at] < width - ROUNDING
            ]
        return found

    def _extreme(self, system, at, sign):
        """Numbers that fit all that is public, with the least (1) or the largest (-1) at a place; null for no largest."""
        towards = np.zeros(len(system["names"]))
        towards[at] = sign
        bounds = np.column_stack([system["least"], np.full(len(towards), np.inf)])
        solved = linprog(
            towards, A_eq=system["A"], b_eq=system["b"], A_ub=system["G"], b_ub=system["h"], bounds=bounds
        )
        assert solved.status in {0, 3}, f"the public tables contradict one another: {solved.message}"
        return solved.x if solved.status == 0 else None

    def possible(self, name, enough):
        """How many whole numbers a hidden one can be while all others are whole as well, counted up to `enough`."""
        least, most = self.range(name)
        system, at = self._part(name)
        count, value = 0, least
        while count < enough and value <= most and value < least + 10 * enough:
            low = np.array(system["least"], dtype=float)
            high = np.full(len(low), np.inf)
            low[at] = high[at] = value
            constraints = [LinearConstraint(system["A"], system["b"] - ROUNDING, system["b"] + ROUNDING)]
            if system["G"] is not None:
                constraints.append(LinearConstraint(system["G"], -np.inf, system["h"]))
            found = milp(
                np.zeros(len(low)),
                integrality=np.ones(len(low)),
                bounds=Bounds(low, high),
                constraints=constraints,
            )
            count += found.status == 0
            value += 1
        return count

    # What is read

    def _tell(self, name, value, is_suppressed, least):
        """A number of a table; null that is not suppressed is not known to anybody and counts as nothing."""
        if pd.notna(value):
            assert self.known.get(name, float(value)) == float(value), f"{name} is {value} and {self.known}"
            assert name not in self.hidden, f"{name} is hidden in one table and {value} in another"
            self.known[name] = float(value)
        elif not is_suppressed:
            self.known.setdefault(name, 0.0)
        elif name not in self.known:
            self.hidden.add(name)
            self.least[name] = max(self.least.get(name, 0), least)
        else:
            assert self.known[name] == 0, f"{name} is hidden in one table and {self.known[name]} in another"

    def _slack(self, *name):
        self.least.setdefault(name, 0)
        return name

    def _equal(self, left, right):
        """Two sums of (factor, name) are equal."""
        terms = defaultdict(float)
        for sign, side in ((1, left), (-1, right)):
            for factor, name in side:
                terms[name] += sign * factor
        self.equations.append(dict(terms))

    def _sum(self, wholes, parts, rest=None):
        left = [(1, one) for one in wholes if self._is_told(one)]
        right = [(1, one) for one in parts if self._is_told(one)]
        if not left or not right:
            return
        if rest is not None:
            right.append((1, self._slack(*rest)))
        self._equal(left, right)

    def _is_told(self, name):
        return name in self.known or name in self.least

    def _tables(self, name):
        for level in LEVELS:
            split = name if level == "country" else f"{name}_{'and' if '_by_' in name else 'by'}_{level}"
            if split in self.public:
                table = self.public[split]
                codes = table["pcode"] if level != "country" else [None] * len(table)
                units = [(level, None if pd.isna(code) else code) for code in codes]
                yield split, table.assign(unit=units)

    def _units(self, level):
        if level not in self._of_level:
            tables = [one for name, one in self.public.items() if name.endswith(f"_{level}")]
            codes = dict.fromkeys(code for one in tables for code in one["pcode"].unique())
            units = [(level, None if pd.isna(code) else code) for code in codes]
            self._of_level[level] = list(dict.fromkeys(units))
        return self._of_level[level]

    def _read_groups(self):
        for group in GROUPS:
            for name in ("groups", group):
                for _, table in self._tables(name):
                    for row in table[(table["group"] == group).to_numpy()].to_dict("records"):
                        cell = ("individuals", group, row["unit"])
                        counted = row["villages_present"] - row["villages_uncounted"]
                        self.villages[cell] = counted
                        if counted == 0:
                            self.known[cell] = 0.0
                            continue
                        self._tell(cell, row["individuals"], row["suppressed"], max(1, counted))
            self._sum_units("individuals", group)

    def _sum_units(self, *key):
        """Regions make the country, districts and what is in none of them their region."""
        regions = [(*key, one) for one in self._units("region")]
        districts = [(*key, one) for one in self._units("district")]
        whole = (*key, WHOLE)
        self._sum([whole], regions)
        if not regions:
            self._sum([whole], districts)
        left = []
        for region in regions:
            inside = [one for one in districts if one[-1][1] and one[-1][1][:6] == region[-1][1]]
            told = [one for one in inside if self._is_told(one)]
            if not self._is_told(region) or not any(self._is_told(one) for one in districts):
                continue
            count = self.villages.get(region, 0) - sum(self.villages.get(one, 0) for one in inside)
            parts = [(1, one) for one in told]
            if count:
                left.append(self._slack(*key, "left", region))
                parts.append((1, left[-1]))
            self._equal([(1, region)], parts)
        if left:
            self._equal([(1, (*key, ("district", None)))], [(1, one) for one in left])

    def _read_dimensions(self):
        for group, dimension in product(GROUPS, DIMENSIONS):
            codes = defaultdict(list)

            def read(table, group=group, dimension=dimension, codes=codes):
                for row in table.to_dict("records"):
                    cell = ("by", group, dimension, row["code"], row["unit"])
                    self._tell(cell, row["individuals"], row["suppressed"], 1)
                    codes[row["unit"]].append(row["code"])

            for _, table in self._tables(f"{group}_by_{dimension}"):
                read(table)
            by_unit = dict(codes)
            codes.clear()
            if dimension == "country" and f"{group}_top_countries" in self.public:
                read(
                    self.public[f"{group}_top_countries"].assign(
                        unit=[WHOLE] * len(self.public[f"{group}_top_countries"])
                    )
                )
            self._relate_dimension(group, dimension, by_unit, codes.get(WHOLE))

    def _relate_dimension(self, group, dimension, by_unit, top):
        def cell(code, unit=WHOLE):
            return ("by", group, dimension, code, unit)

        for unit, codes in by_unit.items():
            self._sum([("individuals", group, unit)], [cell(code, unit) for code in codes])
        for code in {code for codes in by_unit.values() for code in codes} | set(top or []):
            self._sum([cell(code)], [cell(code, unit) for unit in by_unit if unit != WHOLE])
        if top:
            self._sum([("individuals", group, WHOLE)], [cell(code) for code in top])
            rest = [code for code in by_unit[WHOLE] if code not in top]
            self._sum([cell("rest")], [cell(code) for code in rest])
            # The top codes are those with the most.
            for larger, smaller in product(top, rest):
                if larger not in {"rest", "unknown"} and smaller not in {"other", "unknown"}:
                    self.at_least_as_large.append((cell(larger), cell(smaller)))

    def _read_coverage(self):
        uncounted = {}
        for _, table in self._tables("coverage"):
            for row in table.to_dict("records"):
                unit, villages = row["unit"], row["villages"]
                uncounted[unit] = row["villages_uncounted"]
                counted = villages - row["villages_uncounted"]
                self.villages["households", unit] = self.villages["population", unit] = villages
                if counted == 0:
                    self.known["households", unit] = 0.0
                else:
                    self._tell(("households", unit), row["households"], row["suppressed"], 1)
                self._tell(("population", unit), row["population"], row["suppressed"], 0)
        self._sum_units("households")
        self._sum_units("population")
        return uncounted

    def _read_services(self, uncounted):
        for name, measure, column, villages, keys in (
            ("services", "with", "households_with", "villages_with", ()),
            ("services", "without", "households_without", "villages_without", ()),
            ("households_without_service", "lacking", "households", "villages", ("band",)),
            ("reported_and_measured", "reported", "households_reported", "villages_reported", ("band",)),
            ("reported_and_measured", "measured", "households_measured", "villages_measured", ("band",)),
            ("access_by_band", "access", "households", "villages", ("band", "status")),
        ):
            found = set()
            for _, table in self._tables(name):
                for row in table.to_dict("records"):
                    key = tuple(None if pd.isna(row[one]) else str(row[one]) for one in keys)
                    cell = (measure, row["service"], *key, row["unit"])
                    self.villages[cell] = row[villages]
                    if row[villages] == 0:
                        self.known[cell] = 0.0
                    else:
                        least = int(uncounted.get(row["unit"], 1) == 0)
                        self._tell(cell, row[column], row["suppressed"], least)
                    found.add(cell[:-1])
            for key in found:
                self._sum_units(*key)
        by_unit = defaultdict(list)
        for name in self.villages:
            if len(name) > 2 and name[0] != "individuals":
                by_unit[name[1], name[-1]].append(name)
        for (_, unit), names in by_unit.items():
            self._relate_service(unit, names)

    def _relate_service(self, unit, by_unit):
        def cells(measure, *bands):
            return [name for name in by_unit if name[0] == measure and (not bands or name[2] in bands)]

        households = [("households", unit)] if self._is_told(("households", unit)) else []
        for whole, parts in (
            (households, cells("with") + cells("without")),
            (households, cells("reported")),
            (households, cells("access")),
            (cells("without"), cells("lacking")),
            (cells("reported"), cells("measured")),
            *(
                (cells("lacking", band) + (cells("with") if band == "0-5" else []), cells("reported", band))
                for band in BANDS
            ),
            *((cells("access", band), cells("measured", band)) for band in BANDS[:-1]),
        ):
            if whole and parts:
                more = sum(self.villages[one] for one in whole) > sum(self.villages[one] for one in parts)
                self._sum(whole, parts, ("more", tuple(whole), tuple(parts)) if more else None)

    def _read_derived(self):
        """Shares, numbers for 1,000 inhabitants and km², quotients and growth are equations as well."""
        for group in GROUPS:
            for name in ("groups", group, "concentration"):
                for _, table in self._tables(name):
                    for row in table[(table["group"] == group).to_numpy()].to_dict("records"):
                        self._read_derived_of_unit(group, row)
            for dimension in DIMENSIONS:
                for _, table in self._tables(f"{group}_by_{dimension}"):
                    for row in table.to_dict("records"):
                        cell = ("by", group, dimension, row["code"], row["unit"])
                        self._times(cell, row["share"], ("individuals", group, row["unit"]))
            for _, table in self._tables(f"{group}_growth"):
                for row in table.to_dict("records"):
                    self._read_growth(group, row)

    def _read_shares_of_services(self):
        for name, measure, column in (
            ("households_without_service", "lacking", "share"),
            ("reported_and_measured", "reported", "share_reported"),
            ("reported_and_measured", "measured", "share_measured"),
            ("access_by_band", "access", "share"),
        ):
            self._read_shares(name, measure, column)

    def _times(self, cell, factor, whole):
        """A cell is a factor times another, if the factor is shown."""
        if pd.notna(factor) and self._is_told(cell) and self._is_told(whole):
            self._equal([(1, cell)], [(factor, whole)])

    def _read_derived_of_unit(self, group, row):
        unit = row["unit"]
        cell = ("individuals", group, unit)
        self._times(cell, row["share"], ("individuals", group, WHOLE))
        if "inhabitants" not in row:
            return
        people = ("inhabitants", unit)
        if pd.notna(row["inhabitants"]):
            self.known[people] = float(row["inhabitants"])
            if self._is_told(("population", unit)) and ("population", unit) in self.hidden:
                self._equal([(1, people)], [(1, ("population", unit))])
        elif row["suppressed"]:
            people = ("population", unit)
        if pd.notna(row["per_1000_inhabitants"]):
            self._times(cell, row["per_1000_inhabitants"] / 1000, people)
        if pd.notna(row["per_km2"]):
            self.known["area", unit] = row["area_km2"]
            self._times(cell, row["per_km2"], ("area", unit))
        totals = {one: self.known.get(("individuals", one, WHOLE)) for one in GROUPS}
        if pd.notna(row["location_quotient"]) and None not in totals.values():
            everybody, of_group = sum(totals.values()), totals[group]
            self._equal(
                [(everybody, cell)],
                [
                    (row["location_quotient"] * of_group, ("individuals", one, unit))
                    for one in GROUPS
                    if self._is_told(("individuals", one, unit))
                ],
            )

    def _read_growth(self, group, row):
        base, later = (("by", group, "year", row[one], row["unit"]) for one in ("base_year", "year"))
        for cell, column in ((base, "base_individuals"), (later, "individuals")):
            if pd.notna(row[column]):
                self._tell(cell, row[column], row["suppressed"], 0)
        if self._is_told(base) and self._is_told(later):
            if pd.notna(row["difference"]):
                self.known["difference", base, later] = float(row["difference"])
                self._equal([(1, later)], [(1, base), (1, ("difference", base, later))])
            if pd.notna(row["growth"]):
                self._times(later, 1 + row["growth"], base)

    def _read_shares(self, name, measure, column):
        for _, table in self._tables(name):
            by_unit = defaultdict(list)
            for one in self.villages:
                if one[0] == measure:
                    by_unit[one[1], one[-1]].append(one)
            for (service, unit), rows in table.groupby(["service", "unit"], observed=True):
                every = by_unit[service, unit]
                for row in rows.to_dict("records"):
                    keys = [
                        None if pd.isna(row[one]) else str(row[one])
                        for one in ("band", "status")
                        if one in row
                    ]
                    cell = (measure, service, *keys, unit)
                    if pd.notna(row[column]):
                        self._equal([(1, cell)], [(row[column], one) for one in every])

    # Equations in parts that share no unknown

    def _part(self, name):
        return next((one, one["at"][name]) for one in self._every_part() if name in one["at"])

    def _every_part(self):
        if self._parts is None:
            self._parts = self._split()
        return self._parts

    def _split(self):
        names = [one for one in self.least if one not in self.known]
        at = {name: position for position, name in enumerate(names)}
        rows = []
        for terms in self.equations:
            unknown = {at[name]: factor for name, factor in terms.items() if name in at and factor}
            constant = -sum(factor * self.known[name] for name, factor in terms.items() if name in self.known)
            if unknown:
                rows.append((unknown, constant))
        orders = []
        for larger, smaller in self.at_least_as_large:
            unknown = {at[name]: sign for name, sign in ((smaller, 1), (larger, -1)) if name in at}
            constant = self.known.get(larger, 0) - self.known.get(smaller, 0)
            if unknown:
                orders.append((unknown, constant))
        pairs = [
            (first, second)
            for unknown, _ in (*rows, *orders)
            for first, second in zip(list(unknown), list(unknown)[1:], strict=False)
        ]
        first, second = zip(*pairs, strict=True) if pairs else ((), ())
        graph = coo_array((np.ones(len(pairs)), (first, second)), shape=(len(names), len(names)))
        count, label = csgraph.connected_components(graph, directed=False)
        parts = []
        for one in range(count):
            members = np.flatnonzero(label == one)
            local = {member: position for position, member in enumerate(members)}
            equal, totals = _matrix([row for row in rows if next(iter(row[0])) in local], local)
            ordered, most = _matrix([row for row in orders if next(iter(row[0])) in local], local)
            inside = [names[member] for member in members]
            parts.append(
                {
                    "names": inside,
                    "at": {name: position for position, name in enumerate(inside)},
                    "least": [self.least[name] for name in inside],
                    "A": np.zeros((0, len(inside))) if equal is None else equal,
                    "b": np.zeros(0) if equal is None else totals,
                    "G": ordered,
                    "h": most,
                }
            )
        return parts


def _matrix(rows, local):
    if not rows:
        return None, None
    matrix = np.zeros((len(rows), len(local)))
    for at, (unknown, _) in enumerate(rows):
        for name, factor in unknown.items():
            matrix[at, local[name]] = factor
    return matrix, np.array([constant for _, constant in rows], dtype=float)
