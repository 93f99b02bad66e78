"""The band table for a terminal: as in the report, with a column a service; or with a row a unit."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from geo_service.coverage.bands import Bands
from geo_service.coverage.tables import access_by_band
from geo_service.vocabulary import SERVICES, STATUSES, Language, Service, Status, Term
from geo_service.wording import Wording, in_language

__all__ = ["band_footer", "band_tables", "reported_and_measured_tables"]

_LEAST_NAME_WIDTH = 16

REPORTED = Wording(
    en="Reported: households of villages without the service, by km to the nearest",
    ru="По сообщениям: домохозяйства сёл без услуги по расстоянию до ближайшего объекта, км",
    kk="Хабарланған: қызмет жоқ ауылдардың үй шаруашылықтары, ең жақын нысанға дейінгі қашықтық, км",
)
MEASURED = Wording(
    en="Measured: the same households, by km to the nearest facility in a straight line",
    ru="Измерено: те же домохозяйства по расстоянию до ближайшего объекта по прямой, км",
    kk="Өлшенген: сол үй шаруашылықтары, ең жақын нысанға дейінгі түзу сызық бойымен қашықтық, км",
)
VILLAGES = Wording(
    en="villages",
    ru="сёла",
    kk="ауылдар",
)
HOUSEHOLDS = Wording(
    en="households",
    ru="домохозяйства",
    kk="үй шаруашылықтары",
)
TITLE = Wording(
    en="{counts} by km to the nearest facility",
    ru="{counts} по расстоянию до ближайшего объекта, км",
    kk="{counts}: ең жақын нысанға дейінгі қашықтық, км",
)
TITLE_OF_SERVICE = Wording(
    en="{service}: {counts} by km to the nearest",
    ru="{service}: {counts} по расстоянию до ближайшего объекта, км",
    kk="{service}: {counts}, ең жақын нысанға дейінгі қашықтық, км",
)
KM = Term("km", "km", "км", "км")
UNIT = Wording(
    en="unit",
    ru="территория",
    kk="аумақ",
)
NOT_ASSIGNED = Wording(
    en="not assigned",
    ru="не отнесено",
    kk="анықталмаған",
)
FOOTER = Wording(
    en="Measured in a straight line over WGS84, not by road; {rule}.",
    ru="Измерено по прямой на эллипсоиде WGS84, не по дорогам; {rule}.",
    kk="WGS84 эллипсоидында түзу сызық бойымен өлшенді, жол бойымен емес; {rule}.",
)


def band_tables(
    banded: pd.DataFrame, language: Language = Language.EN, *, title: str | None = None
) -> list[Group]:
    """Tables to print: one with a column a service, or where there are units one a service with a row a unit.

    Args:
        banded: What `access_by_band` gave.
        language: The language of labels.
        title: What stands over the table of a whole; null for what it counts.
    """
    counts = "villages" if banded["households"].isna().all() else "households"
    what = VILLAGES() if counts == "villages" else HOUSEHOLDS()
    labels = {code: SERVICES[Service(code)].label(language) for code in banded["service"].unique()}
    rows = _row_labels(banded, language)
    if "pcode" not in banded:
        over = title or in_language(TITLE(counts=what), language)
        table = _empty_table(KM.label(language), list(labels.values()))
        cells = {code: _counts(banded[banded["service"] == code], rows, counts) for code in labels}
        for position, label in enumerate(rows.values()):
            table.add_row(
                label,
                *(f"{cells[code][position]:,}" for code in labels),
                end_section=position == len(rows) - 2,
            )
        return [_titled(over[0].upper() + over[1:], table)]
    tables = []
    for code, label in labels.items():
        over = in_language(TITLE_OF_SERVICE(service=label, counts=what), language)
        table = _empty_table(
            in_language(UNIT(), language), list(rows.values()), first_width=_LEAST_NAME_WIDTH
        )
        of_service = banded[banded["service"] == code]
        for _, of_unit in of_service.groupby("pcode", dropna=False, sort=True):
            table.add_row(
                escape(_unit_title(of_unit, in_language(NOT_ASSIGNED(), language))),
                *(f"{cell:,}" for cell in _counts(of_unit, rows, counts)),
            )
        tables.append(_titled(over, table))
    return tables


def reported_and_measured_tables(
    reported: pd.DataFrame, access: pd.DataFrame, language: Language = Language.EN
) -> list[Group]:
    """The report's table of access, and the same households by measured distance: two tables to print.

    Args:
        reported: What `reported_access_rows` gave.
        access: Schema `ACCESS`, measured for the same villages.
        language: The language of labels.
    """
    is_without = ~reported["present"].fillna(value=True).to_numpy(dtype=bool)
    without = reported[is_without]
    keys = ["village_id", "service"]
    measured = access.merge(without[keys].astype({"service": access["service"].dtype}), on=keys)
    measured.attrs = access.attrs
    is_said = without["band"].notna().to_numpy()
    status = pd.Categorical.from_codes(
        is_said.astype("int8") - 1, dtype=pd.CategoricalDtype([Status.OK.value])
    )
    tables = []
    for rows, wording in ((without.assign(status=status)[is_said], REPORTED), (measured, MEASURED)):
        tables += band_tables(access_by_band(rows), language, title=in_language(wording(), language))
    return tables


def band_footer(edges_km: Sequence[float], language: Language = Language.EN) -> str:
    """How the distances were measured and where the bands end, to stand under the tables."""
    return in_language(FOOTER(rule=Bands(tuple(edges_km)).rule), language)


def _row_labels(banded: pd.DataFrame, language: Language) -> dict[str, str]:
    """Bands, then statuses that occur, then the total."""
    bands = {f"band:{label}": label for label in banded["band"].cat.categories}
    occurs = [status for status in Status if status is not Status.OK and (banded["status"] == status).any()]
    statuses = {f"status:{status}": STATUSES[status].label(language) for status in occurs}
    return bands | statuses | {"total": "Σ"}


def _counts(rows: pd.DataFrame, labels: dict[str, str], counts: str) -> list[int]:
    by_band = rows.groupby("band", observed=False)[counts].sum()
    by_status = rows.groupby("status", observed=False)[counts].sum()
    found = {f"band:{label}": value for label, value in by_band.items()}
    found |= {f"status:{status}": value for status, value in by_status.items()}
    found["total"] = rows[counts].sum()
    return [int(found[key]) for key in labels]


def _empty_table(first: str, columns: list[str], first_width: int | None = None) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold", min_width=first_width)
    for name in columns:
        table.add_column(name, justify="right", overflow="fold")
    return table


def _titled(title: str, table: Table) -> Group:
    """A title over a table that is as wide as the terminal, not as the table."""
    return Group(Text(title, style="italic"), table)


def _unit_title(of_unit: pd.DataFrame, not_assigned: str) -> str:
    code, name = of_unit["pcode"].iloc[0], of_unit["name"].iloc[0]
    if pd.isna(code):
        return not_assigned
    return str(code) if pd.isna(name) else str(name)
