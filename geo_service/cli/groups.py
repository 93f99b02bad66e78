"""What every group of commands does with errors."""

from __future__ import annotations

from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from geo_service.errors import FindingsError, GeoServiceError
from geo_service.settings import (
    ApiSettings,
    AuthSettings,
    BoundarySettings,
    FilterSettings,
    PostgisSettings,
    ReleaseSettings,
    RoundSettings,
    SuppressionSettings,
    UploadSettings,
)

__all__ = ["ErrorsToExitStatus"]

_SETTINGS = {
    one.__name__: one
    for one in (
        ApiSettings,
        AuthSettings,
        BoundarySettings,
        FilterSettings,
        PostgisSettings,
        ReleaseSettings,
        RoundSettings,
        SuppressionSettings,
        UploadSettings,
    )
}


class ErrorsToExitStatus(TyperGroup):
    """Shows an error that was raised on purpose in one place and ends with exit status 1; others are bugs and show."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        console = Console(stderr=True)
        try:
            return super().invoke(ctx)
        except FindingsError as error:
            # Here: it brings pandas with it, which `serve` starts without.
            from geo_service.cli.console import print_findings  # noqa: PLC0415

            print_findings(error.findings, console)
            console.print("[red]Nothing was written.[/]")
        except GeoServiceError as error:
            console.print(f"[red]Error:[/] {escape(str(error))}", soft_wrap=True)
        except ValidationError as error:
            for one in error.errors():
                prefix = _SETTINGS[error.title].model_config["env_prefix"]
                name = f"{prefix}{'_'.join(map(str, one['loc']))}".upper()
                console.print(f"[red]Error:[/] the setting {name}: {escape(one['msg'])}", soft_wrap=True)
        raise typer.Exit(1)
