"""From the one stack of before to a spine and a stack for each concern. Nothing is lost, and every step may run again.

The one stack becomes the spine: its queues, functions and timers go, and the concerns' stacks make new ones of the
same names. Meanwhile the API answers 404, and tills send again. Buckets, log groups and dead letters are retained.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from ops.account import Account
from ops.dead_letters import DeadLetters, Letter
from ops.queues import find_queues, oldest_seconds
from stack.mariadb import Address

NOTE = "upgrade-to-stacks.json"
# A record that fails comes again for 17 minutes.
LONGEST_RETRY = timedelta(minutes=20)
BUCKETS = {"ModelsBucket": "forecast", "ExportsBucket": "members"}
WAIT_SECONDS = 1800.0
LOOK_SECONDS = 0.5
SEND_AGAIN = "UPDATE messages SET sent_at = NULL, leased_until = NULL WHERE sent_at > %s"


@dataclass(frozen=True)
class Before:
    """The one stack before the upgrade: its buckets by logical id, and the time since which its queues may hold
    messages."""

    since: str
    buckets: dict[str, str]
    dead_queues: list[str]


class Upgrade:
    """The steps, each of them complete or still to be done. `deploy` deploys the spine and all concerns."""

    def __init__(self, account: Account, database: Address, deploy: Callable[[], None]) -> None:
        self._account, self._database, self._deploy = account, database, deploy
        self._cloudformation, self._s3, self._sqs = (account.client(name) for name in ("cloudformation", "s3", "sqs"))
        self._stack = account.prefix.removesuffix("-")

    def run(self, say: Callable[[str], None]) -> None:
        """Raises LookupError where there is no stack of before, and RuntimeError for a stack that fails."""
        before = self._noted()
        if before is None:
            before = self._retain()
            say(f"Retained: {', '.join(before.buckets.values())}, log groups, {len(before.dead_queues)} queues")
        self._deploy()
        say(f"Sent again: {self._send_again(before)} messages")
        say(f"Dead letters moved: {sum(self._move_letters(url) for url in before.dead_queues)}")
        say(f"Objects copied: {sum(self._copy(name, old) for name, old in before.buckets.items())}")
        self._s3.delete_object(Bucket=self._code_bucket(), Key=NOTE)

    def _noted(self) -> Before | None:
        """The notes of an interrupted upgrade."""
        try:
            note = self._s3.get_object(Bucket=self._code_bucket(), Key=NOTE)["Body"].read()
        except ClientError:
            return None
        return Before(**json.loads(note))

    def _retain(self) -> Before:
        """Before anything is deleted: what shall outlive the stack is marked, and noted where a second try finds it."""
        template = self._template()
        if not any(resource["Type"] == "AWS::Lambda::Function" for resource in template["Resources"].values()):
            raise LookupError(f"The stack {self._stack} has no functions: there is nothing to upgrade.")
        before = Before(self._since().isoformat(), self._buckets(template), self._dead_queues())
        for name, resource in template["Resources"].items():
            if name in BUCKETS or resource["Type"] == "AWS::Logs::LogGroup" or name.endswith("DeadLetters"):
                resource |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        self._update(template)
        self._s3.put_object(Bucket=self._code_bucket(), Key=NOTE, Body=json.dumps(asdict(before)).encode())
        return before

    def _since(self) -> datetime:
        """A message that was sent before this has left all queues, or is a dead letter."""
        ages = oldest_seconds(self._account, find_queues(self._account)).values()
        return datetime.now(UTC) - max(LONGEST_RETRY, timedelta(seconds=max(ages, default=0)) + LONGEST_RETRY)

    def _dead_queues(self) -> list[str]:
        return sorted({queue.dead_url for queue in find_queues(self._account)})

    def _buckets(self, template: dict[str, Any]) -> dict[str, str]:
        return {name: self._physical(self._stack, name) for name in BUCKETS if name in template["Resources"]}

    def _template(self) -> dict[str, Any]:
        try:
            body = self._cloudformation.get_template(StackName=self._stack, TemplateStage="Original")["TemplateBody"]
        except ClientError as failure:
            raise LookupError(f"There is no stack {self._stack}: there is nothing to upgrade.") from failure
        template: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
        return template

    def _update(self, template: dict[str, Any]) -> None:
        key, bucket = "upgrade-template.json", self._code_bucket()
        self._s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(template).encode())
        url = f"{self._s3.meta.endpoint_url}/{bucket}/{key}"
        try:
            self._cloudformation.update_stack(
                StackName=self._stack, TemplateURL=url, Capabilities=["CAPABILITY_NAMED_IAM"]
            )
        except ClientError as failure:
            if "No updates are to be performed" not in str(failure):
                raise
            return
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            status = self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"][0]["StackStatus"]
            if status == "UPDATE_COMPLETE":
                return
            if status.endswith(("FAILED", "ROLLBACK_COMPLETE")):
                raise RuntimeError(f"The stack {self._stack} could not be updated: {status}")
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"The stack {self._stack} was not updated after {WAIT_SECONDS:.0f} s")

    def _send_again(self, before: Before) -> int:
        """The queues were deleted with their messages. Consumers bear a message twice."""
        since = datetime.fromisoformat(before.since).replace(tzinfo=None)
        with self._database.connect(autocommit=True) as connection, connection.cursor() as cursor:
            return int(cursor.execute(SEND_AGAIN, (since,)))

    def _move_letters(self, old_url: str) -> int:
        """Into the queue of the concern, with the consumer noted; the old queue goes when it is empty."""
        consumer = old_url.rpartition("/")[2].removesuffix("-dead")
        concern = consumer.removeprefix(self._account.prefix).partition("_")[0]
        new_url = self._sqs.get_queue_url(QueueName=f"{self._account.prefix}{concern}-dead")["QueueUrl"]
        count = 0
        try:
            with DeadLetters(self._sqs, old_url) as dead:
                for letter in (letter for letters in dead for letter in letters):
                    self._sqs.send_message(QueueUrl=new_url, **_with_consumer(letter, consumer))
                    dead.remove([letter])
                    count += 1
            self._sqs.delete_queue(QueueUrl=old_url)
        except self._sqs.exceptions.QueueDoesNotExist:
            return count  # an earlier try has moved them
        return count

    def _copy(self, name: str, old: str) -> int:
        """Objects that the new bucket lacks. The old bucket stays; a person deletes it."""
        new = self._physical(f"{self._stack}-{BUCKETS[name]}", name)
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=old)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        for key in keys:
            self._s3.copy_object(Bucket=new, Key=key, CopySource={"Bucket": old, "Key": key})
        return len(keys)

    def _code_bucket(self) -> str:
        return self._physical(self._stack, "ServerlessDeploymentBucket")

    def _physical(self, stack: str, logical: str) -> str:
        try:
            detail = self._cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=logical)
        except ClientError as failure:
            raise LookupError(f"The stack {stack} has no {logical}: there is nothing to upgrade.") from failure
        return str(detail["StackResourceDetail"]["PhysicalResourceId"])


def _with_consumer(letter: Letter, consumer: str) -> dict[str, Any]:
    noted = {"consumer": {"DataType": "String", "StringValue": consumer}, **letter.attributes}
    return {"MessageBody": letter.raw["Body"], "MessageAttributes": noted}
