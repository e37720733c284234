"""SQL of the table `delivery_proofs`: photos and signatures, which are objects in a bucket."""

from collections.abc import Sequence
from datetime import datetime

from functions.delivery.life.proof_file import ProofFile, ProofKind, ProofState
from functions.delivery.tables.times import in_utc
from shared.spine.db import Row, Transaction

COLUMNS = """delivery_id AS delivery, kind, chain_id AS chain, object_key, type AS media_type, size, hash, state,
    looks, look_at, declared_at"""
UPSERT_PROOF = """
    INSERT INTO delivery_proofs (delivery_id, kind, chain_id, object_key, type, size, hash, state, looks, look_at,
        declared_at)
    VALUES (%(delivery)s, %(kind)s, %(chain)s, %(key)s, %(media_type)s, %(size)s, %(hash)s, %(state)s, %(looks)s,
        %(look_at)s, %(declared_at)s)
    ON DUPLICATE KEY UPDATE object_key = %(key)s, type = %(media_type)s, size = %(size)s, hash = %(hash)s,
        state = %(state)s, looks = %(looks)s, look_at = %(look_at)s, declared_at = %(declared_at)s"""
SELECT_PROOF = f"""
    SELECT {COLUMNS} FROM delivery_proofs
    WHERE delivery_id = %(delivery)s AND kind = %(kind)s"""  # noqa: S608 - of a constant
LOCK_PROOF = f"{SELECT_PROOF} FOR UPDATE"
SELECT_DUE = f"""
    SELECT {COLUMNS} FROM delivery_proofs WHERE look_at <= %(now)s
    ORDER BY look_at LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_OBJECTS = "SELECT object_key FROM delivery_proofs WHERE delivery_id IN %(deliveries)s"
DELETE_PROOFS = "DELETE FROM delivery_proofs WHERE delivery_id IN %(deliveries)s"
DELETE_OLD = "DELETE FROM delivery_proofs WHERE declared_at < %(before)s LIMIT %(limit)s"


def upsert_proof(transaction: Transaction, file: ProofFile) -> None:
    """Store a file of a locked delivery, in place of the one before."""
    transaction.execute(UPSERT_PROOF, vars(file))


def read_proof(transaction: Transaction, delivery: str, kind: ProofKind) -> ProofFile | None:
    """The file of a kind."""
    row = transaction.row(SELECT_PROOF, {"delivery": delivery, "kind": kind})
    return _file(row) if row else None


def lock_proof(transaction: Transaction, delivery: str, kind: ProofKind) -> ProofFile | None:
    """The same, locked until the end of the transaction."""
    row = transaction.row(LOCK_PROOF, {"delivery": delivery, "kind": kind})
    return _file(row) if row else None


def read_due(transaction: Transaction, now: datetime, limit: int) -> list[ProofFile]:
    """Files for which a look is due, those that wait longest first."""
    return [_file(row) for row in transaction.rows(SELECT_DUE, {"now": now, "limit": limit})]


def read_keys(transaction: Transaction, deliveries: Sequence[str]) -> list[str]:
    """Keys of the objects of these deliveries, uploaded or not."""
    rows = transaction.rows(SELECT_OBJECTS, {"deliveries": tuple(deliveries)}) if deliveries else []
    return [row["object_key"] for row in rows]


def delete_of_deliveries(transaction: Transaction, deliveries: Sequence[str]) -> None:
    """Forget the files of these deliveries."""
    if deliveries:
        transaction.execute(DELETE_PROOFS, {"deliveries": tuple(deliveries)})


def delete_old(transaction: Transaction, before: datetime, limit: int) -> int:
    """Forget files that were declared before a moment. The bucket deletes the objects at that age by itself."""
    return transaction.execute(DELETE_OLD, {"before": before, "limit": limit})


def _file(row: Row) -> ProofFile:
    values = in_utc(row)
    return ProofFile(
        key=values.pop("object_key"), **values | {"kind": ProofKind(row["kind"]), "state": ProofState(row["state"])}
    )
