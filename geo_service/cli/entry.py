"""Where the command `geo-service` begins: a service does not wait for the libraries of the other commands."""

from __future__ import annotations

import sys

import typer

from geo_service.cli.groups import ErrorsToExitStatus

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    if sys.argv[1:2] != ["serve"]:
        from geo_service.cli.app import main as all_commands  # noqa: PLC0415

        all_commands()
        return
    from geo_service.cli.serve import serve_command  # noqa: PLC0415

    app = typer.Typer(
        cls=ErrorsToExitStatus, pretty_exceptions_show_locals=False, rich_markup_mode="markdown"
    )
    # With a callback "serve" stays a command of its own, as its help and messages say.
    app.callback()(_nothing)
    app.command("serve")(serve_command)
    app(prog_name="geo-service")


def _nothing() -> None:
    """Village coverage and exact service-access distances."""
