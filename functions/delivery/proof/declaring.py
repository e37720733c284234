"""A file is declared: what will be uploaded, for which delivery, in place of what."""

from dataclasses import dataclass, replace
from datetime import datetime

from functions.delivery.life.act import refusal
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.proof_file import (
    AWAITED_FOR,
    FIRST_LOOK,
    ProofFile,
    ProofKind,
    ProofState,
    object_key,
    with_state,
)
from functions.delivery.states import Carriage, Goods
from functions.delivery.tables.proofs import lock_proof, upsert_proof
from shared.spine.db import Transaction


@dataclass(frozen=True)
class Declared:
    """The facts of a file that a device has."""

    kind: ProofKind
    media_type: str
    size: int
    hash: bytes


def declare(transaction: Transaction, delivery: Delivery, declared: Declared, now: datetime) -> ProofFile:
    """The stored file of a locked delivery. The same declaration twice is one file.

    Raises `Refused` for a file at the wrong time, and in place of one that is proven.
    """
    present = lock_proof(transaction, delivery.id, declared.kind)
    if present and present.hash == declared.hash and present.state != ProofState.REFUSED:
        return present
    _require_time(delivery, declared.kind, now)
    may_replace = declared.kind == ProofKind.PACKED and delivery.goods != Goods.HANDED
    if present and present.state == ProofState.PROVEN and not may_replace:
        raise refusal(delivery, "proof_taken", f"the delivery has a checked file: {declared.kind}")
    file = ProofFile(
        delivery=delivery.id,
        chain=delivery.chain,
        key=object_key(delivery.chain, delivery.id, declared.kind, declared.hash),
        declared_at=now,
        look_at=now + FIRST_LOOK,
        **vars(declared),
    )
    upsert_proof(transaction, file)
    return file


def with_expected(delivery: Delivery, file: ProofFile) -> Delivery:
    """The delivery that says what is expected; the same delivery where it says so."""
    shown = delivery.proof.get("files", {}).get(file.kind.value, {})
    if shown.get("state") == file.state.value and shown.get("at") == file.declared_at.isoformat():
        return delivery
    if file.state == ProofState.PROVEN:
        return delivery
    return replace(delivery, proof=with_state(delivery.proof, file.kind, file.state, file.declared_at))


def _require_time(delivery: Delivery, kind: ProofKind, now: datetime) -> None:
    """Goods are photographed before they leave the store, the door after the pickup. Uploads may come days later."""
    if delivery.ended_at and now > delivery.ended_at + AWAITED_FOR:
        raise refusal(delivery, "proof_late", f"the delivery ended more than {AWAITED_FOR.days} days ago")
    is_packed = kind == ProofKind.PACKED
    if delivery.goods == Goods.CANCELLED or (not is_packed and Carriage.PICKED_UP not in delivery.times):
        raise refusal(delivery, "proof_early", f"there is nothing to show yet: {kind}")
