"""A search for bills of Kingdee K3Cloud that does not believe an old answer.

K3Cloud's answers do not name their query. So each search asks for some of the newest bills too, chosen by chance, and
for its fields in an order of chance. An old answer has other bills, or its values in other places.
"""

import random
from collections.abc import Iterator, Sequence

from functions.sync.adapters.contract import InDoubt
from functions.sync.adapters.kingdee_api import Api, Row

# Rows of a query: one for each entry of a bill.
PAGE = 2_000
# The newest bills, of which a half is asked for.
NEWEST = 10
CONTROL_KEYS = ("FID", "FBillNo")


def search(api: Api, form: str, keys: Sequence[str], where: str) -> list[Row]:
    """The rows that fit `where`, and those of the control bills, by id. Raises `InDoubt` for an old answer.

    A form without bills has no control. There K3Cloud itself refuses a second bill of the same number.
    """
    newest = api.query(form, CONTROL_KEYS, "FID > 0", "FID DESC", NEWEST)
    chosen = random.SystemRandom()
    controls = {row["FID"]: row["FBillNo"] for row in chosen.sample(newest, (len(newest) + 1) // 2)}
    asked = f"({where})" + (f" or FID in ({','.join(str(int(fid)) for fid in controls)})" if controls else "")
    rows: list[Row] = []
    for page, is_last in pages_by_id(api, form, keys, asked, shuffles=True):
        rows += page
        if is_last:
            break
    numbers = {row["FID"]: row["FBillNo"] for row in rows if isinstance(row["FID"], int)}
    if any(numbers.get(fid) != number for fid, number in controls.items()):
        raise InDoubt("answer_stale", "the answer to a search is of another request")
    return rows


def pages_by_id(
    api: Api, form: str, keys: Sequence[str], where: str, *, shuffles: bool = False
) -> Iterator[tuple[list[Row], bool]]:
    """Pages of whole bills by id, and whether a page had room for more. Raises `InDoubt` for a bill without an end.

    The last bill of a full page may be cut, and is read again. `shuffles`: each page asks for its fields in an order of
    chance.
    """
    last = 0
    while True:
        fields = random.SystemRandom().sample(list(keys), len(keys)) if shuffles else keys
        rows = api.query(form, fields, f"({where}) and FID > {last}", "FID", PAGE)
        is_full = len(rows) >= PAGE
        if is_full:
            rows = [row for row in rows if row["FID"] != rows[-1]["FID"]]
            if not rows:
                raise InDoubt("bill_too_long", "A bill has more entries than a query gives.")
        if not rows:
            return
        last = _id_after(last, rows[-1])
        yield rows, not is_full


def _id_after(last: int, row: Row) -> int:
    if not isinstance(row["FID"], int) or row["FID"] <= last:
        raise InDoubt("answer_stale", "the answer to a search is of another request")
    return row["FID"]
