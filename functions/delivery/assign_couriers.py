"""Every minute → open deliveries go to couriers and fleets, bookings go on, browsers wake, uploads are found."""

from datetime import datetime

from functions.delivery.assignment.leaving import tell_of_ended_shifts
from functions.delivery.assignment.rounds import assign_chain, chains_to_plan, end_late_offers
from functions.delivery.booking.asking import ask_fleets
from functions.delivery.booking.work import work_on_bookings
from functions.delivery.proof.finding import find_uploaded
from functions.delivery.push.waking import wake_browsers
from shared.kit.isolation import Isolation, in_turn
from shared.spine import entry, log
from shared.spine.env import Environment


def assign_couriers(env: Environment, until: datetime) -> None:
    """Chain by chain, each minute from another one on; a chain that fails does not stop the others."""
    with Isolation() as isolation:
        chains = chains_to_plan(env)
        for chain in in_turn(sorted(chains), env.clock()):
            if env.clock() >= until:
                break
            with isolation.isolate(chain):
                offers = assign_chain(env, chain, chains[chain])
                log.logger().info("couriers assigned", extra={"chain": chain, "offers": offers})


def do_minute(env: Environment, until: datetime) -> None:
    """Couriers come first: people wait for them."""
    with Isolation() as isolation:
        with isolation.isolate("fleets"):
            ask_fleets(env, until)
        with isolation.isolate("late offers"):
            end_late_offers(env, until)
        with isolation.isolate("couriers"):
            assign_couriers(env, until)
        with isolation.isolate("ended shifts"):
            tell_of_ended_shifts(env, until)
        with isolation.isolate("push"):
            log.logger().info("browsers woken", extra={"pushes": wake_browsers(env, _half_of(env, until))})
        with isolation.isolate("bookings"):
            work_on_bookings(env, until)
        with isolation.isolate("proofs"):
            log.logger().info("proofs found", extra={"proven": find_uploaded(env, until)})


def _half_of(env: Environment, until: datetime) -> datetime:
    """Bookings and proofs need time, too."""
    now = env.clock()
    return now + (until - now) / 2


handler = entry.timer(do_minute)
