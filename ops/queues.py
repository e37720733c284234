"""Queues, dead letters and the outbox, for whoever carries the pager: `python -m ops.queues`.

Works on the stack of this machine or, with --stage, on the AWS account whose credentials and region are set as for
any AWS tool. Ends with 0, with 1 and a sentence on what is wrong, or with 2 for a command that it does not know.

  list                          every queue: its messages, their age, its dead letters
  dead QUEUE                    its dead letters, with why they are there; they stay
  redrive QUEUE [--id ID ...]   puts dead letters back into the queue, all that are there now or those named
  drop QUEUE --id ID --yes      takes a hopeless one out; prints it as JSON, to be kept
  outbox                        messages that wait to be published
"""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import botocore.exceptions
import httpx
import pymysql

from ops.account import Account, here, there
from ops.dead_letters import DeadLetters, Letter, Redrive
from stack.addresses import ROOT, place
from stack.mariadb import Address, CannotStart

UNSENT = """
    SELECT type, COUNT(*), TIMESTAMPDIFF(SECOND, MIN(occurred_at), UTC_TIMESTAMP(6))
    FROM messages WHERE sent_at IS NULL GROUP BY type ORDER BY MIN(occurred_at)"""


@dataclass(frozen=True)
class Queue:
    """A consumer's queue. Its numbers are what SQS calls approximate."""

    consumer: str
    name: str
    url: str
    waiting: int
    in_flight: int  # at work, or waiting for its next try
    dead_url: str
    dead: int


def find_queues(account: Account) -> list[Queue]:
    """Every consumer's, by name. Raises LookupError if there is none."""
    sqs = account.client("sqs")
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=account.prefix)
    urls = [url for page in pages for url in page.get("QueueUrls", [])]
    # Stage `prod` must not take those of stage `prod-2` for its own.
    own = [url for url in urls if re.fullmatch(rf"{account.prefix}\w+(-dead)?", url.rpartition("/")[2])]
    known = {url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in own}
    if not known:
        raise LookupError(f"No queue is named {account.prefix}… here: is it this account, this region and this stage?")
    by_arn = {attributes["QueueArn"]: url for url, attributes in known.items()}
    return [
        _queue(account, url, known, by_arn)
        for url, attributes in sorted(known.items())
        if "RedrivePolicy" in attributes
    ]


def _queue(account: Account, url: str, known: dict[str, Any], by_arn: dict[str, str]) -> Queue:
    name = url.rpartition("/")[2]
    dead_url = by_arn[json.loads(known[url]["RedrivePolicy"])["deadLetterTargetArn"]]
    waiting, in_flight = _counts(known[url])
    return Queue(
        name.removeprefix(account.prefix), name, url, waiting, in_flight, dead_url, sum(_counts(known[dead_url]))
    )


def _counts(attributes: dict[str, str]) -> tuple[int, int]:
    return int(attributes["ApproximateNumberOfMessages"]), int(attributes["ApproximateNumberOfMessagesNotVisible"])


def find_queue(account: Account, name: str) -> Queue:
    """By its consumer's name, or by its own. Raises LookupError."""
    queues = find_queues(account)
    for queue in queues:
        if name in (queue.consumer, queue.name):
            return queue
    raise LookupError(f"There is no queue {name}. There are: {', '.join(queue.consumer for queue in queues)}")


def oldest_seconds(account: Account, queues: Sequence[Queue]) -> dict[str, float]:
    """Age of each queue's oldest message, by the queue's name, where it is known."""
    if account.emulator:
        return {queue.name: age for queue in queues if (age := _emulated_age(account.emulator, queue)) is not None}
    now = datetime.now(UTC)
    metric = {"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage"}
    queries = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {**metric, "Dimensions": [{"Name": "QueueName", "Value": queue.name}]},
                "Period": 60,
                "Stat": "Maximum",
            },
        }
        for number, queue in enumerate(queues)
    ]
    reply = account.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=now - timedelta(minutes=10), EndTime=now
    )
    return {
        queues[int(found["Id"][1:])].name: max(zip(found["Timestamps"], found["Values"], strict=True))[1]
        for found in reply["MetricDataResults"]
        if found["Values"]
    }


def _emulated_age(endpoint: str, queue: Queue) -> float | None:
    """The emulator measures no such metric, but shows what is in its queues without touching it."""
    url = f"{endpoint}/_ministack/sqs/messages?QueueUrl={quote(queue.url, safe='')}"
    accounts = httpx.get(url, trust_env=False, timeout=5).raise_for_status().json()["messages"].values()
    lists = [messages for regions in accounts for queues in regions.values() for messages in queues.values()]
    sent = [message["SentTimestamp"] for messages in lists for message in messages]
    return time.time() - min(sent) if sent else None


# The commands


def show_list(account: Account, _given: argparse.Namespace) -> None:
    queues = find_queues(account)
    ages = oldest_seconds(account, queues)
    rows = [
        [q.consumer, q.waiting, q.in_flight, _seconds(ages.get(q.name)), q.dead, q.dead_url.rpartition("/")[2]]
        for q in queues
    ]
    print(table(["consumer", "waiting", "in flight", "oldest", "dead", "dead-letter queue"], rows))


def show_dead(account: Account, given: argparse.Namespace) -> None:
    queue = find_queue(account, given.queue)
    rows: list[list[str]] = []
    with DeadLetters(account.client("sqs"), queue.dead_url) as dead:
        for letters in dead:
            rows += [letter.row() for letter in letters]
            if len(rows) >= given.most:
                break
    if rows:
        print(table(["id", "type", "subject", "time", "tries", "kind", "error"], rows[: given.most]))
    print(f"{len(rows[: given.most])} of about {max(queue.dead, len(rows))} dead letters of {queue.consumer}.")


def redrive(account: Account, given: argparse.Namespace) -> None:
    queue = find_queue(account, given.queue)
    sqs = account.client("sqs")
    job = Redrive(sqs, queue.dead_url, queue.url, given.most or max(queue.dead, 1), given.id)
    try:
        job.run()
    finally:
        print(f"{job.moved} put back into {queue.consumer}; {job.refused} refused. `list` shows what is left.")
    if job.refused or (given.id and not job.moved):
        raise LookupError(f"Not all of it could be put back into {queue.consumer}.")


def drop(account: Account, given: argparse.Namespace) -> None:
    queue = find_queue(account, given.queue)
    dropped: list[Letter] = []
    with DeadLetters(account.client("sqs"), queue.dead_url) as dead:
        for letters in dead:
            found = [letter for letter in letters if given.id in (letter.id, letter.raw["MessageId"])]
            for letter in found:
                print(json.dumps(letter.copy()), flush=True)
            if given.yes:
                dead.remove(found)
            dropped += found
    if not dropped:
        raise LookupError(f"{queue.consumer} has no dead letter {given.id}.")
    if not given.yes:
        raise LookupError("Nothing was dropped: with --yes it would be.")


def show_outbox(account: Account, given: argparse.Namespace) -> None:
    with _database(account, given.root).connect() as connection, connection.cursor() as cursor:
        cursor.execute(UNSENT)
        rows = [[kind, count, _seconds(age)] for kind, count, age in cursor.fetchall()]
    if rows:
        print(table(["type", "unsent", "oldest"], rows))
    print(f"{sum(row[1] for row in rows)} messages are unsent.")


def _database(account: Account, root: Path) -> Address:
    if url := os.environ.get("DATABASE_URL"):
        return Address.parse(url)
    if account.emulator:
        return place(root).database
    found = json.loads(account.secret("database"))
    return Address(found["host"], int(found["port"]), found["username"], found["password"], found["dbname"])


# How it looks


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns side by side, numbers to the right."""
    lines = [list(headings), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    right = [all(re.fullmatch(r"[\d.]+( s)?|-", cell) for cell in column) for column in zip(*lines[1:], strict=True)]
    shown = [
        [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ]
        for line in lines
    ]
    return "\n".join("  ".join(line).rstrip() for line in shown)


def _seconds(age: float | None) -> str:
    return "-" if age is None else f"{age:.0f} s"


def _parser() -> argparse.ArgumentParser:
    shown = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m ops.queues", description=__doc__, formatter_class=shown)
    parser.add_argument("--stage", help="a stage in an AWS account; without it, the stack of this machine")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder that holds this machine's stack")
    parser.set_defaults(run=show_list)
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, run: Any, *, of_queue: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name)
        added.set_defaults(run=run)
        if of_queue:
            added.add_argument("queue", help="its consumer, as `list` shows it")
        return added

    command("list", show_list, of_queue=False)
    command("outbox", show_outbox, of_queue=False)
    command("dead", show_dead).add_argument("--most", type=int, default=100, help="show no more than that (100)")
    again = command("redrive", redrive)
    again.add_argument("--id", nargs="+", default=[], help="only these, as `dead` shows them")
    again.add_argument("--most", type=int, help="no more than that (as many as there are at the beginning)")
    away = command("drop", drop)
    away.add_argument("--id", required=True, help="which, as `dead` shows it")
    away.add_argument("--yes", action="store_true", help="really")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        given.run(there(given.stage) if given.stage else here(given.root), given)
    except (CannotStart, LookupError) as failure:
        return _complain(str(failure))
    except (botocore.exceptions.NoCredentialsError, botocore.exceptions.NoRegionError) as failure:
        return _complain(f"{failure} Set AWS_PROFILE, or keys, and AWS_REGION, as for any AWS tool.")
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, httpx.HTTPError) as failure:
        return _complain(f"AWS did not answer as it should: {failure}")
    except pymysql.MySQLError as failure:
        return _complain(f"The database did not answer as it should: {failure}")
    except KeyboardInterrupt:
        return 130
    return 0


def _complain(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
