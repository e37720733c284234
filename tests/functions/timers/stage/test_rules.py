"""The timers of a stage are read from its rules, over all pages."""

from functions.timers.schedules.schedule import Interval
from functions.timers.stage.rules import is_applied, read_timers
from shared.spine.env import Environment
from tests.functions.timers.conftest import Stage


def test_more_timers_than_a_page_has(stage: Stage, env: Environment) -> None:
    for number in range(101):
        stage.add(f"tea_brew_{number}")
    found = read_timers(env.aws, stage.prefix)
    assert len(found) == 101
    assert {timer.default for timer in found.values()} == {Interval(1, "minute")}


def test_a_rule_is_applied_when_schedule_and_state_are_as_decided(stage: Stage, env: Environment) -> None:
    name, now = stage.add("tea_brew"), env.clock()
    timer = read_timers(env.aws, stage.prefix)[name]
    minute, five = Interval(1, "minute"), Interval(5, "minute")
    cases = [(minute, False), (minute, True), (five, False)]
    assert [is_applied(timer, schedule, paused=paused, now=now) for schedule, paused in cases] == [True, False, False]


def test_a_stage_whose_name_begins_another_s_is_apart(stage: Stage, env: Environment) -> None:
    name = stage.add("tea_brew")
    stage.add("2-tea_brew")
    assert list(read_timers(env.aws, stage.prefix)) == [name]
