"""Every table of a round's report by its machine name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from geo_service.coverage.agreement import (
    access_agreement,
    access_side_by_side,
    agreement_summary,
    contradictions,
)
from geo_service.coverage.breakdowns import breakdown, counted_parts, distinct_countries
from geo_service.coverage.comparison import compare_rounds
from geo_service.coverage.concentration import concentration, unit_areas_km2
from geo_service.coverage.growth import growth
from geo_service.coverage.informants import informants_by_role, informants_by_sex
from geo_service.coverage.mobility import assessed_villages, mobility_by_group
from geo_service.coverage.report_titles import BY_DIMENSION, TITLES, table_title
from geo_service.coverage.reported import households_without, reported_access_rows, reported_presence
from geo_service.coverage.units import with_units
from geo_service.vocabulary import (
    POPULATION_GROUPS,
    AdminLevel,
    Dimension,
    Language,
    PopulationGroup,
    moves_across_border,
)
from geo_service.wording import Wording, in_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import geopandas as gpd

    from geo_service.schemas import SurveyRound

__all__ = ["DEFAULT_TOP", "report_tables", "synthetic_note"]

DEFAULT_TOP = 5
"""How many countries the report names, as Round 3 of the Mobility Tracking Matrix in Kazakhstan does."""

SYNTHETIC = Wording(
    en="Synthetic data: the answers about {synthetic} of the {villages} villages of round {number} are made up, not surveyed.",
    ru="Синтетические данные: ответы о населённых пунктах раунда {number} ({synthetic} из {villages}) вымышлены, а не собраны опросом.",
    kk="Синтетикалық деректер: {number}-раундтың {villages} елді мекенінің ішінен {synthetic} елді мекен туралы жауаптар ойдан шығарылған, сауалнамадан алынбаған.",
)

ASSESSED_INHABITANTS = Wording(
    en="inhabitants: all residents of the villages that were assessed in the unit; empty where those of any of them are not known",
    ru="inhabitants: все жители обследованных населённых пунктов территории; пусто, если число жителей хотя бы одного из них неизвестно",
    kk="inhabitants: аумақтағы зерттелген елді мекендердің барлық тұрғындары; біреуінің де саны белгісіз болса, бос",
)

_UNIT_COLUMNS = {AdminLevel.REGION: "adm1_pcode", AdminLevel.DISTRICT: "adm2_pcode"}

_Made: TypeAlias = tuple[str, str, pd.DataFrame]
"""A table's name, its title and itself."""


def report_tables(
    survey_round: SurveyRound,
    *,
    units: gpd.GeoDataFrame | None = None,
    access: gpd.GeoDataFrame | None = None,
    earlier: SurveyRound | None = None,
    inhabitants: Mapping[str, float] | pd.Series | None = None,
    top: int = DEFAULT_TOP,
    language: Language | str = Language.EN,
) -> dict[str, pd.DataFrame]:
    """Every table of a round's report, for the whole, by region and by district.

    Args:
        survey_round: The round; its frames fit their schemas.
        units: Schema `ADMIN_UNITS` of one level or several, for names and areas; null for none.
        access: Schema `ACCESS`, measured for the villages of the round; null for no comparison with what is reported.
        earlier: The round that change is counted from; null for none.
        inhabitants: All inhabitants of units by P-code; null for those of the villages assessed, of units where all of them are known.
        top: How many countries have their own row in the tables of the largest countries and in those by unit.
        language: The language of titles, labels and names.

    Returns:
        Tables by name, in the order of the report. `NAME_by_region` and `NAME_by_district` split the table NAME where any village has such
        a P-code, `NAME_and_region` and `NAME_and_district` one that is by something already:

        - `coverage`, `key_informants`, `key_informants_by_sex`, `groups`;
        - of each group G: `G_by_region`, `G_by_district`, and split too `G_by_sex`, `G_by_country` (by unit its largest countries), `G_by_year`, `G_growth`, `G_by_kind`,
          `G_by_reason`; `G_top_countries`; no countries for groups that stay in theirs;
        - `services`, `households_without_service`, `concentration_by_region`, `concentration_by_district`;
        - with `access`: `reported_and_measured`, `agreement`, `contradictions`; with `earlier`: `change_since_round_N`.

        Rows never count twice: no table has a row for its total. Of a round with made-up villages every row says `synthetic`. `attrs` of each: `title`, `basis`, `by`, `base` of its shares and the `rule` of its rows where there is one,
        `round`, `country`, `collected_from`, `collected_to`, `synthetic`, `sources`, and where a village is synthetic a `note` that says so.

    Raises:
        InputError: The frames of the round contradict one another, such as parts that are more than their group.
    """
    frames = _frames(survey_round, units, Language(language))
    made = [
        *_village_tables(frames),
        *_mobility_tables(frames, top),
        *_service_tables(frames),
        *_concentration_tables(frames, inhabitants),
        *([] if access is None else _agreement_tables(frames, access)),
        *([] if earlier is None else _change_tables(frames, earlier)),
    ]
    said = _about(survey_round, language)
    tables = {}
    for name, title, table in made:
        if survey_round.synthetic:
            table["synthetic"] = True
        table.attrs = {"title": title} | table.attrs | said
        tables[name] = table
    return tables


def synthetic_note(survey_round: SurveyRound, language: Language | str = Language.EN) -> str | None:
    """A sentence that says how many villages of the round are made up, in `language`; null when none is."""
    if not survey_round.synthetic:
        return None
    return SYNTHETIC(
        synthetic=int(survey_round.villages["synthetic"].sum()),
        villages=len(survey_round.villages),
        number=survey_round.number,
    ).in_language(Language(language))


@dataclass(frozen=True, slots=True)
class _Frames:
    """The frames of a round, each row with its units; those that are only summed are summed by unit, once for all tables."""

    villages: gpd.GeoDataFrame
    informants: pd.DataFrame
    mobility: pd.DataFrame
    individuals: pd.DataFrame
    breakdowns: pd.DataFrame
    reported: gpd.GeoDataFrame
    survey_round: SurveyRound
    levels: tuple[AdminLevel, ...]
    units: gpd.GeoDataFrame | None
    language: Language

    @property
    def splits(self) -> tuple[AdminLevel | None, ...]:
        """The whole, then each level that any village has a unit of."""
        return (None, *self.levels)

    @property
    def options(self) -> dict[str, Any]:
        """What every table is told of units and language."""
        return {"units": self.units, "language": self.language}


def _frames(survey_round: SurveyRound, units: gpd.GeoDataFrame | None, language: Language) -> _Frames:
    villages = survey_round.villages
    mobility = with_units(survey_round.mobility, villages)
    counted = counted_parts(mobility, survey_round.breakdowns)
    return _Frames(
        villages=villages,
        informants=with_units(survey_round.key_informants, villages),
        mobility=mobility,
        individuals=_summed(mobility, ["group"]),
        breakdowns=_summed(with_units(counted, villages), ["group", "dimension", "code"]),
        reported=reported_access_rows(villages, survey_round.reported_access),
        survey_round=survey_round,
        levels=tuple(by for by, column in _UNIT_COLUMNS.items() if villages[column].notna().any()),
        units=units,
        language=language,
    )


def _summed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The individuals of all villages of a unit that share the keys, unknown numbers left out; as `breakdown` takes them."""
    columns = {name: frame[name].astype("category").array for name in (*keys, *_UNIT_COLUMNS.values())}
    # Null has the code -1, so that every code is counted from one.
    shape = tuple(len(column.categories) + 1 for column in columns.values())
    codes = [column.codes.astype(np.int64) + 1 for column in columns.values()]
    cell, cells = pd.factorize(np.ravel_multi_index(codes, shape))
    individuals = frame["individuals"].to_numpy(dtype=np.float64, na_value=0)
    found = zip(columns.items(), np.unravel_index(cells, shape), strict=True)
    summed = {name: pd.Categorical.from_codes(code - 1, dtype=column.dtype) for (name, column), code in found}
    return pd.DataFrame(summed | {"individuals": np.bincount(cell, individuals, len(cells)).astype(np.int64)})


# Each yields the name, title and table of a part of the report


def _each_split(
    frames: _Frames,
    name: str,
    title: Wording,
    table_of: Callable[[AdminLevel | None], pd.DataFrame],
    splits: Iterable[AdminLevel | None],
    **values: Any,
) -> Iterator[_Made]:
    for by in splits:
        yield _split_name(name, by), table_title(title, by, frames.language, **values), table_of(by)


def _village_tables(frames: _Frames) -> Iterator[_Made]:
    for name, frame, table_of in (
        ("coverage", frames.villages, assessed_villages),
        ("key_informants", frames.informants, informants_by_role),
        ("key_informants_by_sex", frames.informants, informants_by_sex),
    ):
        of_frame = partial(table_of, frame, **frames.options)
        yield from _each_split(frames, name, TITLES[name], of_frame, frames.splits)


def _mobility_tables(frames: _Frames, top: int) -> Iterator[_Made]:
    """All groups side by side, then each by unit and by its dimensions."""
    groups = {by: _groups(frames, by) for by in frames.splits}
    yield from _each_split(frames, "groups", TITLES["groups"], groups.__getitem__, frames.splits)
    for group in PopulationGroup:
        of_group = partial(_one_group, groups, group)
        term = POPULATION_GROUPS[group]
        yield from _each_split(frames, group.value, TITLES["group"], of_group, frames.levels, group=term)
        yield from _dimension_tables(frames, group, top)


def _groups(frames: _Frames, by: AdminLevel | None) -> pd.DataFrame:
    """All groups, with the number of countries of those that cross a border."""
    table = mobility_by_group(frames.mobility, by, **frames.options)
    countries = pd.Series(pd.NA, index=table.index, dtype="Int64")
    for group in filter(moves_across_border, PopulationGroup):
        distinct = distinct_countries(frames.breakdowns, group, by)
        rows = (table["group"] == group).to_numpy()
        of_unit = [pd.NA] if by is None else table.loc[rows, "pcode"]
        countries[rows] = distinct.reindex(of_unit, fill_value=0).array
    table.insert(table.columns.get_loc("households") + 1, "countries", countries)
    return table


def _one_group(
    groups: Mapping[AdminLevel | None, pd.DataFrame], group: PopulationGroup, by: AdminLevel | None
) -> pd.DataFrame:
    table = groups[by][(groups[by]["group"] == group).to_numpy()].reset_index(drop=True)
    table.attrs = groups[by].attrs | {"group": group.value}
    return table if moves_across_border(group) else table.drop(columns="countries")


def _dimension_tables(frames: _Frames, group: PopulationGroup, top: int) -> Iterator[_Made]:
    term = POPULATION_GROUPS[group]
    for dimension in Dimension:
        if dimension is Dimension.COUNTRY and not moves_across_border(group):
            continue
        by_dimension = partial(_breakdown, frames, dimension, group, top)
        name, title = f"{group}_by_{dimension}", BY_DIMENSION[dimension]
        made = [*_each_split(frames, name, title, by_dimension, frames.splits, group=term)]
        yield from made
        if dimension is Dimension.COUNTRY:
            largest = partial(breakdown, frames.individuals, frames.breakdowns, dimension, group, top=top)
            heading = table_title(TITLES["top_countries"], None, frames.language, group=term, top=top)
            yield f"{group}_top_countries", heading, largest(**frames.options)
        if dimension is Dimension.YEAR:
            by_year = {by: table for by, (_, _, table) in zip(frames.splits, made, strict=True)}
            yield from _growth_tables(frames, group, by_year)


def _growth_tables(
    frames: _Frames, group: PopulationGroup, by_year: Mapping[AdminLevel | None, pd.DataFrame]
) -> Iterator[_Made]:
    def grown(by: AdminLevel | None) -> pd.DataFrame:
        return growth(by_year[by], language=frames.language)

    name, title, term = f"{group}_growth", TITLES["growth"], POPULATION_GROUPS[group]
    yield from _each_split(frames, name, title, grown, frames.splits, group=term)


def _breakdown(
    frames: _Frames, dimension: Dimension, group: PopulationGroup, top: int, by: AdminLevel | None
) -> pd.DataFrame:
    """Every code of the whole, by unit of the countries only the largest."""
    largest = top if dimension is Dimension.COUNTRY and by is not None else None
    return breakdown(
        frames.individuals, frames.breakdowns, dimension, group, by, top=largest, **frames.options
    )


def _service_tables(frames: _Frames) -> Iterator[_Made]:
    for name, table_of in (
        ("services", reported_presence),
        ("households_without_service", households_without),
    ):
        of_frame = partial(table_of, frames.reported, **frames.options)
        yield from _each_split(frames, name, TITLES[name], of_frame, frames.splits)


def _concentration_tables(
    frames: _Frames, inhabitants: Mapping[str, float] | pd.Series | None
) -> Iterator[_Made]:
    areas_km2 = None if frames.units is None else unit_areas_km2(frames.units)
    rule = {} if inhabitants is not None else {"rule": in_language(ASSESSED_INHABITANTS(), frames.language)}
    if inhabitants is None:
        inhabitants = _assessed_inhabitants(frames.villages, frames.levels)
    by_unit = partial(
        concentration, frames.mobility, inhabitants=inhabitants, areas_km2=areas_km2, **frames.options
    )
    for name, title, table in _each_split(
        frames, "concentration", TITLES["concentration"], by_unit, frames.levels
    ):
        table.attrs |= rule
        yield name, title, table


def _assessed_inhabitants(villages: pd.DataFrame, levels: Iterable[AdminLevel]) -> dict[str, int]:
    """The residents of the villages of each unit by P-code, of units where they are known for every village and are not 0."""
    found: dict[str, int] = {}
    for level in levels:
        population = villages.groupby(_UNIT_COLUMNS[level])["population"]
        is_known = (population.count() == population.size()) & (population.sum() > 0)
        found |= population.sum()[is_known].to_dict()
    return found


def _agreement_tables(frames: _Frames, access: gpd.GeoDataFrame) -> Iterator[_Made]:
    agreement = access_agreement(frames.reported, access, language=frames.language)
    for name, table_of in (("reported_and_measured", access_side_by_side), ("agreement", agreement_summary)):
        of_frame = partial(table_of, agreement, **frames.options)
        yield from _each_split(frames, name, TITLES[name], of_frame, frames.splits)
    apart = contradictions(agreement)
    table = pd.DataFrame(apart.drop(columns="geometry"))
    table.attrs = apart.attrs | {"by": None}
    yield "contradictions", table_title(TITLES["contradictions"], None, frames.language), table


def _change_tables(frames: _Frames, earlier: SurveyRound) -> Iterator[_Made]:
    note = synthetic_note(earlier, frames.language)
    since = partial(compare_rounds, earlier, frames.survey_round, **frames.options)
    for name, title, table in _each_split(
        frames,
        f"change_since_round_{earlier.number}",
        TITLES["change"],
        since,
        frames.splits,
        earlier=earlier.number,
    ):
        table.attrs |= {} if note is None else {"earlier_note": note}
        yield name, title, table


def _split_name(name: str, by: AdminLevel | None) -> str:
    """`groups_by_region`, and `returnees_by_year_and_region` for a table that is by something already."""
    if by is None:
        return name
    return f"{name}_and_{by}" if "_by_" in name else f"{name}_by_{by}"


def _about(survey_round: SurveyRound, language: Language | str) -> dict[str, Any]:
    note = synthetic_note(survey_round, language)
    return {
        "round": survey_round.number,
        "country": survey_round.country,
        "collected_from": survey_round.collected_from,
        "collected_to": survey_round.collected_to,
        "synthetic": survey_round.synthetic,
        **({} if note is None else {"note": note}),
        "sources": "; ".join(f"{one['file']} (sha256 {one['sha256']})" for one in survey_round.sources),
    }
