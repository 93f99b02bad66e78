"""Counts of people and households: what a phone takes, and how parts are held to their total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.ingest.survey.answers.cells import MOST_INDIVIDUALS
from geo_service.ingest.survey.forms.form import Question, QuestionKind
from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.wording import Worded

__all__ = ["complete_parts", "count", "must_hold", "parts_within", "total_of"]

NOT_A_COUNT = Wording(
    en="Enter a whole number from {lowest} to 10,000,000.",
    ru="Введите целое число от {lowest} до 10 000 000.",
    kk="Бүтін сан енгізіңіз: ең азы {lowest}, ең көбі 10 000 000.",
)
PART_ABOVE = Wording(
    en="Enter a whole number from 0 to the individuals of the group.",
    ru="Введите целое число от 0 до числа человек в группе.",
    kk="0-ден бастап топтағы адам санынан аспайтын бүтін сан енгізіңіз.",
)
PARTS_ABOVE = Wording(
    en="Enter a whole number, 0 or more; all parts together cannot be more than the individuals of the group.",
    ru="Введите целое число, 0 или больше; все части вместе не могут превышать число человек в группе.",
    kk="0 немесе одан көп бүтін сан енгізіңіз; барлық бөліктер қосындысы топтағы адам санынан аспауы керек.",
)
PARTS_DIFFER = Wording(
    en="All parts together must equal the individuals of the group; enter here those of whom it is not known, 0 for none.",
    ru="Все части вместе должны равняться числу человек в группе; введите здесь тех, о ком это неизвестно, 0 — если таких нет.",
    kk="Барлық бөліктер қосындысы топтағы адам санына тең болуы керек; мұнда белгісіз адамдар санын енгізіңіз, жоқ болса — 0.",
)


def count(
    name: str,
    label: Worded,
    *,
    lowest: int = 0,
    at_least: str = "",
    at_most: str = "",
    message: Worded | None = None,
    relevant: str = "",
) -> Question:
    """A whole number from `lowest` to `MOST_INDIVIDUALS`, and from the question `at_least` to `at_most` where those are answered."""
    least = f" and . >= coalesce(${{{at_least}}}, 0)" if at_least else ""
    highest = f"coalesce(${{{at_most}}}, {MOST_INDIVIDUALS})" if at_most else str(MOST_INDIVIDUALS)
    return Question(
        name,
        QuestionKind.INTEGER,
        label,
        relevant=relevant,
        constraint=f". >= {lowest}{least} and . <= {highest}",
        constraint_message=message or NOT_A_COUNT(lowest=lowest),
    )


def parts_within(names: Sequence[str], labels: Sequence[Worded], total: str) -> tuple[Question, ...]:
    """The questions of parts that together are not more than the question `total`; each may be left empty."""
    return tuple(
        Question(
            name,
            QuestionKind.INTEGER,
            label,
            constraint=f". >= 0 and {_sum(names, name)} <= ${{{total}}}",
            constraint_message=PARTS_ABOVE(),
        )
        for name, label in zip(names, labels, strict=True)
    )


def complete_parts(names: Sequence[str], labels: Sequence[Worded], total: str) -> tuple[Question, ...]:
    """The questions of parts that together equal the question `total`, or are all left empty.

    A client does not check an answer that is not given. The last part, of those of whom it is not known, therefore has to be given as
    soon as any other is, and the sum is checked there; and only there, since a part that is corrected is right before the others are.
    """
    known = tuple(
        count(name, label, at_most=total, message=PART_ABOVE())
        for name, label in zip(names[:-1], labels[:-1], strict=True)
    )
    last = Question(
        names[-1],
        QuestionKind.INTEGER,
        labels[-1],
        required=" or ".join(f"${{{name}}} != ''" for name in names[:-1]),
        constraint=f". >= 0 and {_sum(names, names[-1])} = ${{{total}}}",
        constraint_message=PARTS_DIFFER(),
    )
    return (*known, last)


def must_hold(name: str, label: Worded, expression: str, *, relevant: str = "true()") -> Question:
    """A question that is only there while `expression` is false, and cannot be answered: nothing can be sent before it holds.

    Rules about all rows of a repeat need it, since no answer in a row can be refused for rows that are still to come.
    """
    return Question(
        name,
        QuestionKind.ACKNOWLEDGE,
        label,
        required="yes",
        relevant=f"{relevant} and not({expression})",
        constraint=expression,
        constraint_message=label,
    )


def total_of(name: str) -> str:
    """The sum of the question `name` over the rows of its repeat, as an expression."""
    return f"sum(${{{name}}})"


def _sum(names: Sequence[str], own: str) -> str:
    return " + ".join("." if name == own else f"coalesce(${{{name}}}, 0)" for name in names)
