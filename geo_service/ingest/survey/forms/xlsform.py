"""Forms as XLSForms (https://xlsform.org), which KoboToolbox and ODK Central take as they are."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from geo_service.errors import MissingExtraError
from geo_service.ingest.survey.forms.form import Question, QuestionKind, Section
from geo_service.vocabulary import LANGUAGES, Language
from geo_service.wording import in_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geo_service.ingest.survey.forms.form import Form

__all__ = ["LANGUAGE_NAMES", "form_version", "xlsform_bytes", "xlsform_sheets"]

LANGUAGE_NAMES: Mapping[Language, str] = {
    Language.EN: "English (en)",
    Language.RU: "Русский (ru)",
    Language.KK: "Қазақша (kk)",
}
"""How a form calls each of its languages; servers offer labels in files that come back under the same names."""

_LOGIC = ("required", "relevant", "constraint", "choice_filter", "appearance")
_CREATED = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_VERSION_DIGITS = 10


def xlsform_bytes(form: Form, language: Language = Language.EN) -> bytes:
    """The workbook of a form, the same bytes for the same form.

    Args:
        form: Of `b1_form` or `b2_form`.
        language: In which a phone shows it first.

    Raises:
        MissingExtraError: The extra `excel` is not installed.
    """
    try:
        import xlsxwriter  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("writing a form", "excel") from error
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"in_memory": True, "strings_to_formulas": False}) as book:
        # The time of writing would make every copy of the same form another file.
        book.set_properties({"title": form.title, "created": _CREATED})
        heading = book.add_format({"bold": True})
        for name, rows in xlsform_sheets(form, language).items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell, heading if number == 0 else None)
    return memory.getvalue()


def xlsform_sheets(form: Form, language: Language = Language.EN) -> Mapping[str, Sequence[Sequence[str]]]:
    """The sheets `survey`, `choices` and `settings` as rows of text, the first of each its header."""
    survey = [
        ("type", "name", *_columns("label"), *_columns("hint"), *_columns("constraint_message"), *_LOGIC),
        *_survey_rows(form.members),
    ]
    choices = [("list_name", "name", *_columns("label"), "region"), *_choice_rows(form)]
    settings = [
        ("form_title", "form_id", "version", "default_language"),
        (form.title, form.form_id, form_version(form), LANGUAGE_NAMES[language]),
    ]
    return {"survey": survey, "choices": choices, "settings": settings}


def form_version(form: Form) -> str:
    """A version made from what the form asks, so that a server tells a changed form from the one it has."""
    asked = repr(([*_survey_rows(form.members)], [*_choice_rows(form)]))
    return hashlib.sha256(asked.encode()).hexdigest()[:_VERSION_DIGITS]


def _columns(name: str) -> list[str]:
    return [f"{name}::{LANGUAGE_NAMES[language]}" for language in LANGUAGES]


def _survey_rows(members: Sequence[Question | Section]) -> Iterator[tuple[str, ...]]:
    for one in members:
        if isinstance(one, Section):
            kind = "repeat" if one.repeats else "group"
            logic = (getattr(one, name, "") for name in _LOGIC)
            yield (f"begin_{kind}", one.name, *_said(one.label), *_said(None), *_said(None), *logic)
            yield from _survey_rows(one.members)
            yield (f"end_{kind}", one.name)
        else:
            is_chosen = one.kind is QuestionKind.SELECT_ONE
            kind = f"{one.kind} {one.choices}" if is_chosen else one.kind.value
            logic = (getattr(one, name) for name in _LOGIC)
            yield (
                kind,
                one.name,
                *_said(one.label),
                *_said(one.hint),
                *_said(one.constraint_message),
                *logic,
            )


def _choice_rows(form: Form) -> Iterator[tuple[str, ...]]:
    for name, choices in form.choices.items():
        for one in choices:
            yield (name, one.code, *_said(one.label), one.region or "")


def _said(text: str | None) -> list[str]:
    return ["" if text is None else in_language(text, language) for language in LANGUAGES]
