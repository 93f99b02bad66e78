"""What the columns of a survey's sheets may be called: the questions of the forms, the plain layout, and what survey tools add.

Each kind of sheet has words of its own: `Code of the village` is one question in B2 and another in the list of villages to visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.ingest.survey import questions as q
from geo_service.ingest.survey.answers.choices import folded
from geo_service.ingest.survey.forms import Form, QuestionKind, b1_form, b2_form
from geo_service.ingest.survey.raw import LONG_SHEETS
from geo_service.vocabulary import (
    LANGUAGES,
    Dimension,
    InformantRole,
    MigrationKind,
    PopulationGroup,
    Reason,
    Sex,
    YearAside,
    countries,
    moves_across_border,
)
from geo_service.wording import in_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["META_WORDS", "Meta", "SheetKind", "SheetWords", "sheet_words"]

_YEARS = range(1990, 2100)


class SheetKind(StrEnum):
    """What a row of a sheet is."""

    VILLAGE = "village"
    DISTRICT = "district"
    REPEAT = "repeat"
    STATEMENT = "statement"
    TO_VISIT = "to_visit"


@dataclass(frozen=True, slots=True)
class SheetWords:
    """One sheet that a survey may have.

    Attributes:
        name: Of a repeat or a sheet of the plain layout, as in `RawSurvey`.
        kind: What its rows are.
        words: The question or column that each folded name or label means; null for one that is known and not used.
    """

    name: str
    kind: SheetKind
    words: Mapping[str, str | None]


class Meta(StrEnum):
    """What survey tools say about a submission, and how a row of a repeat names its own."""

    ID = "id"
    UUID = "uuid"
    ROOT = "root"
    DEPRECATED = "deprecated"
    INDEX = "index"
    SUBMITTED_AT = "submitted_at"
    STATUS = "status"
    PARENT_ID = "parent_id"
    PARENT_UUID = "parent_uuid"
    PARENT_INDEX = "parent_index"


def _meta_words(names: Mapping[Meta | None, str]) -> Mapping[str, Meta | None]:
    return MappingProxyType({folded(name): meta for meta, some in names.items() for name in some.split()})


META_WORDS: Mapping[str, Meta | None] = _meta_words(
    {
        Meta.ID: "_id",
        Meta.UUID: "_uuid meta/instanceID instanceID KEY",
        Meta.ROOT: "meta/rootUuid rootUuid",
        Meta.DEPRECATED: "meta/deprecatedID deprecatedID",
        Meta.INDEX: "_index",
        Meta.SUBMITTED_AT: "_submission_time SubmissionDate",
        Meta.STATUS: "_validation_status ReviewState",
        Meta.PARENT_ID: "_submission__id",
        Meta.PARENT_UUID: "_submission__uuid PARENT_KEY",
        Meta.PARENT_INDEX: "_parent_index",
        None: (
            "_notes _status _submitted_by __version__ _version_ _tags _attachments _geolocation _xform_id_string _parent_table_name "
            "_submission__submission_time _submission__validation_status _submission__notes _submission__status "
            "_submission__submitted_by _submission___version__ _submission__tags _submission_meta/rootUuid "
            "start end today deviceid username phonenumber subscriberid simserial audit formhub/uuid instanceName "
            "SubmitterID SubmitterName AttachmentsPresent AttachmentsExpected Status DeviceID Edits FormVersion"
        ),
    }
)
"""The columns that KoboToolbox and ODK Central add, folded; null for one that says nothing about the answers.

Sources: KoboToolbox's export (https://support.kobotoolbox.org/export_download.html), ODK Central's
(https://docs.getodk.org/central-submissions/) and the metadata of a form (https://xlsform.org/en/#metadata).
"""


@cache
def sheet_words() -> tuple[SheetWords, ...]:
    """Every sheet that a survey may have, the likelier before the less likely."""
    b2 = b2_form(years=_YEARS)
    b1 = b1_form()
    place = {name: name for name in (q.REGION, q.DISTRICT, q.VILLAGE_CODE, q.VILLAGE_NAME, q.SYNTHETIC)}
    # Beside its code a village may be named, so that a person can read the row.
    of_village = dict.fromkeys(place) | {name: name for name in (q.VILLAGE_CODE, q.SYNTHETIC)}
    villages = {name: name for name in (q.LATITUDE, q.LONGITUDE, q.SYNTHETIC, *_columns_of_b2())}
    return (
        _sheet("villages", SheetKind.VILLAGE, _names(b2, None) | villages),
        _sheet("districts", SheetKind.DISTRICT, _names(b1, None) | {q.SYNTHETIC: q.SYNTHETIC}),
        *(
            _sheet(repeat, SheetKind.REPEAT, _names(b2, repeat) | {q.SYNTHETIC: q.SYNTHETIC})
            for repeat in _repeats(b2)
        ),
        *(
            _sheet(name, SheetKind.STATEMENT, of_village | {column: column for column in columns})
            for name, columns in LONG_SHEETS.items()
        ),
        _sheet(
            "district_estimates",
            SheetKind.DISTRICT,
            {name: name for name in (q.REGION, q.DISTRICT, "group", "present", "individuals", q.SYNTHETIC)},
        ),
        _sheet(q.TO_VISIT, SheetKind.TO_VISIT, place | _names(b1, q.TO_VISIT)),
    )


def _sheet(name: str, kind: SheetKind, names: Mapping[str, str | None]) -> SheetWords:
    return SheetWords(
        name, kind, MappingProxyType({folded(said).strip("?*"): meant for said, meant in names.items()})
    )


def _names(form: Form, repeat: str | None) -> dict[str, str | None]:
    """The names and labels of the questions of a repeat, or of those outside of any."""
    names: dict[str, str | None] = {}
    for sections, question in form.questions():
        if next((one.name for one in sections if one.repeats), None) != repeat:
            continue
        meant = None if question.kind is QuestionKind.ACKNOWLEDGE else question.name
        labels = [in_language(question.label, language) for language in LANGUAGES]
        names |= dict.fromkeys([*labels, question.name], meant)
    return names


def _repeats(form: Form) -> Iterable[str]:
    return dict.fromkeys(one.name for sections, _ in form.questions() for one in sections if one.repeats)


def _columns_of_b2() -> Iterator[str]:
    """What the form asks in repeats, or only of some groups, each as a column of its own."""
    for role in InformantRole:
        yield from (q.informant_question(role, sex) for sex in Sex)
    for group in PopulationGroup:
        for dimension, codes in (
            (Dimension.SEX, Sex),
            (Dimension.YEAR, YearAside),
            (Dimension.KIND, MigrationKind),
            (Dimension.REASON, Reason),
            (Dimension.COUNTRY, countries() if moves_across_border(group) else ()),
        ):
            yield from (q.part_question(group, dimension, code) for code in codes)
