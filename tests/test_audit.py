"""The audit of figures: clean ones give nothing, each planted fault is found where it was planted, and Round 3 gives what is so."""

from __future__ import annotations

import copy
import json
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo_service.coverage.audit.faults import FaultKind, faults_frame
from geo_service.coverage.audit.growth import years_compared
from geo_service.coverage.audit.names import canonical_key, read_name
from geo_service.coverage.audit.rules import audit
from geo_service.demo.figures import ROUND_3_PATH
from geo_service.findings import Severity
from geo_service.ingest.figures import figure_tree, read_figure_tree
from geo_service.vocabulary import LANGUAGES, Band, PopulationGroup, Reason, Service, moves_across_border

COUNTRIES = ["UZB", "RUS", "KGZ", "TJK", "AZE", "TUR", "DEU", "KOR", "SWE"]
REGIONS = [f"KAZ{number:03}" for number in range(1, 11)]
BANDS = [band.value for band in Band]
REASONS = [Reason.FAMILY, Reason.POVERTY, Reason.EDUCATION, Reason.MEDICAL]


def found(content):
    return audit(figure_tree(json.loads(json.dumps(content), parse_float=Decimal)))


def summary(content):
    return [(one.kind.value, one.place, one.printed, one.follows) for one in found(content)]


def percent(part, whole, decimals, rounding=ROUND_HALF_UP):
    """A percentage as print has it: rounded from the exact value."""
    exact = Fraction(100 * part, whole)
    near = Decimal(exact.numerator) / Decimal(exact.denominator)
    printed = near.quantize(Decimal(1).scaleb(-decimals), rounding)
    return float(printed) if decimals else int(printed)


def split(random, total, keys):
    """`total` over `keys`, in any way."""
    cuts = sorted(random.randint(0, total) for _ in keys[1:])
    return {key: high - low for key, low, high in zip(keys, [0, *cuts], [*cuts, total], strict=True)}


def some_of(random, table):
    """The largest two or more of a table, as reports print them."""
    count = random.randint(2, len(table) + 2)
    return dict(sorted(table.items(), key=lambda item: -item[1])[:count])


def shares(random, table, whole):
    decimals, rounding = random.choice([0, 1]), random.choice([ROUND_HALF_UP, ROUND_HALF_DOWN])
    return {key: percent(value, whole, decimals, rounding) for key, value in table.items()}


def a_group(random, group, years):
    """Every figure of a group, computed."""
    by_year = {str(year): random.randint(1, 10 ** random.randint(1, 6)) for year in years}
    total = sum(by_year.values())
    by_region = {key: count for key, count in split(random, total, REGIONS).items() if count}
    growth = {
        f"{year}_vs_{base}": percent(by_year[year] - by_year[base], by_year[base], random.choice([0, 1]))
        for base, year in pairwise(by_year)
    }
    figures = {
        "individuals": total,
        "villages_present": random.randint(1, 1245),
        "share_by_reason": shares(random, split(random, total, [*REASONS, "other"]), total),
        "by_year": by_year,
        "growth_printed": growth,
        "by_region": by_region,
        "share_by_region_printed": shares(random, some_of(random, by_region), total),
    }
    if not moves_across_border(group):
        return figures | {"households": random.randint(1, total)}
    by_country = {key: count for key, count in split(random, total, COUNTRIES).items() if count}
    shown = some_of(random, by_country)
    rest = total - sum(shown.values())
    return figures | {
        "countries": len(by_country),
        "by_country": shown | ({"other": rest} if rest and random.random() < 0.5 else {}),
        "share_by_country": shares(random, some_of(random, shown), total),
        "share_by_sex": shares(random, split(random, total, ["male", "female"]), total),
    }


def a_publication(random):
    """Figures of a round that was never held, without a contradiction."""
    years = range(2020, 2020 + random.randint(3, 5))
    bands = {}
    for service in Service:
        counts = [random.randint(1, 90_000) for _ in BANDS]
        bands[service.value] = dict(zip(BANDS, counts, strict=True)) | {"total_printed": sum(counts)}
    roles = split(random, random.randint(10, 3000), ["local_authority", "migration_police", "other"])
    groups = random.sample([*PopulationGroup], len(PopulationGroup))
    return {
        "note": "made up",
        "round": {"number": 9, "from": "2030-01"},
        **{group.value: a_group(random, group, years) for group in groups},
        "key_informants": {"total": sum(roles.values()), "by_role": roles},
        "service_access": {
            "households": max(one["total_printed"] for one in bands.values()),
            "share_of_communities_with_service": {service.value: 90 for service in Service},
            "households_by_distance_km": bands,
        },
    }


publications = st.integers(0, 2**32).map(lambda seed: a_publication(Random(seed)))


@given(publications)
def test_figures_that_were_computed_and_rounded_have_no_fault(content):
    assert summary(content) == []
