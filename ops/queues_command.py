"""`dumbwaiter queues` and `dumbwaiter outbox`: queues, dead letters, and messages that wait to be published."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Annotated, cast

import typer

from ops.account import Account
from ops.dead_letters import DeadLetters, Letter, Redrive
from ops.queues import count_letters, find_queue, find_queues, oldest_seconds, targets_of, undelivered
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
    queues = find_queues(_account(context))
    ages = oldest_seconds(_account(context), queues)
    full = {queue.dead_url for queue in queues if queue.letters}
    counts = {url: count_letters(_account(context), url) for url in full}
    rows: list[list[object]] = []
    for queue in [*queues, *undelivered(_account(context), queues)]:
        letters, age = counts.get(queue.dead_url, Counter())[queue.name], _seconds(ages.get(queue.name))
        if queue.name or letters:
            dead_name = queue.dead_url.rpartition("/")[2]
            rows.append([queue.consumer, queue.waiting, queue.in_flight, age, letters, dead_name])
    typer.echo(table(["consumer", "waiting", "in flight", "oldest", "dead", "dead-letter queue"], rows))


@app.command("dead")
def show_dead_letters(
    context: typer.Context, queue: Queue, most: Annotated[int, typer.Option(help="Show no more than this.")] = 100
) -> None:
    """Show the dead letters of a queue and the reason of each. They stay in the dead-letter queue."""
    consumer = find_queue(_account(context), queue)
    rows: list[list[str]] = []
    with DeadLetters(_account(context).client("sqs"), consumer.dead_url, consumer.name) as dead:
        for letters in dead:
            rows += [letter.row() for letter in letters]
            if len(rows) >= most:
                break
    if rows:
        typer.echo(table(["id", "type", "subject", "time", "tries", "kind", "error"], rows[:most]))
    about = max(consumer.letters, len(rows))
    typer.echo(f"{len(rows[:most])} dead letters of {consumer.consumer}. Its concern has about {about}.")


@app.command("redrive")
def redrive(
    context: typer.Context,
    queue: Queue,
    ids: Annotated[list[str] | None, typer.Option("--id", help="Only this letter, as `dead` shows it.")] = None,
    most: Annotated[int | None, typer.Option(help="No more than this. Default: as many as there are now.")] = None,
) -> None:
    """Put dead letters back into their queue: all that are there now, or those named."""
    consumer = find_queue(_account(context), queue)
    targets = targets_of(_account(context), consumer)
    limit = most or max(consumer.letters, 1)
    job = Redrive(_account(context).client("sqs"), consumer.dead_url, targets, limit, consumer.name, ids or [])
    try:
        job.run()
    finally:
        typer.echo(f"{job.redriven} put back into {consumer.consumer}; {job.refused} refused. `list` shows the queue.")
    if job.refused or (ids and not job.redriven):
        raise LookupError(f"Not all of it could be put back into {consumer.consumer}.")


@app.command("drop")
def drop(
    context: typer.Context,
    queue: Queue,
    letter_id: Annotated[str, typer.Option("--id", help="The letter, as `dead` shows it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Drop it. Without this option nothing is dropped.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Remove a hopeless letter for ever. The command prints it as JSON first."""
    consumer = find_queue(_account(context), queue)
    dropped: list[Letter] = []
    with DeadLetters(_account(context).client("sqs"), consumer.dead_url, consumer.name) as dead:
        for letters in dead:
            matching = [letter for letter in letters if letter_id in (letter.id, letter.raw["MessageId"])]
            for letter in matching:
                typer.echo(json.dumps(letter.copy()))
            if yes:
                dead.remove(matching)
            dropped += matching
    if not dropped:
        raise LookupError(f"{consumer.consumer} has no dead letter {letter_id}.")
    if not yes:
        raise LookupError("Nothing was dropped: with --yes it would be.")


def show_outbox(stage: Stage = None, root: Root = DEFAULT_ROOT) -> None:
    """Show the messages that wait to be published, by type."""
    with database(account(stage, root), root).connect() as connection, connection.cursor() as cursor:
        cursor.execute(UNSENT)
        rows = [[message_type, count, _seconds(age)] for message_type, count, age in cursor.fetchall()]
    if rows:
        typer.echo(table(["type", "unsent", "oldest"], rows))
    typer.echo(f"{sum(row[1] for row in rows)} messages are unsent.")


def _account(context: typer.Context) -> Account:
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
