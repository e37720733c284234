"""The circuit breaker of a system: after failures in a row nothing is sent for a while. It is announced."""

from datetime import datetime, timedelta

from functions.sync.adapters.contract import AccessRefused, CallFailed
from functions.sync.tables.systems import lock_system, update_health, update_sequence
from shared.contracts.messages.sync import SyncSystemFailing, SyncSystemRecovered, system_subject
from shared.spine.outbox import Work

# Failures in a row before the breaker opens; it opens at once where a login or an address is refused.
MOST_FAILURES = 5
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)


def open_for(failures: int, *, at_once: bool = False) -> timedelta | None:
    """How long nothing is sent after so many failures in a row: doubled each time. None: go on."""
    if at_once:
        return LONGEST
    if failures < MOST_FAILURES:
        return None
    return timedelta(seconds=min(SHORTEST.total_seconds() * 2 ** (failures - MOST_FAILURES), LONGEST.total_seconds()))


def note_failure(work: Work, system_key: str, failure: CallFailed, now: datetime) -> bool:
    """Count a failure of the whole system. Whether the breaker is open now."""
    system = lock_system(work, system_key)
    if system is None:
        return True
    failures = system.failures + 1
    pause = open_for(failures, at_once=isinstance(failure, AccessRefused))
    update_health(work, system_key, failures, failure.reason[:64], now + pause if pause else None)
    if pause and not system.open_until:
        data = SyncSystemFailing(
            chain=system.chain, system=system.id, reason=failure.reason, failures=failures, open_until=now + pause
        )
        _announce(work, system_key, system.sequence + 1, data)
    return pause is not None


def note_success(work: Work, system_key: str) -> None:
    """Close the breaker."""
    system = lock_system(work, system_key)
    if system is None or not system.failures:
        return
    update_health(work, system_key, 0, None, None)
    if system.open_until:
        _announce(work, system_key, system.sequence + 1, SyncSystemRecovered(chain=system.chain, system=system.id))


def _announce(work: Work, system_key: str, sequence: int, data: SyncSystemFailing | SyncSystemRecovered) -> None:
    update_sequence(work, system_key, sequence)
    work.announce(data, subject=system_subject(system_key), sequence=sequence)
