"""What the address of the planner's page asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.parameters import UnitLevel
from geo_service.vocabulary import Basis, Language, PopulationGroup, Service

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

__all__ = ["Ask", "Order", "Sort", "State", "state_of"]

_LONGEST = {"q": 100, "adm": 200, "select": 200}
_MOST_KM = 20_000.0
_MOST = 100_000
ALL = "all"
"""`page=all`: every row that one page may have."""


class Ask(StrEnum):
    """The questions."""

    ACCESS = "access"
    MOBILITY = "mobility"


class Order(StrEnum):
    """Which end comes first."""

    UP = "asc"
    DOWN = "desc"


class Sort(StrEnum):
    """The columns of the main table that can be sorted by."""

    NAME = "name"
    REGION = "region"
    DISTRICT = "district"
    HOUSEHOLDS = "households"
    BAND = "band"
    KM = "km"
    FACILITY = "facility"
    VILLAGES = "villages"
    WITHOUT = "without"
    SHARE = "share"
    INDIVIDUALS = "individuals"
    PER_1000 = "per_1000"


@dataclass(frozen=True, slots=True)
class State:
    """The question. What is null is what the page chooses by itself.

    Attributes:
        ask: Which of the questions.
        service: Of `access`.
        basis: Of `access`; null for reported where there is that.
        beyond_km: Of `access`; null for communities without the service.
        group: Of `mobility`.
        adm: The P-code of the region or district, several with commas; null for all.
        by: The level of the totals; null for regions, or with `adm` the level inside it.
        round: The round; null for that of the current release.
        lang: The language; null for what the browser asks for.
        q: What names of communities have in them; null for all.
        sort: By which column of the main table.
        order: Which end of it comes first.
        page: From 1; 0 for all rows that one page may have.
        select: The id of the community that is looked at: the page of the table that has it is shown.
    """

    ask: Ask = Ask.ACCESS
    service: Service = Service.HOSPITAL
    basis: Basis | None = None
    beyond_km: float | None = None
    group: PopulationGroup = PopulationGroup.RETURNEES
    adm: str | None = None
    by: UnitLevel | None = None
    round: int | None = None
    lang: Language | None = None
    q: str | None = None
    sort: Sort | None = None
    order: Order | None = None
    page: int = 1
    select: str | None = None

    def with_(self, **changes: Any) -> State:
        """Another question; one about other rows begins on their first page."""
        if not changes.keys() & {"page", "select"}:
            changes |= {"page": self.page if self.page == 0 else 1, "select": None}
        return replace(self, **changes)

    def query(self) -> str:
        """The query of its URL: only what is otherwise than by itself, in a fixed order."""
        of_other = {Ask.ACCESS: {"group"}, Ask.MOBILITY: {"service", "basis", "beyond_km", "q", "select"}}[
            self.ask
        ]
        pairs = [
            (field.name, _text(field.name, getattr(self, field.name)))
            for field in fields(self)
            if field.name not in of_other
            and (
                field.name == "ask"
                or getattr(self, field.name) != field.default
                or field.name in {"service", "group"}
            )
        ]
        return urlencode(pairs)

    def href(self, base: str, **changes: Any) -> str:
        """The address of another question."""
        return f"{base}/?{self.with_(**changes).query()}"


def state_of(given: QueryParams) -> State:
    """What a query asks for; an empty value is none.

    Raises:
        ProblemError: A parameter is unknown, given twice, or cannot be read.
    """
    known = [field.name for field in fields(State)]
    found: dict[str, Any] = {}
    for name, text in given.multi_items():
        if name not in known:
            raise ProblemError(
                Problem.UNKNOWN_PARAMETER,
                "there is no such parameter here",
                parameter=name[:60],
                allowed=known,
            )
        if len(given.getlist(name)) > 1:
            raise ProblemError(Problem.INVALID_PARAMETER, "it is given more than once", parameter=name)
        if text.strip():
            found[name] = _READERS[name](name, text.strip())
    return State(**found)


_Code = TypeVar("_Code", bound=StrEnum)


def _one_of(codes: type[_Code]) -> Any:
    def read(name: str, text: str) -> _Code:
        try:
            return codes(text)
        except ValueError:
            raise _wrong(name, "there is no such value", [*map(str, codes)]) from None

    return read


def _kilometres(name: str, text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value <= _MOST_KM:
        raise _wrong(name, "it has to be a number of kilometres from 0 to 20000")
    return value


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= _MOST):
        raise _wrong(name, "it has to be a whole number from 0 to 100000")
    return int(text[:9])


def _page(name: str, text: str) -> int:
    return 0 if text == ALL else max(_number(name, text), 1)


def _words(name: str, text: str) -> str:
    if len(text) > _LONGEST[name] or not text.isprintable():
        raise _wrong(name, f"it has to be a text of at most {_LONGEST[name]} letters")
    return text


def _wrong(name: str, detail: str, allowed: list[str] | None = None) -> ProblemError:
    return ProblemError(Problem.INVALID_PARAMETER, detail, parameter=name, allowed=allowed)


_READERS: dict[str, Any] = {
    "ask": _one_of(Ask),
    "service": _one_of(Service),
    "basis": _one_of(Basis),
    "beyond_km": _kilometres,
    "group": _one_of(PopulationGroup),
    "adm": _words,
    "by": _one_of(UnitLevel),
    "round": _number,
    "lang": _one_of(Language),
    "q": _words,
    "sort": _one_of(Sort),
    "order": _one_of(Order),
    "page": _page,
    "select": _words,
}


def _text(name: str, value: Any) -> str:
    if name == "page" and value == 0:
        return ALL
    return f"{value:g}" if isinstance(value, float) else str(value)
