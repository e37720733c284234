"""Bookings that are due: quoted, made, looked for, followed and cancelled.

A worker claims bookings by a lease, and stores that an order leaves before it leaves. So an order whose reply is lost
is looked for before it is sent again. It is sent again with the same key alone: a delivery never gets two couriers.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.delivery.booking import outcomes
from functions.delivery.booking.accounts import ready_accounts
from functions.delivery.booking.outcomes import Job
from functions.delivery.booking.trips import NoTrip, keys_of, trip_of
from functions.delivery.fleets import FLEETS
from functions.delivery.fleets.contract import Account, Quote
from functions.delivery.states import BookingState
from functions.delivery.tables.bookings import Booking, claim_bookings, update_sent, update_taken_away
from functions.delivery.tables.deliveries import read_delivery
from functions.delivery.tables.fleets import read_fleets
from functions.delivery.tables.stores import read_home, read_store
from shared.kit.outside.exchange import AT_ONCE, Answer, Call
from shared.kit.outside.remote import post_from_outside
from shared.spine import log
from shared.spine.env import Environment

# Longer than the calls of a round take.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Step:
    """The next call of a job, and what its answer does. `makes`: the call may make a trip."""

    job: Job
    call: Call
    settle: Callable[[Environment, Job, Answer], None]
    makes: bool = False


def work_on_bookings(env: Environment, until: datetime) -> int:
    """Work on due bookings until nothing is due or the time ends. Returns the number of calls."""
    with env.db.transaction() as transaction:
        update_taken_away(transaction, env.clock())
    calls = 0
    while env.clock() + LEASE / 3 < until:
        made = work_round(env)
        if made is None:
            break
        calls += made
    return calls


def work_round(env: Environment) -> int | None:
    """One step of each claimed booking. Returns the number of calls; None where nothing was due."""
    token, now = secrets.randbits(63) or 1, env.clock()
    with env.db.transaction() as transaction:
        claimed = claim_bookings(transaction, token, now, now + LEASE, AT_ONCE)
    if not claimed:
        return None
    steps = _steps(env, claimed, now)
    with env.db.transaction() as transaction:
        if not update_sent(transaction, [step.job.booking.id for step in steps if step.makes], token, now):
            return len(steps)  # the lease ended: the worker that has it now goes on
    answers = post_from_outside(env, [step.call for step in steps])
    for step, answer in zip(steps, answers, strict=True):
        try:
            step.settle(env, step.job, answer)
        except Exception as failure:  # noqa: BLE001 - a reply that one fleet garbles must not stop the others
            log.bug(failure, "an answer of a fleet cannot be settled")
    return len(steps)


def _steps(env: Environment, claimed: Sequence[Booking], now: datetime) -> list[Step]:
    """The next calls. A booking that needs none is settled at once."""
    with env.db.transaction() as transaction:
        stored = read_fleets(transaction, sorted({booking.fleet for booking in claimed}))
    accounts = ready_accounts(env, {key: fleet for key, fleet in stored.items() if fleet.enabled}, now)
    steps = []
    for booking in claimed:
        fleet = stored.get(booking.fleet)
        account = accounts.get(booking.fleet)
        if account is None or fleet is None:
            outcomes.wait(env, booking, "no_account", "the account is off, or its sign-in fails")
            continue
        step = _step(env, booking, account, fleet.kind)
        if step:
            steps.append(step)
    return steps


def _step(env: Environment, booking: Booking, account: Account, kind: str) -> Step | None:
    job = _job(env, booking, account, kind)
    if job is None:
        return None
    try:
        return NEXT[booking.state](env, job)
    except Exception as failure:  # noqa: BLE001 - a fault of one fleet must not stop the others
        log.bug(failure, "a fleet cannot make a call")
        outcomes.wait(env, booking, "no_call", type(failure).__name__)
        return None


def _job(env: Environment, booking: Booking, account: Account, kind: str) -> Job | None:
    with env.db.transaction() as transaction:
        delivery = read_delivery(transaction, booking.delivery)
        settings = read_store(transaction, booking.store)
        home = read_home(transaction, [booking.store]).get(booking.store)
    if delivery is None or home is None:
        outcomes.wait(env, booking, "no_delivery", "the delivery or its store is gone")
        return None
    try:
        trip = trip_of(booking, delivery, settings, home)
    except NoTrip as failure:
        if booking.sends == 0 and booking.state != BookingState.CANCELLING:
            outcomes.end_refused(env, booking, "no_trip", str(failure))
            return None
        trip = keys_of(booking, delivery)
    return Job(booking, trip, FLEETS[kind], account, settings.fleet_rule)


def _ask(env: Environment, job: Job) -> Step:
    return Step(job, job.fleet.quote(job.account, job.trip, env.clock()), outcomes.settle_quote)


def _send(env: Environment, job: Job) -> Step:
    """The order, unless it may have left before: then it is looked for."""
    booking, now = job.booking, env.clock()
    if booking.sends and booking.first_sent_at:
        look = job.fleet.find(job.account, job.trip, booking.fleet_id, booking.first_sent_at, now)
        if look and booking.failure != outcomes.ABSENT:
            return Step(job, look, outcomes.settle_search)
    quote = Quote(booking.price or 0, booking.currency or "", booking.quote_id or "", booking.quoted_until)
    return Step(job, job.fleet.create(job.account, job.trip, quote, now), outcomes.settle_order, makes=True)


def _follow(env: Environment, job: Job) -> Step | None:
    booking, now = job.booking, env.clock()
    call = job.fleet.find(job.account, job.trip, booking.fleet_id, booking.first_sent_at or booking.created_at, now)
    if call is None:
        outcomes.wait(env, booking, None, None)
        return None
    return Step(job, call, outcomes.settle_look)


def _cancel(env: Environment, job: Job) -> Step | None:
    """Cancelled at the fleet if it may have it; without any order that left it is over at once."""
    booking, now = job.booking, env.clock()
    if booking.fleet_id:
        return Step(job, job.fleet.cancel(job.account, job.trip, booking.fleet_id, now), outcomes.settle_cancel)
    if not booking.sends or booking.first_sent_at is None:
        outcomes.end_cancelled(env, booking)
        return None
    look = job.fleet.find(job.account, job.trip, None, booking.first_sent_at, now)
    if look:
        return Step(job, look, outcomes.settle_search)
    # The same key again tells the fleet's own id, without which nothing can be cancelled.
    quote = Quote(booking.price or 0, booking.currency or "", booking.quote_id or "", booking.quoted_until)
    return Step(job, job.fleet.create(job.account, job.trip, quote, now), outcomes.settle_order, makes=True)


NEXT: dict[BookingState, Callable[[Environment, Job], Step | None]] = {
    BookingState.ASKED: _ask,
    BookingState.SENDING: _send,
    BookingState.OPEN: _follow,
    BookingState.CANCELLING: _cancel,
}
