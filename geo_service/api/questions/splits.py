"""Tables of a release by the level that they are split by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.reading import has
from geo_service.api.security.roles import Role
from geo_service.vocabulary import AdminLevel

if TYPE_CHECKING:
    from geo_service.api.context import Asked
    from geo_service.api.questions.places import Within

__all__ = ["split_name", "table_of"]

_MEASURED = ("access_by_band", "service_presence")
"""Tables whose name with a level has `and` though nothing else stands before it."""


def split_name(name: str, by: AdminLevel) -> str:
    """`groups_by_region`, and `returnees_by_year_and_region` for a table that is by something already."""
    if by is AdminLevel.COUNTRY:
        return name
    return f"{name}_and_{by}" if "_by_" in name or name in _MEASURED else f"{name}_by_{by}"


def table_of(asked: Asked, name: str, within: Within, what: str) -> str:
    """The name of the table that is split as asked for.

    Args:
        asked: The request.
        name: The table of the whole.
        within: By what it shall be split.
        what: What it holds, for the message.

    Raises:
        ProblemError: It is not there for who asks; the message says by what it is.
    """
    wanted = split_name(name, within.by)
    if has(asked, wanted):
        return wanted
    there = [level.value for level in AdminLevel if has(asked, split_name(name, level))]
    who = "the public is shown" if asked.role is Role.PUBLIC else "the release has"
    if not there:
        raise ProblemError(
            Problem.NOT_FOUND, f"{who} no {what}; publish a release of a survey round, or with facilities"
        )
    remedy = (
        "a token of the role analyst may show more"
        if asked.role is Role.PUBLIC
        else f"publish one whose villages have a {within.by}, with its boundaries"
    )
    raise ProblemError(
        Problem.NOT_FOUND,
        f"{who} no {what} by {within.by}, only by {' and '.join(there)}; {remedy}",
        parameter="by",
        allowed=there,
    )
