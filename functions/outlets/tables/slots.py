"""SQL of the table `outlet_slots`: sliding windows that all workers share.

A window of N messages in W seconds is N rows. A message takes the row that was used longest ago, if that was W seconds
ago. The row is stamped again when the service has answered, because a message may wait in the network for a while.
Times are those of the database alone, so that the clock of a worker can't break a window. SYSDATE, and not NOW, because
NOW is the begin of the statement, before it waited for a lock.
"""

from collections.abc import Collection, Sequence

from shared.spine.db import Transaction

# The key of a window, and the number of a slot in it.
Slot = tuple[str, int]
SHORTEST_WAIT = 0.1

INSERT_SLOTS = """
    INSERT IGNORE INTO outlet_slots (slot_key, number, used_at) VALUES (%(key)s, %(number)s, '2000-01-01')"""
TAKE_SLOTS = """
    UPDATE outlet_slots SET used_at = SYSDATE(6) + INTERVAL %(lease)s MICROSECOND, claim_token = %(token)s
    WHERE slot_key = %(key)s AND number < %(share)s AND used_at <= SYSDATE(6) - INTERVAL %(window)s MICROSECOND
    ORDER BY used_at LIMIT %(wanted)s"""
# The oldest slots of each window, as many as its messages.
SELECT_OLDEST = """
    SELECT slot_key, number, used_at, SYSDATE(6) AS now FROM (
        SELECT slot_key, number, used_at, ROW_NUMBER() OVER (PARTITION BY slot_key ORDER BY used_at, number) AS turn
        FROM outlet_slots WHERE slot_key IN %(keys)s AND number < %(share)s
    ) slots
    WHERE turn <= %(most)s ORDER BY slot_key, turn"""
# The keys again, because MariaDB finds no range in pairs.
TAKE_CHOSEN = """
    UPDATE outlet_slots SET used_at = SYSDATE(6) + INTERVAL %(lease)s MICROSECOND, claim_token = %(token)s
    WHERE slot_key IN %(keys)s AND (slot_key, number) IN %(slots)s
        AND used_at <= SYSDATE(6) - INTERVAL %(window)s MICROSECOND"""
SELECT_TAKEN = """
    SELECT slot_key, number FROM outlet_slots WHERE slot_key IN %(keys)s AND claim_token = %(token)s"""
RETURN_CHOSEN = """
    UPDATE outlet_slots SET used_at = '2000-01-01', claim_token = 0
    WHERE slot_key IN %(keys)s AND (slot_key, number) IN %(slots)s AND claim_token = %(token)s"""
RETURN_SLOTS = """
    UPDATE outlet_slots SET used_at = '2000-01-01', claim_token = 0
    WHERE slot_key = %(key)s AND claim_token = %(token)s LIMIT %(unused)s"""
STAMP_SLOTS = """
    UPDATE outlet_slots SET used_at = SYSDATE(6), claim_token = 0
    WHERE slot_key IN %(keys)s AND claim_token = %(token)s"""
# A worker that was stopped for longer than its lease has lost its slots: another one may have used them.
RENEW_SLOTS = """
    UPDATE outlet_slots SET used_at = SYSDATE(6) + INTERVAL %(lease)s MICROSECOND
    WHERE slot_key IN %(keys)s AND claim_token = %(token)s AND used_at > SYSDATE(6)"""
SELECT_NEXT = """
    SELECT MIN(used_at) AS used_at, SYSDATE(6) AS now, COUNT(*) AS slots FROM outlet_slots
    WHERE slot_key = %(key)s AND number < %(share)s"""
SELECT_USED = """
    SELECT slot_key, COUNT(*) AS slots,
        COUNT(CASE WHEN used_at > SYSDATE(6) - INTERVAL %(window)s MICROSECOND THEN 1 END) AS used
    FROM outlet_slots WHERE slot_key = %(key)s GROUP BY slot_key"""
DELETE_SLOTS = "DELETE FROM outlet_slots WHERE slot_key LIKE %(pattern)s"


def insert_slots(transaction: Transaction, key: str, count: int) -> None:
    """Make the rows of a window. Existing ones stay."""
    transaction.execute_many(INSERT_SLOTS, [{"key": key, "number": number} for number in range(count)])


def update_slots_taken(
    transaction: Transaction, key: str, share: int, wanted: int, token: int, window: int, lease: int
) -> int:
    """The number of slots that this worker got, of the first `share` of the window. Times in microseconds."""
    values = {"key": key, "share": share, "wanted": wanted, "token": token, "window": window, "lease": lease}
    return transaction.execute(TAKE_SLOTS, values)


def insert_windows(transaction: Transaction, keys: Collection[str], count: int) -> None:
    """Make the rows of these windows. Existing ones stay."""
    rows = [{"key": key, "number": number} for key in sorted(keys) for number in range(count)]
    transaction.execute_many(INSERT_SLOTS, rows)


def read_oldest_slots(
    transaction: Transaction, keys: Collection[str], share: int, most: int, window: int
) -> dict[str, list[tuple[int, float]]]:
    """Of each window the slots that are free first: (number, seconds until it is free). `window` in microseconds."""
    found: dict[str, list[tuple[int, float]]] = {}
    values = {"keys": tuple(keys), "share": share, "most": most}
    for row in transaction.rows(SELECT_OLDEST, values) if keys else []:
        # A slot in a call counts from its answer, which may come at once.
        since_use = (min(row["used_at"], row["now"]) - row["now"]).total_seconds()
        in_call = row["used_at"] > row["now"]
        seconds = max(SHORTEST_WAIT if in_call else 0.0, since_use + window / 1_000_000)
        found.setdefault(row["slot_key"], []).append((row["number"], seconds))
    return found


def update_chosen_taken(
    transaction: Transaction, slots: Sequence[Slot], token: int, window: int, lease: int
) -> set[Slot]:
    """Those of the slots that this worker got: another one may have been faster. Times in microseconds."""
    if not slots:
        return set()
    keys = tuple({key for key, _ in slots})
    values = {"keys": keys, "slots": tuple(slots), "token": token, "window": window, "lease": lease}
    if transaction.execute(TAKE_CHOSEN, values) == len(slots):
        return set(slots)
    rows = transaction.rows(SELECT_TAKEN, {"keys": keys, "token": token})
    return {(row["slot_key"], row["number"]) for row in rows}


def update_chosen_returned(transaction: Transaction, slots: Collection[Slot], token: int) -> None:
    """These slots were taken and are not used."""
    if slots:
        keys = tuple({key for key, _ in slots})
        transaction.execute(RETURN_CHOSEN, {"keys": keys, "slots": tuple(slots), "token": token})


def update_slots_returned(transaction: Transaction, key: str, token: int, unused: int) -> None:
    """Some slots were taken and not used."""
    if unused > 0:
        transaction.execute(RETURN_SLOTS, {"key": key, "token": token, "unused": unused})


def update_slots_renewed(transaction: Transaction, keys: Sequence[str], token: int, lease: int) -> int:
    """The number of slots that this worker still holds; their lease begins again. `lease` in microseconds."""
    return transaction.execute(RENEW_SLOTS, {"keys": tuple(keys), "token": token, "lease": lease}) if keys else 0


def update_slots_stamped(transaction: Transaction, keys: Sequence[str], token: int) -> None:
    """The service has answered: the slots count from now."""
    if keys:
        transaction.execute(STAMP_SLOTS, {"keys": tuple(keys), "token": token})


def read_next_slot(transaction: Transaction, key: str, share: int, window: int) -> tuple[int, float]:
    """(the slots of the window, seconds until one of them may be free). A slot in a call counts from its answer."""
    row = transaction.row(SELECT_NEXT, {"key": key, "share": share})
    if row is None or row["used_at"] is None:
        return 0, 0.0
    since_use = (min(row["used_at"], row["now"]) - row["now"]).total_seconds()
    return row["slots"], max(0.0, since_use + window / 1_000_000)


def read_used_slots(transaction: Transaction, key: str, window: int) -> tuple[int, int]:
    """(the slots of the window, those in use)."""
    row = transaction.row(SELECT_USED, {"key": key, "window": window})
    return (row["slots"], row["used"]) if row else (0, 0)


def delete_slots(transaction: Transaction, prefix: str) -> None:
    """Delete the windows of a robot."""
    transaction.execute(DELETE_SLOTS, {"pattern": f"{prefix}|%"})
