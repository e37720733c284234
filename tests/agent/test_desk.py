"""What prints next: by tables, and against a model that knows nothing of queues."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dumbwaiter_agent.desk import Ask, Begin, Desk, Expire, Idle, Step
from dumbwaiter_agent.jobs import Job


def job(seq: int, after: int | None = None, *, printer: str = "p", deadline: float = 1000.0) -> Job:
    return Job(f"{printer}{seq}", printer, seq, seq - 1 if after is None else after, deadline, "kitchen")


def deliver(desk: Desk, *jobs: Job, now: float = 0.0) -> None:
    for one in jobs:
        desk.see(one)
        desk.add(one, now)


def step(desk: Desk, now: float = 0.0, *, printer: str = "p", ready: bool = True) -> Step:
    return desk.step(printer, now, now, ready=ready)


def drain(desk: Desk, now: float = 0.0) -> list[int]:
    order = []
    while isinstance(found := step(desk, now), Begin):
        order.append(found.job.seq)
        desk.done(found.job)
    return order


def test_jobs_print_in_order_however_they_came() -> None:
    desk = Desk()
    deliver(desk, job(3), job(1), job(2))
    assert drain(desk) == [1, 2, 3]


def test_a_printer_does_one_job_at_a_time_and_does_not_wait_for_another_printer() -> None:
    desk = Desk()
    deliver(desk, job(1), job(2), job(1, printer="q"))
    first = step(desk)
    assert first == Begin(job(1))
    assert step(desk) == Idle()
    assert step(desk, printer="q") == Begin(job(1, printer="q"))
    desk.done(job(1))
    assert step(desk) == Begin(job(2))


def test_a_job_that_comes_to_a_free_printer_begins_at_once_and_the_next_one_waits() -> None:
    desk = Desk()
    assert desk.begin_at_once(job(1), 0.0, ready=True)
    desk.see(job(1))
    deliver(desk, job(2))
    assert not desk.begin_at_once(job(3), 0.0, ready=True)
    assert step(desk) == Idle()
    desk.done(job(1))
    assert step(desk) == Begin(job(2))


@pytest.mark.parametrize("barred_by", ["the printer", "its place", "its deadline", "a job that waits", "leave", "role"])
def test_a_job_that_may_not_begin_as_it_comes_does_not(barred_by: str) -> None:
    desk = Desk({"p": 3})
    desk.confirm, desk.standby = barred_by == "leave", barred_by == "role"
    if barred_by == "a job that waits":
        deliver(desk, job(4))
    late = barred_by == "its deadline"
    next_one = job({"its place": 6, "a job that waits": 5}.get(barred_by, 4))
    assert not desk.begin_at_once(next_one, 1000.0 if late else 0.0, ready=barred_by != "the printer")
    desk.confirm = desk.standby = False
    if barred_by in {"the printer", "leave", "role"}:  # what barred it is over, and nothing of the attempt is left
        assert desk.begin_at_once(next_one, 0.0, ready=True)


def test_a_gap_is_waited_for_five_seconds_and_then_passed() -> None:
    desk = Desk()
    deliver(desk, job(1))
    assert drain(desk) == [1]
    deliver(desk, job(3), now=10.0)
    assert step(desk, 10.0) == Idle(15.0)
    assert desk.cursor("p") == 1
    assert step(desk, 15.0) == Begin(job(3))


def test_a_gap_that_never_closes_is_waited_for_once() -> None:
    desk = Desk({"p": 1})
    deliver(desk, job(3), now=10.0)
    assert step(desk, 10.0) == Idle(15.0)
    assert drain(desk, 15.0) == [3]
    assert desk.begin_at_once(job(4), 20.0, ready=True)
    desk.done(job(4))
    deliver(desk, job(4), job(5), now=20.0)
    assert drain(desk, 20.0) == [4, 5]
    assert desk.cursor("p") == 1


def test_of_what_came_behind_gaps_the_newest_hundred_are_known() -> None:
    desk = Desk()
    for seq in range(2, 402, 2):
        desk.see(job(seq))
    assert not desk.begin_at_once(job(11, after=10), 0.0, ready=True)
    assert desk.begin_at_once(job(401, after=400), 0.0, ready=True)


def test_a_gap_that_closes_is_waited_for_no_longer() -> None:
    desk = Desk()
    deliver(desk, job(2))
    assert isinstance(step(desk), Idle)
    deliver(desk, job(1))
    assert desk.cursor("p") == 2
    assert drain(desk) == [1, 2]


def test_the_relay_may_close_a_gap_by_naming_another_before() -> None:
    desk = Desk({"p": 1})
    deliver(desk, job(3))
    assert desk.cursor("p") == 1
    desk.see(job(3, after=1))
    assert desk.cursor("p") == 3
    assert step(desk) == Begin(job(3))


def test_a_job_that_comes_after_its_followers_is_printed_too() -> None:
    desk = Desk({"p": 9})
    deliver(desk, job(4))
    assert step(desk) == Begin(job(4))


def test_what_is_late_expires_even_while_the_printer_cannot_print() -> None:
    desk = Desk()
    deliver(desk, job(1, deadline=50.0), job(2, deadline=20.0))
    assert step(desk, 10.0, ready=False) == Idle(20.0)
    assert step(desk, 20.0, ready=False) == Expire(job(2, deadline=20.0))
    assert step(desk, 49.9) == Begin(job(1, deadline=50.0))


def test_what_is_begun_does_not_expire() -> None:
    desk = Desk()
    deliver(desk, job(1, deadline=50.0))
    assert isinstance(step(desk, 49.0), Begin)
    assert step(desk, 51.0) == Idle()


def test_a_deadline_is_by_the_relays_clock() -> None:
    desk = Desk()
    deliver(desk, job(1, deadline=5000.0))
    assert desk.step("p", 10.0, 4990.0, ready=False) == Idle(20.0)
    assert desk.step("p", 10.0, 5000.0, ready=True) == Expire(job(1, deadline=5000.0))


def test_a_standby_begins_nothing() -> None:
    desk = Desk()
    deliver(desk, job(1))
    desk.standby = True
    assert isinstance(step(desk), Idle)


def test_with_confirm_a_job_begins_only_with_leave() -> None:
    desk = Desk()
    desk.confirm = True
    deliver(desk, job(1))
    assert step(desk, 0.0, ready=False) == Idle(1000.0)
    assert step(desk, 0.0) == Ask(job(1))
    assert step(desk, 1.0) == Idle(5.0)
    assert step(desk, 5.0) == Ask(job(1))
    desk.grant("p1")
    assert step(desk, 6.0) == Begin(job(1))


def test_leave_that_was_given_on_another_connection_is_asked_for_again() -> None:
    desk = Desk()
    desk.confirm = True
    deliver(desk, job(1))
    desk.grant("p1")
    desk.forget_grants()
    assert step(desk) == Ask(job(1))


def test_a_job_that_could_not_begin_is_first_again_with_its_leave() -> None:
    desk = Desk()
    desk.confirm = True
    deliver(desk, job(1), job(2))
    desk.grant("p1")
    assert step(desk) == Begin(job(1))
    desk.put_back(job(1), 0.0)
    assert step(desk) == Begin(job(1))


@pytest.mark.parametrize(("cancelled", "found", "rest"), [("p1", True, [2]), ("p2", True, [1]), ("p3", False, [1, 2])])
def test_a_cancelled_job_is_gone(cancelled: str, found: bool, rest: list[int]) -> None:  # noqa: FBT001
    desk = Desk()
    deliver(desk, job(1), job(2))
    assert desk.cancel(cancelled) is found
    assert drain(desk) == rest


def test_what_is_begun_cannot_be_cancelled() -> None:
    desk = Desk()
    deliver(desk, job(1))
    step(desk)
    assert desk.cancel("p1") is False


@given(st.permutations(range(1, 12)), st.integers(0, 11))
def test_the_cursor_is_the_end_of_what_came_without_a_gap(order: list[int], count: int) -> None:
    desk = Desk()
    for seq in order[:count]:
        desk.see(job(seq))
    came = set(order[:count])
    assert desk.cursor("p") == next(seq for seq in range(12) if seq + 1 not in came)


@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["new", "cancel", "print"])), max_size=60))
def test_every_job_is_begun_or_cancelled_exactly_once(moves: list[tuple[int, str]]) -> None:
    desk, seen, ended = Desk(), set[int](), list[int]()
    for seq, move in moves:
        one = replace(job(seq), after=0)
        if move == "new" and seq not in seen:
            deliver(desk, one)
            seen.add(seq)
        elif move == "cancel" and desk.cancel(one.id):
            ended.append(seq)
        elif move == "print" and isinstance(found := step(desk), Begin):
            ended.append(found.job.seq)
            desk.done(found.job)
    assert sorted(ended + drain(desk)) == sorted(seen)
