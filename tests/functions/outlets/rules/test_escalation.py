"""The steps of an escalation, by their seconds after the order."""

from datetime import UTC, datetime, timedelta

from functions.outlets.rules.escalation import limit_at, planned_steps
from functions.outlets.rules.settings import Rules, rules_of

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def seconds(rules: Rules) -> list[tuple[str, float]]:
    return [(action, (at - NOON).total_seconds()) for action, at in planned_steps(rules, NOON)]


def test_the_steps_of_a_chain_without_rules() -> None:
    assert seconds(Rules()) == [("again", 45), ("call", 90), ("second", 180), ("head_office", 300)]
    assert limit_at(Rules(), NOON) - NOON == timedelta(minutes=11, seconds=30)


def test_the_automatic_answer_comes_before_the_platforms_deadline() -> None:
    assert seconds(Rules(automatic="accept", limit_seconds=690, automatic_before_seconds=90))[-1] == ("accept", 600)


def test_a_step_without_seconds_is_left_out_and_steps_are_in_their_order() -> None:
    rules = Rules(again_seconds=None, call_seconds=200, second_seconds=100, head_office_seconds=None)
    assert seconds(rules) == [("second", 100), ("call", 200)]


def test_an_outlet_has_its_own_rules_in_place_of_the_chains() -> None:
    rules = rules_of({"language": "en", "again_seconds": 45, "of_a_newer_version": 1}, {"language": "zh"})
    assert (rules.language, rules.again_seconds) == ("zh", 45)
