"""Files of an external till, as tills drop them into object storage: good ones, awkward ones, and broken ones.

One row is a line of a sale; the fields of the sale repeat in each of its rows. Expected amounts are sums by hand.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus

COLUMNS = (
    "number", "store", "sold_at", "service", "currency", "item", "name", "quantity", "unit_price", "amount", "tax",
    "total", "payment_method", "payment_reference",
)  # fmt: skip
HEADER = ",".join(COLUMNS)


@dataclass(frozen=True)
class TillFile:
    """A file and what it must come to: total by number of sale, and for rows that are refused the faulty column.

    Row 1 is the header. `refused_whole`: no row can be read, and the reason is in this word.
    """

    key: str
    content: bytes
    sales: dict[str, Decimal] = field(default_factory=dict)
    lines: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    refused_whole: str = ""


def row(number: str, item: str = "P1", quantity: str = "1", price: str = "12.00", **different: str) -> str:
    """A row in the order of COLUMNS. The amount is quantity × price; the total is the amount, unless given."""
    amount = f"{Decimal(quantity) * Decimal(price):.2f}"
    values = {
        "number": number, "store": "S1", "sold_at": "2026-11-30T12:05:00+08:00", "service": "dine_in",
        "currency": "CNY", "item": item, "name": f"Dish {item}", "quantity": quantity, "unit_price": price,
        "amount": amount, "tax": "0.00", "total": amount, "payment_method": "cash",
        "payment_reference": f"pay-{number}",
    } | different  # fmt: skip
    return ",".join(_quoted(values[name]) for name in COLUMNS)


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if any(mark in value for mark in ',"\n\r') else value


def text(*rows: str, header: str = HEADER, end: str = "\n") -> str:
    return end.join((header, *rows)) + end


def swapped(line: str, *order: str) -> str:
    """A row of COLUMNS in another order of columns. It must have no quotes."""
    values = dict(zip(COLUMNS, line.split(","), strict=True))
    return ",".join(values[name] for name in order)


BACKWARDS = tuple(reversed(COLUMNS))
GOOD = [
    # 1 × 12.00; 2 × 12.00 + 1 × 6.50 = 30.50.
    TillFile(
        "sales/plain.csv",
        text(row("A1"), row("A2", "P1", "2", total="30.50"), row("A2", "P2", "1", "6.50", total="30.50")).encode(),
        {"A1": Decimal("12.00"), "A2": Decimal("30.50")},
        lines=3,
    ),
    TillFile(
        "sales/windows.csv",
        text(row("B1", name="Tea, green"), row("B2", name='The "big" one'), end="\r\n").encode("utf-8-sig"),
        {"B1": Decimal("12.00"), "B2": Decimal("12.00")},
        lines=2,
    ),
    TillFile(
        "sales/rows of a sale apart 一店.csv",
        text(
            row("C1", "P1", total="18.50", name="披萨"),
            row("C2", "P1", name="披萨\n大份"),
            row("C1", "P2", "1", "6.50", total="18.50", name="茶"),
            "",
            "",
        ).encode(),
        {"C1": Decimal("18.50"), "C2": Decimal("12.00")},
        lines=3,
    ),
    TillFile(
        "sales/another order of columns.csv",
        text(f"{swapped(row('D1'), *BACKWARDS)},Ana", header=",".join((*BACKWARDS, "cashier"))).encode(),
        {"D1": Decimal("12.00")},
        lines=1,
    ),
    TillFile("sales/no sale that day.csv", text().encode()),
    # The clock of UTC, of a zone, and with fractions; a sale just before midnight in Shanghai.
    TillFile(
        "sales/times.csv",
        text(
            row("E1", sold_at="2026-11-30T04:05:00Z"),
            row("E2", sold_at="2026-11-30T12:05:00.250+08:00"),
            row("E3", sold_at="2026-11-30T23:59:59+08:00"),
        ).encode(),
        {name: Decimal("12.00") for name in ("E1", "E2", "E3")},
        lines=3,
    ),
]
# One faulty row: the other sales come in, and the faulty one is refused by row and column.
FAULTY_ROWS = [
    TillFile(
        f"sales/faulty {column}.csv",
        text(row("F1"), faulty, row("F3")).encode(),
        {"F1": Decimal("12.00"), "F3": Decimal("12.00")},
        lines=2,
        refused={3: column},
    )
    for column, faulty in {
        "number": row(""),
        "store": row("F2", store="S99"),
        "sold_at": row("F2", sold_at="30.11.2026 12:05"),
        "quantity": row("F2").replace(",1,12.00,", ",one,12.00,"),
        "unit_price": row("F2", unit_price="19.034,58"),
        "amount": row("F2", amount="￥12.00"),
        "total": row("F2", total="NaN"),
        "currency": row("F2", currency="RMB¥"),
        "service": row("F2", service="eat here"),
    }.items()
]
# Spreadsheets run what begins with =, +, - or @; such a name is data.
FORMULA = TillFile(
    "sales/formula.csv",
    text(row("G1", name='=HYPERLINK("http://x.example","y")')).encode(),
    {"G1": Decimal("12.00")},
    1,
)
BROKEN = [
    TillFile("sales/empty.csv", b"", refused_whole="empty"),
    TillFile("sales/of gbk.csv", text(row("H1", name="披萨")).encode("gbk"), refused_whole="UTF-8"),
    TillFile("sales/of utf-16.csv", text(row("H1")).encode("utf-16"), refused_whole="UTF-8"),
    TillFile("sales/page of an error.csv", b"<!DOCTYPE html><html><body>502</body></html>", refused_whole="column"),
    TillFile("sales/without total.csv", text(header=HEADER.replace("total,", "")).encode(), refused_whole="total"),
    TillFile("sales/column twice.csv", text(header=HEADER.replace("tax", "total")).encode(), refused_whole="total"),
    TillFile("sales/packed.csv", b"PK\x03\x04" + bytes(range(256)), refused_whole="UTF-8"),
]
# The till exports the day again: A1 is as it was, A2 has another total, A3 is new.
AGAIN = TillFile(
    "sales/plain again.csv",
    text(row("A1"), row("A2", "P1", "2", total="24.00"), row("A3")).encode(),
    {"A1": Decimal("12.00"), "A2": Decimal("24.00"), "A3": Decimal("12.00")},
    lines=3,
)
# The upload broke off inside the last row.
CUT = TillFile(
    "sales/cut.csv",
    text(row("I1"), row("I2")).encode()[:-40],
    {"I1": Decimal("12.00")},
    lines=1,
    refused={3: "columns"},
)
ALL = [*GOOD, *FAULTY_ROWS, FORMULA, *BROKEN, AGAIN, CUT]


def large(sales: int) -> TillFile:
    """A file of many sales of two rows each: 12.00 + 6.50 = 18.50 a sale."""
    rows = (line for number in range(sales) for line in _pair(f"L{number}"))
    return TillFile(
        "sales/large.csv",
        text(*rows).encode(),
        {f"L{number}": Decimal("18.50") for number in range(sales)},
        lines=2 * sales,
    )


def _pair(number: str) -> tuple[str, str]:
    return row(number, total="18.50"), row(number, "P2", "1", "6.50", total="18.50")


def announcement(bucket: str, *files: TillFile) -> dict[str, Any]:
    """The event that S3 sends to a queue for new objects. Keys in it are encoded as in a form.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    return {
        "Records": [
            {
                "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1",
                "eventName": "ObjectCreated:Put", "eventTime": "2026-11-30T04:10:00.000Z",
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": {"key": quote_plus(file.key, safe="/"), "size": len(file.content), "sequencer": "00"},
                },
            }
            for file in files
        ]
    }  # fmt: skip


def upload(client: Any, bucket: str, *files: TillFile) -> None:
    """Put the files into a bucket. `client` is boto3's of S3."""
    for file in files:
        client.put_object(Bucket=bucket, Key=file.key, Body=file.content)
