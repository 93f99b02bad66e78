"""Crosswalks: what a reviewer decided about places that no code and no exact name makes certain.

The proposals of one import are a crosswalk to review (`village_proposals`, `unit_proposals`); with `accepted` filled in, the next import takes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo_service.findings import FindingCode, Findings, Place
from geo_service.ingest.columns import listed
from geo_service.ingest.tables import read_table
from geo_service.spatial.names import name_key
from geo_service.vocabulary import AdminLevel, PlaceMatch
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd

    # The position of the place asked about; code, name, score and distance of one that may be it.
    _Candidate = tuple[int, str, str, float, float | None]

__all__ = [
    "CROSSWALK_COLUMNS",
    "VILLAGE_LEVEL",
    "Crosswalk",
    "decide",
    "decide_units",
    "known_targets",
    "read_crosswalk",
    "report_unused",
    "unit_proposals",
    "village_proposals",
]

CROSSWALK_COLUMNS = (
    "level",
    "declared_code",
    "declared_name",
    "within_pcode",
    "matched_code",
    "matched_name",
    "score",
    "distance_km",
    "accepted",
    "note",
)
"""The columns of a crosswalk. Needed are `matched_code` (a village id or a P-code) and `declared_name` or `declared_code`; `within_pcode` limits the row
to a district or region, `level` (`village`, `district`, `region`; village where empty) says what it is about, and where there is a column
`accepted` only rows that say yes are taken. The rest is for the reviewer."""
VILLAGE_LEVEL = "village"
"""The `level` of a row about a village; those of the others are codes of `AdminLevel`."""

_READ = ("level", "declared_code", "declared_name", "within_pcode", "matched_code", "accepted")
_LEVELS = (VILLAGE_LEVEL, AdminLevel.DISTRICT.value, AdminLevel.REGION.value)
_YES = frozenset(["yes", "y", "true", "1", "x", "+", "да", "д", "иә", "ия"])
_NO = frozenset(["no", "n", "false", "0", "-", "нет", "н", "жоқ"])

_NO_COLUMN = Wording(
    en="a crosswalk needs a column 'matched_code' and one of 'declared_name' and 'declared_code'; there are {columns}",
    ru="в таблице соответствия нужен столбец «matched_code» и один из «declared_name» и «declared_code»; есть {columns}",
    kk="сәйкестік кестесінде «matched_code» бағаны және «declared_name» мен «declared_code» бағандарының бірі керек; барлары: {columns}",
)
_NOT_A_CHOICE = Wording(
    en="'{value}' is none of {choices}",
    ru="«{value}» не входит в число допустимых значений: {choices}",
    kk="«{value}» рұқсат етілген мәндердің қатарында жоқ: {choices}",
)
_NOT_FILLED_IN = Wording(
    en="an accepted row says nothing here",
    ru="в принятой строке эта ячейка не заполнена",
    kk="қабылданған жолда бұл ұяшық толтырылмаған",
)
_DECIDED_TWICE = Wording(
    en="'{name}' is decided to be '{code}' here and '{other}' in row {row}",
    ru="здесь «{name}» сопоставлено с «{code}», а в строке {row} — с «{other}»",
    kk="мұнда «{name}» «{code}» деп, ал {row}-жолда «{other}» деп шешілген",
)
_ACCEPT_ONE = Wording(
    en="Accept only one of them",
    ru="Примите только одно из них",
    kk="Олардың біреуін ғана қабылдаңыз",
)
_UNKNOWN_TARGET = Wording(
    en="no known {level} has the code '{code}'",
    ru="среди известных мест нет кода «{code}» (уровень: {level})",
    kk="белгілі орындардың арасында «{code}» коды жоқ (деңгейі: {level})",
)
_USE_A_KNOWN_CODE = Wording(
    en="Give a code that is in the list of known places",
    ru="Укажите код из списка известных мест",
    kk="Белгілі орындар тізіміндегі кодты көрсетіңіз",
)
_UNUSED = Wording(
    en="nothing in the survey is called '{name}' there, so this row was not used",
    ru="в опросе там нет «{name}», поэтому эта строка не использована",
    kk="сауалнамада ол жерде «{name}» жоқ, сондықтан бұл жол пайдаланылмады",
)


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """What a reviewer accepted.

    Attributes:
        frame: `level`, `declared_code`, `declared_name`, `within_pcode`, `matched_code` (string, null where empty), a row a decision; the
            index is the line of each in the file as a spreadsheet shows it.
        place: The file and sheet.
    """

    frame: pd.DataFrame
    place: Place

    def of_level(self, level: str) -> pd.DataFrame:
        """The rows about one level."""
        return self.frame[self.frame["level"] == level]


# In


def read_crosswalk(path: Path, findings: Findings, *, sheet: str | None = None) -> Crosswalk:
    """Read a reviewed crosswalk, CSV or workbook, of `CROSSWALK_COLUMNS`.

    Rows that cannot be used are errors among `findings` and left out; rows that are not accepted are left out.

    Raises:
        FindingsError: It cannot be read, or lacks a column; why is among `findings`.
        MissingExtraError: A workbook is given and its reader is not installed.
    """
    table = read_table(path, findings, sheet=sheet)
    names = {name.strip().casefold(): name for name in reversed(table.columns.names)}
    if "matched_code" not in names or not {"declared_name", "declared_code"} & set(names):
        message = _NO_COLUMN(columns=listed(table.columns.names))
        findings.stop(FindingCode.MISSING_COLUMN, message, table.place)
    frame = pd.DataFrame(
        {
            column: table.frame[names[column]]
            if column in names
            else pd.Series(pd.NA, table.frame.index, "string")
            for column in _READ
        }
    ).set_axis(table.rows)
    frame = frame.apply(lambda texts: texts.str.strip().mask(texts.str.strip() == ""))
    if "accepted" in names:
        frame = frame[_accepted(frame["accepted"], table.place, findings)]
    frame = frame.assign(level=frame["level"].str.casefold().fillna(VILLAGE_LEVEL)).drop(columns="accepted")
    frame = frame[_usable(frame, table.place, findings)]
    _report_decided_twice(frame, table.place, findings)
    return Crosswalk(frame, table.place)


def _accepted(answers: pd.Series, place: Place, findings: Findings) -> pd.Series:
    said = answers.str.casefold()
    is_yes = said.isin(_YES)
    for row, answer in answers[said.notna() & ~is_yes & ~said.isin(_NO)].items():
        message = _NOT_A_CHOICE(value=answer, choices="yes, no")
        findings.error(
            FindingCode.UNKNOWN_CODE, message, place, row=int(row), column="accepted", value=answer
        )
    return is_yes


def _usable(frame: pd.DataFrame, place: Place, findings: Findings) -> pd.Series:
    is_level = frame["level"].isin(_LEVELS)
    for row, level in frame.loc[~is_level, "level"].items():
        message = _NOT_A_CHOICE(value=level, choices=", ".join(_LEVELS))
        findings.error(FindingCode.UNKNOWN_CODE, message, place, row=int(row), column="level", value=level)
    is_matched = frame["matched_code"].notna()
    is_declared = frame["declared_name"].notna() | frame["declared_code"].notna()
    for column, is_filled in (("matched_code", is_matched), ("declared_name", is_declared)):
        for row in frame.index[~is_filled]:
            findings.error(FindingCode.MISSING_VALUE, _NOT_FILLED_IN(), place, row=int(row), column=column)
    return is_level & is_matched & is_declared


def _report_decided_twice(frame: pd.DataFrame, place: Place, findings: Findings) -> None:
    asked = frame.assign(
        declared_name=_keys(frame["declared_name"]), declared_code=_codes(frame["declared_code"])
    )
    first: dict[tuple[object, ...], int] = {}
    for row, *question in (
        asked[["level", "declared_code", "declared_name", "within_pcode"]].fillna("").itertuples()
    ):
        earlier = first.setdefault(tuple(question), row)
        code, other = frame.loc[row, "matched_code"], frame.loc[earlier, "matched_code"]
        if code != other:
            findings.error(
                FindingCode.AMBIGUOUS_MATCH,
                _DECIDED_TWICE(name=_title(frame, row), code=code, other=other, row=earlier),
                place,
                row=int(row),
                column="matched_code",
                value=code,
                suggestion=_ACCEPT_ONE(),
            )


# What it decides


def decide(
    crosswalk: pd.DataFrame, codes: pd.Series, names: pd.Series, within: tuple[pd.Series, ...]
) -> pd.DataFrame:
    """Find the row of a crosswalk that is about each place that a survey declares.

    A row applies where all that it gives agrees: the code whatever its case, the name as `name_key` has it, and any of the units around. Of several that
    apply the one that gives most is taken.

    Args:
        crosswalk: Rows of `Crosswalk.frame`, of one level.
        codes: The declared code of each place, shape (n,); null where there is none.
        names: The declared name of each, likewise.
        within: The P-codes of the units around each, one series a level.

    Returns:
        `decided_in` (Int64, the label of the row in `crosswalk`, null where none applies) and `matched_code` (string, null likewise), indexed like `codes`.
    """
    asked = pd.DataFrame(
        {"declared_code": _codes(codes).to_numpy(), "declared_name": _keys(names).to_numpy()}, dtype="string"
    )
    rules = pd.DataFrame(
        {
            "declared_code": _codes(crosswalk["declared_code"]),
            "declared_name": _keys(crosswalk["declared_name"]),
            "within_pcode": crosswalk["within_pcode"],
            "decided_in": crosswalk.index,
        }
    ).reset_index(drop=True)
    decided_in = pd.Series(pd.NA, index=asked.index, dtype="Int64")
    questions = ["declared_code", "declared_name", "within_pcode"]
    for given in (questions, ["declared_code", "within_pcode"], ["declared_name", "within_pcode"],
                  ["declared_code", "declared_name"], ["declared_code"], ["declared_name"]):  # fmt: skip
        is_meant = rules[given].notna().all(axis=1) & rules[questions].drop(columns=given).isna().all(axis=1)
        rule = rules[is_meant].drop_duplicates(given)
        for around in within if "within_pcode" in given else within[:1]:
            found = asked.assign(within_pcode=around.astype("string").to_numpy()).merge(
                rule, on=given, how="left"
            )
            is_asked = asked[[name for name in given if name != "within_pcode"]].notna().all(axis=1)
            decided_in = decided_in.fillna(found["decided_in"].astype("Int64").where(is_asked))
    matched = decided_in.map(crosswalk["matched_code"], na_action="ignore").astype("string")
    return pd.DataFrame({"decided_in": decided_in, "matched_code": matched}).set_index(codes.index)


def decide_units(
    matches: pd.DataFrame,
    declared: pd.Series,
    crosswalk: Crosswalk,
    units: gpd.GeoDataFrame,
    findings: Findings,
    parents: pd.Series | None = None,
) -> pd.DataFrame:
    """What `match_units` found, with what a reviewer decided in its place.

    Args:
        matches: The result of `match_units` for the same `declared`, `units` and `parents`.
        declared: Text, shape (n,): what each row declares.
        crosswalk: Its rows of the level of `units` are used; one whose code no unit has is an error among `findings`.
        units: Schema `ADMIN_UNITS`, of one level.
        findings: Where errors are added.
        parents: The P-code of the parent that each row declares; null for any.

    Returns:
        `matches`, its `by` also `crosswalk`, and `decided_in` (Int64, the line of the crosswalk, null where it decides nothing), for `report_unused`.
    """
    level = list(AdminLevel)[int(units["level"].max())] if len(units) else AdminLevel.DISTRICT
    rules = known_targets(crosswalk, level, units["pcode"], findings)
    around = pd.Series(pd.NA, index=declared.index, dtype="string") if parents is None else parents
    decided = decide(rules, declared, declared, (around,))
    is_decided = decided["decided_in"].notna()
    return matches.assign(
        pcode=matches["pcode"].mask(is_decided, decided["matched_code"]),
        by=matches["by"].mask(is_decided, PlaceMatch.CROSSWALK.value),
        proposals=matches["proposals"].where(
            ~is_decided.to_numpy(), pd.Series([()] * len(matches), matches.index)
        ),
        decided_in=decided["decided_in"],
    )


def known_targets(crosswalk: Crosswalk, level: str, codes: pd.Series, findings: Findings) -> pd.DataFrame:
    """The rows about one level whose `matched_code` is among `codes`; the others are errors among `findings`."""
    rules = crosswalk.of_level(level)
    is_known = rules["matched_code"].isin(codes)
    for row, code in rules.loc[~is_known, "matched_code"].items():
        findings.error(
            FindingCode.UNKNOWN_CODE,
            _UNKNOWN_TARGET(level=level, code=code),
            crosswalk.place,
            row=int(row),
            column="matched_code",
            value=code,
            suggestion=_USE_A_KNOWN_CODE(),
        )
    return rules[is_known]


def report_unused(
    crosswalk: Crosswalk, levels: Iterable[str], decided_in: Iterable[pd.Series], findings: Findings
) -> None:
    """Warn of the rows about some levels that decided nothing.

    Args:
        crosswalk: What was given.
        levels: Those that were asked about.
        decided_in: The column of that name of each frame that was decided on.
        findings: Where warnings are added.
    """
    used = {int(row) for rows in decided_in for row in rows.dropna()}
    frame = crosswalk.frame[crosswalk.frame["level"].isin(list(levels))]
    for row in (row for row in frame.index if row not in used):
        name = _title(frame, row)
        findings.warning(
            FindingCode.UNUSED_CROSSWALK, _UNUSED(name=name), crosswalk.place, row=int(row), value=name
        )


# Out, to be reviewed


def village_proposals(placed: pd.DataFrame) -> pd.DataFrame:
    """The proposals of `place_villages` as a crosswalk to review: a row a village and candidate, `accepted` empty; of `CROSSWALK_COLUMNS`."""
    asked = pd.DataFrame(
        {
            "level": VILLAGE_LEVEL,
            "declared_code": placed.get("village_code"),
            "declared_name": placed["village_name"],
            "within_pcode": placed["adm2_pcode"].fillna(placed["adm1_pcode"]),
        },
        index=placed.index,
    )
    candidates: list[_Candidate] = [
        (number, one.village_id, one.name, one.score, one.distance_km)
        for number, proposals in enumerate(placed["proposals"])
        for one in proposals
    ]
    return _to_review(asked, candidates)


def unit_proposals(
    matches: pd.DataFrame, declared: pd.Series, level: AdminLevel, parents: pd.Series | None = None
) -> pd.DataFrame:
    """The proposals of `match_units` as a crosswalk to review: a row a distinct value and candidate, `accepted` empty; of `CROSSWALK_COLUMNS`."""
    asked = pd.DataFrame(
        {
            "level": level.value,
            "declared_code": pd.Series(pd.NA, declared.index, "string"),
            "declared_name": declared,
            "within_pcode": pd.Series(pd.NA, declared.index, "string") if parents is None else parents,
        }
    )
    distinct = np.flatnonzero(~asked.duplicated())
    candidates: list[_Candidate] = [
        (number, one.pcode, one.name, one.score, None)
        for number in distinct.tolist()
        for one in matches["proposals"].iloc[number]
    ]
    return _to_review(asked, candidates)


def _to_review(asked: pd.DataFrame, candidates: list[_Candidate]) -> pd.DataFrame:
    found = pd.DataFrame(
        candidates, columns=["number", "matched_code", "matched_name", "score", "distance_km"]
    )
    questions = asked.iloc[found["number"]].reset_index(drop=True)
    text = [name for name in CROSSWALK_COLUMNS if name not in {"score", "distance_km"}]
    frame = pd.concat([questions, found], axis=1).reindex(columns=list(CROSSWALK_COLUMNS))
    return frame.astype(dict.fromkeys(text, "string") | {"score": "float64", "distance_km": "float64"})


def _codes(codes: pd.Series) -> pd.Series:
    return codes.astype("string").str.strip().str.casefold()


def _keys(names: pd.Series) -> pd.Series:
    return names.astype("string").map(name_key, na_action="ignore").astype("string")


def _title(frame: pd.DataFrame, row: int) -> str:
    name, code = frame.loc[row, "declared_name"], frame.loc[row, "declared_code"]
    return str(code if pd.isna(name) else name)
