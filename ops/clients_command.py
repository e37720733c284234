"""`dumbwaiter clients`: API keys are made, bound to sources, rotated and revoked.

Works on the stack of this machine, or on the database and keyring of the variables DATABASE_URL and KEYRING (JSON).
"""

import json
import os
from typing import Annotated, cast

import pymysql
import typer

from ops.clients import Clients
from shared.spine.rights import RIGHTS
from stack.addresses import ROOT, place
from stack.keys import keys
from stack.mariadb import CannotStart

app = typer.Typer(
    no_args_is_help=True,
    help="API keys. Works on the stack of this machine, or on the database and keyring that the variables"
    " DATABASE_URL and KEYRING (its JSON) name. A secret is shown once, when it is made.",
)
GRANTS = f"right@chain:CHAIN, right@region:CHAIN:REGION or right@store:CHAIN:STORE. Rights: {', '.join(sorted(RIGHTS))}"
SOURCES = "Sources whose orders the key may place and change: till:till-1, till:*, or *:* for all."
ClientId = Annotated[str, typer.Argument(help="The key's id, as `list` shows it.")]


@app.callback()
def open_clients(context: typer.Context) -> None:
    try:
        context.obj = Clients(*_database_and_keyring())
    except (CannotStart, pymysql.Error, KeyError, ValueError) as failure:
        raise LookupError(f"Cannot use the database or the keyring: {failure}") from None
    context.call_on_close(context.obj.close)


@app.command("list")
def list_clients(context: typer.Context) -> None:
    """Show all keys: id, name, grants, sources, requests a second, created, revoked."""
    typer.echo("\n".join("  ".join(map(str, row)) for row in _clients(context).list()))


@app.command("create")
def create(
    context: typer.Context,
    name: str,
    grants: Annotated[list[str], typer.Argument(metavar="GRANT...", help=GRANTS)],
    rate: Annotated[int, typer.Option(help="Requests a second.")] = 50,
    source: Annotated[list[str] | None, typer.Option(help=SOURCES)] = None,
) -> None:
    """Make a key and show its id and secret."""
    typer.echo(json.dumps(_clients(context).create(name, grants, rate, source or [])))


@app.command("bind")
def bind(
    context: typer.Context,
    client_id: ClientId,
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help=SOURCES)],
) -> None:
    """Bind a key to sources."""
    _clients(context).bind(client_id, sources)
    typer.echo(f"{client_id} is bound to {', '.join(sources)} within a minute")


@app.command("rotate")
def rotate(context: typer.Context, client_id: ClientId) -> None:
    """Make a new secret for a key. The old secret is valid for seven more days."""
    typer.echo(json.dumps(_clients(context).rotate(client_id)))


@app.command("revoke")
def revoke(context: typer.Context, client_id: ClientId) -> None:
    """End a key. Every function refuses it within a minute."""
    if not _clients(context).revoke(client_id):
        raise LookupError(f"no client {client_id}")
    typer.echo(f"{client_id} is refused everywhere within a minute")


@app.command("reencrypt")
def reencrypt(context: typer.Context) -> None:
    """Encrypt all secrets under the first key of the keyring. Identities of members keep their key."""
    typer.echo(f"{_clients(context).reencrypt()} secrets are under the first key now")


def _clients(context: typer.Context) -> Clients:
    return cast("Clients", context.obj)


def _database_and_keyring() -> tuple[str, list[str]]:
    if "DATABASE_URL" in os.environ:
        if "KEYRING" not in os.environ:
            raise CannotStart("DATABASE_URL takes KEYRING beside it: the JSON of the keyring's secret.")
        return os.environ["DATABASE_URL"], json.loads(os.environ["KEYRING"])["keys"]
    return place().database.url, keys(ROOT).keyring
