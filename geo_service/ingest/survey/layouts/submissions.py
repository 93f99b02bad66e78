"""Which rows of a survey count: the last version of each submission, but for those that a reviewer refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo_service.findings import FindingCode
from geo_service.ingest.survey.answers.choices import folded
from geo_service.ingest.survey.layouts.header_words import Meta
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.findings import Findings
    from geo_service.ingest.survey.layouts.sheets import ReadSheet

__all__ = ["submissions_kept"]

_REFUSED = frozenset({"rejected", "notapproved", "validationstatusnotapproved"})

_SUPERSEDED = Wording(
    en="a later version of this submission is in row {row}; this one is left out",
    ru="более поздняя версия этой записи — в строке {row}; эта пропущена",
    kk="бұл жазбаның кейінгі нұсқасы {row}-жолда; осы нұсқа алынбады",
)
_REJECTED = Wording(
    en="the reviewer rejected this submission; it is left out",
    ru="проверяющий отклонил эту запись; она пропущена",
    kk="тексеруші бұл жазбаны қабылдамады; ол алынбады",
)


def submissions_kept(sheets: Sequence[ReadSheet], findings: Findings) -> list[NDArray[np.bool_]]:
    """Which rows of main sheets count.

    Rows are versions of one submission when they have the same identifier: `_uuid`, `meta/instanceID`, `KEY`, `meta/rootUuid`, or that which
    another names as the one it replaces (`meta/deprecatedID`), also in another file; or the same `_id` in the same sheet. The one that was
    submitted last counts, of several the last in the file.

    Args:
        sheets: The main sheets of one form.
        findings: Where each row that is left out is named.

    Returns:
        For each sheet whether a row counts, shape (n,).
    """
    if not sheets:
        return []
    first = np.cumsum([0, *(len(sheet.rows) for sheet in sheets)])
    is_kept = np.ones(first[-1], dtype=bool)
    submission = _submissions(sheets, first)
    versions = pd.Series(submission).duplicated(keep=False).to_numpy()
    if versions.any():
        latest = _latest(sheets, first, submission, versions)
        is_kept[versions] = latest[versions] == np.flatnonzero(versions)
        _warn_of_superseded(sheets, first, latest, findings)
    for sheet, start in zip(sheets, first, strict=False):
        status = sheet.said(Meta.STATUS)
        if status is None:
            continue
        refused = {one for one in status.dropna().unique() if folded(one) in _REFUSED}
        is_refused = status.isin(refused).to_numpy(dtype=bool) & is_kept[start : start + len(sheet.rows)]
        for row in np.flatnonzero(is_refused).tolist():
            findings.warning(
                FindingCode.REJECTED_SUBMISSION,
                _REJECTED(),
                sheet.place,
                row=int(sheet.rows[row]),
                value=str(status[row]),
            )
        is_kept[start : start + len(sheet.rows)] &= ~is_refused
    return np.split(is_kept, first[1:-1])


def _submissions(sheets: Sequence[ReadSheet], first: NDArray[np.int64]) -> NDArray[np.int32]:
    """A number for the submission that each row of all sheets is a version of, shape (n,)."""
    said, rows = [pd.Series(dtype="string")], [np.empty(0, dtype=np.int64)]
    for number, (sheet, start) in enumerate(zip(sheets, first, strict=False)):
        for meta in (Meta.UUID, Meta.ROOT, Meta.DEPRECATED):
            said += [column.str.removeprefix("uuid:") for column in sheet.meta.get(meta, ())]
        said += [f"{number}: " + column for column in sheet.meta.get(Meta.ID, ())]
        rows += [np.arange(start, start + len(sheet.rows))] * (len(said) - len(rows))
    identifier, _ = pd.factorize(pd.concat(said, ignore_index=True))
    row = np.concatenate(rows)[identifier >= 0]
    identifier = identifier[identifier >= 0]
    size = int(first[-1]) + int(identifier.max(initial=-1)) + 1
    links = coo_array((np.ones(len(row), dtype=bool), (row, identifier + first[-1])), shape=(size, size))
    _, submission = connected_components(links, directed=False)
    return np.asarray(submission[: first[-1]])


def _latest(
    sheets: Sequence[ReadSheet],
    first: NDArray[np.int64],
    submission: NDArray[np.int32],
    versions: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """The row that counts instead of each row that has versions, else itself; shape (n,)."""
    nothing = pd.Series([pd.NA], dtype="string")
    times = pd.concat(
        [
            nothing.repeat(len(sheet.rows)) if (said := sheet.said(Meta.SUBMITTED_AT)) is None else said
            for sheet in sheets
        ],
        ignore_index=True,
    )
    row = np.flatnonzero(versions)
    frame = pd.DataFrame({"submission": submission[row], "row": row})
    frame["at"] = pd.to_datetime(times[versions].array, format="ISO8601", utc=True, errors="coerce")
    ordered = frame.sort_values(["at", "row"], na_position="first")
    last = ordered.groupby("submission")["row"].last()
    latest = np.arange(first[-1])
    latest[row] = frame["submission"].map(last).to_numpy()
    return latest


def _warn_of_superseded(
    sheets: Sequence[ReadSheet], first: NDArray[np.int64], latest: NDArray[np.int64], findings: Findings
) -> None:
    lines = np.concatenate([sheet.rows for sheet in sheets])
    sheet_of = np.searchsorted(first, np.arange(first[-1]), side="right") - 1
    for row in np.flatnonzero(latest != np.arange(first[-1])).tolist():
        sheet = sheets[sheet_of[row]]
        identifier = sheet.said(Meta.UUID, Meta.ID)
        value = None if identifier is None else identifier[row - first[sheet_of[row]]]
        findings.warning(
            FindingCode.SUPERSEDED_SUBMISSION,
            _SUPERSEDED(row=int(lines[latest[row]])),
            sheet.place,
            row=int(lines[row]),
            value=None if value is None or pd.isna(value) else str(value),
        )
