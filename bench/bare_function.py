"""A function of a few lines in the local emulator: the floor of what a function of the product does."""

import io
import zipfile
from typing import Any

from stack.stack import Stack

ROLE = "arn:aws:iam::000000000000:role/bench"


def create_function(stack: Stack, name: str, code: str, variables: dict[str, str] | None = None) -> None:
    """Deploy `code`, a module with a `handler`, as a function of this name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("bare.py", code)
    stack.emulator.client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Role=ROLE, Handler="bare.handler",
        Code={"ZipFile": archive.getvalue()}, Timeout=30, Environment={"Variables": variables or {}},
    )  # fmt: skip


def create_queue(stack: Stack, name: str) -> tuple[str, str]:
    """URL and ARN of a new queue."""
    sqs: Any = stack.emulator.client("sqs")
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn: str = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def feed(stack: Stack, queue_arn: str, function: str) -> None:
    """Let the queue's messages wake the function."""
    functions = stack.emulator.client("lambda")
    functions.create_event_source_mapping(EventSourceArn=queue_arn, FunctionName=function, BatchSize=10)
