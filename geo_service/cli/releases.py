"""`geo-service releases`: publish, look at, verify, compare, choose, take away, and copy between stores."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import fields
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pandas as pd
import typer
from rich.markup import escape
from rich.table import Table

from geo_service.cli.console import JsonOption, OverwriteOption, QuietOption, Reporter
from geo_service.cli.release_publish import publish_command
from geo_service.cli.release_views import SHORT, show_entries, show_faults, show_release
from geo_service.cli.stores import StoreOption, opened
from geo_service.errors import InputError
from geo_service.export.staging import refuse_existing
from geo_service.export.tables import table_outputs, write_table
from geo_service.release.difference import Difference, difference
from geo_service.release.folder_store import FolderStore
from geo_service.release.manifest import RoundOf
from geo_service.release.protocol import Store
from geo_service.release.stores import copy_release, is_database

if TYPE_CHECKING:
    from geo_service.release.postgis_store import PostgisStore

__all__ = [
    "app",
    "diff_command",
    "list_command",
    "prune_command",
    "pull_command",
    "push_command",
    "show_command",
    "use_command",
    "verify_command",
]

_MOST_ROWS = 30
_NOT_ANSWERED = {"before", "after", "details"}

app = typer.Typer(
    help="Releases: what is computed, published so that it can be served, cited, checked and never lost.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
app.command("publish")(publish_command)

IdArgument = Annotated[
    str | None,
    typer.Argument(metavar="ID", help="The release, or how its id begins (6 digits); else the current one."),
]
UrlArgument = Annotated[
    str,
    typer.Argument(
        metavar="URL",
        help="postgresql://user@host/database; the password from PGPASSWORD or a password file.",
        envvar="GEO_SERVICE_POSTGIS_URL",
    ),
]


@app.command("list")
def list_command(store: StoreOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Show the releases of a store, the one that came last first.

    Example: `geo-service releases list`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    with opened(store) as kept:
        entries = kept.entries()
        half_made = kept.half_made() if isinstance(kept, FolderStore) else []
        show_entries(entries, half_made, kept.name, reporter)
        about = [
            {
                "id": one.id,
                "current": one.is_current,
                "since": one.since.isoformat(),
                "round": None if one.manifest is None else _round(one.manifest.round),
                "damage": one.damage,
            }
            for one in entries
        ]
        reporter.finish({"store": kept.name, "releases": about, "half_made": half_made})


@app.command("show")
def show_command(
    release: IdArgument = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what a release holds; with `--json` its whole manifest.

    Example: `geo-service releases show`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    with opened(store) as kept, kept.open(release) as found:
        show_release(found.manifest, reporter)
        reporter.finish(found.manifest.model_dump(mode="json"))


@app.command("verify")
def verify_command(
    release: IdArgument = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Look for every changed, missing or extra byte of a release. Exit status 1 when there is one.

    Example: `geo-service releases verify`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    with opened(store) as kept:
        found = kept.find(release)
        with reporter.progress() as progress:
            task = progress.add_task("Verifying", total=None)
            faults = kept.verify(
                found, lambda what: progress.update(task, description=f"Verifying {what}", advance=1)
            )
        show_faults(faults, found, reporter)
        reporter.finish(
            {
                "id": found,
                "whole": not faults,
                "faults": [{"where": one.where, "what": one.what} for one in faults],
            }
        )
    if faults:
        raise typer.Exit(1)


@app.command("diff")
def diff_command(
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier release, or how its id begins.")],
    after: Annotated[
        str, typer.Argument(metavar="B", help="The later one; `current` for that which counts.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Every change, a row each: .csv .xlsx .json"),
    ] = None,
    store: StoreOption = None,
    store_of_b: Annotated[
        str | None,
        typer.Option("--store-b", metavar="DIR_OR_URL", help="The store of B, where it is another."),
    ] = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say what changed between two releases, by village, service and unit.

    Example: `geo-service releases diff 5f0c9a 81d2e4 -o changes.xlsx`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    if output is not None:
        refuse_existing(table_outputs(output), overwrite=overwrite)
    with opened(store) as first, opened(store_of_b or store) as second:
        with first.open(before) as one, second.open(after) as other, reporter.progress() as progress:
            task = progress.add_task("Comparing", total=None)
            found = difference(
                one, other, progress=lambda what: progress.update(task, description=f"Comparing {what}")
            )
        if output is not None:
            write_table(found.details, output, overwrite=overwrite)
        _show_difference(found, reporter)
        if output is not None:
            reporter.wrote(output)
        reporter.finish(_difference_answer(found))


@app.command("use")
def use_command(
    release: Annotated[str, typer.Argument(metavar="ID", help="The release, or how its id begins.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a release the current one, also an earlier one.

    Example: `geo-service releases use 5f0c9a`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    with opened(store) as kept:
        found = kept.find(release)
        kept.use(found)
        reporter.say(f"The current release is {found[:SHORT]}.")
        reporter.finish({"current": found})


@app.command("prune")
def prune_command(
    keep: Annotated[int, typer.Option("--keep", metavar="N", min=1, help="How many of the last to keep.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take away all but the last N releases, never the current one nor one that somebody reads.

    Example: `geo-service releases prune --keep 5`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    with opened(store) as kept:
        taken = kept.prune(keep)
        left = len(kept.entries())
        names = ", ".join(one[:SHORT] for one in taken)
        reporter.say(
            f"Took away {len(taken)}: {names}; {left} left."
            if taken
            else f"Nothing to take away; {left} left."
        )
        reporter.finish({"taken": list(taken), "left": left})


@app.command("push")
def push_command(
    url: UrlArgument,
    release: IdArgument = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Copy a release into PostGIS, where it becomes the current one: a schema for it and the views of `current`.

    Example: `geo-service releases push postgresql://publisher@db.example.org/mobility`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    with opened(store) as kept, _database(url) as database:
        _copy(kept, database, release, reporter)


@app.command("pull")
def pull_command(
    url: UrlArgument,
    release: IdArgument = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Copy a release out of PostGIS into a folder, where it becomes the current one, byte for byte what was pushed.

    Example: `geo-service releases pull postgresql://reader@db.example.org/mobility --store releases`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    with opened(store) as kept, _database(url) as database:
        _copy(database, kept, release, reporter)


def _database(url: str) -> AbstractContextManager[FolderStore | PostgisStore]:
    if not is_database(url):
        raise InputError(f"'{url}' is not the address of a database; give postgresql://user@host/database")
    return opened(url)


def _copy(source: Store, target: FolderStore | PostgisStore, release: str | None, reporter: Reporter) -> None:
    with reporter.progress() as progress:
        task = progress.add_task("Copying", total=None)

        def tell(what: str) -> None:
            progress.update(task, description=f"Copying {what}", advance=1)

        copied = copy_release(source, target, release, tell)
    reporter.say(f"Release {copied[:SHORT]} is in {escape(target.name)}, and current there.")
    reporter.finish({"id": copied, "from": source.name, "to": target.name})


def _show_difference(found: Difference, reporter: Reporter) -> None:
    if found.is_same:
        reporter.say("[green]Both hold the same rows.[/]")
    frames = {
        "What the releases say of themselves": _with_short_checksums(found.manifest),
        "Rows": _changed_collections(found.collections),
        "Columns": found.columns,
        "By service": found.services,
        "From band to band": found.bands,
        "By unit": found.units,
    }
    for title, frame in frames.items():
        if len(frame):
            reporter.say(_as_table(frame.head(_MOST_ROWS), title))
            more = len(frame) - _MOST_ROWS
            reporter.say(f"[dim]{more:,} more; all with --json[/]" if more > 0 else "")
    if len(found.details):
        reporter.say(f"[dim]{len(found.details):,} changes; each in a row with -o FILE[/]")


def _with_short_checksums(manifest: pd.DataFrame) -> pd.DataFrame:
    """As far as people compare them."""
    shortened = {
        side: manifest[side].str.replace(r"^([0-9a-f]{12})[0-9a-f]{52}$", r"\1…", regex=True)
        for side in ("before", "after")
    }
    return manifest.assign(**shortened)


def _changed_collections(collections: pd.DataFrame) -> pd.DataFrame:
    """Those of which a row came, went or changed, in columns that fit a terminal."""
    same = collections["same"]
    whole = same.eq(collections["rows_before"]) & same.eq(collections["rows_after"])
    narrow = {"rows_before": "before", "rows_after": "after"}
    changed = collections[~whole.fillna(value=False)].rename(columns=narrow)
    return changed[["collection", "before", "after", "added", "removed", "changed", "villages"]]


def _as_table(frame: pd.DataFrame, title: str) -> Table:
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for name in frame:
        numeric = pd.api.types.is_numeric_dtype(frame[name])
        justify: Literal["right", "left"] = "right" if numeric else "left"
        table.add_column(str(name).replace("_", " "), justify=justify, overflow="fold", no_wrap=numeric)
    for row in frame.itertuples(index=False):
        table.add_row(*(_told(cell) for cell in row))
    return table


def _told(cell: Any) -> str:
    if pd.isna(cell):
        return "–"
    return f"{cell:,}" if isinstance(cell, Integral) and not isinstance(cell, bool) else escape(str(cell))


def _difference_answer(found: Difference) -> dict[str, Any]:
    """Everything but the details, which go to a file."""
    frames = {one.name: getattr(found, one.name) for one in fields(found) if one.name not in _NOT_ANSWERED}
    return {"before": found.before, "after": found.after, "same": found.is_same} | {
        name: frame.astype(object).where(frame.notna(), None).to_dict("records")
        for name, frame in frames.items()
    }


def _round(of: RoundOf | None) -> dict[str, Any] | None:
    return None if of is None else of.model_dump(mode="json")
