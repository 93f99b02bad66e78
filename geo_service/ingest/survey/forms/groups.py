"""What B2 asks about one population group."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.forms.counts import complete_parts, count, must_hold, parts_within, total_of
from geo_service.ingest.survey.forms.form import Question, QuestionKind, Section, labelled
from geo_service.ingest.survey.forms.lists import COUNTRY_LIST, YES_NO_LIST
from geo_service.vocabulary import (
    DIMENSIONS,
    MIGRATION_KINDS,
    POPULATION_GROUPS,
    REASONS,
    REASONS_ASKED,
    SEXES,
    YEARS_ASIDE,
    Dimension,
    PopulationGroup,
    Term,
    moves_across_border,
)
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.wording import Worded

__all__ = ["COUNTRY_OF", "DEFINITIONS", "group_section", "presence"]

PRESENT = Wording(en="{group}: are there any?", ru="{group}: есть ли они?", kk="{group}: бар ма?")
INDIVIDUALS = Wording(
    en="{group}: how many individuals?", ru="{group}: сколько человек?", kk="{group}: неше адам?"
)
HOUSEHOLDS = Wording(
    en="{group}: how many households?",
    ru="{group}: сколько домохозяйств?",
    kk="{group}: неше үй шаруашылығы?",
)
TOO_MANY_HOUSEHOLDS = Wording(
    en="There is at least one household, and not more households than individuals.",
    ru="Домохозяйств не меньше одного и не больше, чем человек.",
    kk="Үй шаруашылығы кемінде біреу және адам санынан көп емес.",
)
SECTION = Wording(en="{group}. {dimension}", ru="{group}. {dimension}", kk="{group}. {dimension}")
PART = Wording(
    en="{group}. {dimension}: {part}", ru="{group}. {dimension}: {part}", kk="{group}. {dimension}: {part}"
)
COUNTRY_COUNT = Wording(
    en="{group}: how many individuals, this country?",
    ru="{group}: сколько человек, эта страна?",
    kk="{group}: осы ел бойынша неше адам?",
)
COUNTRY_HINT = Wording(
    en="When no country is known, choose 'Unknown' for all.",
    ru="Если ни одна страна не известна, выберите для всех «Неизвестно».",
    kk="Бірде-бір ел белгісіз болса, барлығы үшін «Белгісіз» дегенді таңдаңыз.",
)
COUNTRY_REFUSED = Wording(
    en="Enter a whole number from 1 to the individuals of the group. A country may be there only once.",
    ru="Введите целое число от 1 до числа человек в группе. Страна может быть указана только один раз.",
    kk="1-ден бастап топтағы адам санынан аспайтын бүтін сан енгізіңіз. Ел тек бір рет көрсетіледі.",
)
COUNTRIES_DIFFER = Wording(
    en="{group}: the countries together must equal the individuals. Go back and correct them.",
    ru="{group}: все страны вместе должны равняться числу человек. Вернитесь и исправьте.",
    kk="{group}: барлық елдер қосындысы адам санына тең болуы керек. Қайтып барып түзетіңіз.",
)

DEFINITIONS: Mapping[PopulationGroup, Wording] = MappingProxyType(
    {
        PopulationGroup.LABOUR_MIGRANTS: Wording(
            en="Foreign citizens who came to work.",
            ru="Иностранные граждане, приехавшие работать.",
            kk="Жұмыс істеуге келген шетел азаматтары.",
        ),
        PopulationGroup.RETURNEES: Wording(
            en="Citizens back after more than 6 months abroad.",
            ru="Граждане, вернувшиеся после более чем 6 месяцев за рубежом.",
            kk="Шетелде 6 айдан астам болып, қайтып оралған азаматтар.",
        ),
        PopulationGroup.EMIGRANTS: Wording(
            en="Citizens who left the country and now live abroad.",
            ru="Граждане, покинувшие страну и живущие за рубежом.",
            kk="Елден кетіп, қазір шетелде тұратын азаматтар.",
        ),
        PopulationGroup.INTERNAL_MIGRANTS: Wording(
            en="Residents of other places in the country who now live here.",
            ru="Жители других мест страны, которые теперь живут здесь.",
            kk="Елдің басқа жерлерінен келіп, қазір осында тұратындар.",
        ),
        PopulationGroup.INTERNAL_EMIGRANTS: Wording(
            en="Residents of this place who moved elsewhere in the country.",
            ru="Жители этого места, переехавшие в другое место страны.",
            kk="Осы жерден елдің басқа жеріне көшкен тұрғындар.",
        ),
    }
)
"""What is meant by each group, for the enumerator."""

COUNTRY_OF: Mapping[PopulationGroup, Wording] = MappingProxyType(
    {
        PopulationGroup.LABOUR_MIGRANTS: Wording(
            en="{group}: country of nationality",
            ru="{group}: страна гражданства",
            kk="{group}: азаматтығы бар ел",
        ),
        PopulationGroup.RETURNEES: Wording(
            en="{group}: country from which they returned",
            ru="{group}: страна, из которой вернулись",
            kk="{group}: қайтып келген ел",
        ),
        PopulationGroup.EMIGRANTS: Wording(
            en="{group}: country of destination",
            ru="{group}: страна назначения",
            kk="{group}: барған ел",
        ),
    }
)
"""What the country of each group that crosses the border is."""


def presence(group: PopulationGroup) -> Question:
    """Whether a group is there; always asked."""
    term = POPULATION_GROUPS[group]
    return Question(
        q.group_question(group, "present"),
        QuestionKind.SELECT_ONE,
        PRESENT(group=term),
        choices=YES_NO_LIST,
        hint=DEFINITIONS[group](),
        required="yes",
    )


def group_section(group: PopulationGroup, years: Sequence[int]) -> Section:
    """Presence, individuals and households of a group and, once the individuals are given, their parts."""
    term = POPULATION_GROUPS[group]
    is_there = f"${{{q.group_question(group, 'present')}}} = 'yes'"
    individuals = q.group_question(group, "individuals")
    is_counted = f"{is_there} and ${{{individuals}}} > 0"
    breakdowns: list[Section | Question] = [
        _section(group, Dimension.SEX, {code.value: one for code, one in SEXES.items()}, is_counted)
    ]
    if moves_across_border(group):
        breakdowns += _countries(group, individuals, is_counted)
    breakdowns += [
        _section(group, Dimension.YEAR, _years(years), is_counted),
        _section(
            group, Dimension.KIND, {code.value: one for code, one in MIGRATION_KINDS.items()}, is_counted
        ),
        _section(
            group, Dimension.REASON, {code.value: REASONS[code] for code in REASONS_ASKED[group]}, is_counted
        ),
    ]
    return Section(
        group.value,
        labelled(term),
        (
            presence(group),
            count(individuals, INDIVIDUALS(group=term), lowest=1, relevant=is_there),
            count(
                q.group_question(group, "households"),
                HOUSEHOLDS(group=term),
                lowest=1,
                at_most=individuals,
                message=TOO_MANY_HOUSEHOLDS(),
                relevant=is_there,
            ),
            *breakdowns,
        ),
    )


def _years(years: Sequence[int]) -> Mapping[str, Term]:
    calendar = {str(year): Term(str(year), str(year), str(year), str(year)) for year in years}
    return calendar | {code.value: term for code, term in YEARS_ASIDE.items()}


def _section(
    group: PopulationGroup, dimension: Dimension, parts: Mapping[str, Term], relevant: str
) -> Section:
    terms = {"group": POPULATION_GROUPS[group], "dimension": DIMENSIONS[dimension]}
    names = [q.part_question(group, dimension, code) for code in parts]
    labels: list[Worded] = [PART(**terms, part=part) for part in parts.values()]
    # There is more than one reason at times and none at others; every other dimension adds up.
    asked = parts_within if dimension is Dimension.REASON else complete_parts
    return Section(
        f"{group}_{dimension}",
        SECTION(**terms),
        asked(names, labels, q.group_question(group, "individuals")),
        relevant=relevant,
        appearance="field-list",
    )


def _countries(group: PopulationGroup, individuals: str, relevant: str) -> tuple[Section, Question]:
    term = POPULATION_GROUPS[group]
    repeat, country = q.countries_repeat(group), q.country_question(group)
    in_row = q.country_count_question(group)
    rows = Section(
        repeat,
        SECTION(group=term, dimension=DIMENSIONS[Dimension.COUNTRY]),
        (
            Question(
                country,
                QuestionKind.SELECT_ONE,
                COUNTRY_OF[group](group=term),
                choices=COUNTRY_LIST,
                hint=COUNTRY_HINT(),
                required="yes",
                appearance="minimal autocomplete",
            ),
            # An expression sees the answer that is being given only as itself; asked of the number, it sees every country as it stands.
            Question(
                in_row,
                QuestionKind.INTEGER,
                COUNTRY_COUNT(group=term),
                required="yes",
                constraint=(
                    f". >= 1 and . <= ${{{individuals}}}"
                    f" and count(../../{repeat}[{country} = current()/../{country}]) = 1"
                ),
                constraint_message=COUNTRY_REFUSED(),
            ),
        ),
        repeats=True,
        relevant=relevant,
    )
    adds_up = must_hold(
        q.check_question(repeat),
        COUNTRIES_DIFFER(group=term),
        f"(count(${{{repeat}}}) = 0 or {total_of(in_row)} = ${{{individuals}}})",
        relevant=relevant,
    )
    return rows, adds_up
