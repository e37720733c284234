"""Answers of fleets: what each one makes of its booking."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from functions.delivery.booking.doubt import IN_DOUBT, tell_of_doubt
from functions.delivery.booking.news import fleet_of, release_delivery, store_news
from functions.delivery.fleets.contract import (
    Absent,
    Account,
    Done,
    Fleet,
    FleetStatus,
    News,
    Quote,
    Refused,
    Trip,
    Unreadable,
    Why,
)
from functions.delivery.fleets.rule import FleetRule
from functions.delivery.states import BookingState
from functions.delivery.tables.bookings import Booking, lock_booking, update_booking
from functions.delivery.tables.couriers import lock_courier, upsert_courier
from functions.delivery.tables.deliveries import lock_delivery
from functions.delivery.tables.fleets import delete_fleet_token
from shared.kit.outside.exchange import Answer
from shared.kit.outside.remote import post_from_outside
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.outbox import Work

# The wait after failures: doubled from the first one on, up to the longest.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=5)
# Without a quote for so long the fleet is given up, because a customer waits.
QUOTE_WITHIN = timedelta(minutes=10)
# A key is taken for forgotten by the fleet some minutes before it is.
KEY_MARGIN = timedelta(minutes=10)
# An order in doubt for so long is over. The desk has seen it since the first minutes.
DOUBT_LASTS = timedelta(hours=3)
NEVER_SAID = "the fleet never said whether it has the order"
UNKNOWN_TRIES = 3
ABSENT, TOO_LATE = "absent", "cancel_refused"
# Facts about the trip at the fleet. A call that cannot be made does not change them.
FACTS = frozenset({IN_DOUBT, ABSENT, TOO_LATE})
# The courier carries the goods, so that the customer sees the place.
CARRIED = range(FleetStatus.PICKED_UP.rank, FleetStatus.DELIVERED.rank)


@dataclass(frozen=True)
class Job:
    """A booking with all that its next call needs."""

    booking: Booking
    trip: Trip
    fleet: Fleet
    account: Account
    rule: FleetRule | None


def settle_quote(env: Environment, job: Job, answer: Answer) -> None:
    """A quote that is not too dear is ordered next."""
    now = env.clock()
    outcome = job.fleet.quote_outcome(answer.reply, now) if answer.reply else _lost(answer)
    if isinstance(outcome, Quote):
        most = job.rule.most_price if job.rule else None
        if most is not None and outcome.price > most:
            end_refused(env, job.booking, "too_dear", f"the price is {outcome.price}, and at most {most} is paid")
            return
        quoted = {"price": outcome.price, "currency": outcome.currency, "quote_id": outcome.id or None, "failure": None}
        _change(env, job.booking, state=BookingState.SENDING, quoted_until=outcome.expires_at, due_at=now, **quoted)
    elif isinstance(outcome, Refused) and _is_final(job, outcome):
        end_refused(env, job.booking, outcome.code, outcome.detail)
    elif now - job.booking.created_at > QUOTE_WITHIN:
        end_refused(env, job.booking, "no_quote", "the fleet gave no quote in time")
    else:
        _again(env, job, outcome)


def settle_order(env: Environment, job: Job, answer: Answer) -> None:
    """The fleet has the order, refuses it, or its reply is lost: then it is looked for."""
    now = env.clock()
    outcome = job.fleet.create_outcome(answer.reply, now) if answer.reply else _lost(answer)
    # The booking is as it was claimed: before this order there was none.
    is_first = job.booking.sends == 0 or job.booking.failure == ABSENT
    if isinstance(outcome, News):
        status = outcome.status or FleetStatus.SEARCHING
        store_news(env, job.booking.id, job.booking.delivery, replace(outcome, status=status))
    elif isinstance(outcome, Refused) and outcome.why == Why.EXPIRED and is_first:
        tries = job.booking.tries
        pause = wait_of(tries) if tries else timedelta(0)
        _change(env, job.booking, state=BookingState.ASKED, due_at=now + pause, failure=outcome.code, tries=tries + 1)
    elif isinstance(outcome, Refused) and _is_final(job, outcome) and (is_first or job.booking.failure != IN_DOUBT):
        end_refused(env, job.booking, outcome.code, outcome.detail)
    elif _is_over(job.booking, now):
        end_refused(env, job.booking, IN_DOUBT, NEVER_SAID)
    else:
        _again(env, job, outcome, failure=_doubt(job.booking, outcome))


def settle_search(env: Environment, job: Job, answer: Answer) -> None:
    """An order in doubt was looked for: it is there, it is surely absent, or the doubt stays."""
    now = env.clock()
    outcome = job.fleet.find_outcome(answer.reply, job.trip, now) if answer.reply else _lost(answer)
    if isinstance(outcome, News):
        status = outcome.status or FleetStatus.SEARCHING
        store_news(env, job.booking.id, job.booking.delivery, replace(outcome, status=status))
    elif isinstance(outcome, Absent) and job.booking.state == BookingState.CANCELLING:
        end_cancelled(env, job.booking)
    elif isinstance(outcome, Absent) and _key_is_known(job, now):
        _change(env, job.booking, failure=ABSENT, due_at=now)
    elif isinstance(outcome, Absent):
        end_refused(env, job.booking, "no_order", "the fleet does not have the order")
    elif _is_over(job.booking, now):
        end_refused(env, job.booking, IN_DOUBT, NEVER_SAID)
    else:
        _again(env, job, outcome, failure=IN_DOUBT)


def settle_look(env: Environment, job: Job, answer: Answer) -> None:
    """The news of a trip. A fleet that tells places apart is asked for the place too, while it matters."""
    now = env.clock()
    outcome = job.fleet.find_outcome(answer.reply, job.trip, now) if answer.reply else _lost(answer)
    if isinstance(outcome, News):
        store_news(env, job.booking.id, job.booking.delivery, _with_place(env, job, outcome, now))
    elif isinstance(outcome, Absent):
        end_refused(env, job.booking, "gone", "the fleet no longer has the order")
    else:
        _again(env, job, outcome, failure=TOO_LATE if job.booking.failure == TOO_LATE else None)


def settle_cancel(env: Environment, job: Job, answer: Answer) -> None:
    """Cancelled, or too late: then the trip is followed to its end, and the desk sees that the fleet still comes."""
    outcome = job.fleet.cancel_outcome(answer.reply) if answer.reply else _lost(answer)
    if isinstance(outcome, Done) or (isinstance(outcome, Refused) and outcome.why == Why.GONE):
        end_cancelled(env, job.booking)
    elif isinstance(outcome, Refused) and _is_final(job, outcome):
        detail = f"{outcome.code}: {outcome.detail}"[:200]
        _change(env, job.booking, state=BookingState.OPEN, failure=TOO_LATE, detail=detail, due_at=env.clock())
    else:
        _again(env, job, outcome)


def wait(env: Environment, booking: Booking, failure: str | None, detail: str | None) -> None:
    """Look at the booking again later. `failure` says why no call was made; a doubt stays, and the desk is told."""
    now = env.clock()
    is_in_doubt = booking.failure == IN_DOUBT and booking.fleet_id is None
    if is_in_doubt and _is_over(booking, now):
        end_refused(env, booking, IN_DOUBT, NEVER_SAID)
        return
    reason = booking.failure if booking.failure in FACTS else failure
    changes: dict[str, Any] = {"failure": reason, "detail": detail} if failure else {}
    _change(env, booking, due_at=now + wait_of(booking.tries), tries=booking.tries + 1, **changes)
    if is_in_doubt:
        tell_of_doubt(env, booking)


def wait_of(tries: int) -> timedelta:
    """The wait before the next try."""
    return min(FIRST_WAIT * (1 << min(tries, 10)), LONGEST_WAIT)


def end_refused(env: Environment, booking: Booking, code: str, detail: str) -> None:
    """The fleet does not bring it. The delivery is free for others, and the desk is told."""
    log.logger().warning("a fleet refuses", extra={"booking": booking.id, "fleet": booking.fleet, "code": code})
    _end(env, booking, BookingState.REFUSED, code, detail, f"{fleet_of(booking)}: {code}")


def end_cancelled(env: Environment, booking: Booking) -> None:
    """The fleet does not come, because it was cancelled."""
    _end(env, booking, BookingState.CANCELLED, None, None, "the booking was cancelled")


def _end(
    env: Environment, booking: Booking, state: BookingState, code: str | None, detail: str | None, reason: str
) -> None:
    now = env.clock()
    with env.outbox.work("delivery") as work:
        delivery, stored = lock_delivery(work, booking.delivery), lock_booking(work, booking.id)
        if stored is None or not stored.is_open:
            return
        failure = code[:64] if code else stored.failure
        update_booking(
            work, replace(stored, state=state, failure=failure, detail=(detail or "")[:200] or None, ended_at=now)
        )
        if delivery is not None:
            release_delivery(work, delivery, stored, reason, now)
            _send_home(work, delivery.chain, stored.courier, now)


def _send_home(work: Work, chain: str, courier_id: str, now: datetime) -> None:
    courier = lock_courier(work, chain, courier_id)
    if courier:
        upsert_courier(work, replace(courier, active=False, phone=None, changed_at=now))


def _again(env: Environment, job: Job, outcome: object, failure: str | None = None) -> None:
    """The same step later. A stale token is forgotten, so that the next round fetches one."""
    booking, now = job.booking, env.clock()
    pause = wait_of(booking.tries)
    if isinstance(outcome, Refused):
        failure = failure or outcome.code
        pause = timedelta(seconds=outcome.wait_seconds) if outcome.wait_seconds is not None else pause
        if outcome.renew_token and booking.tries == 0:
            pause = timedelta(0)
            with env.db.transaction() as transaction:
                delete_fleet_token(transaction, booking.fleet)
    detail = outcome.detail if isinstance(outcome, Refused | Unreadable) else None
    _change(env, booking, failure=failure, detail=detail, tries=booking.tries + 1, due_at=now + pause)
    if failure == IN_DOUBT:
        tell_of_doubt(env, booking)


def _change(env: Environment, booking: Booking, **changes: Any) -> None:
    """Change the booking, unless a callback or the desk moved it meanwhile: then it is looked at again at once."""
    with env.db.transaction() as transaction:
        stored = lock_booking(transaction, booking.id)
        if stored is None or not stored.is_open:
            return
        has_moved = stored.state != booking.state or stored.fleet_id != booking.fleet_id
        update_booking(transaction, replace(stored, due_at=env.clock()) if has_moved else replace(stored, **changes))


def _with_place(env: Environment, job: Job, news: News, now: datetime) -> News:
    if news.place or news.status is None or news.status.rank not in CARRIED:
        return news
    call = job.fleet.locate(job.account, job.trip, job.booking.fleet_id or "", now)
    if call is None:
        return news
    [answer] = post_from_outside(env, [call])
    return replace(news, place=job.fleet.locate_outcome(answer.reply, now)) if answer.reply else news


def _is_final(job: Job, refused: Refused) -> bool:
    """Whether the same call will not succeed later."""
    if refused.why == Why.UNKNOWN:
        return job.booking.tries >= UNKNOWN_TRIES
    return refused.why not in (Why.LATER, Why.RIGHTS)


def _key_is_known(job: Job, now: datetime) -> bool:
    """Whether the fleet still knows the key, so that a second order would be the first one."""
    seconds, since = job.fleet.key_seconds, job.booking.first_sent_at
    return seconds is None or since is None or now - since < timedelta(seconds=seconds) - KEY_MARGIN


def _is_over(booking: Booking, now: datetime) -> bool:
    """Whether the answer comes too late to be waited for."""
    return now - (booking.first_sent_at or now) > DOUBT_LASTS


def _doubt(booking: Booking, outcome: object) -> str:
    """A doubt stays until the fleet says that it has the order, or that it has none. A refusal alone is no doubt."""
    was_in_doubt = booking.failure == IN_DOUBT
    return outcome.code if isinstance(outcome, Refused) and not was_in_doubt else IN_DOUBT


def _lost(answer: Answer) -> Unreadable:
    return Unreadable(f"no reply: {answer.lost}")
