"""Which basis a question is answered on: the one that was asked for, never the other instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.reading import has
from geo_service.vocabulary import Basis

if TYPE_CHECKING:
    from geo_service.api.context import Asked

__all__ = ["basis_of", "missing"]

_REMEDIES = {
    Basis.REPORTED: "the release has no reported access to answer from: it is of no survey round, or was published by an earlier version; "
    "ask basis=measured, or publish one of a round",
    Basis.MEASURED: "the release has no measured access, since it was published without facilities; "
    "ask basis=reported, or publish one with facilities",
}


def basis_of(asked: Asked, basis: Basis | None, *, reported: str, measured: str) -> Basis:
    """The basis, where the release has it.

    Args:
        asked: The request.
        basis: What was asked for; null for reported where there is that, else measured.
        reported: The collection that reported access is in.
        measured: The one that measured access is in.

    Raises:
        ProblemError: The release has it not.
    """
    there = {Basis.REPORTED: has(asked, reported), Basis.MEASURED: has(asked, measured)}
    if basis is None:
        basis = Basis.REPORTED if there[Basis.REPORTED] else Basis.MEASURED
    if not there[basis]:
        raise ProblemError(
            Problem.NOT_FOUND,
            _REMEDIES[basis],
            parameter="basis",
            allowed=[one.value for one in Basis if there[one]],
        )
    return basis


def missing(what: str, remedy: str) -> ProblemError:
    """That the release does not have what a question needs."""
    return ProblemError(Problem.NOT_FOUND, f"the release has no {what}; {remedy}")
