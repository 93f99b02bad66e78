"""What a form is made of: sections, questions, choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geo_service.vocabulary import Term
    from geo_service.wording import Worded

__all__ = ["Choice", "Form", "Question", "QuestionKind", "Section", "labelled"]

_TERM = Wording(en="{term}", ru="{term}", kk="{term}")


class QuestionKind(StrEnum):
    """What an answer is, in the words of XLSForm (https://xlsform.org/en/#question-types)."""

    DATE = "date"
    TEXT = "text"
    INTEGER = "integer"
    GEOPOINT = "geopoint"
    SELECT_ONE = "select_one"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a `select_one`.

    Attributes:
        code: What stands in the files that come back.
        label: What the phone shows.
        region: The code of the region in which a district lies; null for any other choice.
    """

    code: str
    label: Worded
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Expressions are XPath as XLSForm writes it, `${name}` for another question; an empty one does not apply.

    Attributes:
        name: Of `ingest.survey.questions`, there once in its form.
        kind: What an answer is.
        label: What the phone shows; in each language no other question of the form has the same.
        choices: The list of a `select_one`, of `Form.choices`.
        hint: What is shown below the label.
        required: Whether there must be an answer, `yes` for always.
        relevant: Whether it is asked.
        constraint: What an answer must fulfil.
        constraint_message: What is shown when it does not.
        choice_filter: Which of the choices are shown.
        appearance: How a client shows it.
    """

    name: str
    kind: QuestionKind
    label: Worded
    choices: str = ""
    hint: Worded | None = None
    required: str = ""
    relevant: str = ""
    constraint: str = ""
    constraint_message: Worded | None = None
    choice_filter: str = ""
    appearance: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together: a group, or a repeat that is filled in once for each of several.

    Attributes:
        name: As it stands in the headers of files that come back.
        label: What the phone shows above the questions.
        members: In the order in which they are asked.
        repeats: Whether it is filled in any number of times.
        relevant: Whether it is asked; an XPath expression, empty for always.
        appearance: `field-list` for all on one screen.
    """

    name: str
    label: Worded
    members: tuple[Question | Section, ...]
    repeats: bool = False
    relevant: str = ""
    appearance: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form with all that it asks.

    Attributes:
        form_id: `B1` or `B2`.
        title: In English; servers name their files after it.
        members: In the order in which they are asked.
        choices: Each list of choices by its name.
    """

    form_id: str
    title: str
    members: tuple[Question | Section, ...]
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)

    def questions(self) -> Iterator[tuple[tuple[Section, ...], Question]]:
        """Every question in the order asked, with the sections around it from the outermost to the innermost."""
        yield from _questions(self.members, ())


def labelled(term: Term) -> Worded:
    """A term as a label."""
    return _TERM(term=term)


def _questions(
    members: tuple[Question | Section, ...], around: tuple[Section, ...]
) -> Iterator[tuple[tuple[Section, ...], Question]]:
    for one in members:
        if isinstance(one, Question):
            yield around, one
        else:
            yield from _questions(one.members, (*around, one))
