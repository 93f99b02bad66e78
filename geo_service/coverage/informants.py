"""Key informants: how many of each role and sex answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.coverage.labels import label_array, reported_table
from geo_service.coverage.units import code_positions, ratio, sums, unit_rows
from geo_service.vocabulary import INFORMANT_ROLES, SEXES, AdminLevel, InformantRole, Language, Sex
from geo_service.wording import Wording

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["informants_by_role", "informants_by_sex"]

BASE = Wording(
    en="share: of all key informants of the unit",
    ru="share: от всех ключевых информаторов территории",
    kk="share: аумақтағы барлық негізгі ақпарат берушілерден",
)
ROLE_BASE = Wording(
    en="share: of all key informants of the unit; share_male, share_female: of those of the role whose sex is known",
    ru="share: от всех ключевых информаторов территории; share_male, share_female: от информаторов этой роли, пол которых известен",
    kk="share: аумақтағы барлық негізгі ақпарат берушілерден; share_male, share_female: осы рөлдегі жынысы белгілі ақпарат берушілерден",
)


def informants_by_role(
    key_informants: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """The key informants of each role, by sex.

    Args:
        key_informants: Schema `KEY_INFORMANTS`; with the units of `by`, see `with_units`.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of labels and names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then `role` (category), `label`, `informants`, of them `male`,
        `female`, `unknown` (int64; the three make `informants`), `share` (float64, of all informants of the unit) and `share_male`,
        `share_female` (of those of the role whose sex is known); a share is null where its base is 0. Every role has its row, also with nobody in it.

    Raises:
        InputError: `by` is the country, or the frame has no such column.
    """
    rows = unit_rows(key_informants, by)
    roles, sexes = [*InformantRole], [*Sex]
    shape = (len(rows.pcodes), len(roles), len(sexes))
    keys = [code_positions(key_informants[name], codes) for name, codes in (("role", roles), ("sex", sexes))]
    counted = sums(key_informants["informants"], shape, rows.position, *keys).to_numpy(dtype=np.int64)
    cells = counted.reshape(shape)
    of_role, of_unit = cells.sum(axis=2).ravel(), np.repeat(cells.sum(axis=(1, 2)), len(roles))
    male, female, unknown = (cells[:, :, at].ravel() for at in range(len(sexes)))
    codes = [role.value for role in roles] * len(rows.pcodes)
    return reported_table(
        rows.columns(len(roles), units, language)
        | {
            "role": pd.Categorical(codes, categories=[role.value for role in roles]),
            "label": label_array(codes, INFORMANT_ROLES, language),
            "informants": of_role,
            "male": male,
            "female": female,
            "unknown": unknown,
            "share": ratio(of_role, of_unit),
            "share_male": ratio(male, male + female),
            "share_female": ratio(female, male + female),
        },
        language,
        by=rows.by,
        base=ROLE_BASE(),
    )


def informants_by_sex(
    key_informants: pd.DataFrame,
    by: AdminLevel | str | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    language: Language | str = Language.EN,
) -> pd.DataFrame:
    """The key informants of each sex, whatever their role.

    Args:
        key_informants: Schema `KEY_INFORMANTS`; with the units of `by`, see `with_units`.
        by: A level of admin units to split by; null for the whole.
        units: Schema `ADMIN_UNITS`, for names; null for none.
        language: The language of labels and names.

    Returns:
        With `by` first `pcode` and `name` (null for villages that are not assigned), then `sex` (category), `label`, `informants`, `all_informants` (those of
        the unit, whatever their sex; both int64) and `share` (float64, of all informants; null where there are none). Every sex and `unknown` have their row.

    Raises:
        InputError: `by` is the country, or the frame has no such column.
    """
    rows = unit_rows(key_informants, by)
    sexes = [sex.value for sex in Sex]
    shape = (len(rows.pcodes), len(sexes))
    keys = (rows.position, code_positions(key_informants["sex"], sexes))
    informants = sums(key_informants["informants"], shape, *keys).to_numpy(dtype=np.int64)
    total = np.repeat(informants.reshape(shape).sum(axis=1), len(sexes))
    codes = sexes * len(rows.pcodes)
    return reported_table(
        rows.columns(len(sexes), units, language)
        | {
            "sex": pd.Categorical(codes, categories=sexes),
            "label": label_array(codes, SEXES, language),
            "informants": informants,
            "all_informants": total,
            "share": ratio(informants, total),
        },
        language,
        by=rows.by,
        base=BASE(),
    )
