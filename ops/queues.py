"""The queues of a stage: what waits in them, since when, and which dead letters are theirs."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from ops.account import Account
from ops.dead_letters import DeadLetters, Letter

# Enough to see what is wrong; a letter that is counted is hidden from all other readers for a moment.
MOST_COUNTED = 1_000


@dataclass(frozen=True)
class Queue:
    """A consumer's queue. Its numbers are what SQS calls approximate.

    Each concern has one more: its letters that the topic could not deliver to a consumer. That one has no name.
    """

    consumer: str
    name: str
    url: str
    waiting: int
    in_flight: int  # at work, or waiting for its next try
    dead_url: str
    letters: int  # in the dead-letter queue of the concern, of all its consumers

    @property
    def concern(self) -> str:
        """Functions and queues are named after it."""
        return self.consumer.partition("_")[0]


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
    by_arn = {values["QueueArn"]: url for url, values in attributes.items()}
    return [
        _queue(account, url, attributes, by_arn)
        for url, values in sorted(attributes.items())
        if "RedrivePolicy" in values
    ]


def _queue(account: Account, url: str, attributes: dict[str, Any], by_arn: dict[str, str]) -> Queue:
    name = url.rpartition("/")[2]
    dead_url = by_arn[json.loads(attributes[url]["RedrivePolicy"])["deadLetterTargetArn"]]
    waiting, in_flight = _counts(attributes[url])
    letters = sum(_counts(attributes[dead_url]))
    return Queue(name.removeprefix(account.prefix), name, url, waiting, in_flight, dead_url, letters)


def _counts(attributes: dict[str, str]) -> tuple[int, int]:
    return int(attributes["ApproximateNumberOfMessages"]), int(attributes["ApproximateNumberOfMessagesNotVisible"])


def undelivered(account: Account, queues: Sequence[Queue]) -> Iterator[Queue]:
    """Of each concern the letters that name no consumer."""
    for url, letters in sorted({(queue.dead_url, queue.letters) for queue in queues}):
        concern = url.rpartition("/")[2].removeprefix(account.prefix).removesuffix("-dead")
        yield Queue(concern, "", "", 0, 0, url, letters)


def find_queue(account: Account, name: str) -> Queue:
    """By its consumer's name, or by its own; by a concern's name its undelivered letters. Raises LookupError."""
    queues = find_queues(account)
    for queue in [*queues, *undelivered(account, queues)]:
        if name in (queue.consumer, queue.name):
            return queue
    raise LookupError(f"There is no queue {name}. There are: {', '.join(queue.consumer for queue in queues)}")


def count_letters(account: Account, dead_url: str) -> Counter[str]:
    """How many letters each queue has among the first thousand, by the queue's name."""
    counts: Counter[str] = Counter()
    with DeadLetters(account.client("sqs"), dead_url) as dead:
        for letters in dead:
            counts.update(letter.queue for letter in letters)
            if counts.total() >= MOST_COUNTED:
                break
    return counts


def targets_of(account: Account, queue: Queue) -> Callable[[Letter], Sequence[str]]:
    """Into which queues a letter of `queue` goes back."""
    if queue.url:
        return lambda _letter: [queue.url]
    concern = [sibling for sibling in find_queues(account) if sibling.dead_url == queue.dead_url]
    types = {sibling.url: _types(account, sibling) for sibling in concern}
    return lambda letter: [url for url, accepted in types.items() if letter.event.get("type") in accepted]


def _types(account: Account, queue: Queue) -> frozenset[str]:
    """The types of message that the topic sends to a queue."""
    sns = account.client("sns")
    pages = sns.get_paginator("list_subscriptions").paginate()
    for subscription in (item for page in pages for item in page["Subscriptions"]):
        if subscription["Endpoint"].rpartition(":")[2] == queue.name:
            arn = subscription["SubscriptionArn"]
            attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
            return frozenset(json.loads(attributes.get("FilterPolicy", "{}")).get("type", ()))
    return frozenset()


def oldest_seconds(account: Account, queues: Sequence[Queue]) -> dict[str, float]:
    """Age of each queue's oldest message, by the queue's name, where it is known."""
    if account.emulator:
        return {queue.name: age for queue in queues if (age := _emulated_age(account.emulator, queue)) is not None}
    return _measured_ages(account, queues)


def _measured_ages(account: Account, queues: Sequence[Queue]) -> dict[str, float]:
    now = datetime.now(UTC)
    reply = account.client("cloudwatch").get_metric_data(
        MetricDataQueries=_age_queries(queues), StartTime=now - timedelta(minutes=10), EndTime=now
    )
    return {
        queues[int(result["Id"][1:])].name: max(zip(result["Timestamps"], result["Values"], strict=True))[1]
        for result in reply["MetricDataResults"]
        if result["Values"]
    }


def _age_queries(queues: Sequence[Queue]) -> list[dict[str, Any]]:
    metric = {"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage"}
    return [
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


def _emulated_age(endpoint: str, queue: Queue) -> float | None:
    """The emulator measures no such metric, but shows what is in its queues without touching it."""
    url = f"{endpoint}/_ministack/sqs/messages?QueueUrl={quote(queue.url, safe='')}"
    accounts = httpx.get(url, trust_env=False, timeout=5).raise_for_status().json()["messages"].values()
    lists = [messages for regions in accounts for queues in regions.values() for messages in queues.values()]
    sent = [message["SentTimestamp"] for messages in lists for message in messages]
    return time.time() - min(sent) if sent else None
