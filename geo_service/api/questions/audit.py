"""Whether the numbers of a release contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pyarrow as pa
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from geo_service.api.context import Asked, AskedOfRound
from geo_service.api.kept import Kept
from geo_service.api.problems import Problem, ProblemError
from geo_service.api.questions.basis import missing
from geo_service.api.questions.models import About, Envelope, Row
from geo_service.api.questions.parameters import TABLES, TableFormat, described
from geo_service.api.questions.reading import has, read_rows, shaped
from geo_service.api.questions.replies import about_of, reply
from geo_service.api.security.roles import Role
from geo_service.coverage.audit.faults import FaultKind, FigureFault
from geo_service.coverage.audit.report_figures import AUDITED, report_figures
from geo_service.coverage.audit.rules import audit
from geo_service.errors import InputError
from geo_service.findings import Severity
from geo_service.ingest.figures import figure_tree
from geo_service.wording import Wording, in_language

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = ["Audit", "AuditAbout", "FaultRow", "audit_of_release", "router"]

router = APIRouter(tags=["audit"])

_TITLE = Wording(
    en="Numbers of the release that contradict each other",
    ru="Числа выпуска, которые противоречат друг другу",
    kk="Шығарылымның бір-біріне қайшы сандары",
)
_RULE = Wording(
    en="totals that their parts do not give, shares and growth that their counts do not give, shares that do not add up to 100, households above people, missing cells",
    ru="итоги, которых не дают их части; доли и рост, которых не дают числа; доли, не дающие в сумме 100; домохозяйств больше, чем людей; недостающие ячейки",
    kk="бөліктері бермейтін жиындар; сандары бермейтін үлестер мен өсім; қосындысы 100 бермейтін үлестер; адамнан көп үй шаруашылықтары; жетіспейтін ұяшықтар",
)
_KEPT = 16


class FaultRow(Row):
    """One number that does not follow from the others."""

    rule: Annotated[FaultKind, Field(description="What the numbers contradict each other about.")]
    severity: Severity
    where: Annotated[
        str, Field(description="The figure: the names down to it, such as `returnees.by_year.2023`.")
    ]
    computed: Annotated[float | None, Field(description="What follows from the other numbers.")]
    printed: Annotated[float | None, Field(description="What the release says; null where it says nothing.")]
    base: Annotated[str | None, Field(description="From what the number would follow.")]
    message: str


class AuditAbout(About):
    """What was looked at, and how much was found."""

    tables: Annotated[int, Field(description="Tables of the release that were looked at.")]
    errors: int
    warnings: int


class Audit(Envelope):
    """Numbers that contradict each other; no rows where none do."""

    about: AuditAbout
    rows: list[FaultRow]


@router.get(
    "/audit",
    response_model=Audit,
    **described(
        "audit",
        "Numbers that contradict each other",
        "What the figure audit finds in the report's tables of the release; no rows where nothing contradicts anything. Needs the role analyst: where small numbers "
        "are suppressed totals do not follow from what is shown.",
        TABLES,
        "audit",
        "audit?lang=ru",
    ),
)
def audit_of_release(request: Request, asked: AskedOfRound, f: TableFormat = None) -> Response:
    """The figure audit of the release's own tables."""
    if not asked.role.includes(Role.ANALYST):
        raise ProblemError(
            Problem.FORBIDDEN,
            "the audit looks at numbers that are suppressed for the public; a token of the role analyst is needed",
            role=Role.ANALYST.value,
        )
    tables = [one for one in AUDITED if has(asked, one)]
    if not tables:
        raise missing("tables of a report", "publish one of a survey round")
    faults = _faults(asked, tables)
    errors = sum(one.severity is Severity.ERROR for one in faults)
    language = asked.language
    about = about_of(asked, None, title=in_language(_TITLE(), language), rule=in_language(_RULE(), language))
    columns = {
        "rule": pa.array([one.kind.value for one in faults], pa.string()),
        "severity": pa.array([one.severity.value for one in faults], pa.string()),
        "where": pa.array([one.place for one in faults], pa.string()),
        "computed": pa.array([_number(one.follows) for one in faults], pa.float64()),
        "printed": pa.array([_number(one.printed) for one in faults], pa.float64()),
        "base": pa.array([one.base and in_language(one.base, language) for one in faults], pa.string()),
        "message": pa.array([in_language(one.message, language) for one in faults], pa.string()),
    }
    return reply(
        asked,
        request,
        f,
        TABLES,
        name="audit",
        about=AuditAbout(
            **about.model_dump(), tables=len(tables), errors=errors, warnings=len(faults) - errors
        ),
        rows=shaped(asked, pa.table(columns), FaultRow),
    )


_audited: Kept[list[FigureFault]] = Kept(_KEPT)


def _faults(asked: Asked, tables: list[str]) -> list[FigureFault]:
    """A release never changes, so it is audited once."""

    def audited() -> list[FigureFault]:
        figures = report_figures({one: read_rows(asked, one).to_pylist() for one in tables})
        try:
            return audit(figure_tree(figures))
        except InputError as error:
            raise missing("figures that can be audited", str(error)) from error

    return _audited.get(asked.release.manifest.id, audited)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
