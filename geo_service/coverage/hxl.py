"""HXL: the hashtag of each column of a round's tables, by the Humanitarian Exchange Language 1.1 (https://hxlstandard.org)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.vocabulary import AdminLevel, Dimension, PopulationGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["HXL_TAGS", "hxl_tags"]

HXL_TAGS: Mapping[str, str] = MappingProxyType(
    {
        "village_id": "#loc+code",
        "village_name": "#loc+name",
        "adm1_pcode": "#adm1+code",
        "adm2_pcode": "#adm2+code",
        "group": "#beneficiary+code",
        "role": "#respondee+role+code",
        "sex": "#respondee+sex+code",
        "service": "#service+code",
        "service_label": "#service+name",
        "band": "#access+band+code",
        "band_label": "#access+band+name",
        "codes": "#indicator+codes+num",
        "synthetic": "#status+synthetic",
        "suppressed": "#status+suppressed",
        "status": "#status+access+code",
        "regions": "#indicator+regions+num",
        "districts": "#indicator+districts+num",
        # Villages
        "villages": "#indicator+villages+num",
        "villages_located": "#indicator+villages+located+num",
        "villages_synthetic": "#indicator+villages+synthetic+num",
        "villages_uncounted": "#indicator+villages+uncounted+num",
        "villages_present": "#indicator+villages+present+num",
        "villages_absent": "#indicator+villages+absent+num",
        "villages_unknown": "#indicator+villages+unknown+num",
        "villages_with": "#indicator+villages+with+num",
        "villages_without": "#indicator+villages+without+num",
        "villages_earlier": "#indicator+villages+earlier+num",
        "villages_later": "#indicator+villages+later+num",
        "villages_both": "#indicator+villages+both+num",
        "villages_lost": "#indicator+villages+lost+num",
        "villages_gained": "#indicator+villages+gained+num",
        "villages_same": "#indicator+villages+same+num",
        "villages_reported": "#indicator+villages+reported+num",
        "villages_measured": "#indicator+villages+measured+num",
        # People and households
        "population": "#population+ind",
        "inhabitants": "#population+ind",
        "individuals": "#affected+ind",
        "base_individuals": "#affected+ind+base",
        "individuals_earlier": "#affected+ind+earlier",
        "individuals_later": "#affected+ind+later",
        "same_earlier": "#affected+ind+earlier+same",
        "same_later": "#affected+ind+later+same",
        "households": "#population+hh",
        "households_with": "#population+hh+with",
        "households_without": "#population+hh+without",
        "households_reported": "#population+hh+reported",
        "households_measured": "#population+hh+measured",
        "countries": "#indicator+countries+num",
        # Key informants
        "informants": "#indicator+informants+num",
        "all_informants": "#indicator+informants+all+num",
        "male": "#indicator+informants+m+num",
        "female": "#indicator+informants+f+num",
        "unknown": "#indicator+informants+unknown+num",
        "share_male": "#indicator+share+m+num",
        "share_female": "#indicator+share+f+num",
        # Shares, change and concentration
        "share": "#indicator+share+num",
        "share_present": "#indicator+share+present+num",
        "share_with": "#indicator+share+with+num",
        "share_reported": "#indicator+share+reported+num",
        "share_measured": "#indicator+share+measured+num",
        "share_equal": "#indicator+share+equal+num",
        "share_two_or_more_apart": "#indicator+share+apart2+num",
        "base_year": "#date+start",
        "year": "#date+end",
        "difference": "#indicator+change+num",
        "growth": "#indicator+change+relative+num",
        "change": "#indicator+change+num",
        "change_relative": "#indicator+change+relative+num",
        "same_change": "#indicator+change+same+num",
        "same_change_relative": "#indicator+change+relative+same+num",
        "per_1000_inhabitants": "#indicator+per1000+num",
        "area_km2": "#geo+area+km2",
        "per_km2": "#indicator+perkm2+num",
        "location_quotient": "#indicator+location_quotient+num",
        # Agreement
        "reported_present": "#access+reported+present",
        "measured_present": "#access+measured+present",
        "reported_band": "#access+reported+band",
        "measured_band": "#access+measured+band",
        "distance_m": "#indicator+distance_m+num",
        "bands_apart": "#indicator+bands_apart+num",
        "agreement": "#status+agreement+code",
        "agreement_label": "#status+agreement+name",
        "compared": "#indicator+villages+compared+num",
        "equal": "#indicator+villages+equal+num",
        "one_apart": "#indicator+villages+apart1+num",
        "two_or_more_apart": "#indicator+villages+apart2+num",
        "measured_nearer": "#indicator+villages+nearer+num",
        "measured_farther": "#indicator+villages+farther+num",
        "not_asked": "#indicator+villages+not_asked+num",
        "no_band_reported": "#indicator+villages+no_band+num",
        "not_measured": "#indicator+villages+not_measured+num",
        "weighted_kappa": "#indicator+kappa+num",
    }
)
"""By the name of a column, where it means the same in every table. Hashtags are those of the HXL 1.1 dictionary; attributes that it lacks are our own."""

_UNIT = {AdminLevel.REGION: "#adm1", AdminLevel.DISTRICT: "#adm2"}

_PART = {
    Dimension.SEX: "#beneficiary+sex",
    Dimension.COUNTRY: "#country",
    Dimension.YEAR: "#indicator+year",
    Dimension.KIND: "#beneficiary+kind",
    Dimension.REASON: "#cause",
}

_LABELLED = {"group": "#beneficiary+name", "role": "#respondee+role+name", "sex": "#respondee+sex+name"}


def hxl_tags(table: pd.DataFrame) -> dict[str, str]:
    """The hashtag of each column of a table of this room, as the row under its header wants them.

    Args:
        table: With the `attrs` that it was made with: `by`, the level of `pcode` and `name`; `dimension`, what `code` and `label` are of; `group`,
            whose individuals and households are counted, which becomes an attribute such as `+returnees`.

    Returns:
        Column to hashtag. A column that none is known for is left out.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame(columns=["pcode", "name", "villages_with", "mood"])
        >>> table.attrs = {"by": "region"}
        >>> hxl_tags(table)
        {'pcode': '#adm1+code', 'name': '#adm1+name', 'villages_with': '#indicator+villages+with+num'}
    """
    tags = dict(HXL_TAGS)
    if by := table.attrs.get("by"):
        tags |= {"pcode": f"{_UNIT[AdminLevel(by)]}+code", "name": f"{_UNIT[AdminLevel(by)]}+name"}
    if (dimension := table.attrs.get("dimension")) and "code" in table:
        part = _PART[Dimension(dimension)]
        if dimension == Dimension.COUNTRY:
            part += "+dest" if table.attrs.get("group") == PopulationGroup.EMIGRANTS else "+origin"
        tags |= {"code": f"{part}+code", "label": f"{part}+name"}
    else:
        tags |= {"label": next((tag for name, tag in _LABELLED.items() if name in table), "#service+name")}
    if "group" in table or "group" in table.attrs:
        whose = f"+{table.attrs['group']}" if "group" in table.attrs else "+migrants"
        tags |= {name: f"{tags[name]}{whose}" for name in tags if tags[name].startswith("#affected")}
        tags["households"] = f"#affected+hh{whose}"
    return {str(name): tags[name] for name in table if name in tags}
