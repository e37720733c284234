"""`dumbwaiter queues` and `dumbwaiter outbox`: queues, and messages that wait to be published."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Annotated, cast

import typer

from ops.account import Account
from ops.queues import count_letters, find_queues, oldest_seconds, undelivered
from ops.stage import DEFAULT_ROOT, Root, Stage, account
from ops.table import table
from stack.addresses import place
from stack.mariadb import Address

app = typer.Typer(invoke_without_command=True, help="Queues and their dead letters.")
Queue = Annotated[
    str, typer.Argument(help="The consumer, as `list` shows it. A concern has letters that the topic did not deliver.")
]

UNSENT = """
    SELECT type, COUNT(*), TIMESTAMPDIFF(SECOND, MIN(occurred_at), UTC_TIMESTAMP(6))
    FROM messages WHERE sent_at IS NULL GROUP BY type ORDER BY MIN(occurred_at)"""


@app.callback()
def choose_account(context: typer.Context, stage: Stage = None, root: Root = DEFAULT_ROOT) -> None:
    """Queues and their dead letters. Without a command: `list`."""
    context.obj = account(stage, root)
    if context.invoked_subcommand is None:
        list_queues(context)


@app.command("list")
def list_queues(context: typer.Context) -> None:
    """Show every queue: its messages, the age of the oldest, its dead letters."""
    queues = find_queues(account_of(context))
    ages = oldest_seconds(account_of(context), queues)
    full = {queue.dead_url for queue in queues if queue.letters}
    counts = {url: count_letters(account_of(context), url) for url in full}
    rows: list[list[object]] = []
    for queue in [*queues, *undelivered(account_of(context), queues)]:
        letters, age = counts.get(queue.dead_url, Counter())[queue.name], _seconds(ages.get(queue.name))
        if queue.name or letters:
            dead_name = queue.dead_url.rpartition("/")[2]
            rows.append([queue.consumer, queue.waiting, queue.in_flight, age, letters, dead_name])
    typer.echo(table(["consumer", "waiting", "in flight", "oldest", "dead", "dead-letter queue"], rows))


def show_outbox(stage: Stage = None, root: Root = DEFAULT_ROOT) -> None:
    """Show the messages that wait to be published, by type."""
    with database(account(stage, root), root).connect() as connection, connection.cursor() as cursor:
        cursor.execute(UNSENT)
        rows = [[message_type, count, _seconds(age)] for message_type, count, age in cursor.fetchall()]
    if rows:
        typer.echo(table(["type", "unsent", "oldest"], rows))
    typer.echo(f"{sum(row[1] for row in rows)} messages are unsent.")


def account_of(context: typer.Context) -> Account:
    """The account that the options of `queues` name."""
    return cast("Account", context.obj)


def database(stage: Account, root: Path) -> Address:
    """The database of a stage: DATABASE_URL if it is set, else as the functions reach it."""
    if url := os.environ.get("DATABASE_URL"):
        return Address.parse(url)
    if stage.emulator:
        return place(root).database
    secret = json.loads(stage.secret("database"))
    return Address(secret["host"], int(secret["port"]), secret["username"], secret["password"], secret["dbname"])


def _seconds(age: float | None) -> str:
    return "-" if age is None else f"{age:.0f} s"
