"""The store of rounds: wholly in or not at all, and the earlier state stays."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import replace

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from rounds import small_round

from geo_service.errors import InputError, OutputError
from geo_service.ingest.survey import store
from geo_service.ingest.survey.store import is_stored, load_round, round_folder, save_round, stored_rounds
from geo_service.settings import RoundSettings


@pytest.fixture
def settings(tmp_path):
    return RoundSettings(directory=tmp_path / "rounds")


def assert_same_round(found, kept):
    assert_geodataframe_equal(found.villages, kept.villages)
    for name, frame in kept.frames():
        if name != "villages":
            pd.testing.assert_frame_equal(getattr(found, name), frame)
    assert (found.number, found.country, found.sources) == (kept.number, kept.country, kept.sources)
    assert (found.collected_from, found.collected_to) == (kept.collected_from, kept.collected_to)


def folders(survey, settings):
    folder = round_folder(survey.country, survey.number, settings)
    return [path.name for path in folder.iterdir() if path.is_dir()]


def test_a_round_comes_back_as_it_was_kept(settings):
    survey = replace(small_round(), sources=({"file": "b2.xlsx", "sha256": "0" * 64},))
    save_round(survey, settings)
    assert_same_round(load_round(survey.country, survey.number, settings), survey)


def test_what_is_kept_is_listed_by_country_and_number(settings):
    for number in (10, 2):
        save_round(replace(small_round(), number=number), settings)
    assert [about["number"] for about in stored_rounds(settings)] == [2, 10]
    assert stored_rounds(settings)[0]["villages"] == len(small_round().villages)


def test_a_round_that_is_there_is_only_replaced_when_told_to(settings):
    first, second = small_round(seed=1), small_round(seed=2)
    save_round(first, settings)
    with pytest.raises(OutputError, match="--replace"):
        save_round(second, settings)
    assert_same_round(load_round(first.country, first.number, settings), first)
    save_round(second, settings, replace=True)
    assert_same_round(load_round(first.country, first.number, settings), second)
    assert len(folders(first, settings)) == 1


def test_a_round_that_does_not_fit_its_schema_leaves_the_earlier_one(settings):
    survey = small_round()
    save_round(survey, settings)
    wrong = replace(survey, mobility=survey.mobility.assign(individuals=-1))
    with pytest.raises(InputError, match=r"round \d+, mobility"):
        save_round(wrong, settings, replace=True)
    assert_same_round(load_round(survey.country, survey.number, settings), survey)


def test_a_round_that_cannot_be_written_leaves_the_earlier_one_and_nothing_else(settings, monkeypatch):
    survey = small_round(seed=1)
    save_round(survey, settings)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_sync", full)
    with pytest.raises(OutputError, match="No space left"):
        save_round(small_round(seed=2), settings, replace=True)
    assert_same_round(load_round(survey.country, survey.number, settings), survey)
    assert len(folders(survey, settings)) == 1


def _import_and_die(directory, step):
    """Replace the round, killed when a step of the store is reached."""
    kill = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731
    setattr(store, step, kill)
    save_round(small_round(seed=2), RoundSettings(directory=directory), replace=True)


@pytest.mark.parametrize("step", ["_write", "_sync", "_sync_folder", "_point"])
def test_an_import_that_is_killed_leaves_the_earlier_round(settings, step):
    survey = small_round(seed=1)
    save_round(survey, settings)
    process = multiprocessing.get_context("spawn").Process(
        target=_import_and_die, args=(settings.directory, step)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert_same_round(load_round(survey.country, survey.number, settings), survey)
    save_round(small_round(seed=2), settings, replace=True)


def test_of_two_first_imports_at_once_one_wins_and_the_other_is_told(settings, monkeypatch):
    first, second = small_round(seed=1), small_round(seed=2)
    point = store._point

    def overtaken(folder, name, *, replace):
        monkeypatch.setattr(store, "_point", point)
        save_round(first, settings)
        point(folder, name, replace=replace)

    monkeypatch.setattr(store, "_point", overtaken)
    with pytest.raises(OutputError, match="there already"):
        save_round(second, settings)
    assert_same_round(load_round(first.country, first.number, settings), first)
    assert len(folders(first, settings)) == 1


def test_a_round_that_is_not_there_is_refused_with_those_that_are(settings):
    assert not is_stored("KAZ", 3, settings)
    with pytest.raises(InputError, match="there are: none"):
        load_round("KAZ", 3, settings)
    save_round(replace(small_round(), country="KGZ", number=2), settings)
    with pytest.raises(InputError, match="there are: KGZ 2"):
        load_round("KAZ", 3, settings)


@pytest.mark.parametrize(("country", "number"), [("../..", 3), ("kaz", 3), ("KAZ", 0)])
def test_a_round_is_named_by_a_country_and_a_number(settings, country, number):
    with pytest.raises(InputError):
        round_folder(country, number, settings)
