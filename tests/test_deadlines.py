"""Questions to both stores that take longer than they may."""

from __future__ import annotations

import time
from contextvars import copy_context
from threading import Thread

import pytest

from geo_service.errors import TimedOutError
from geo_service.query.questions import Features
from geo_service.query.sql import sa
from geo_service.release.deadlines import answering_within, stopped_in_time
from tests.store_fixtures import MAKERS, opened


@pytest.fixture(params=MAKERS)
def release(request):
    return opened(request.param)["small"]


def endless():
    """A statement that takes minutes in either database."""
    series = "generate_series(1, 1000000)"
    return sa.select(sa.text(f"count(*) FROM {series} AS a(i), {series} AS b(i) WHERE mod(a.i * b.i, 7) = 3"))


def test_a_question_is_stopped_when_its_time_is_over_and_the_next_is_answered(release):
    with answering_within(0.3), pytest.raises(TimedOutError):
        release._scalar(endless())
    with answering_within(10):
        assert release.count("villages", Features()) == 40


def test_another_thread_with_the_context_keeps_to_it_too(release):
    told = []

    def ask():
        try:
            release._scalar(endless())
        except TimedOutError as error:
            told.append(error)

    with answering_within(0.2):
        thread = Thread(target=copy_context().run, args=(ask,))
        thread.start()
        thread.join()
    assert len(told) == 1


def test_without_time_nothing_is_asked_and_a_stream_that_began_has_its_own(release):
    with answering_within(0.001) as deadline:
        time.sleep(0.01)
        with pytest.raises(TimedOutError):
            release.page("villages", Features(), 5)
        deadline.begin_sending()
    with answering_within(60) as deadline:
        deadline.begin_sending()
        with release.batches("villages", Features(), 7) as batches:
            assert sum(one.num_rows for one in batches) == 40


def test_an_error_of_ones_own_stays_what_it_is():
    with answering_within(5), pytest.raises(ZeroDivisionError), stopped_in_time(lambda: None):
        raise ZeroDivisionError


def test_outside_of_a_deadline_there_is_all_the_time(release):
    assert release.count("villages", Features()) == 40
