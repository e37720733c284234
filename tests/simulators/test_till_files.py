"""The till's sample files keep their promises: Python's csv module reads them, and the emulator announces them."""

import csv
import io
import json
from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote_plus

import pytest

from stack.emulator import Emulator
from tests.support.till_files import ALL, BROKEN, CUT, FAULTY_ROWS, FORMULA, GOOD, TillFile, announcement, large, upload
from tests.support.waiting import wait_until


def rows_of(file: TillFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize("file", [*GOOD, FORMULA, large(500)], ids=lambda file: file.key)
def test_the_lines_of_a_good_file_add_up_to_its_sales(file: TillFile) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    rows = rows_of(file)
    for row in rows:
        sums[row["number"]] += Decimal(row["amount"])
    assert sums == file.sales
    assert all(Decimal(row["total"]) == file.sales[row["number"]] for row in rows)
    assert len(rows) == file.lines


@pytest.mark.parametrize("file", FAULTY_ROWS, ids=lambda file: file.key)
def test_a_faulty_row_is_faulty_in_one_column_alone(file: TillFile) -> None:
    good, faulty, _ = rows_of(file)
    [(place, column)] = file.refused.items()
    assert place == 3
    different = {name for name in good if good[name] != faulty[name]} - {"number", "payment_reference"}
    assert different | ({"number"} if not faulty["number"] else set()) == {column}
    if column in ("quantity", "unit_price", "amount"):
        with pytest.raises(InvalidOperation):
            Decimal(faulty[column])


def test_a_broken_file_cannot_be_read_as_these_columns() -> None:
    for file in BROKEN:
        try:
            header = next(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))), [])
        except UnicodeDecodeError:
            continue
        assert header.count("total") != 1
    assert len(rows_of(CUT)) == 2
    assert rows_of(CUT)[1]["payment_method"] is None


def test_keys_are_announced_as_s3_announces_them(emulator: Emulator) -> None:
    s3, sqs = emulator.client("s3"), emulator.client("sqs")
    s3.create_bucket(Bucket="till-samples")
    queue = sqs.create_queue(QueueName="till-samples")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    wiring = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="till-samples", NotificationConfiguration=wiring)
    upload(s3, "till-samples", *ALL)
    announced: set[str] = set()

    def all_came() -> bool:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            announced.update(record["s3"]["object"]["key"] for record in records(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return len(announced) >= len(ALL)

    wait_until(all_came)
    ours = {record["s3"]["object"]["key"] for record in announcement("till-samples", *ALL)["Records"]}
    assert {unquote_plus(key) for key in announced} == {unquote_plus(key) for key in ours} == {file.key for file in ALL}
    s3.close()
    sqs.close()


def records(body: str) -> list[dict[str, Any]]:
    event: dict[str, Any] = json.loads(body)
    return list(event.get("Records", []))
