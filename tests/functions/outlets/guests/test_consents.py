"""The ledger of consents: one accept is one message, in every order of events; an oracle is the judge."""

import itertools
import random
from datetime import UTC, datetime, timedelta

from functions.outlets.guests.consents import (
    Consents,
    PushResult,
    RightStatus,
    accepted,
    refused,
    settled,
    taken,
)
from tests.functions.outlets.guests.consent_oracle import Oracle

START = datetime(2026, 11, 30, tzinfo=UTC)
EVENTS = 100_000


def second(number: int) -> datetime:
    return START + timedelta(seconds=number)


def test_one_accept_is_one_message() -> None:
    consents = accepted(accepted(Consents(), "a1", second(1)), "a1", second(1))
    consents, may_send = taken(consents, "p1")
    assert may_send
    assert taken(consents, "p1")[1]
    assert not taken(consents, "p2")[1]


def test_an_unknown_outcome_keeps_the_right_and_a_failed_push_gives_it_back() -> None:
    consents, _ = taken(accepted(Consents(), "a1", second(1)), "p1")
    assert settled(consents, "p1", PushResult.UNKNOWN, second(2)).free == 0
    back = settled(consents, "p1", PushResult.NOT_SHOWN, second(2))
    assert back.free == 1
    assert settled(back, "p1", PushResult.SHOWN, second(2)) == back


def test_no_right_at_the_service_ends_what_was_accepted_before() -> None:
    consents = accepted(accepted(Consents(), "a1", second(1)), "a2", second(2))
    consents, _ = taken(consents, "p1")
    consents = settled(consents, "p1", PushResult.NO_RIGHT, second(3))
    assert consents.free == 0
    assert accepted(consents, "late", second(2)).free == 0
    assert accepted(consents, "new", second(4)).free == 1


def test_accepts_and_refusals_give_the_same_state_in_every_order() -> None:
    steps = [("accept", "a1", 1), ("refuse", "", 2), ("accept", "a2", 3), ("accept", "a1", 1), ("refuse", "", 1)]
    states = set()
    for order in itertools.permutations(steps):
        consents = Consents()
        for kind, name, at in order:
            consents = accepted(consents, name, second(at)) if kind == "accept" else refused(consents, second(at))
        states.add((consents.free, consents.rights["a1"].status, consents.rights["a2"].status, consents.refused_at))
    assert states == {(1, RightStatus.VOID, RightStatus.FREE, second(2))}


def test_the_ledger_equals_the_oracle_over_100_000_shuffled_events() -> None:
    random_numbers = random.Random(19)
    keys = [(f"guest{guest}", f"template{template}") for guest in range(1000) for template in range(4)]
    ledgers = {key: Consents() for key in keys}
    oracles = {key: Oracle() for key in keys}
    shown = 0
    for key, (kind, name, at) in shuffled_events(random_numbers, keys):
        oracle = oracles[key]
        if kind == "accept":
            oracle.log.append(("accept", name, at))
            ledgers[key] = accepted(ledgers[key], name, second(at))
        elif kind == "refuse":
            oracle.log.append(("refuse", name, at))
            ledgers[key] = refused(ledgers[key], second(at))
        elif kind == "take":
            ledgers[key], may_send = taken(ledgers[key], name)
            assert may_send == oracle.take(name, at)
            shown += may_send
        else:
            oracle.settle(name, kind, at)
            ledgers[key] = settled(ledgers[key], name, PushResult(kind), second(at))
        assert ledgers[key].free == len(oracle.free())
    assert shown > 5000


def shuffled_events(
    random_numbers: random.Random, keys: list[tuple[str, str]]
) -> list[tuple[tuple[str, str], tuple[str, str, int]]]:
    """Events of all keys, a tenth of them twice, in a random order. Times are those of the events, not of the order."""
    kinds = ["accept", "take", "shown", "not_shown", "no_right", "unknown", "refuse"]
    events = []
    for _ in range(EVENTS * 9 // 10):
        [kind] = random_numbers.choices(kinds, [40, 30, 12, 8, 2, 5, 3])
        is_push = kind not in ("accept", "refuse")
        name = f"p{random_numbers.randrange(8)}" if is_push else f"a{random_numbers.randrange(10**9)}"
        events.append((random_numbers.choice(keys), (kind, name, random_numbers.randrange(1000))))
    events += random_numbers.sample(events, EVENTS - len(events))
    random_numbers.shuffle(events)
    return events
