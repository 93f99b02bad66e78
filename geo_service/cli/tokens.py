"""`geo-service tokens`: who may ask a service what."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from geo_service.cli.console import JsonOption, QuietOption, Reporter
from geo_service.errors import MissingExtraError
from geo_service.settings import AuthSettings

if TYPE_CHECKING:
    from geo_service.api.security.tokens import Token, TokenFile

__all__ = ["add_command", "app", "list_command", "revoke_command"]

app = typer.Typer(no_args_is_help=True, help="Make, list and take back the tokens of a service.")

FileOption = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="The file of tokens; else GEO_SERVICE_AUTH_TOKENS."),
]


@app.command("add")
def add_command(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What or whom it is for; it stands in the list.")
    ],
    role: Annotated[
        str, typer.Option("--role", metavar="ROLE", help="public, analyst or editor.", show_default=True)
    ] = "analyst",
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=3650, metavar="N", help="How long it counts.")
    ] = 365,
    never_expires: Annotated[
        bool, typer.Option("--never-expires", help="It counts until it is taken back.")
    ] = False,
    file: FileOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a token and show it, once: only its hash is kept.

    Example: `geo-service tokens add "GIS unit" --role analyst --days 90`
    """
    kept = _tokens(file)
    from geo_service.api.security.roles import Role  # noqa: PLC0415 - an optional extra

    if role not in set(Role):
        raise typer.BadParameter(f"'{role}' is not a role; there are: {', '.join(Role)}", param_hint="--role")
    now = dt.datetime.now(tz=dt.UTC)
    expires = None if never_expires or days is None else now + dt.timedelta(days=days)
    token, text = kept.add(name, Role(role), expires and expires.replace(microsecond=0))
    reporter = Reporter(as_json=as_json, quiet=quiet)
    until = f"until {token.expires:%Y-%m-%d %H:%M} UTC" if token.expires else "until it is taken back"
    reporter.say(f"Token {token.id} for {escape(token.name)}, {token.role}, {until}. It is shown only now:")
    if not as_json:
        # In one piece whatever the terminal's width, and the only line with --quiet.
        typer.echo(text)
    reporter.say("Send it as a header, for example: curl -H 'Authorization: Bearer TOKEN' URL")
    reporter.finish(_told(token) | {"token": text})


@app.command("list")
def list_command(file: FileOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Show all tokens, with those that are over or were taken back.

    Example: `geo-service tokens list`
    """
    reporter = Reporter(as_json=as_json, quiet=quiet)
    kept = _tokens(file)
    tokens = kept.all()
    table = Table(title="Tokens", title_justify="left", show_edge=False, pad_edge=False)
    for heading in ("id", "for", "role", "made (UTC)", "until (UTC)", "counts"):
        table.add_column(heading, overflow="fold")
    now = dt.datetime.now(tz=dt.UTC)
    for one in tokens:
        until = f"{one.expires:%Y-%m-%d %H:%M}" if one.expires else ""
        state = (
            "[green]yes[/]" if one.counts(now) else "[red]taken back[/]" if one.revoked else "[yellow]over[/]"
        )
        table.add_row(one.id, escape(one.name), one.role, f"{one.created:%Y-%m-%d %H:%M}", until, state)
    reporter.say(
        table if tokens else "There is no token; make one: geo-service tokens add NAME --role analyst"
    )
    reporter.finish({"tokens": [_told(one) for one in tokens]})


@app.command("revoke")
def revoke_command(
    token: Annotated[
        str, typer.Argument(metavar="ID", help="Its id, as `geo-service tokens list` shows it.")
    ],
    file: FileOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take a token back: it stops counting at once, in services that run too.

    Example: `geo-service tokens revoke 3f9a0c1d2e4b`
    """
    revoked = _tokens(file).revoke(token)
    reporter = Reporter(as_json=as_json, quiet=quiet)
    reporter.say(f"Token {revoked.id} for {escape(revoked.name)} does not count any more.")
    reporter.finish(_told(revoked))


def _tokens(file: Path | None) -> TokenFile:
    try:
        from geo_service.api.security.tokens import TokenFile  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "geo_service":
            raise
        raise MissingExtraError("tokens of a service", "api") from error
    return TokenFile(file or AuthSettings().tokens)


def _told(token: Token) -> dict[str, str | None]:
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role.value,
        "created": token.created.isoformat(),
        "expires": token.expires.isoformat() if token.expires else None,
        "revoked": token.revoked.isoformat() if token.revoked else None,
    }
