"""The command `geo-service`."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from geo_service import __version__
from geo_service.cli import (
    access,
    audit,
    boundaries,
    demo,
    export,
    locate,
    nearest,
    osm,
    releases,
    report,
    rounds,
    serve,
    tokens,
    vocabulary,
)
from geo_service.cli import map as map_
from geo_service.cli.groups import ErrorsToExitStatus

__all__ = ["ErrorsToExitStatus", "app", "main"]

app = typer.Typer(
    cls=ErrorsToExitStatus,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
    help="Village coverage and exact service-access distances.\n\n"
    "Distances are straight over the WGS84 ellipsoid, not by road.",
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"geo-service {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    pass


app.command("access")(access.access_command)
app.command("nearest")(nearest.nearest_command)
app.command("locate")(locate.locate_command)
app.command("osm")(osm.osm)
app.command("vocabulary")(vocabulary.vocabulary_command)
app.command("demo")(demo.demo_command)
app.command("audit")(audit.audit_command)
app.command("export")(export.export_command)
app.command("map")(map_.map_command)
app.command("report")(report.report_command)
app.command("serve")(serve.serve_command)
app.add_typer(boundaries.app, name="boundaries")
app.add_typer(rounds.app, name="rounds")
app.add_typer(releases.app, name="releases")
app.add_typer(tokens.app, name="tokens")


def main() -> None:
    """Run the command line; a terminal that cannot show a letter shows a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
