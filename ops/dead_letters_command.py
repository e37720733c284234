"""`dumbwaiter queues dead`, `redrive` and `drop`: the dead letters of a consumer."""

import json
from typing import Annotated

import typer

from ops.dead_letters import DeadLetters, Letter, Redrive
from ops.queues import find_queue, targets_of
from ops.queues_command import Queue, account_of
from ops.table import table


def show_dead_letters(
    context: typer.Context, queue: Queue, most: Annotated[int, typer.Option(help="Show no more than this.")] = 100
) -> None:
    """Show the dead letters of a queue and the reason of each. They stay in the dead-letter queue."""
    consumer = find_queue(account_of(context), queue)
    rows: list[list[str]] = []
    with DeadLetters(account_of(context).client("sqs"), consumer.dead_url, consumer.name) as dead:
        for letters in dead:
            rows += [letter.row() for letter in letters]
            if len(rows) >= most:
                break
    if rows:
        typer.echo(table(["id", "type", "subject", "time", "tries", "kind", "error"], rows[:most]))
    about = max(consumer.letters, len(rows))
    typer.echo(f"{len(rows[:most])} dead letters of {consumer.consumer}. Its concern has about {about}.")


def redrive(
    context: typer.Context,
    queue: Queue,
    ids: Annotated[list[str] | None, typer.Option("--id", help="Only this letter, as `dead` shows it.")] = None,
    most: Annotated[int | None, typer.Option(help="No more than this. Default: as many as there are now.")] = None,
) -> None:
    """Put dead letters back into their queue: all that are there now, or those named."""
    consumer = find_queue(account_of(context), queue)
    targets = targets_of(account_of(context), consumer)
    limit = most or max(consumer.letters, 1)
    job = Redrive(account_of(context).client("sqs"), consumer.dead_url, targets, limit, consumer.name, ids or [])
    try:
        job.run()
    finally:
        typer.echo(f"{job.redriven} put back into {consumer.consumer}; {job.refused} refused. `list` shows the queue.")
    if job.refused or (ids and not job.redriven):
        raise LookupError(f"Not all of it could be put back into {consumer.consumer}.")


def drop(
    context: typer.Context,
    queue: Queue,
    letter_id: Annotated[str, typer.Option("--id", help="The letter, as `dead` shows it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Drop it. Without this option nothing is dropped.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Remove a hopeless letter for ever. The command prints it as JSON first."""
    consumer = find_queue(account_of(context), queue)
    dropped: list[Letter] = []
    with DeadLetters(account_of(context).client("sqs"), consumer.dead_url, consumer.name) as dead:
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


def add_to(queues: typer.Typer) -> None:
    """The commands on dead letters are commands of `queues`."""
    queues.command("dead")(show_dead_letters)
    queues.command("redrive")(redrive)
    queues.command("drop")(drop)
