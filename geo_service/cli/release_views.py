"""Releases as people read them in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from geo_service.cli.console import Reporter
from geo_service.release.manifest import Manifest
from geo_service.release.protocol import Fault, ReleaseEntry
from geo_service.vocabulary import Language

__all__ = ["SHORT", "round_text", "show_entries", "show_faults", "show_release"]

SHORT = 12
"""How many digits of an id are shown where the whole is not needed."""

_MOST_TABLES = 8


def show_entries(
    entries: Sequence[ReleaseEntry], half_made: Sequence[str], where: str, reporter: Reporter
) -> None:
    """All releases of a store, the one that counts marked, and what somebody left half-made."""
    table = Table(title=f"Releases in {escape(where)}", title_justify="left", show_edge=False, pad_edge=False)
    for heading in ("", "release", "since (UTC)", "of", "rows", "data"):
        table.add_column(heading, justify="right" if heading == "rows" else "left", overflow="fold")
    for entry in entries:
        mark = "[green]current[/]" if entry.is_current else ""
        since = f"{entry.since:%Y-%m-%d %H:%M}"
        if entry.manifest is None:
            table.add_row(
                mark, entry.id[:SHORT], since, f"[red]{escape(entry.damage or 'damaged')}[/]", "", ""
            )
            continue
        rows = f"{sum(one.rows for one in entry.manifest.collections):,}"
        synthetic = entry.manifest.round is not None and entry.manifest.round.synthetic
        data = "[yellow]synthetic[/]" if synthetic else ""
        table.add_row(mark, entry.id[:SHORT], since, round_text(entry.manifest), rows, data)
    reporter.say(table if entries else f"There is no release in {escape(where)}.")
    for name in half_made:
        reporter.say(f"[yellow]{escape(name)} is half-made; the next publish removes it.[/]")


def show_release(manifest: Manifest, reporter: Reporter) -> None:
    """What a release holds."""
    title = f"Release {manifest.id[:SHORT]}: {round_text(manifest)}"
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for heading in ("collection", "rows", "what it is"):
        table.add_column(heading, justify="right" if heading == "rows" else "left", overflow="fold")
    tables = [one for one in manifest.collections if one.kind == "table"]
    hidden = len(tables) if len(tables) > _MOST_TABLES else 0
    for one in manifest.collections:
        if one.kind != "table" or not hidden:
            table.add_row(one.name, f"{one.rows:,}", escape(one.title[Language.EN]))
    if hidden:
        table.add_row(
            f"… {hidden} tables", f"{sum(one.rows for one in tables):,}", "of the report; all with --json"
        )
    reporter.say(table)
    reporter.say(f"[dim]id {manifest.id}[/]")
    if manifest.parent is not None:
        reporter.say(f"[dim]parent {manifest.parent}[/]")
    for source in manifest.inputs:
        rows = "" if source.rows is None else f", {source.rows:,} rows"
        reporter.say(f"[dim]{source.role}: {escape(source.name)}{rows}, SHA-256 {source.sha256[:SHORT]}…[/]")
    for note in manifest.notes:
        reporter.say(f"[dim]{escape(note[Language.EN])}[/]")
    for licence in manifest.licences:
        reporter.say(f"[dim]{escape(licence)}[/]")


def show_faults(faults: Sequence[Fault], release: str, reporter: Reporter) -> None:
    """Everything that is wrong with a release, or that nothing is."""
    if not faults:
        reporter.say(f"[green]Release {release[:SHORT]} is whole.[/]")
        return
    table = Table(
        title=f"Release {release[:SHORT]} is damaged", title_justify="left", show_edge=False, pad_edge=False
    )
    table.add_column("where", overflow="fold")
    table.add_column("what", overflow="fold")
    for fault in faults:
        table.add_row(escape(fault.where), f"[red]{escape(fault.what)}[/]")
    reporter.say(table)


def round_text(manifest: Manifest) -> str:
    """What a release is of, in a few words."""
    of = manifest.round
    if of is None:
        return "villages"
    return f"{of.country} round {of.number}, {of.collected_from or '–'} … {of.collected_to or '–'}"
