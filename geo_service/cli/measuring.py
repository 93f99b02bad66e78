"""How access is measured, as the commands that measure it are told."""

from __future__ import annotations

from typing import Annotated

import typer

from geo_service.coverage.bands import DEFAULT_BANDS, Bands
from geo_service.errors import InputError

__all__ = [
    "DEFAULT_EDGES",
    "BandsOption",
    "MaxKmOption",
    "PresenceOption",
    "RanksOption",
    "SnapOption",
    "parse_bands",
]

DEFAULT_EDGES = ",".join(f"{edge:g}" for edge in DEFAULT_BANDS.edges_km)

BandsOption = Annotated[
    str, typer.Option("--bands", metavar="KM,KM,…", help="Upper edges of the distance bands in km.")
]
RanksOption = Annotated[
    int, typer.Option("--k", min=1, help="How many facilities of each service for each village.")
]
MaxKmOption = Annotated[float | None, typer.Option("--max-km", min=0, help="Look no farther than this.")]
PresenceOption = Annotated[
    float,
    typer.Option("--presence-km", min=0, help="A facility within this distance is the village's own."),
]
SnapOption = Annotated[
    float,
    typer.Option("--snap-km", min=0, help="Give a village this near outside all units the nearest one."),
]


def parse_bands(text: str) -> Bands:
    """The bands of `--bands`.

    Raises:
        typer.BadParameter: It is not a list of km.
    """
    try:
        return Bands(tuple(float(edge) for edge in text.split(",")))
    except ValueError as error:
        raise typer.BadParameter(
            f"'{text}' is not a list of km, such as 5,10,15,20,25", param_hint="--bands"
        ) from error
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--bands") from error
