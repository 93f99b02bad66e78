"""All that the service describes of itself, asked by schemathesis with all its checks: nothing breaks, and every answer is as described.

Under a minute in all where the machine is not busy, always the same requests as far as they come in their time; `GEO_SERVICE_FUZZ_MINUTES=20` asks longer, and others each time.
"""

from __future__ import annotations

import os
from random import SystemRandom

import pytest
from api_fuzz import fuzzed, served_with_tokens
from api_world import world  # noqa: F401 - a fixture

from geo_service.api.security.roles import Role

DOCUMENTS = {"/openapi.json": "", "/ogc/api": "/ogc"}
RUNS = len(DOCUMENTS) * len(Role)
MINUTES = float(os.environ.get("GEO_SERVICE_FUZZ_MINUTES", "0"))
SECONDS = int(MINUTES * 60 / RUNS) or 8
LONGEST = 8 * SECONDS
SEED = SystemRandom().getrandbits(32) if MINUTES else 20_261_123


@pytest.fixture(scope="module")
def served(world, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("fuzz")
    with served_with_tokens(world, folder) as service:
        yield service


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    "document", [pytest.param(one, marks=pytest.mark.xdist_group(f"fuzz {one}")) for one in DOCUMENTS]
)
def test_nothing_that_is_asked_breaks_it_and_all_answers_are_as_described(
    served,
    world,  # noqa: F811
    document,
    role,
    record_property,
):
    record_property("seed", SEED)
    seconds, is_whole = SECONDS, False
    while not is_whole and seconds <= LONGEST:
        found = fuzzed(
            served, document, role, seconds=seconds, seed=SEED, store=str(world), base=DOCUMENTS[document]
        )
        record_property("cases", found.cases)
        if MINUTES:
            print(found.table())  # noqa: T201 - who asks for minutes wants to see
        assert not found.failures, f"seed {SEED}\n\n" + found.report()
        assert not served.broken()
        is_whole = found.operations == set(found.statuses)
        # A busy machine comes to all of it only with more time.
        seconds *= 2
    assert found.operations == set(found.statuses), found.operations - set(found.statuses)
