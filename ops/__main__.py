"""`dumbwaiter`: the operator's command, for the stack of this machine and for a stage in an AWS account.

Ends with 0, with 1 and a sentence that says what is wrong, or with 2 for a command line that it does not know.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Annotated

import botocore.exceptions
import httpx
import pymysql
import typer

from ops import (
    clients_command,
    dead_letters_command,
    logs,
    mail_command,
    migrate,
    people_command,
    queues_command,
    upgrade,
)
from ops.stage import DEFAULT_ROOT, Root, Stage, account
from stack.addresses import CHECKOUT
from stack.mariadb import CannotStart

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Operates Dumbwaiter: the stack of this machine, or with --stage a stage in the AWS account whose credentials"
    " and region are set as for any AWS tool.",
)
dead_letters_command.add_to(queues_command.app)
app.add_typer(queues_command.app, name="queues")
app.add_typer(clients_command.app, name="clients")
app.add_typer(people_command.app, name="people")
app.add_typer(mail_command.app, name="mail")
app.command("outbox")(queues_command.show_outbox)


@app.command("logs")
def show_logs(
    function: Annotated[str, typer.Argument(help="A function's name or the first part of it. Default: all.")] = "",
    request: Annotated[str, typer.Option(metavar="ID", help="Only lines that have this word in them.")] = "",
    minutes: Annotated[float, typer.Option(help="Minutes to look back.")] = 15,
    stage: Stage = None,
    root: Root = DEFAULT_ROOT,
) -> None:
    """Show log lines of the functions as JSON, oldest first.

    The field `request` of a problem document finds the lines of one request. So does an order's id.
    """
    lines = logs.newest_lines(account(stage, root), function, request, minutes)
    for line in lines:
        typer.echo(line)
    if not lines:
        raise LookupError("No function has logged that.")


@app.command("migrate")
def migrate_database(
    database_url: Annotated[str, typer.Argument(help="Default: the variable DATABASE_URL.")] = "",
    after: Annotated[bool, typer.Option("--after", help="Apply those that run after the deploy, too.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Apply the migrations that a database lacks."""
    url = database_url or os.environ.get("DATABASE_URL")
    if not url:
        raise LookupError("Say which database: dumbwaiter migrate mysql://user:password@host:port/database")
    names = migrate.migrate(url, after_deploy=after)
    typer.echo("\n".join(f"applied {name}" for name in names) or "nothing to apply")


@app.command("upgrade")
def upgrade_to_stacks(stage: Annotated[str, typer.Option(help="The stage in the AWS account.")]) -> None:
    """Turn the one stack of before into a spine and a stack for each concern. A second try continues the first."""
    aws = account(stage, DEFAULT_ROOT)
    command = ["make", "deploy", f"STAGE={stage}"]
    upgrade.Upgrade(aws, queues_command.database(aws, DEFAULT_ROOT), lambda: _run(command)).run(typer.echo)


def _run(command: list[str]) -> None:
    if subprocess.run(command, cwd=CHECKOUT, check=False).returncode:
        raise LookupError(f"`{' '.join(command)}` failed. Correct the cause, then run the upgrade again.")


EXPECTED = (
    CannotStart,
    RuntimeError,
    LookupError,
    ValueError,
    botocore.exceptions.BotoCoreError,
    botocore.exceptions.ClientError,
    httpx.HTTPError,
    pymysql.MySQLError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status of a command line."""
    try:
        app(arguments, prog_name="dumbwaiter")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        return 130
    except EXPECTED as failure:
        typer.echo(_sentence(failure), err=True)
        return 1
    return 0


def _sentence(failure: Exception) -> str:
    if isinstance(failure, botocore.exceptions.NoCredentialsError | botocore.exceptions.NoRegionError):
        return f"{failure} Set AWS_PROFILE, or keys, and AWS_REGION, as for any AWS tool."
    if isinstance(failure, pymysql.MySQLError):
        return f"The database did not answer as it should: {failure}"
    if isinstance(failure, CannotStart | RuntimeError | LookupError | ValueError):
        return str(failure)
    return f"AWS did not answer as it should: {failure}"


if __name__ == "__main__":
    sys.exit(main())
