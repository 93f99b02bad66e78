"""The forms of B1 and B2 as phones ask them: their questions, choices and rules, and the XLSForm of each."""

from __future__ import annotations

from geo_service.ingest.survey.forms.b1 import b1_form
from geo_service.ingest.survey.forms.b2 import YEARS_ASKED, b2_form
from geo_service.ingest.survey.forms.form import Choice, Form, Question, QuestionKind, Section
from geo_service.ingest.survey.forms.steps import Step, survey_form
from geo_service.ingest.survey.forms.xlsform import (
    LANGUAGE_NAMES,
    form_version,
    xlsform_bytes,
    xlsform_sheets,
)

__all__ = [
    "LANGUAGE_NAMES",
    "YEARS_ASKED",
    "Choice",
    "Form",
    "Question",
    "QuestionKind",
    "Section",
    "Step",
    "b1_form",
    "b2_form",
    "form_version",
    "survey_form",
    "xlsform_bytes",
    "xlsform_sheets",
]
