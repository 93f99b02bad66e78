"""What stands on the cover and on every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.report.messages import Messages
from geo_service.report.sections.common import collected_days, country_name, is_public, round_number

if TYPE_CHECKING:
    from geo_service.report.source import Source

__all__ = ["Front", "front"]


@dataclass(frozen=True, slots=True)
class Front:
    """The cover.

    Attributes:
        title: Of the document.
        subtitle: The round, the country and when it was collected.
        banners: What every page has to say: that data are synthetic, that it is the edition for the public. A short line each.
    """

    title: str
    subtitle: str
    banners: tuple[str, ...]


def front(source: Source) -> Front:
    """The cover of a release's report."""
    m = Messages(source.language, "front")
    values = {"round": round_number(source), "country": country_name(source)}
    collected = collected_days(source)
    if collected:
        subtitle = m.text("Round {round}, {country}: village level, {days}", days=collected, **values)
    else:
        subtitle = m.text("Round {round}, {country}: village level", **values)
    return Front(
        m.text("Mobility Tracking Matrix: Baseline Mobility Assessment"), subtitle, tuple(_banners(m, source))
    )


def _banners(m: Messages, source: Source) -> list[str]:
    banners = []
    if source.manifest.round is not None and source.manifest.round.synthetic:
        banners.append(_synthetic(m, source))
    if is_public(source):
        banners.append(m.text("Edition for the public: small numbers are suppressed"))
    return banners


def _synthetic(m: Messages, source: Source) -> str:
    coverage = source.sheets.get("coverage")
    whole = coverage.rows[0] if coverage else None
    if whole is not None and whole["villages_synthetic"] != whole["villages"]:
        return m.text("Partly synthetic data: the answers about some villages are made up, not surveyed")
    return m.text("Synthetic data: made up, not surveyed")
