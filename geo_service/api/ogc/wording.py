"""What these documents say to people, in each language."""

from __future__ import annotations

from geo_service.wording import Wording

__all__ = ["DESCRIPTION", "MEASURED", "REPORTED", "TITLE"]

TITLE = Wording(
    en="Villages, services and mobility",
    ru="Населённые пункты, услуги и мобильность",
    kk="Елді мекендер, қызметтер және ұтқырлық",
)

DESCRIPTION = Wording(
    en="Village coverage and access to services of a mobility tracking operation, one published release at a time.",
    ru="Охват населённых пунктов и доступ к услугам по данным отслеживания мобильности; каждый раз — одна опубликованная версия.",
    kk="Ұтқырлықты бақылау деректері бойынша елді мекендердің қамтылуы және қызметтерге қолжетімділік; әрқашан жарияланған бір нұсқа.",
)

REPORTED = Wording(
    en="Reported by key informants, not measured.",
    ru="Сообщено ключевыми информаторами, не измерено.",
    kk="Негізгі ақпарат берушілер хабарлаған, өлшенбеген.",
)

MEASURED = Wording(
    en="Measured: straight over the WGS84 ellipsoid, not by road.",
    ru="Измерено по прямой на эллипсоиде WGS84, а не по дорогам.",
    kk="Жолмен емес, WGS84 эллипсоиды бойынша түзу сызықпен өлшенген.",
)
