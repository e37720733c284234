"""A till and an HR system for tests: their files, and the messages between sync and order intake."""

import json
from collections.abc import Callable
from typing import Any

from functions.orders import on_sale_pulled
from functions.sync import on_file_dropped, on_run_unfinished, on_sale_answered, pull_employees, pull_till_sales
from stack.gateway_event import Context
from tests.support.queues import Inbox
from tests.support.sync import CHAIN, Sync
from tests.support.till_files import TillFile

CONSUMERS: dict[str, Callable[[Any, Any], Any]] = {
    "sync.file_dropped": on_file_dropped.handler,
    "sync.run_unfinished": on_run_unfinished.handler,
    "sync.sale_pulled": on_sale_pulled.handler,
    "sale.placed": on_sale_answered.handler,
    "sale.refused": on_sale_answered.handler,
}


def deliver(inbox: Inbox, *, times: int = 2) -> list[str]:
    """Give each message to its consumer, `times` times, until no new one comes. Returns the types in their order."""
    types = []
    while messages := [message for message in inbox.take() if message["type"] in CONSUMERS]:
        for message in messages:
            types.append(message["type"])
            record = {
                "messageId": message["id"],
                "receiptHandle": "r",
                "body": json.dumps(message),
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:q",
            }
            for _ in range(times):
                assert CONSUMERS[message["type"]]({"Records": [record]}, Context()) == {"batchItemFailures": []}
    return types


def drop(sync: Sync, s3: Any, bucket: str, file: TillFile, flow: str = "pull_till_sales") -> str:
    """Upload a file as a till does, and say so. Returns its id."""
    body = {"flow": flow, "name": file.key, "size": max(len(file.content), 1)}
    opened = sync.call("POST", f"/v1/sync/systems/erp/files{CHAIN}", body)
    assert opened.status == 201, opened.text
    file_id: str = opened.json["file"]
    s3.put_object(Bucket=bucket, Key=f"demo/erp/{file_id}.csv", Body=file.content)
    for _ in range(2):  # the second says nothing new
        dropped = sync.call("POST", f"/v1/sync/systems/erp/files/{file_id}/dropped{CHAIN}")
        assert dropped.status == 202, dropped.text
    return file_id


def the_file(sync: Sync, file_id: str) -> dict[str, Any]:
    """The file as the API shows it."""
    files = sync.call("GET", f"/v1/sync/systems/erp/files{CHAIN}").json["files"]
    [found] = [file for file in files if file["file"] == file_id]
    return dict(found)


def the_sales(sync: Sync) -> dict[str, dict[str, Any]]:
    """The sales of the till by number."""
    reply = sync.call("GET", f"/v1/sync/systems/erp/sales{CHAIN}&limit=500")
    assert reply.status == 200, reply.text
    return {sale["number"]: sale for sale in reply.json["sales"]}


def pull_sales() -> None:
    """Run the timer of sales."""
    pull_till_sales.handler({}, Context())


def pull_people() -> None:
    """Run the timer of people."""
    pull_employees.handler({}, Context())


def refused_records(sync: Sync, flow: str) -> list[dict[str, Any]]:
    """The records that a flow could not read, by key."""
    reply = sync.call("GET", f"/v1/sync/systems/erp/refused-records{CHAIN}&flow={flow}")
    assert reply.status == 200, reply.text
    records: list[dict[str, Any]] = reply.json["records"]
    return records


def waiting(sync: Sync, flow: str) -> list[tuple[str, str, int]]:
    """What a flow shows of those who must act: (cause, reason, how many)."""
    flows = sync.call("GET", f"/v1/sync/systems/erp/flows{CHAIN}").json["flows"]
    [found] = [row for row in flows if row["flow"] == flow]
    return [(count["cause"], count["reason"], count["documents"]) for count in found["open"]]
