"""Where each village is and when it was asked: the columns of a main sheet that are there once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode, Severity
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.cells import counts, days, report, whole_column, yes_no
from geo_service.ingest.survey.raw import SUBMITTED_AT
from geo_service.ingest.tables import numbers
from geo_service.wording import Wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.ingest.survey.answers.cells import Cells
    from geo_service.ingest.survey.answers.reading import Reading

__all__ = ["village_answers"]

_NOT_A_COORDINATE = Wording(
    en="the coordinate is not a number",
    ru="координата — не число",
    kk="координата сан емес",
)
_DECIMAL_DEGREES = Wording(
    en="Write it in decimal degrees, such as 71.43",
    ru="Запишите её в десятичных градусах, например 71.43",
    kk="Оны ондық градуспен жазыңыз, мысалы 71.43",
)
_OFF_EARTH = Wording(
    en="it is not on earth: longitude goes from -180 to 180 and latitude from -90 to 90",
    ru="такого места на Земле нет: долгота — от -180 до 180, широта — от -90 до 90",
    kk="Жерде мұндай орын жоқ: бойлық -180 бен 180 аралығында, ендік -90 мен 90 аралығында",
)
_HALF = Wording(
    en="one of the two coordinates is missing; the village stays without a location",
    ru="нет одной из двух координат; населённый пункт остаётся без местоположения",
    kk="екі координатаның біреуі жоқ; елді мекеннің орналасқан жері белгісіз қалады",
)
_ZERO = Wording(
    en="it is at 0, 0, which most often stands for a place not known; the village stays without a location",
    ru="координаты 0, 0 чаще всего означают неизвестное место; населённый пункт остаётся без местоположения",
    kk="0, 0 координаталары көбіне белгісіз орынды білдіреді; елді мекеннің орналасқан жері белгісіз қалады",
)
_NO_LOCATION = Wording(
    en="the village has no location; nothing can be measured for it",
    ru="у населённого пункта нет местоположения; для него ничего нельзя измерить",
    kk="елді мекеннің орналасқан жері жоқ; ол үшін ештеңе өлшеу мүмкін емес",
)


def village_answers(reading: Reading) -> pd.DataFrame:
    """The villages of a survey as they say they are.

    Returns:
        One row a village, RangeIndex of their numbers: `village_code`, `village_name`, `region`, `district`, `interviewed_on`,
        `submitted_on` (string; the last two ISO dates), `households`, `population` (float64, NaN where not known), `lon`, `lat`
        (float64, degrees on WGS84, both NaN where there is no usable location) and `synthetic` (bool).
    """
    text = {
        question: _stripped(whole_column(reading.lines, reading.raw.villages, question).text)
        for question in (q.VILLAGE_CODE, q.VILLAGE_NAME, q.REGION, q.DISTRICT)
    }
    frame = pd.DataFrame(text, columns=[*text])
    for column, question in (("households", q.VILLAGE_HOUSEHOLDS), ("population", q.VILLAGE_POPULATION)):
        frame[column], _ = counts(_cells(reading, question), reading.lines, reading.findings)
    frame["interviewed_on"] = days(_cells(reading, q.INTERVIEW_DATE), reading.lines, reading.findings)
    # The server's own clock: what cannot be read there is no mistake of the enumerator's.
    frame["submitted_on"] = days(_cells(reading, SUBMITTED_AT), reading.lines, None)
    frame["lon"], frame["lat"] = _location(reading)
    synthetic = yes_no(_cells(reading, q.SYNTHETIC), reading.lines, reading.findings)
    frame["synthetic"] = synthetic.fillna(value=False).to_numpy(dtype=bool)
    return frame


def _cells(reading: Reading, question: str) -> Cells:
    return whole_column(reading.lines, reading.raw.villages, question)


def _stripped(text: pd.Series) -> pd.Series:
    stripped = text.str.strip()
    return stripped.mask(stripped == "")


def _location(reading: Reading) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude, shape (n,) each: from their columns, else from one that holds `latitude longitude altitude accuracy`."""
    longitude, latitude, both = (_cells(reading, one) for one in (q.LONGITUDE, q.LATITUDE, q.LOCATION))
    lon, is_bad_lon = _degrees(reading, longitude)
    lat, is_bad_lat = _degrees(reading, latitude)
    is_half = (longitude.is_filled != latitude.is_filled) & ~is_bad_lon & ~is_bad_lat
    is_joined = both.is_filled & ~longitude.is_filled & ~latitude.is_filled
    split = both.text.where(is_joined).str.extract(r"^\s*([^\s,;]+)[\s,;]+([^\s,;]+)")
    (joined_lat, no_lat), (joined_lon, no_lon) = (numbers(split[at], decimal_comma=False) for at in (0, 1))
    is_bad_both = is_joined & (no_lat | no_lon | ~np.isfinite(joined_lat) | ~np.isfinite(joined_lon))
    _report(reading, both, is_bad_both, FindingCode.NON_NUMERIC_COORDINATES, _NOT_A_COORDINATE)
    usable = is_joined & ~is_bad_both
    lon[usable], lat[usable] = joined_lon[usable], joined_lat[usable]

    with np.errstate(invalid="ignore"):
        is_off_lon, is_off_lat = np.abs(lon) > 180, np.abs(lat) > 90
    code = FindingCode.OUT_OF_RANGE_COORDINATES
    _report(reading, longitude, is_off_lon & ~is_joined, code, _OFF_EARTH)
    _report(reading, latitude, is_off_lat & ~is_joined, code, _OFF_EARTH)
    _report(reading, both, (is_off_lon | is_off_lat) & is_joined, code, _OFF_EARTH)
    is_zero = (lon == 0) & (lat == 0)
    blank = longitude if longitude.is_filled.any() or not both.is_filled.any() else both
    _warn(reading, blank, is_zero, FindingCode.ZERO_COORDINATES, _ZERO)
    _warn(reading, longitude, is_half & ~longitude.is_filled, FindingCode.NAN_COORDINATES, _HALF)
    _warn(reading, latitude, is_half & ~latitude.is_filled, FindingCode.NAN_COORDINATES, _HALF)
    is_empty = ~(longitude.is_filled | latitude.is_filled | both.is_filled)
    # A file without locations is a choice; some rows without are worth a look.
    if not is_empty.all():
        _warn(reading, blank, is_empty, FindingCode.NO_GEOMETRY, _NO_LOCATION)
    is_lost = is_off_lon | is_off_lat | is_zero | np.isnan(lon) | np.isnan(lat)
    lon[is_lost] = lat[is_lost] = np.nan
    return lon, lat


def _degrees(reading: Reading, cells: Cells) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    values, is_bad = numbers(cells.text, decimal_comma=True)
    is_bad |= np.isinf(values)
    values[is_bad] = np.nan
    _report(reading, cells, is_bad, FindingCode.NON_NUMERIC_COORDINATES, _NOT_A_COORDINATE)
    return values, is_bad


def _report(
    reading: Reading, cells: Cells, is_bad: NDArray[np.bool_], code: FindingCode, message: Wording
) -> None:
    report(cells, is_bad, reading.lines, reading.findings, code, message(), suggestion=_DECIMAL_DEGREES())


def _warn(
    reading: Reading, cells: Cells, is_bad: NDArray[np.bool_], code: FindingCode, message: Wording
) -> None:
    report(cells, is_bad, reading.lines, reading.findings, code, message(), severity=Severity.WARNING)
