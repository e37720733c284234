"""`dumbwaiter mail`: the addresses and domains that a chain may send mails from.

Works on the stack of this machine, or on the database of the variable DATABASE_URL.
"""

import os
from typing import Annotated, cast

import pymysql
import typer

from ops.mail import MailSenders
from stack.addresses import place
from stack.mariadb import CannotStart

app = typer.Typer(
    no_args_is_help=True,
    help="Addresses and domains that a chain may send mails from. Works on the stack of this machine, or on the"
    " database that the variable DATABASE_URL names.",
)
Sender = Annotated[str, typer.Argument(help="An address, or a domain for all addresses in it.")]
Chain = Annotated[str, typer.Option(help="The chain whose mails are sent.")]


@app.callback()
def open_senders(context: typer.Context) -> None:
    try:
        context.obj = MailSenders(os.environ.get("DATABASE_URL") or place().database.url)
    except (CannotStart, pymysql.Error, KeyError, ValueError) as failure:
        raise LookupError(f"Cannot use the database: {failure}") from None
    context.call_on_close(context.obj.close)


@app.command("list")
def list_senders(context: typer.Context) -> None:
    """Show the senders of all chains: chain, address or domain, created."""
    typer.echo("\n".join("  ".join(map(str, row)) for row in _senders(context).list()))


@app.command("allow")
def allow(context: typer.Context, sender: Sender, chain: Chain) -> None:
    """Let a chain send mails from an address or a domain. SES must verify it, too."""
    typer.echo(f"{chain} may send from {_senders(context).allow(chain, sender)}")


@app.command("forbid")
def forbid(context: typer.Context, sender: Sender, chain: Chain) -> None:
    """End that. No further mail leaves from it."""
    if not _senders(context).forbid(chain, sender):
        raise LookupError(f"{chain} has no sender {sender}")
    typer.echo(f"{chain} may no longer send from {sender.lower()}")


def _senders(context: typer.Context) -> MailSenders:
    return cast("MailSenders", context.obj)
