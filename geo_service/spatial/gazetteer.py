"""Which known village a survey means: by code, by name within its district, or by location.

What is certain is taken. What is only like a name, or lies where another name is, is proposed, never taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geo_service.spatial.crs import lon_lat
from geo_service.spatial.geodesy import ecef_m, geodesic_m, row_chunks
from geo_service.spatial.names import name_key, name_kind
from geo_service.spatial.similarity import MOST_PROPOSALS, pair_similarity, similarity
from geo_service.vocabulary import PlaceMatch

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = [
    "FAR_APART_KM",
    "LEAST_VILLAGE_SIMILARITY",
    "NEAR_KM",
    "SAME_PLACE_SIMILARITY",
    "Doubt",
    "VillageProposal",
    "match_villages",
]

NEAR_KM = 1.0
"""What lies no farther than this from a known village may be it."""
FAR_APART_KM = 20.0
"""Places of one name that lie farther apart than this are not taken for one."""
LEAST_VILLAGE_SIMILARITY = 60.0
"""Names less alike than this, of 100, are not proposed for one another."""
SAME_PLACE_SIMILARITY = 70.0
"""Names less alike than this contradict each other, however near the places lie."""

_NONE = -1
_KEYS_AT_A_TIME = 512
_CODE_COLUMNS = ("village_id", "pcode", "kato")
_NAME_COLUMNS = ("village_name", "name_en", "name_ru", "name_kk")


class Doubt(StrEnum):
    """Why a village was not taken although its name is known, or what speaks against the one that was."""

    NAMESAKES = "namesakes"
    SHARED = "shared"
    FAR_APART = "far_apart"
    NEIGHBOURS = "neighbours"
    CODE_OF_ANOTHER = "code_of_another"


@dataclass(frozen=True, slots=True)
class VillageProposal:
    """A known village that may be meant.

    Attributes:
        village_id: Its id.
        name: Its name, else its id.
        score: How alike the names are, 0 to 100; 100 where they are the same and something else is in doubt.
        distance_km: How far it lies from the point that was given; null where either has none.
    """

    village_id: str
    name: str
    score: float
    distance_km: float | None


@dataclass(frozen=True, slots=True)
class _Places:
    """Villages of either side, by position: their text, and `at` (position), `key` and `name` of each different name of each."""

    frame: pd.DataFrame
    names: pd.DataFrame
    adm1: pd.Series
    adm2: pd.Series
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Answers:
    """What was found for each village asked about: the position of the known one (-1 for none), how, and what is in doubt."""

    known: NDArray[np.intp]
    by: NDArray[np.object_]
    doubt: NDArray[np.object_]

    def take(self, pairs: pd.DataFrame, by: PlaceMatch) -> None:
        """Take pairs of `row` and `known`."""
        rows = pairs["row"].to_numpy()
        self.known[rows], self.by[rows], self.doubt[rows] = pairs["known"].to_numpy(), by.value, None

    def raise_doubt(self, rows: NDArray[np.intp], doubt: Doubt) -> None:
        """Say why rows are not certain."""
        self.doubt[rows] = doubt.value

    def open(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """The pairs of rows for which nothing was found yet."""
        return pairs[self.known[pairs["row"].to_numpy()] == _NONE]


def match_villages(
    villages: pd.DataFrame, gazetteer: gpd.GeoDataFrame, decided: pd.Series | None = None
) -> pd.DataFrame:
    """Find the known village that each row means.

    In this order: what a reviewer decided; a code that one known village has; a name that one known village of the district has (of the region
    where no district is given), once case, script and spelling are set aside; the only known village within `NEAR_KM` whose
    name does not contradict. A name is not taken where the two points lie over `FAR_APART_KM` apart, and by name or location a known village is
    not taken for more than one row.

    Args:
        villages: Shape (n,), any of `village_code`, `village_name`, `adm1_pcode`, `adm2_pcode` (text, null where not known) and
            `geometry` (points in any CRS) or `lon` and `lat` (degrees, NaN where not known).
        gazetteer: The known villages, shape (m,), schema `VILLAGES`; used too where they are there: `adm1_pcode`, `adm2_pcode`, `name_en`,
            `name_ru`, `name_kk`, `pcode`, `kato`. Without P-codes nothing is taken by name.
        decided: The `village_id` that a reviewer gave each row, in the order of `villages`; null where none did.

    Returns:
        One row each, indexed like `villages`: `known` (Int64, position in `gazetteer`, null where none is certain), `by` (string, of `PlaceMatch`, null
        likewise), `doubt` (string, of `Doubt`, null where there is none) and `proposals` (a tuple of up to `MOST_PROPOSALS` of
        `VillageProposal`, the likeliest first; empty where one was taken).
    """
    asked, known = _as_places(villages), _as_places(gazetteer)
    count = len(villages)
    answers = _Answers(
        np.full(count, _NONE, dtype=np.intp),
        np.full(count, None, dtype=object),
        np.full(count, None, dtype=object),
    )
    if decided is not None:
        answers.take(_coded(decided, known.frame[["village_id"]]), PlaceMatch.CROSSWALK)
    codes = known.frame.reindex(columns=[*_CODE_COLUMNS])
    answers.take(answers.open(_coded(asked.frame.get("village_code"), codes)), PlaceMatch.CODE)
    namesakes = _with_distance(_namesakes(asked, known), asked, known)
    _doubt_codes(namesakes, answers)
    _take_names(namesakes, answers)
    neighbours = _with_distance(_neighbours(asked, known, answers), asked, known)
    _take_neighbours(neighbours, asked, known, answers)
    proposals = _proposals(asked, known, answers, pd.concat([namesakes, neighbours]))
    return pd.DataFrame(
        {
            "known": pd.Series(answers.known, dtype="Int64").mask(answers.known == _NONE).array,
            "by": pd.array(answers.by, dtype="string"),
            "doubt": pd.array(answers.doubt, dtype="string"),
            "proposals": proposals,
        },
        index=villages.index,
    )


# Both sides


def _as_places(frame: pd.DataFrame) -> _Places:
    texts = pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).reset_index(drop=True)
    wanted = [*_CODE_COLUMNS, "village_code", *_NAME_COLUMNS, "adm1_pcode", "adm2_pcode"]
    texts = texts.reindex(columns=wanted).astype("string")
    lon, lat = _lon_lat(frame)
    return _Places(texts, _names(texts), texts["adm1_pcode"], texts["adm2_pcode"], lon, lat)


def _lon_lat(frame: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if "geometry" in frame:
        return lon_lat(frame["geometry"], "the villages")
    nowhere = pd.Series(np.nan, index=frame.index)
    lon, lat = (
        frame.get(column, nowhere).to_numpy(dtype=np.float64, na_value=np.nan) for column in ("lon", "lat")
    )
    return lon, lat


def _names(texts: pd.DataFrame) -> pd.DataFrame:
    """`at`, `key` and `kind` of each different name of each village."""
    written = pd.concat([texts[column].dropna() for column in _NAME_COLUMNS])
    distinct = written.unique()
    keys = dict(zip(distinct, map(name_key, distinct), strict=True))
    names = pd.DataFrame(
        {"at": written.index.to_numpy(), "key": written.map(keys).to_numpy(), "name": written.to_numpy()}
    )
    return names[names["key"] != ""].drop_duplicates(["at", "key"], ignore_index=True)


# By code


def _coded(codes: pd.Series, known_codes: pd.DataFrame) -> pd.DataFrame:
    """`row` and `known` of each row whose code is that of one known village, whatever its case."""
    of_known = pd.concat([known_codes[column].dropna() for column in known_codes])
    of_known = pd.DataFrame(
        {"known": of_known.index, "code": of_known.str.strip().str.casefold()}
    ).drop_duplicates()
    of_known = of_known.drop_duplicates("code", keep=False)
    asked = codes.astype("string").str.strip().str.casefold().reset_index(drop=True).dropna()
    found = asked.map(of_known.set_index("code")["known"]).dropna()
    return pd.DataFrame({"row": found.index.to_numpy(), "known": found.to_numpy(dtype=np.intp)})


# By name


def _namesakes(asked: _Places, known: _Places) -> pd.DataFrame:
    """`row` and `known` of each pair of one name in one district, or in one region where no district is declared."""
    scoped = pd.concat(
        [
            known.names.assign(scope=scope.reindex(known.names["at"]).to_numpy())
            for scope in (known.adm1, known.adm2)
        ]
    )
    scope = asked.adm2.fillna(asked.adm1)
    questions = asked.names.assign(scope=scope.reindex(asked.names["at"]).to_numpy())
    pairs = questions.dropna(subset=["scope"]).merge(
        scoped.dropna(subset=["scope"]), on=["scope", "key"], suffixes=("_asked", "_known")
    )
    pairs = pairs.rename(columns={"at_asked": "row", "at_known": "known"}).drop_duplicates(["row", "known"])
    # Names written alike say the same of their kind.
    differ = pairs[pairs["name_asked"] != pairs["name_known"]]
    asked_kind, known_kind = (
        differ[column].map(name_kind).to_numpy(dtype=object, na_value=None)
        for column in ("name_asked", "name_known")
    )
    is_another = (asked_kind != known_kind) & pd.notna(asked_kind) & pd.notna(known_kind)
    return pairs.drop(index=differ.index[is_another])[["row", "known"]].reset_index(drop=True)


def _doubt_codes(namesakes: pd.DataFrame, answers: _Answers) -> None:
    """Say where the code is that of one village and the name that of others."""
    coded = namesakes[answers.by[namesakes["row"]] == PlaceMatch.CODE.value]
    is_same = pd.Series(answers.known[coded["row"]] == coded["known"].to_numpy(), dtype=bool)
    agrees = is_same.groupby(coded["row"].to_numpy()).any()
    answers.raise_doubt(agrees.index[~agrees].to_numpy(dtype=np.intp), Doubt.CODE_OF_ANOTHER)


def _take_names(namesakes: pd.DataFrame, answers: _Answers) -> None:
    pairs = answers.open(namesakes)
    is_one_of_several = pairs.duplicated("row", keep=False)
    answers.raise_doubt(pairs.loc[is_one_of_several, "row"].to_numpy(), Doubt.NAMESAKES)
    pairs = pairs[~is_one_of_several]
    is_far = pairs["distance_km"] > FAR_APART_KM
    answers.raise_doubt(pairs.loc[is_far, "row"].to_numpy(), Doubt.FAR_APART)
    _take_unshared(pairs[~is_far], answers, PlaceMatch.NAME)


def _take_unshared(pairs: pd.DataFrame, answers: _Answers, by: PlaceMatch) -> None:
    """Take each pair whose known village no other row takes or wants."""
    is_taken = np.isin(pairs["known"].to_numpy(), answers.known)
    is_shared = is_taken | pairs.duplicated("known", keep=False).to_numpy()
    answers.raise_doubt(pairs.loc[is_shared, "row"].to_numpy(), Doubt.SHARED)
    answers.take(pairs[~is_shared], by)


# By location


def _with_distance(pairs: pd.DataFrame, asked: _Places, known: _Places) -> pd.DataFrame:
    """The pairs and `distance_km` between their points, NaN where either has none."""
    row, at = pairs["row"].to_numpy(), pairs["known"].to_numpy()
    distance_m = geodesic_m(asked.lon[row], asked.lat[row], known.lon[at], known.lat[at])
    return pairs.assign(distance_km=distance_m / 1000)


def _neighbours(asked: _Places, known: _Places, answers: _Answers) -> pd.DataFrame:
    """`row` and `known` of each row that nothing was found for and each known village within `NEAR_KM` that no row has."""
    rows = np.flatnonzero((answers.known == _NONE) & np.isfinite(asked.lon))
    free = np.setdiff1d(np.flatnonzero(np.isfinite(known.lon)), answers.known)
    if not len(rows) or not len(free):
        return pd.DataFrame({"row": rows[:0], "known": free[:0]})
    tree = cKDTree(ecef_m(known.lon[free], known.lat[free]))
    # A chord of this length is shorter than its arc by less than a millimetre.
    within = tree.query_ball_point(ecef_m(asked.lon[rows], asked.lat[rows]), NEAR_KM * 1000)
    counts = np.fromiter(map(len, within), dtype=np.intp, count=len(within))
    return pd.DataFrame(
        {"row": np.repeat(rows, counts), "known": free[np.concatenate(within).astype(np.intp)]}
    )


def _take_neighbours(neighbours: pd.DataFrame, asked: _Places, known: _Places, answers: _Answers) -> None:
    pairs = neighbours[_pair_scores(neighbours, asked, known).fillna(100) >= SAME_PLACE_SIMILARITY]
    is_one_of_several = pairs.duplicated("row", keep=False)
    several = pairs.loc[is_one_of_several, "row"].to_numpy()
    answers.raise_doubt(several[answers.doubt[several] == None], Doubt.NEIGHBOURS)  # noqa: E711
    _take_unshared(pairs[~is_one_of_several], answers, PlaceMatch.LOCATION)


def _pair_scores(pairs: pd.DataFrame, asked: _Places, known: _Places) -> pd.Series:
    """How alike the names of each pair are, those that are most so; NaN where either has none; indexed like `pairs`."""
    named = pairs.reset_index(names="pair").merge(asked.names, left_on="row", right_on="at")
    named = named.merge(known.names, left_on="known", right_on="at", suffixes=("_asked", "_known"))
    scores = pair_similarity(named["key_asked"].tolist(), named["key_known"].tolist())
    return pd.Series(scores, dtype=np.float64).groupby(named["pair"].to_numpy()).max().reindex(pairs.index)


# What is only likely


def _proposals(asked: _Places, known: _Places, answers: _Answers, found: pd.DataFrame) -> NDArray[np.object_]:
    """For each row that nothing was taken for, the known villages of its name, near it or of a name like it; shape (n,)."""
    proposals = np.empty(len(answers.known), dtype=object)
    proposals[:] = [()] * len(proposals)
    pairs = answers.open(found).reset_index(drop=True)
    pairs = pairs.assign(score=_pair_scores(pairs, asked, known).fillna(0))
    names = asked.names[answers.known[asked.names["at"]] == _NONE]
    alike = _alike(names[~names["at"].isin(pairs["row"])], asked, known)
    pairs = pd.concat([pairs, _with_distance(alike, asked, known)]).drop_duplicates(["row", "known"])
    pairs = pairs.sort_values(["row", "score", "distance_km", "known"], ascending=[True, False, True, True])
    pairs = pairs.groupby("row").head(MOST_PROPOSALS)
    ids, titles = known.frame["village_id"], known.frame["village_name"].fillna(known.frame["village_id"])
    candidates = zip(
        pairs["row"].tolist(),
        ids.iloc[pairs["known"]].tolist(),
        titles.iloc[pairs["known"]].tolist(),
        pairs["score"].round(1).tolist(),
        pairs["distance_km"].round(1).astype(object).where(pairs["distance_km"].notna(), None).tolist(),
        strict=True,
    )
    for row, of_row in groupby(candidates, key=itemgetter(0)):
        proposals[row] = tuple(VillageProposal(*candidate) for _, *candidate in of_row)
    return proposals


def _alike(names: pd.DataFrame, asked: _Places, known: _Places) -> pd.DataFrame:
    """`row`, `known` and `score` of names alike in the district; where none is, in the region; where neither is declared, anywhere."""
    anywhere = asked.adm1.isna() & asked.adm2.isna()
    scopes = [
        (asked.adm2, known.adm2),
        (asked.adm1, known.adm1),
        (anywhere.map({True: ""}), pd.Series("", index=known.frame.index)),
    ]
    found = [pd.DataFrame({"row": names["at"][:0], "known": names["at"][:0], "score": np.empty(0)})]
    for scope_asked, scope_known in scopes:
        names_of = known.names.groupby(scope_known.reindex(known.names["at"]).to_numpy()).groups
        found += [
            _alike_within(of_scope, known.names.loc[names_of[scope]])
            for scope, of_scope in names.groupby(scope_asked.reindex(names["at"]).to_numpy())
            if scope in names_of
        ]
        names = names[~names["at"].isin(pd.concat([one["row"] for one in found]))]
    return pd.concat(found, ignore_index=True)


def _alike_within(names: pd.DataFrame, known_names: pd.DataFrame) -> pd.DataFrame:
    """`row`, `known` and `score` of the most alike of some known villages, up to `MOST_PROPOSALS` a row."""
    known_names = known_names.sort_values("at", kind="stable")
    villages, first_name = np.unique(known_names["at"].to_numpy(), return_index=True)
    keys, key_of_row = np.unique(names["key"].to_numpy(), return_inverse=True)
    best, best_scores = [], []
    for some in row_chunks(len(keys), _KEYS_AT_A_TIME):
        of_names = similarity(keys[some].tolist(), known_names["key"].tolist())
        scores = np.maximum.reduceat(of_names, first_name, axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :MOST_PROPOSALS]
        best.append(villages[order])
        best_scores.append(np.take_along_axis(scores, order, axis=1))
    at, score = np.concatenate(best)[key_of_row], np.concatenate(best_scores)[key_of_row]
    pairs = pd.DataFrame(
        {
            "row": np.repeat(names["at"].to_numpy(), at.shape[1]),
            "known": at.ravel(),
            "score": score.ravel().astype(np.float64),
        }
    )
    return pairs[pairs["score"] >= LEAST_VILLAGE_SIMILARITY]
