"""`geo-service vocabulary`: the words of the service in three languages."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from geo_service.cli.console import JsonOption, QuietOption, Reporter
from geo_service.vocabulary import TABLES, Language

__all__ = ["vocabulary_command"]


def vocabulary_command(
    language: Annotated[
        Language | None, typer.Option("--lang", help="Labels in one language only; else in all three.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print services, population groups, bands, admin levels and statuses with their codes and labels.

    Example: `geo-service vocabulary --lang ru`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    languages = list(Language) if language is None else [language]
    for name, terms in TABLES.items():
        table = Table(title=name, title_justify="left", show_edge=False, pad_edge=False)
        for heading in ("code", *languages, "meaning"):
            table.add_column(heading)
        for term in terms.values():
            table.add_row(term.code, *(term.label(one) for one in languages), term.definition)
        reporter.say(table, "")
    reporter.finish(
        {
            name: {term.code: {one.value: term.label(one) for one in languages} for term in terms.values()}
            for name, terms in TABLES.items()
        }
    )
