"""Access by distance band, in short, and as reported against as measured."""

from __future__ import annotations

import pyarrow as pa
from fastapi import APIRouter, Request
from fastapi.responses import Response

from geo_service.api.context import Asked, AskedOfRound
from geo_service.api.questions.access_models import (
    AccessAgreement,
    AccessBands,
    AccessSummary,
    AgreementRow,
    BandRow,
    SummaryRow,
    SummaryTable,
)
from geo_service.api.questions.basis import basis_of, missing
from geo_service.api.questions.models import Bands
from geo_service.api.questions.parameters import (
    TABLES,
    AdmParameter,
    BasisParameter,
    ByParameter,
    ServiceParameter,
    TableFormat,
    described,
)
from geo_service.api.questions.places import places_of
from geo_service.api.questions.reading import equal_to, has, in_language, read_rows, service_labels, shaped
from geo_service.api.questions.replies import about_of, reply, said
from geo_service.api.questions.splits import table_of
from geo_service.coverage.bands import DEFAULT_BANDS
from geo_service.release.titles import SIDE_BY_SIDE
from geo_service.vocabulary import BANDS, AdminLevel, Basis, Language
from geo_service.wording import Wording
from geo_service.wording import in_language as worded_in

__all__ = ["access_agreement", "access_bands", "access_summary", "router"]

router = APIRouter(tags=["access"])

_BANDS = {Basis.REPORTED: "households_without_service", Basis.MEASURED: "access_by_band"}
_PRESENCE = {Basis.REPORTED: "services", Basis.MEASURED: "service_presence"}

_SUMMARY = Wording(
    en="Access to services in short", ru="Доступ к услугам кратко", kk="Қызметтерге қолжетімділік қысқаша"
)
_SUMMARY_RULE = Wording(
    en="table presence: communities that have each service; table bands: households by distance band, where reported those of communities without the service, "
    "where measured those of all communities",
    ru="таблица presence: сообщества, где есть услуга; таблица bands: домохозяйства по интервалам расстояния: сообщённые — только сообществ без услуги, "
    "измеренные — всех сообществ",
    kk="presence кестесі: қызметі бар қауымдастықтар; bands кестесі: қашықтық аралықтары бойынша үй шаруашылықтары: хабарланған — қызметі жоқ қауымдастықтар ғана, "
    "өлшенген — барлық қауымдастықтар",
)


_OF_ALL = Wording(
    en="share, where measured: of the households of all communities of the unit",
    ru="share, где измерено: от домохозяйств всех сообществ территории",
    kk="share, өлшенген жерде: аумақтағы барлық қауымдастықтардың үй шаруашылықтарынан",
)


@router.get(
    "/access/bands",
    response_model=AccessBands,
    **described(
        "access_bands",
        "Households by distance to a service",
        "Communities and households by the distance band of their nearest service. Where reported, those of communities that do not have it; where measured, those of all. "
        "`about.base` says what a share is of.",
        TABLES,
        "access/bands?service=hospital",
        "access/bands?service=hospital&by=region&basis=measured",
        "access/bands?basis=reported&lang=ru&f=csv",
    ),
)
def access_bands(
    request: Request,
    asked: AskedOfRound,
    service: ServiceParameter = None,
    basis: BasisParameter = None,
    by: ByParameter = None,
    adm: AdmParameter = None,
    f: TableFormat = None,
) -> Response:
    """Households by distance band."""
    basis = basis_of(asked, basis, reported=_BANDS[Basis.REPORTED], measured=_BANDS[Basis.MEASURED])
    within = places_of(asked.release).within(adm, by, AdminLevel.COUNTRY)
    name = table_of(asked, _BANDS[basis], within, f"{basis} access")
    rows = _labelled(asked, read_rows(asked, name, within.of_units, equal_to("service", service)))
    return reply(
        asked,
        request,
        f,
        TABLES,
        name=f"access_bands_{basis}",
        about=about_of(
            asked,
            asked.release.collection(name),
            within,
            base=_bases(asked, [name]),
            bands=_bands_of(asked, name, basis),
        ),
        rows=shaped(asked, rows, BandRow, basis=basis.value),
        details="_".join(part for part in (service, within.by, adm) if part),
    )


@router.get(
    "/access/summary",
    response_model=AccessSummary,
    **described(
        "access_summary",
        "Access to services in short",
        "The two access tables of the report, long: `table` is `presence` for the share of communities with each service, `bands` for households by distance band. "
        "`basis` says of each row whether it was reported or measured; the two are never mixed.",
        TABLES,
        "access/summary",
        "access/summary?by=region&basis=measured&lang=kk",
    ),
)
def access_summary(
    request: Request,
    asked: AskedOfRound,
    basis: BasisParameter = None,
    by: ByParameter = None,
    adm: AdmParameter = None,
    f: TableFormat = None,
) -> Response:
    """The report's two access tables, on each basis that there is."""
    first = basis_of(asked, basis, reported=_PRESENCE[Basis.REPORTED], measured=_PRESENCE[Basis.MEASURED])
    bases = [first] if basis else [one for one in Basis if has(asked, _PRESENCE[one])]
    within = places_of(asked.release).within(adm, by, AdminLevel.COUNTRY)
    parts: list[pa.Table] = []
    sources: list[str] = []
    for table, names in ((SummaryTable.PRESENCE, _PRESENCE), (SummaryTable.BANDS, _BANDS)):
        for one in bases:
            name = table_of(asked, names[one], within, f"{one} access")
            rows = _labelled(asked, read_rows(asked, name, within.of_units))
            parts.append(shaped(asked, rows, SummaryRow, basis=one.value, table=table.value))
            sources.append(name)
    about = about_of(
        asked,
        asked.release.collection(sources[-1]),
        within,
        title=worded_in(_SUMMARY(), asked.language),
        basis=", ".join(bases),
        rule=worded_in(_SUMMARY_RULE(), asked.language),
        base=_bases(asked, sources),
        bands=_bands_of(asked, sources[-1], bases[-1]),
        notes=[worded_in(SIDE_BY_SIDE(), asked.language)] if len(bases) > 1 else [],
    )
    return reply(
        asked,
        request,
        f,
        TABLES,
        name="access_summary",
        about=about,
        rows=pa.concat_tables(parts),
        details="_".join(part for part in (basis, within.by, adm) if part),
    )


@router.get(
    "/access/agreement",
    response_model=AccessAgreement,
    **described(
        "access_agreement",
        "Reported against measured access",
        "Where what key informants said and what was measured agree, by service: how many communities are in the same distance band, one apart, or more.",
        TABLES,
        "access/agreement",
        "access/agreement?service=school&by=region",
    ),
)
def access_agreement(
    request: Request,
    asked: AskedOfRound,
    service: ServiceParameter = None,
    by: ByParameter = None,
    adm: AdmParameter = None,
    f: TableFormat = None,
) -> Response:
    """Reported against measured access."""
    if not has(asked, "agreement"):
        raise missing(
            "comparison of reported and measured access",
            "publish one of a survey round with facilities, which has both",
        )
    within = places_of(asked.release).within(adm, by, AdminLevel.COUNTRY)
    name = table_of(asked, "agreement", within, "comparison of reported and measured access")
    rows = _labelled(asked, read_rows(asked, name, within.of_units, equal_to("service", service)))
    return reply(
        asked,
        request,
        f,
        TABLES,
        name="access_agreement",
        about=about_of(asked, asked.release.collection(name), within),
        rows=shaped(asked, rows, AgreementRow),
        details="_".join(part for part in (service, within.by, adm) if part),
    )


def _labelled(asked: Asked, rows: pa.Table) -> pa.Table:
    """Rows with `service_label` and `band_label`; tables of measured access have codes only."""
    rows = in_language(rows, asked.language)
    if "service_label" not in rows.column_names:
        labels = rows["label"] if "label" in rows.column_names else None
        labels = service_labels(rows["service"], asked.language) if labels is None else labels
        rows = rows.append_column("service_label", labels)
    if "band" in rows.column_names and "band_label" not in rows.column_names:
        rows = rows.append_column("band_label", _band_labels(rows["band"], asked.language))
    return rows


def _band_labels(bands: pa.ChunkedArray, language: Language) -> pa.Array:
    """What each band is called; one of other edges by its code."""
    labels = {code.value: term.label(language) for code, term in BANDS.items()}
    return pa.array([one and labels.get(one, one) for one in bands.to_pylist()], pa.string())


def _bands_of(asked: Asked, name: str, basis: Basis) -> Bands | None:
    """Key informants are always asked by the report's bands; what was measured has those that it was published with."""
    if basis is Basis.REPORTED:
        return Bands(edges_km=[float(one) for one in DEFAULT_BANDS.edges_km], rule=DEFAULT_BANDS.rule)
    return about_of(asked, asked.release.collection(name)).bands


def _bases(asked: Asked, names: list[str]) -> str | None:
    bases = []
    for one in names:
        said_of = asked.release.collection(one).about.get("base")
        is_of_all = one.startswith(_BANDS[Basis.MEASURED])
        bases.append(worded_in(_OF_ALL(), asked.language) if is_of_all else said(said_of, asked.language))
    return "; ".join(dict.fromkeys(one for one in bases if one)) or None
