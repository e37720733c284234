"""`dumbwaiter people`: people who sign in to the console are made and listed.

Works on the stack of this machine, or on the database of the variable DATABASE_URL.
"""

import json
import os
from typing import Annotated, cast

import pymysql
import typer

from ops.people import People
from shared.spine.roles import LEVELS
from stack.addresses import place
from stack.mariadb import CannotStart

app = typer.Typer(
    no_args_is_help=True,
    help="People who sign in to the console. Works on the stack of this machine, or on the database that the variable"
    " DATABASE_URL names. The password is shown once.",
)
ROLES = f"As head_office, region:NORTH, store_manager:MAIN or operator:store:MAIN. Roles: {', '.join(LEVELS)}"


@app.callback()
def open_people(context: typer.Context) -> None:
    try:
        context.obj = People(os.environ.get("DATABASE_URL") or place().database.url)
    except (CannotStart, pymysql.Error, KeyError, ValueError) as failure:
        raise LookupError(f"Cannot use the database: {failure}") from None
    context.call_on_close(context.obj.close)


@app.command("list")
def list_people(context: typer.Context) -> None:
    """Show all people: id, chain, email address, name, created, disabled, role and its place."""
    typer.echo("\n".join("  ".join(map(str, row)) for row in _people(context).list()))


@app.command("add")
def add(
    context: typer.Context,
    email: str,
    name: str,
    roles: Annotated[list[str], typer.Argument(metavar="ROLE...", help=ROLES)],
    chain: Annotated[str, typer.Option(help="The chain of the person.")],
) -> None:
    """Make a person with a made-up password, and show it."""
    typer.echo(json.dumps(_people(context).add(chain, email, name, roles)))


@app.command("link")
def link(
    context: typer.Context,
    email: str,
    chain: Annotated[str, typer.Option(help="The chain of the person.")],
    console: Annotated[str | None, typer.Option(help="The address of the console, as https://…/console.")] = None,
) -> None:
    """Make a one-time link by which a person chooses another password, and show it. Earlier links end."""
    token, expires_at = _people(context).make_link(chain, email)
    base = console or ("/console" if os.environ.get("DATABASE_URL") else place().console)
    typer.echo(json.dumps({"link": f"{base.rstrip('/')}/link#{token}", "expires_at": expires_at.isoformat()}))


@app.command("disable")
def disable(
    context: typer.Context, email: str, chain: Annotated[str, typer.Option(help="The chain of the person.")]
) -> None:
    """Disable a person at once: all sessions and links end."""
    changed = _people(context).disable(chain, email)
    typer.echo(f"{email} is disabled." if changed else f"{email} was disabled before.")


def _people(context: typer.Context) -> People:
    return cast("People", context.obj)
