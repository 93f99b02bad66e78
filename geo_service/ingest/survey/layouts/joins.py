"""The sheets of a survey joined: each row of a repeat or a statement with the submission it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode
from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.layouts.header_words import Meta, SheetKind
from geo_service.ingest.survey.layouts.submissions import submissions_kept
from geo_service.ingest.survey.raw import KEY, SUBMITTED_AT, RawSurvey, SurveySheet
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geo_service.findings import Findings
    from geo_service.ingest.survey.layouts.sheets import ReadSheet

__all__ = ["joined_survey"]

_LINKS = ((Meta.PARENT_ID, Meta.ID), (Meta.PARENT_UUID, Meta.UUID), (Meta.PARENT_INDEX, Meta.INDEX))
"""How a row of a repeat names its submission, the surest first."""
_UUID = "uuid:"

_NO_PARENT = Wording(
    en="no column says which submission a row belongs to",
    ru="ни один столбец не указывает, к какой записи относится строка",
    kk="жолдың қай жазбаға жататынын көрсететін баған жоқ",
)
_EXPORT_WHOLE = Wording(
    en="Export it again with all columns: _submission__id, _submission__uuid or _parent_index of KoboToolbox, PARENT_KEY of ODK Central",
    ru="Экспортируйте заново со всеми столбцами: _submission__id, _submission__uuid или _parent_index в KoboToolbox, PARENT_KEY в ODK Central",
    kk="Барлық бағанымен қайта экспорттаңыз: KoboToolbox-та _submission__id, _submission__uuid не _parent_index, ODK Central-да PARENT_KEY",
)
_NO_MAIN = Wording(
    en="the sheet of the submissions that it belongs to is not there",
    ru="нет листа с записями, к которым он относится",
    kk="ол жататын жазбалар парағы жоқ",
)
_GIVE_MAIN = Wording(
    en="Give the whole workbook, or all CSVs of the export together",
    ru="Передайте всю книгу или все файлы CSV экспорта вместе",
    kk="Кітапты толығымен немесе экспорттың барлық CSV файлын бірге беріңіз",
)
_DELETED_PARENT = Wording(
    en="it belongs to a submission that is not in the file, as when that was deleted; the row is left out",
    ru="строка относится к записи, которой нет в файле, например удалённой; строка пропущена",
    kk="жол файлда жоқ, мысалы жойылған жазбаға жатады; жол алынбады",
)
_NO_VILLAGE = Wording(
    en="no row of the villages has this code",
    ru="среди населённых пунктов нет строки с таким кодом",
    kk="елді мекендер арасында мұндай коды бар жол жоқ",
)
_SAME_CODE = Wording(
    en="Write the village_code as it stands in the sheet of the villages",
    ru="Запишите village_code так, как он указан на листе населённых пунктов",
    kk="village_code мәнін елді мекендер парағында көрсетілгендей жазыңыз",
)
_NO_CODE_COLUMN = Wording(
    en="there is no column '{column}', so that no row has a village",
    ru="нет столбца «{column}», поэтому строки не относятся ни к одному населённому пункту",
    kk="«{column}» бағаны жоқ, сондықтан жолдар ешбір елді мекенге жатпайды",
)


@dataclass(frozen=True, slots=True)
class _Mains:
    """The main sheets of one form.

    Attributes:
        books: Where each belongs.
        sheets: As they were read.
        keys: Of the rows of each (dtype string, RangeIndex).
        is_kept: Whether a row of each counts, shape (n,).
    """

    books: tuple[int, ...]
    sheets: tuple[ReadSheet, ...]
    keys: tuple[pd.Series, ...]
    is_kept: tuple[NDArray[np.bool_], ...]


def joined_survey(
    books: Sequence[Sequence[ReadSheet]], sources: tuple[dict[str, str], ...], findings: Findings
) -> RawSurvey:
    """All sheets of a survey, each row with the key of its submission; what belongs to none is left out with a finding.

    Args:
        books: The sheets that belong together: of a workbook, of a zip, or all CSVs that were given on their own.
        sources: The files, for `RawSurvey`.
        findings: Where problems are added.
    """
    villages = _mains(books, SheetKind.VILLAGE, findings)
    districts = _mains(books, SheetKind.DISTRICT, findings)
    repeats: dict[str, tuple[SurveySheet, ...]] = {}
    long: dict[str, tuple[SurveySheet, ...]] = {}
    to_visit: tuple[SurveySheet, ...] = ()
    for book, sheet in ((number, sheet) for number, sheets in enumerate(books) for sheet in sheets):
        name = sheet.words.name
        match sheet.words.kind:
            case SheetKind.REPEAT:
                repeats[name] = (*repeats.get(name, ()), _joined(sheet, villages, book, findings))
            case SheetKind.STATEMENT:
                long[name] = (*long.get(name, ()), _stated(sheet, villages, findings))
            case SheetKind.TO_VISIT if q.REGION in sheet.frame or q.DISTRICT in sheet.frame:
                keys = _keys(sheet, f"{SheetKind.TO_VISIT} {len(to_visit)}")
                to_visit = (*to_visit, _survey_sheet(sheet, keys, np.ones(len(keys), dtype=bool)))
            case SheetKind.TO_VISIT:
                to_visit = (*to_visit, _joined(sheet, districts, book, findings))
    return RawSurvey(_kept(villages), repeats, long, _kept(districts), to_visit, sources)


def _mains(books: Sequence[Sequence[ReadSheet]], kind: SheetKind, findings: Findings) -> _Mains:
    found = [
        (number, sheet) for number, book in enumerate(books) for sheet in book if sheet.words.kind is kind
    ]
    sheets = tuple(sheet for _, sheet in found)
    keys = tuple(_keys(sheet, f"{kind} {number}") for number, sheet in enumerate(sheets))
    return _Mains(
        tuple(number for number, _ in found), sheets, keys, tuple(submissions_kept(sheets, findings))
    )


def _keys(sheet: ReadSheet, prefix: str) -> pd.Series:
    """A key for each row, the same in no other sheet with another prefix."""
    return f"{prefix}: " + pd.Series(sheet.rows).astype("string")


def _kept(mains: _Mains) -> tuple[SurveySheet, ...]:
    """The rows of main sheets that count, with the time of their submission."""
    sheets = []
    for sheet, keys, is_kept in zip(mains.sheets, mains.keys, mains.is_kept, strict=True):
        submitted_at = sheet.said(Meta.SUBMITTED_AT)
        nothing = pd.Series(pd.NA, index=sheet.frame.index, dtype="string")
        sheets.append(
            _survey_sheet(
                sheet, keys, is_kept, {SUBMITTED_AT: nothing if submitted_at is None else submitted_at}
            )
        )
    return tuple(sheets)


def _survey_sheet(
    sheet: ReadSheet,
    keys: pd.Series,
    is_kept: NDArray[np.bool_],
    more: Mapping[str, pd.Series] = MappingProxyType({}),
) -> SurveySheet:
    frame = sheet.frame.assign(**{KEY: keys}, **more)
    if not is_kept.all():
        frame = frame[is_kept].reset_index(drop=True)
    return SurveySheet(frame, sheet.rows[is_kept], sheet.place, sheet.headers)


def _joined(sheet: ReadSheet, mains: _Mains, book: int, findings: Findings) -> SurveySheet:
    """The rows of a repeat whose submission counts; a warning for each that has none."""
    own = [at for at, number in enumerate(mains.books) if number == book]
    links = [
        (parent, _identified(mains, own, identifier))
        for parent, identifier in _LINKS
        if sheet.says(parent) and any(mains.sheets[at].says(identifier) for at in own)
    ]
    if not links:
        message, remedy = (_NO_PARENT(), _EXPORT_WHOLE()) if own else (_NO_MAIN(), _GIVE_MAIN())
        if len(sheet.rows):
            findings.error(FindingCode.MISSING_COLUMN, message, sheet.place, suggestion=remedy)
        return _survey_sheet(sheet, _keys(sheet, ""), np.zeros(len(sheet.rows), dtype=bool))
    # Versions of a submission share its identifiers, but not their place in the export.
    parent, keys = next((link for link in links if not link[1].index.has_duplicates), links[0])
    said = sheet.meta[parent][0]
    key = _looked_up(keys, said.str.removeprefix(_UUID))
    for row in np.flatnonzero(key.isna()).tolist():
        findings.warning(
            FindingCode.ORPHANED_ROW,
            _DELETED_PARENT(),
            sheet.place,
            row=int(sheet.rows[row]),
            value=None if pd.isna(said[row]) else str(said[row]),
        )
    return _survey_sheet(sheet, key, _counts(mains, key))


def _stated(sheet: ReadSheet, mains: _Mains, findings: Findings) -> SurveySheet:
    """The statements of the plain layout about villages that are there; an error for each other."""
    nobody = np.zeros(len(sheet.rows), dtype=bool)
    if q.VILLAGE_CODE not in sheet.frame:
        message = _NO_CODE_COLUMN(column=q.VILLAGE_CODE)
        findings.error(FindingCode.MISSING_COLUMN, message, sheet.place, column=q.VILLAGE_CODE)
        return _survey_sheet(sheet, _keys(sheet, ""), nobody)
    if not mains.sheets:
        findings.error(FindingCode.MISSING_COLUMN, _NO_MAIN(), sheet.place, suggestion=_GIVE_MAIN())
        return _survey_sheet(sheet, _keys(sheet, ""), nobody)
    codes = [(main.frame.get(q.VILLAGE_CODE), at) for at, main in enumerate(mains.sheets)]
    said = sheet.frame[q.VILLAGE_CODE]
    key = _looked_up(_by_identifier(mains, [(code, at) for code, at in codes if code is not None]), said)
    for row in np.flatnonzero(key.isna()).tolist():
        findings.error(
            FindingCode.ORPHANED_ROW,
            _NO_VILLAGE(),
            sheet.place,
            row=int(sheet.rows[row]),
            column=sheet.headers[q.VILLAGE_CODE],
            value=None if pd.isna(said[row]) else str(said[row]),
            suggestion=_SAME_CODE(),
        )
    return _survey_sheet(sheet, key, _counts(mains, key))


def _identified(mains: _Mains, own: Sequence[int], meta: Meta) -> pd.Series:
    """The keys of the rows of some main sheets by what identifies them; the index may have duplicates."""
    columns = [
        (column.str.removeprefix(_UUID), at) for at in own for column in mains.sheets[at].meta.get(meta, ())
    ]
    return _by_identifier(mains, columns)


def _by_identifier(mains: _Mains, columns: Sequence[tuple[pd.Series, int]]) -> pd.Series:
    """Keys by identifier: those of rows that count first, each pair of the two once."""
    pairs = pd.concat(
        [
            pd.DataFrame({"said": said, "key": mains.keys[at], "is_left_out": ~mains.is_kept[at]})
            for said, at in columns
        ]
        or [pd.DataFrame({"said": [], "key": [], "is_left_out": []})],
        ignore_index=True,
    )
    pairs = pairs.dropna().drop_duplicates().sort_values("is_left_out", kind="stable")
    return pd.Series(pairs["key"].array, index=pd.Index(pairs["said"].array))


def _looked_up(keys: pd.Series, said: pd.Series) -> pd.Series:
    """The first key of each identifier (dtype string, RangeIndex), null where there is none."""
    first = keys[~keys.index.duplicated()]
    at = first.index.get_indexer(said.array)
    return pd.Series(first.array.take(at, allow_fill=True)).mask(said.isna())


def _counts(mains: _Mains, keys: pd.Series) -> NDArray[np.bool_]:
    """Whether keys are of rows of main sheets that count, shape (n,)."""
    counted = [key[is_kept] for key, is_kept in zip(mains.keys, mains.is_kept, strict=True)]
    return np.asarray(keys.isin(pd.concat(counted)), dtype=bool)
