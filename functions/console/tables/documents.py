"""SQL of views that `sync` publishes: what the chain's other systems have of an order."""

from shared.spine.db import Row, Transaction

# Keys of a chain's systems lie between these: `demo:` and `demo;`.
SELECT_SYSTEMS = "SELECT system_key FROM outside_systems WHERE system_key > %(first)s AND system_key < %(last)s"
# With both lists an index finds the groups of each system.
SELECT_SALE_DOCUMENTS = """
    SELECT system_key, group_key, kind, goal, state, cause, reason, target_number, target_id, created_at, done_at
    FROM sale_documents WHERE system_key IN %(systems)s AND group_key IN %(groups)s
    ORDER BY created_at, source_key, revision LIMIT 100"""


def read_sale_documents(transaction: Transaction, order: Row) -> list[Row]:
    """The documents of a row of `order_rows`, and those of its business day, by the time that they were made."""
    chain = order["chain_id"]
    systems = transaction.rows(SELECT_SYSTEMS, {"first": f"{chain}:", "last": f"{chain};"})
    if not systems:
        return []
    groups = (order["id"], f"{order['store_id']}|{order['business_day'].isoformat()}")
    values = {"systems": tuple(row["system_key"] for row in systems), "groups": groups}
    return transaction.rows(SELECT_SALE_DOCUMENTS, values)
