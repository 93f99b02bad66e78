"""Where the round was: villages, households and inhabitants, on a map and by region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.maps.question import MapKind, MapQuestion
from geo_service.report.document import MapBlock, Section, TableBlock
from geo_service.report.messages import paragraph
from geo_service.report.sections.common import in_order, leaders
from geo_service.report.sections.summary.rows import whole_row

if TYPE_CHECKING:
    from geo_service.report.document import Block, Runs
    from geo_service.report.messages import Messages
    from geo_service.report.sheets import Row, Sheet
    from geo_service.report.source import Source

__all__ = ["coverage_sections"]


def coverage_sections(m: Messages, source: Source) -> list[Section]:
    """One section; none where the release does not say what was assessed."""
    whole = whole_row(source)
    by_region = source.sheets.get("coverage_by_region")
    if whole is None:
        return []
    blocks: list[Block] = [
        *paragraph(
            m.say_n(
                "The assessment covered {n} village, with {households} households and {population} inhabitants.",
                "The assessment covered {n} villages, with {households} households and {population} inhabitants.",
                whole.figure("villages"),
                households=whole.figure("households"),
                population=whole.figure("population"),
            ),
            _most_assessed(m, by_region),
            is_lead=True,
        ),
        *paragraph(*_not_known(m, whole)),
    ]
    picture = source.map(MapQuestion(MapKind.COVERAGE))
    if picture is not None:
        blocks.append(
            MapBlock(anchor="map-coverage", caption=m.say("Where villages were assessed"), picture=picture)
        )
    if by_region is not None:
        blocks += _by_region(m, by_region)
    return [Section("coverage", m.text("Geographic coverage"), tuple(blocks))]


def _most_assessed(m: Messages, by_region: Sheet | None) -> Runs:
    rows = [row for row in by_region.rows if row["pcode"] is not None] if by_region else []
    found = leaders(rows, "villages")
    if len(found) != 1 or len(in_order(rows, "villages")) == 1:
        return ()
    return m.say(
        "The region with the most villages assessed: {region} ({villages}).",
        region=found[0].text("name"),
        villages=found[0].figure("villages"),
    )


def _not_known(m: Messages, whole: Row) -> list[Runs]:
    said: list[Runs] = []
    if whole["villages_uncounted"]:
        said.append(
            m.say_n(
                "The number of households of {n} village is not known and is not in these totals.",
                "The numbers of households of {n} villages are not known and are not in these totals.",
                whole.figure("villages_uncounted"),
            )
        )
    if whole["villages_located"] is not None and whole["villages_located"] != whole["villages"]:
        said.append(
            m.say(
                "Villages with known coordinates: {located} of {villages}; the others are not drawn as points on maps.",
                located=whole.figure("villages_located"),
                villages=whole.figure("villages"),
            )
        )
    return said


def _by_region(m: Messages, sheet: Sheet) -> list[Block]:
    rows = in_order(sheet.rows, "villages")
    if not rows:
        return []
    return [
        TableBlock(
            anchor="table-coverage-by-region",
            caption=m.say("Villages assessed, by region"),
            note=m.say(
                "Regions without an assessed village are not listed. Households and inhabitants are those of the villages assessed, not of the whole region."
            ),
            headings=(m.text("Region"), m.text("Villages"), m.text("Households"), m.text("Inhabitants")),
            rows=tuple(
                (
                    (row.text("name") or m.text("In no region"),),
                    (row.figure("villages"),),
                    (row.figure("households"),),
                    (row.figure("population"),),
                )
                for row in rows
            ),
            table=sheet.name,
        )
    ]
