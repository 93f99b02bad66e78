"""Where imported rounds are kept: each wholly in or not at all.

```text
<directory>/KAZ/3/
├── current            the name of the folder that counts
└── 5f0c9a…/           one import, never changed once it is there
    ├── villages.parquet, mobility.parquet, …    the frames of SurveyRound
    └── round.json     number, country, days of interviews, files with their checksums
```

An import is written beside, synced, renamed, and only then named by `current`, which is replaced in one step. A reader sees the old
round or the new one, and a crash leaves the old one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from geo_service.errors import InputError, OutputError
from geo_service.schemas import ROUND_SCHEMAS, SurveyRound

if TYPE_CHECKING:
    from geo_service.settings import RoundSettings

__all__ = ["is_stored", "load_round", "refuse_stored", "round_folder", "save_round", "stored_rounds"]

_CURRENT, _ABOUT = "current", "round.json"
_COUNTRY = re.compile(r"[A-Z]{3}")
_TRIES = 3


def round_folder(country: str, number: int, settings: RoundSettings) -> Path:
    """The folder of a round, whether or not there is one.

    Raises:
        InputError: `country` is not three capital letters, or `number` is below 1.
    """
    if not _COUNTRY.fullmatch(country):
        raise InputError(
            f"'{country}' is not a country; give the three letters of ISO 3166-1 alpha-3, such as KAZ"
        )
    if number < 1:
        raise InputError(f"{number} is not the number of a round; give 1 or more")
    return settings.directory / country / str(number)


def refuse_stored(country: str, number: int, settings: RoundSettings) -> None:
    """Stop before any work is done when a round is kept here already.

    Raises:
        OutputError: It is.
    """
    if is_stored(country, number, settings):
        raise OutputError(
            f"round {number} of {country} is there already; give --replace to put this one in its place"
        )


def is_stored(country: str, number: int, settings: RoundSettings) -> bool:
    """Whether the round is kept here."""
    return (round_folder(country, number, settings) / _CURRENT).is_file()


def stored_rounds(settings: RoundSettings) -> list[dict[str, Any]]:
    """What is known of each round kept here, by country and number: what its `round.json` says."""
    pointers = settings.directory.glob(f"*/*/{_CURRENT}")
    abouts = [
        json.loads((pointer.parent / pointer.read_text(encoding="utf-8") / _ABOUT).read_text("utf-8"))
        for pointer in pointers
    ]
    return sorted(abouts, key=lambda about: (about["country"], about["number"]))


def save_round(survey: SurveyRound, settings: RoundSettings, *, replace: bool = False) -> Path:
    """Keep a round; returns the folder it is in.

    Args:
        survey: Frames that fit their schemas.
        settings: Where rounds are kept.
        replace: Whether a round of the same country and number may be replaced.

    Raises:
        InputError: A frame does not fit its schema.
        OutputError: The round is there already and may not be replaced, or it cannot be written.
    """
    survey.validate()
    folder = round_folder(survey.country, survey.number, settings)
    if not replace:
        refuse_stored(survey.country, survey.number, settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as name:
            beside = Path(name) / "round"
            beside.mkdir()
            _write(survey, beside)
            kept = folder / uuid.uuid4().hex
            beside.rename(kept)
        _sync_folder(folder)
        former = _current(folder)
        try:
            _point(folder, kept.name, replace=replace)
        except FileExistsError:
            shutil.rmtree(kept)
            refuse_stored(survey.country, survey.number, settings)
    except OSError as error:
        raise OutputError(f"{folder}: the round cannot be kept: {error.strerror or error}") from error
    if former is not None:
        shutil.rmtree(folder / former, ignore_errors=True)
    return kept


def load_round(country: str, number: int, settings: RoundSettings) -> SurveyRound:
    """A round that was kept.

    Raises:
        InputError: There is no such round; the message names those that there are.
    """
    folder = round_folder(country, number, settings)
    for _ in range(_TRIES):
        current = _current(folder)
        if current is None:
            break
        try:
            return _read(folder / current)
        except FileNotFoundError:
            # It was replaced between the two reads; what `current` names now is there.
            continue
    there = ", ".join(f"{about['country']} {about['number']}" for about in stored_rounds(settings))
    raise InputError(
        f"round {number} of {country} is not in {settings.directory}; there are: {there or 'none'}. "
        f"Import it with: geo-service rounds import FILE --round {number} --country {country}"
    )


def _current(folder: Path) -> str | None:
    try:
        return (folder / _CURRENT).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _write(survey: SurveyRound, folder: Path) -> None:
    for name, frame in survey.frames():
        frame.to_parquet(folder / f"{name}.parquet", compression="zstd", index=False)
    about = {
        "number": survey.number,
        "country": survey.country,
        "collected_from": survey.collected_from,
        "collected_to": survey.collected_to,
        "synthetic": survey.synthetic,
        "villages": len(survey.villages),
        "key_informants": int(survey.key_informants["informants"].sum()),
        "sources": list(survey.sources),
    }
    (folder / _ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for path in folder.iterdir():
        _sync(path)
    _sync_folder(folder)


def _point(folder: Path, name: str, *, replace: bool) -> None:
    beside = folder / f".{_CURRENT}-{name}"
    beside.write_text(name, encoding="utf-8")
    _sync(beside)
    try:
        if replace:
            beside.replace(folder / _CURRENT)
        else:
            # Unlike a rename this fails when another import was first.
            os.link(beside, folder / _CURRENT)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(folder)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(folder: Path) -> SurveyRound:
    about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    frames = {
        name: (gpd.read_parquet if name == "villages" else pd.read_parquet)(folder / f"{name}.parquet")
        for name in ROUND_SCHEMAS
    }
    return SurveyRound(
        number=about["number"],
        country=about["country"],
        collected_from=about["collected_from"],
        collected_to=about["collected_to"],
        sources=tuple(about["sources"]),
        **frames,
    )
