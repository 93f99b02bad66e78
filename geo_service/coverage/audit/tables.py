"""The tables in a tree of figures: which numbers are the parts of one whole, and what stands beside them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo_service.coverage.audit.names import (
    MEASURES,
    PLACES,
    VILLAGES,
    FigureKind,
    Topic,
    canonical_key,
    read_name,
    topic_of_keys,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from geo_service.coverage.audit.names import Name
    from geo_service.ingest.figures import Figure, FigureTree

__all__ = ["FigureTable", "Publication", "publication"]


@dataclass(frozen=True, slots=True)
class FigureTable:
    """Numbers over the keys of one breakdown.

    Attributes:
        place: The names down to it, joined by dots.
        owner: The path of the tree that it belongs to, such as a population group.
        kind: Counts, shares or growths.
        stem: Of what; empty where the name does not say.
        topic: By what; null where neither name nor keys say.
        label: What tells it from others of its name, such as the service; mostly empty.
        parts: The numbers by canonical key, without a total.
        total: The total among them; null where there is none.
        is_partition: Whether the parts are those of one whole and do not overlap.
        is_top: Whether its name says that only the largest are there.
    """

    place: str
    owner: tuple[str, ...]
    kind: FigureKind
    stem: tuple[str, ...]
    topic: Topic | None
    label: tuple[str, ...]
    parts: Mapping[str, Figure]
    total: Figure | None
    is_partition: bool
    is_top: bool

    @property
    def family(self) -> tuple[FigureKind, tuple[str, ...], Topic | str]:
        """What it has in common with its like elsewhere."""
        return self.kind, self.stem, self.topic or self.place.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Publication:
    """A tree of figures and the tables in it.

    Attributes:
        tree: The whole.
        trees: Each tree in it by its path, the whole first.
        tables: In the order in which they stand.
        owned: The tables of each owner.
        families: The tables of each `FigureTable.family`.
        said: How many countries, regions and so on there are, as a number in the tree of a path says.
    """

    tree: FigureTree
    trees: Mapping[tuple[str, ...], FigureTree]
    tables: tuple[FigureTable, ...]
    owned: Mapping[tuple[str, ...], list[FigureTable]]
    families: Mapping[Hashable, list[FigureTable]]
    said: Mapping[Topic, Mapping[tuple[str, ...], int]]

    def beside(self, table: FigureTable) -> Mapping[str, Figure]:
        """The numbers that stand beside a table, by name."""
        return self.trees[table.owner].figures

    def with_stem(self, path: tuple[str, ...], stem: tuple[str, ...]) -> Figure | None:
        """The count directly below `path` whose name says `stem`; null where there is none."""
        named = ((read_name(name), one) for name, one in self.trees[path].figures.items())
        return next((one for name, one in named if name.kind is FigureKind.COUNT and name.stem == stem), None)


@dataclass(frozen=True, slots=True)
class _Context:
    """What the names above a tree have said of the table that it is part of."""

    owner: tuple[str, ...]
    kind: FigureKind
    stem: tuple[str, ...]
    topic: Topic | None
    label: tuple[str, ...]
    is_table: bool
    is_top: bool
    is_rate: bool


def publication(tree: FigureTree) -> Publication:
    """Find the tables of a tree."""
    trees = dict(_trees(tree))
    tables = tuple(_tables(tree, None))
    owned: dict[tuple[str, ...], list[FigureTable]] = defaultdict(list)
    families: dict[Hashable, list[FigureTable]] = defaultdict(list)
    for table in tables:
        owned[table.owner].append(table)
        families[table.family].append(table)
    said: dict[Topic, dict[tuple[str, ...], int]] = defaultdict(dict)
    for path, one in trees.items():
        for name in one.figures:
            says = read_name(name)
            if says.topic is not None and not says.stem and not says.is_table:
                said[says.topic][path] = int(one.figures[name].value)
    return Publication(tree, trees, tables, owned, families, said)


def _trees(tree: FigureTree) -> Iterator[tuple[tuple[str, ...], FigureTree]]:
    yield tree.path, tree
    for branch in tree.branches.values():
        yield from _trees(branch)


def _tables(tree: FigureTree, context: _Context | None) -> Iterator[FigureTable]:
    for name, branch in tree.branches.items():
        below = _below(name, tree, context)
        if branch.figures and not read_name(name).is_total:
            yield from _table(branch, below)
        yield from _tables(branch, below if below.is_table else None)
    yield from _pivoted(tree, context)


def _below(text: str, tree: FigureTree, above: _Context | None) -> _Context:
    name = read_name(text)
    if above is None:
        return _Context(
            tree.path, name.kind, name.stem, name.topic, (), name.is_table, name.is_top, name.is_rate
        )
    says_what = _says_measure(name)
    return replace(
        above,
        kind=above.kind if name.kind is FigureKind.COUNT else name.kind,
        stem=tuple(dict.fromkeys((*above.stem, *name.stem))) if says_what else above.stem,
        topic=name.topic if name.is_table and name.topic else above.topic,
        label=above.label if says_what or name.is_table else (*above.label, text),
        is_top=above.is_top or name.is_top,
        is_rate=above.is_rate or name.is_rate,
    )


def _table(tree: FigureTree, context: _Context) -> Iterator[FigureTable]:
    """The numbers directly in a tree, when they are a table."""
    named = {name: read_name(name) for name in tree.figures}
    totals = [tree.figures[name] for name, says in named.items() if says.is_total]
    parts = {
        canonical_key(name): tree.figures[name]
        for name, says in named.items()
        if not says.is_total and not says.is_subtotal
    }
    is_row = sum(map(_says_measure, map(read_name, tree.figures))) * 2 > len(tree.figures)
    by_keys, by_heading = topic_of_keys(parts), _topic_of_rows(parts)
    if parts and not is_row and (context.is_table or by_keys or by_heading):
        topic = by_keys or context.topic or by_heading
        yield _as_table(context, tree.place, topic, parts, totals[0] if totals else None)


def _topic_of_rows(parts: Mapping[str, Figure]) -> Topic | None:
    """What the heading of the names of the rows says that they are."""
    headed = {figure.rows for figure in parts.values()}
    return read_name(headed.pop()).topic if len(headed) == 1 else None


def _pivoted(tree: FigureTree, context: _Context | None) -> Iterator[FigureTable]:
    """The columns of a table whose rows are trees of their own: each number of the rows, over the rows."""
    rows = {name: branch for name, branch in tree.branches.items() if branch.figures}
    totals = [branch for name, branch in rows.items() if read_name(name).is_total]
    parts = {canonical_key(name): branch for name, branch in rows.items() if branch not in totals}
    topic = topic_of_keys(parts)
    if len(parts) < 2 or topic in {None, Topic.SERVICE, Topic.GROUP}:
        return
    columns: dict[str, dict[str, Figure]] = defaultdict(dict)
    for key, branch in parts.items():
        for text, figure in branch.figures.items():
            columns[text][key] = figure
    owner = tree.path[:-1] if context is None else context.owner
    for column, figures in columns.items():
        base = (
            _Context(owner, FigureKind.COUNT, (), topic, (), True, False, False)
            if context is None
            else context
        )
        name = read_name(column)
        is_measure = _says_measure(name)
        below = replace(
            base,
            kind=name.kind if name.kind is not FigureKind.COUNT else base.kind,
            stem=name.stem if is_measure and name.stem else base.stem,
            label=base.label if is_measure else (*base.label, column),
        )
        total = totals[0].figures.get(column) if totals else None
        yield _as_table(below, f"{tree.place}.*.{column}", topic, figures, total)


def _says_measure(name: Name) -> bool:
    """Whether a name says what is counted rather than which part: `households`, `share`."""
    return name.kind is not FigureKind.COUNT or (bool(name.stem) and MEASURES.issuperset(name.stem))


def _as_table(
    context: _Context, place: str, topic: Topic | None, parts: Mapping[str, Figure], total: Figure | None
) -> FigureTable:
    return FigureTable(
        place=place,
        owner=context.owner,
        kind=context.kind,
        stem=context.stem,
        topic=topic,
        label=context.label,
        parts=parts,
        total=total,
        is_partition=_is_partition(context, topic),
        is_top=context.is_top,
    )


def _is_partition(context: _Context, topic: Topic | None) -> bool:
    """Whether parts add up: not those of services or groups, which one village or person may belong to several of."""
    if topic in {Topic.SERVICE, Topic.GROUP} or context.is_rate or context.kind is FigureKind.GROWTH:
        return False
    if VILLAGES in context.stem and topic not in PLACES | {Topic.DISTANCE}:
        return False
    # Shares of anything but a plain count, such as `share_female_by_region`, have a whole in each row.
    return context.kind is FigureKind.COUNT or MEASURES.issuperset(context.stem)
