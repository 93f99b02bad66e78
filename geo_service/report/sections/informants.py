"""Who answered: key informants by sex and role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.report.described import described
from geo_service.report.document import (
    Chart,
    ChartBlock,
    ChartKind,
    Note,
    NoteKind,
    Section,
    Series,
    TableBlock,
)
from geo_service.report.messages import Messages, joined, paragraph
from geo_service.report.sections.common import first_lower, in_order, leaders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.report.document import Block, Runs
    from geo_service.report.messages import Value
    from geo_service.report.sheets import Row
    from geo_service.report.source import Source

__all__ = ["informant_sections"]

_HALF = 0.5
_FOLLOWING = 2


def informant_sections(source: Source) -> list[Section]:
    """How many there were, men and women, and in which roles they answered."""
    m = Messages(source.language, "informants")
    roles = source.sheets.get("key_informants")
    rows = in_order(roles.rows, "informants") if roles else []
    said = paragraph(*_by_sex(m, source), *_by_role(m, rows), is_lead=True)
    blocks: list[Block] = [*said]
    if rows:
        blocks += [_chart(m, rows), _table(m, rows)]
        blocks.append(Note(NoteKind.BASE, _base(m)))
    return [Section("informants", m.text("Key informants"), tuple(blocks))] if blocks else []


def _by_sex(m: Messages, source: Source) -> list[Runs]:
    sheet = source.sheets.get("key_informants_by_sex")
    if sheet is None:
        return []
    by_sex = {row["sex"]: row for row in sheet.rows}
    men, women, unknown = (by_sex.get(one) for one in ("male", "female", "unknown"))
    said = [
        m.say_n(
            "{n} key informant was interviewed.",
            "{n} key informants were interviewed.",
            sheet.rows[0].figure("all_informants"),
        )
    ]
    if men is None or women is None:
        return said
    values: dict[str, Value] = {
        "men": men.figure("share"),
        "women": women.figure("share"),
        "men_count": men.figure("informants"),
        "women_count": women.figure("informants"),
    }
    if unknown is None or not unknown["informants"]:
        said.append(
            m.say(
                "Of all key informants, {men} were men ({men_count}) and {women} women ({women_count}).",
                **values,
            )
        )
    else:
        said.append(
            m.say(
                "Of all key informants, {men} were men ({men_count}) and {women} women ({women_count}); for {unknown} the sex is not known ({unknown_count}).",
                unknown=unknown.figure("share"),
                unknown_count=unknown.figure("informants"),
                **values,
            )
        )
    return said


def _by_role(m: Messages, rows: Sequence[Row]) -> list[Runs]:
    """The role of the most key informants, and those that follow it."""
    first = leaders(rows, "informants")
    if len(first) != 1:
        return [_roles(m, "tied", first)] if first else []
    [row] = first
    is_most = (row["share"] or 0) > _HALF
    said = [_roles(m, "most" if is_most else "largest", first)]
    following = [
        m.say("{role} ({informants})", role=first_lower(one.text()), informants=one.figure("informants"))
        for one in rows[1 : 1 + _FOLLOWING]
    ]
    # Where the last of them is level with what comes next, it would be named at random.
    is_clear = (
        len(rows) <= 1 + _FOLLOWING or rows[_FOLLOWING]["informants"] > rows[1 + _FOLLOWING]["informants"]
    )
    if following and is_clear:
        said.append(m.say("Next in number: {roles}.", roles=joined(following, m.language)))
    return said


def _roles(m: Messages, rule: str, rows: Sequence[Row]) -> Runs:
    role = joined([first_lower(row.text()) for row in rows], m.language)
    values: dict[str, Value] = {
        "role": role,
        "informants": rows[0].figure("informants"),
        "share": rows[0].figure("share"),
    }
    match rule:
        case "most":
            return m.say("More than half answered in this role: {role} ({informants}; {share}).", **values)
        case "largest":
            return m.say("The most frequent role: {role} ({informants}; {share}).", **values)
        case _:
            return m.say("The most frequent roles: {role} ({informants} each; {share}).", **values)


def _has_unknown(rows: Sequence[Row]) -> bool:
    return any(row["unknown"] for row in rows)


def _chart(m: Messages, rows: Sequence[Row]) -> ChartBlock:
    series = [("male", m.text("Men")), ("female", m.text("Women"))]
    if _has_unknown(rows):
        series.append(("unknown", m.text("Sex not known")))
    chart = Chart(
        ChartKind.PAIRS,
        tuple(row.text() for row in rows),
        tuple(Series(name, tuple(row.figure(column) for row in rows)) for column, name in series),
        m.text("key informants"),
    )
    return ChartBlock(
        anchor="chart-informants",
        caption=m.say("Key informants by role and sex"),
        chart=chart,
        description=described(chart, m.language),
    )


def _table(m: Messages, rows: Sequence[Row]) -> TableBlock:
    columns = [
        ("informants", m.text("Key informants")),
        ("share", m.text("Share of all")),
        ("male", m.text("Men")),
        ("female", m.text("Women")),
        *([("unknown", m.text("Sex not known"))] if _has_unknown(rows) else []),
        ("share_male", m.text("Share of men")),
        ("share_female", m.text("Share of women")),
    ]
    return TableBlock(
        anchor="table-informants",
        caption=m.say("Key informants by role and sex"),
        headings=(m.text("Role"), *(heading for _, heading in columns)),
        rows=tuple(((row.text(),), *((row.figure(column),) for column, _ in columns)) for row in rows),
        table=rows[0].sheet.name,
    )


def _base(m: Messages) -> Runs:
    return m.say(
        "Share of all: of all key informants. Shares of men and women: of the key informants of the role whose sex is known."
    )
