"""What cannot be in the answers on population groups and services, and what they mean once that is set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.groups import GROUPS
from geo_service.vocabulary import POPULATION_GROUPS, PopulationGroup
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geo_service.findings import Findings
    from geo_service.ingest.survey.answers.grid import Grid

__all__ = [
    "LIVING_HERE",
    "check_mobility",
    "check_presence",
    "check_services",
    "said_present",
    "settled_mobility",
    "settled_services",
]

LIVING_HERE = (
    PopulationGroup.LABOUR_MIGRANTS,
    PopulationGroup.RETURNEES,
    PopulationGroup.INTERNAL_MIGRANTS,
)
"""The groups whose households are among the village's own; those of emigrants have left."""

_ABSENT_WITH = Wording(
    en="the group is said not to be there, and {count} are given",
    ru="сказано, что группы нет, но указано {count}",
    kk="топ жоқ делінген, бірақ {count} көрсетілген",
)
_PRESENT_WITHOUT = Wording(
    en="the group is said to be there, and its individuals are 0",
    ru="сказано, что группа есть, но число человек — 0",
    kk="топ бар делінген, бірақ адам саны — 0",
)
_EITHER = Wording(
    en="Correct the presence of the group or the number",
    ru="Исправьте наличие группы или число",
    kk="Топтың бар-жоғын немесе санды түзетіңіз",
)
_NO_INDIVIDUALS = Wording(
    en="the group is there, and the number of its individuals is not given; it counts as not known",
    ru="группа есть, но число человек не указано; оно считается неизвестным",
    kk="топ бар, бірақ адам саны көрсетілмеген; ол белгісіз деп есептеледі",
)
_MORE_HOUSEHOLDS = Wording(
    en="the group has {households} households and only {individuals} individuals",
    ru="в группе домохозяйств — {households}, а человек — только {individuals}",
    kk="топта үй шаруашылығы — {households}, ал адам — тек {individuals}",
)
_SWAPPED = Wording(
    en="Were the two numbers swapped? A household has one member at least",
    ru="Не перепутаны ли числа? В домохозяйстве не меньше одного человека",
    kk="Сандар ауысып кетпеген бе? Үй шаруашылығында кемінде бір адам болады",
)
_ABOVE_POPULATION = Wording(
    en="the group has {individuals} individuals where the whole village has {population} inhabitants",
    ru="в группе {individuals} человек, а во всём населённом пункте жителей — {population}",
    kk="топта {individuals} адам, ал бүкіл елді мекенде {population} тұрғын бар",
)
_ABOVE_HOUSEHOLDS = Wording(
    en="the groups that live here have {groups} households where the village has {households}",
    ru="у живущих здесь групп домохозяйств — {groups}, а в населённом пункте — {households}",
    kk="мұнда тұратын топтарда {groups} үй шаруашылығы, ал елді мекенде {households}",
)
_BAND_WITH_SERVICE = Wording(
    en="the service is said to be there, and a distance to the nearest is given",
    ru="сказано, что услуга есть, но указано расстояние до ближайшей",
    kk="қызмет бар делінген, бірақ ең жақынына дейінгі қашықтық көрсетілген",
)
_EITHER_SERVICE = Wording(
    en="Correct the presence of the service, or empty this cell",
    ru="Исправьте наличие услуги или очистите эту ячейку",
    kk="Қызметтің бар-жоғын түзетіңіз немесе бұл ұяшықты тазалаңыз",
)
_NO_BAND = Wording(
    en="the service is not there, and no distance to the nearest is given; it counts as not known",
    ru="услуги нет, но расстояние до ближайшей не указано; оно считается неизвестным",
    kk="қызмет жоқ, бірақ ең жақынына дейінгі қашықтық көрсетілмеген; ол белгісіз деп есептеледі",
)


# Population groups


def check_presence(
    answers: pd.DataFrame,
    has_parts: NDArray[np.bool_],
    spot: Callable[[int], dict[str, Any]],
    findings: Findings,
) -> None:
    """Find groups that are said not to be there and have individuals, or to be there and have none.

    Args:
        answers: `present` (boolean), `individuals` (float64) and `is_bad` (bool: what stands for the individuals is no number), shape (m,).
        has_parts: Whether parts of a group are given, shape (m,).
        spot: Where the individuals of a row stand.
        findings: Where errors, and warnings of numbers not given, are added.
    """
    is_there, is_absent = said_present(answers)
    individuals = answers["individuals"].to_numpy()
    for at in np.flatnonzero(is_absent & (individuals > 0)).tolist():
        _report_absent(int(individuals[at]), spot(at), findings)
    for at in np.flatnonzero(is_there & (individuals == 0)).tolist():
        code, message = FindingCode.PRESENCE_CONTRADICTED, _PRESENT_WITHOUT()
        findings.error(code, message, **spot(at), value="0", suggestion=_EITHER())
    is_open = np.isnan(individuals) & ~answers["is_bad"].to_numpy() & ~is_absent & (is_there | has_parts)
    for at in np.flatnonzero(is_open).tolist():
        findings.warning(FindingCode.MISSING_VALUE, _NO_INDIVIDUALS(), **spot(at))


def _report_absent(count: int, spot: dict[str, Any], findings: Findings) -> None:
    code, message = FindingCode.PRESENCE_CONTRADICTED, _ABSENT_WITH(count=count)
    findings.error(code, message, **spot, value=str(count), suggestion=_EITHER())


def said_present(answers: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether it is said to be there, and whether it is said not to be, both shape (m,)."""
    present = answers["present"]
    is_there = present.fillna(value=False).to_numpy(dtype=bool)
    return is_there, ~present.fillna(value=True).to_numpy(dtype=bool)


def check_mobility(
    mobility: pd.DataFrame,
    grid: Grid,
    villages: pd.DataFrame,
    has_parts: NDArray[np.bool_],
    findings: Findings,
) -> None:
    """Find what contradicts itself in the presence, individuals and households of groups.

    Args:
        mobility: Of `mobility_answers`, n * k rows.
        grid: Where they stand.
        villages: Of `village_answers`, n rows.
        has_parts: Whether parts of a group are given, shape (n * k,).
        findings: Where errors and warnings are added.
    """
    _, is_absent = said_present(mobility)
    individuals, households = mobility["individuals"].to_numpy(), mobility["households"].to_numpy()
    population = np.repeat(villages["population"].to_numpy(), len(GROUPS))

    check_presence(mobility, has_parts, lambda at: grid.spot(at, "individuals"), findings)
    for at in np.flatnonzero(is_absent & (households > 0)).tolist():
        count = int(households[at])
        _report_absent(count, grid.spot(at, "households"), findings)
    for at in np.flatnonzero(~is_absent & (individuals > 0) & (households > individuals)).tolist():
        both = {"households": int(households[at]), "individuals": int(individuals[at])}
        findings.error(
            FindingCode.HOUSEHOLDS_ABOVE_INDIVIDUALS,
            _MORE_HOUSEHOLDS(**both),
            **grid.spot(at, "households"),
            value=f"{both['households']} > {both['individuals']}",
            suggestion=_SWAPPED(),
        )
    for at in np.flatnonzero(individuals > population).tolist():
        both = {"individuals": int(individuals[at]), "population": int(population[at])}
        findings.warning(
            FindingCode.OUTLIER,
            _ABOVE_POPULATION(**both),
            **grid.spot(at, "individuals"),
            value=f"{both['individuals']} > {both['population']}",
        )
    _check_households(households, grid, villages, findings)


def _check_households(
    households: NDArray[np.float64], grid: Grid, villages: pd.DataFrame, findings: Findings
) -> None:
    own = villages["households"].to_numpy()
    here = [GROUPS.index(group) for group in LIVING_HERE]
    of_groups = np.nansum(households.reshape(-1, len(GROUPS))[:, here], axis=1)
    for village in np.flatnonzero(of_groups > own).tolist():
        both = {"groups": int(of_groups[village]), "households": int(own[village])}
        findings.warning(
            FindingCode.OUTLIER,
            _ABOVE_HOUSEHOLDS(**both),
            **grid.lines.spot(village, q.VILLAGE_HOUSEHOLDS),
            value=f"{both['groups']} > {both['households']}",
        )


def settled_mobility(mobility: pd.DataFrame, has_parts: NDArray[np.bool_]) -> pd.DataFrame:
    """The answers on groups with what follows from them, n * k rows.

    A group of which individuals or parts are given is there, one of 0 is not. One that is not there has no individuals, and no households
    where its households are asked about at all.

    Returns:
        `group` (a code, categorical), `present` (boolean), `individuals`, `households` (Int64).
    """
    is_there, is_absent = said_present(mobility)
    individuals = mobility["individuals"].to_numpy().copy()
    households = mobility["households"].to_numpy().copy()
    is_there |= ~is_absent & ((individuals > 0) | has_parts)
    is_absent |= ~is_there & (individuals == 0)
    individuals[is_absent] = 0
    of_group = households.reshape(-1, len(GROUPS))
    is_asked = np.tile((~np.isnan(of_group)).any(axis=0), len(of_group))
    households[is_absent & is_asked] = 0
    villages = len(mobility) // len(GROUPS)
    return pd.DataFrame(
        {
            "group": pd.Categorical.from_codes(
                np.tile(np.arange(len(GROUPS)), villages), categories=[*POPULATION_GROUPS]
            ),
            "present": pd.Series(is_there, dtype="boolean").mask(~is_there & ~is_absent),
            "individuals": pd.Series(individuals).astype("Int64"),
            "households": pd.Series(households).astype("Int64"),
        }
    )


# Services


def check_services(services: pd.DataFrame, grid: Grid, findings: Findings) -> None:
    """Find services that are there with a distance, and that are not there without one.

    Args:
        services: Of `service_answers`.
        grid: Where they stand.
        findings: Where errors and warnings are added.
    """
    is_there, is_absent = said_present(services)
    has_band = services["band"].notna().to_numpy(dtype=bool)
    for at in np.flatnonzero(is_there & has_band).tolist():
        findings.error(
            FindingCode.BAND_WITH_SERVICE,
            _BAND_WITH_SERVICE(),
            **grid.spot(at, "band"),
            value=str(services["band"][at]),
            suggestion=_EITHER_SERVICE(),
        )
    for at in np.flatnonzero(is_absent & ~has_band & ~services["is_bad"].to_numpy()).tolist():
        findings.warning(FindingCode.MISSING_BAND, _NO_BAND(), **grid.spot(at, "band"))


def settled_services(services: pd.DataFrame) -> pd.DataFrame:
    """The answers on services with what follows from them: one with a distance is not there.

    Returns:
        `present` (boolean) and `band` (string), in the order of the rows.
    """
    present = services["present"].mask(services["present"].isna() & services["band"].notna(), other=False)
    return pd.DataFrame({"present": present, "band": services["band"].mask(present.fillna(value=False))})
