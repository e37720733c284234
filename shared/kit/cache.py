"""Values that an execution environment reads once and uses for some seconds.

A value that is too old stays readable by `last`, for callers that can use an old value. `cachetools.TTLCache` drops it.
"""

import time
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from shared.spine.env import Environment

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Values by key, apart for each environment. At most `most` values; the one that was read first goes first."""

    def __init__(self, seconds: float, most: int = 10_000) -> None:
        self.seconds = seconds
        self._most = most
        self._entries: WeakKeyDictionary[Environment, dict[str, tuple[float, Value]]] = WeakKeyDictionary()

    def get(self, env: Environment, key: str) -> Value | None:
        """The value if it was put at most `seconds` ago."""
        put_at, value = self._entries.get(env, {}).get(key, (0.0, None))
        return value if time.time() - put_at <= self.seconds else None

    def last(self, env: Environment, key: str) -> Value | None:
        """The value, however old it is."""
        return self._entries.get(env, {}).get(key, (0.0, None))[1]

    def put(self, env: Environment, key: str, value: Value) -> Value:
        """Keep the value as the newest, and return it."""
        entries = self._entries.setdefault(env, {})
        entries.pop(key, None)
        if len(entries) >= self._most:
            entries.pop(next(iter(entries)))
        entries[key] = (time.time(), value)
        return value

    def get_or_read(self, env: Environment, key: str, read: Callable[[], Value]) -> Value:
        """The value, read again if it is too old."""
        value = self.get(env, key)
        return self.put(env, key, read()) if value is None else value

    def clear(self, env: Environment) -> None:
        """Forget all values of the environment."""
        self._entries.pop(env, None)
