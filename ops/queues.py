"""The queues of a stage: their depth, their age, their dead letters."""

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from ops.account import Account


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
    attributes = {url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in own}
    if not attributes:
        raise LookupError(f"No queue is named {account.prefix}… here: is it this account, this region and this stage?")
    by_arn = {of_queue["QueueArn"]: url for url, of_queue in attributes.items()}
    return [
        _queue(account, url, attributes, by_arn)
        for url, of_queue in sorted(attributes.items())
        if "RedrivePolicy" in of_queue
    ]


def _queue(account: Account, url: str, attributes: dict[str, Any], by_arn: dict[str, str]) -> Queue:
    name = url.rpartition("/")[2]
    dead_url = by_arn[json.loads(attributes[url]["RedrivePolicy"])["deadLetterTargetArn"]]
    waiting, in_flight = _counts(attributes[url])
    return Queue(
        name.removeprefix(account.prefix), name, url, waiting, in_flight, dead_url, sum(_counts(attributes[dead_url]))
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
        queues[int(metric_data["Id"][1:])].name: max(
            zip(metric_data["Timestamps"], metric_data["Values"], strict=True)
        )[1]
        for metric_data in reply["MetricDataResults"]
        if metric_data["Values"]
    }


def _emulated_age(endpoint: str, queue: Queue) -> float | None:
    """The emulator measures no such metric, but shows what is in its queues without touching it."""
    url = f"{endpoint}/_ministack/sqs/messages?QueueUrl={quote(queue.url, safe='')}"
    accounts = httpx.get(url, trust_env=False, timeout=5).raise_for_status().json()["messages"].values()
    lists = [messages for regions in accounts for queues in regions.values() for messages in queues.values()]
    sent = [message["SentTimestamp"] for messages in lists for message in messages]
    return time.time() - min(sent) if sent else None
