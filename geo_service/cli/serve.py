"""`geo-service serve`: the HTTP API."""

from __future__ import annotations

import os
import secrets
from contextlib import closing
from typing import Annotated, Literal
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.markup import escape

from geo_service.errors import InputError, MissingExtraError
from geo_service.settings import ApiSettings, AuthSettings

__all__ = ["serve_command"]

_APP = "geo_service.web.app:app_of_environment"
_API = {
    "fastapi",
    "starlette",
    "uvicorn",
    "orjson",
    "anyio",
    "prometheus_client",
    "zstandard",
    "argon2",
    "jwt",
}


def serve_command(
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="DIR_OR_URL",
            envvar="GEO_SERVICE_STORE",
            help="The store of releases: a folder or postgresql://…; else GEO_SERVICE_API_STORE, "
            "else GEO_SERVICE_RELEASES_DIRECTORY.",
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(help="Where to listen; anything but this machine's own 127.0.0.1 needs authentication."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0 for any free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    public_url: Annotated[
        str | None,
        typer.Option(help="How people reach it, such as https://geo.example.org/mtm; links begin with it."),
    ] = None,
    log: Annotated[
        Literal["text", "json"], typer.Option(help="The log: text for a terminal, or a JSON object a line.")
    ] = "text",
) -> None:
    """Serve releases over HTTP: OGC API for GIS, questions for planners, uploads for editors.

    A newly published release is served without a restart. SIGTERM or Ctrl-C finishes what is being answered.
    Without authentication it listens on this machine only, and everybody there is an editor.
    Tokens are made by **geo-service tokens add NAME --role analyst**.
    """
    for name, value in (("STORE", store), ("PUBLIC_URL", public_url)):
        # Workers are made with the settings of their environment.
        if value is not None:
            os.environ[f"GEO_SERVICE_API_{name}"] = value
    for one in ("RELEASES_CURSOR", "POSTGIS_CURSOR", "AUTH_SESSION"):
        # Cursors and sessions that nobody can make up, the same for all workers; those of before a restart begin anew.
        name = f"GEO_SERVICE_{one}_KEY"
        os.environ[name] = os.environ.get(name) or secrets.token_hex(32)
    settings = ApiSettings()
    try:
        from geo_service.api.operations import serving  # noqa: PLC0415 - an optional extra
        from geo_service.api.operations.hosts import is_loopback  # noqa: PLC0415
        from geo_service.api.security.authenticate import Authenticator  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _API:
            raise
        raise MissingExtraError("serving", "api") from error
    is_configured = Authenticator(AuthSettings(), is_local=is_loopback(host)).is_configured
    if not is_configured:
        _refuse_open(host, settings, is_loopback=is_loopback(host))
    with closing(serving.listening(host, port)) as listener:
        _say(listener.getsockname(), host, settings, is_configured=is_configured)
        serving.serve(listener, _APP, host=host, workers=workers, log=log)


def _refuse_open(host: str, settings: ApiSettings, *, is_loopback: bool) -> None:
    from geo_service.api.operations.hosts import is_loopback as reaches_here  # noqa: PLC0415

    remedy = (
        "make a token first: geo-service tokens add NAME --role analyst, "
        "or name an issuer with GEO_SERVICE_AUTH_OIDC_ISSUER and GEO_SERVICE_AUTH_OIDC_AUDIENCE"
    )
    if not is_loopback:
        raise InputError(f"others can reach {host}, and there is no authentication; {remedy}")
    public = urlsplit(settings.public_url or "").hostname
    if public and not reaches_here(public):
        raise InputError(
            f"others reach it as {settings.public_url}, and there is no authentication; {remedy}"
        )


def _say(address: tuple[str, int], host: str, settings: ApiSettings, *, is_configured: bool) -> None:
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    name = f"[{host}]" if ":" in host else host
    url = (settings.public_url or f"http://{name}:{address[1]}").rstrip("/")
    console.print(f"Questions to try out: {escape(url)}/docs")
    console.print(f"For QGIS and GDAL:    {escape(url)}/ogc")
    if is_configured:
        console.print("Without a token one sees what is public.")
    else:
        console.print(
            "[yellow]There is no token and no issuer: everybody on this machine is an editor.[/] "
            "Others cannot reach it."
        )
