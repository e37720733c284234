"""A cached value is used for its time, and each environment has its own."""

import time

import pytest

from shared.kit.cache import Cache
from shared.spine.env import Environment
from shared.spine.settings import read_settings


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the cache: the last number is now."""
    clock = [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[-1])
    return clock


@pytest.fixture
def env(function_environment: dict[str, str]) -> Environment:
    del function_environment
    return Environment(read_settings())


def test_a_value_is_read_once_until_it_is_too_old(env: Environment, seconds: list[float]) -> None:
    cache, reads = Cache[str](60), iter(["first", "second"])
    values = []
    for moment in (1000.0, 1060.0, 1060.1):
        seconds.append(moment)
        values.append(cache.get_or_read(env, "demo", lambda: next(reads)))
    assert values == ["first", "first", "second"]


def test_an_old_value_is_still_the_last_one(env: Environment, seconds: list[float]) -> None:
    cache = Cache[str](60)
    cache.put(env, "demo", "first")
    seconds.append(2000.0)
    assert (cache.get(env, "demo"), cache.last(env, "demo")) == (None, "first")


def test_each_environment_has_its_own_values(env: Environment) -> None:
    cache = Cache[str](60)
    cache.put(env, "demo", "first")
    assert cache.get(Environment(env.settings), "demo") is None


def test_the_value_that_was_put_first_goes_first(env: Environment) -> None:
    cache = Cache[int](60, most=3)
    for number, key in enumerate(["a", "b", "a", "c", "d"]):
        cache.put(env, key, number)
    assert [cache.last(env, key) for key in "abcd"] == [2, None, 3, 4]


def test_a_cleared_environment_has_no_values(env: Environment) -> None:
    cache = Cache[str](60)
    cache.put(env, "demo", "first")
    cache.clear(env)
    assert cache.last(env, "demo") is None
