"""An uploaded file is found and checked: at the word of the device, or by a look each minute when none came."""

from dataclasses import replace
from datetime import datetime

from functions.delivery.creation.announcing import store_change
from functions.delivery.life.proof_file import Fault, ProofFile, ProofState, fault_of, next_look, with_state
from functions.delivery.tables.deliveries import lock_delivery
from functions.delivery.tables.proofs import lock_proof, read_due, upsert_proof
from shared.kit.isolation import Isolation
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured
from shared.spine.outbox import Work

AT_ONCE = 20
PROVEN, REFUSED = "proven", "proof_refused"


def content_of(env: Environment, file: ProofFile) -> bytes | None:
    """The bytes in object storage; None where there is no object."""
    try:
        return env.aws.get_object(env.settings.proofs_bucket, file.key)
    except Misconfigured:
        return None


def settle(work: Work, seen: ProofFile, content: bytes | None, now: datetime) -> ProofFile | None:
    """Store what a look at a file found. None where the file is no longer known.

    The content was read before the locks. A file that was replaced since, or is settled, stays as it is.
    """
    delivery = lock_delivery(work, seen.delivery)
    file = lock_proof(work, seen.delivery, seen.kind)
    if delivery is None or file is None or file.hash != seen.hash or file.state != ProofState.EXPECTED:
        return file
    if content is None:
        file = replace(file, looks=file.looks + 1, look_at=next_look(file.looks, file.declared_at, now))
        upsert_proof(work, file)
        return file
    fault = fault_of(content, file)
    file = replace(file, state=ProofState.REFUSED if fault else ProofState.PROVEN, look_at=None)
    upsert_proof(work, file)
    after = replace(delivery, proof=with_state(delivery.proof, file.kind, file.state, now, fault))
    store_change(work, after, [REFUSED if fault else PROVEN], now, now, reason=_reason(file, fault))
    return file


def find_uploaded(env: Environment, until: datetime) -> int:
    """Look for files that were declared, and of which no word came. How many were proven."""
    with env.db.transaction() as transaction:
        due = read_due(transaction, env.clock(), AT_ONCE)
    found = 0
    with Isolation() as isolation:
        for file in due:
            if env.clock() >= until:
                break
            with isolation.isolate(f"{file.delivery}/{file.kind}"):
                found += _look(env, file)
    return found


def _look(env: Environment, file: ProofFile) -> bool:
    content = content_of(env, file)
    with env.outbox.work("delivery") as work:
        settled = settle(work, file, content, env.clock())
    return settled is not None and settled.state == ProofState.PROVEN


def _reason(file: ProofFile, fault: Fault | None) -> str:
    return f"{file.kind}: {fault}" if fault else file.kind.value
