"""Growth between years that does not follow from the years' counts."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from geo_service.coverage.audit.faults import FaultKind, FigureFault
from geo_service.coverage.audit.names import INDIVIDUALS, FigureKind, Topic
from geo_service.coverage.audit.rounding import as_printed, number, rounds_to, total_of
from geo_service.findings import Severity
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.coverage.audit.tables import FigureTable, Publication
    from geo_service.ingest.figures import Figure

__all__ = ["counts_of_growth", "growth_faults", "years_compared"]

DIFFERS = Wording(
    en="from {before} in {base} to {after} in {year} the growth is {follows}, and {printed} is printed",
    ru="рост с {before} в {base} г. до {after} в {year} г. составляет {follows}, а напечатано {printed}",
    kk="{base} жылғы {before} санынан {year} жылғы {after} санына дейінгі өсім {follows}, ал {printed} басылған",
)
DIFFERENCE_OVER = Wording(
    en="the difference over {place} ({value})",
    ru="разность, делённая на {place} ({value})",
    kk="айырманың {place} ({value}) санына қатынасы",
)
SINCE = Wording(
    en="growth since {place} ({value})",
    ru="рост по сравнению с {place} ({value})",
    kk="{place} ({value}) санымен салыстырғандағы өсім",
)
RATIO = Wording(
    en="the later count as a percentage of {place} ({value})",
    ru="более позднее число в процентах от {place} ({value})",
    kk="кейінгі санның {place} ({value}) санынан пайызы",
)
DIFFERENCE_OVER_ALL = Wording(
    en="the difference over the sum of {place} ({value})",
    ru="разность, делённая на сумму {place} ({value})",
    kk="айырманың {place} қосындысына ({value}) қатынасы",
)

_YEARS = re.compile(r"\D*((?:19|20)\d\d)(?:(.*?)((?:19|20)\d\d))?\D*", re.DOTALL)
_AGAINST = re.compile(r"vs|versus|against|over|since|к|против|сравнен", re.IGNORECASE)


def years_compared(key: str) -> tuple[str, str] | None:
    """The year that grew and the one it grew from: `2023_vs_2022`, `2022-2023`, or `2023` for the year before; null where there are none.

    Example:
        >>> years_compared("2023_vs_2020"), years_compared("2020-2023"), years_compared("2023")
        (('2023', '2020'), ('2023', '2020'), ('2023', '2022'))
    """
    found = _YEARS.fullmatch(key)
    if found is None:
        return None
    first, between, second = found.groups()
    if second is None:
        return first, str(int(first) - 1)
    return (first, second) if _AGAINST.search(between) or first > second else (second, first)


def counts_of_growth(table: FigureTable, figures: Publication) -> FigureTable | None:
    """The counts by year that a table of growth is of; null where there are none or it is not clear which."""
    beside = [
        one
        for one in figures.owned[table.owner]
        if (one.kind, one.topic, one.label) == (FigureKind.COUNT, Topic.YEAR, table.label)
    ]
    plain = {(), (INDIVIDUALS,)}
    alike = [one for one in beside if one.stem == table.stem or {one.stem, table.stem} <= plain]
    return alike[0] if len(alike) == 1 else None


def growth_faults(figures: Publication) -> Iterator[FigureFault]:
    """Each printed growth, in percent or as a fraction, that its two years do not give."""
    for table in figures.tables:
        counts = counts_of_growth(table, figures) if table.kind is FigureKind.GROWTH else None
        for growth in table.parts.values() if counts is not None else ():
            years = years_compared(growth.name)
            if counts is not None and years is not None and set(years) <= set(counts.parts):
                yield from _fault(growth, counts, *years)


def _fault(growth: Figure, counts: FigureTable, year: str, base: str) -> Iterator[FigureFault]:
    before, after = Fraction(counts.parts[base].value), Fraction(counts.parts[year].value)
    if before == 0:
        return
    exact = (after - before) / before
    is_fraction = growth.value != int(growth.value) and rounds_to(exact, growth.value)
    if is_fraction or rounds_to(exact * 100, growth.value):
        return
    follows = as_printed(exact * 100, growth.value)
    yield FigureFault(
        kind=FaultKind.GROWTH,
        severity=Severity.ERROR,
        place=growth.place,
        printed=growth.value,
        follows=follows,
        base=_base(growth, counts, year, base),
        message=DIFFERS(
            before=number(counts.parts[base].value),
            after=number(counts.parts[year].value),
            base=base,
            year=year,
            follows=number(follows, percent=True),
            printed=number(growth.value, percent=True),
        ),
    )


def _base(growth: Figure, counts: FigureTable, year: str, base: str) -> str | None:
    """What the printed growth follows from: the wrong year below the line, another year before, or no difference at all."""
    before, after = Fraction(counts.parts[base].value), Fraction(counts.parts[year].value)
    others = [one for key, one in counts.parts.items() if key not in {year, base} and one.value]
    wholes = [counts.parts[year], *others] if after else others
    tried = [(DIFFERENCE_OVER, one, (after - before) / Fraction(one.value)) for one in wholes]
    tried += [(SINCE, one, after / Fraction(one.value) - 1) for one in others]
    tried += [(RATIO, counts.parts[base], after / before)]
    for wording, one, exact in tried:
        if rounds_to(exact * 100, growth.value):
            return wording(place=one.place, value=number(one.value))
    whole = total_of(counts.parts.values())
    if whole and rounds_to((after - before) / whole * 100, growth.value):
        value = as_printed(whole, counts.parts[year].value)
        return DIFFERENCE_OVER_ALL(place=counts.place, value=number(value))
    return None
