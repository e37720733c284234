"""Access tokens of a service: one lives for each app, and it ends by time or by a newer one."""

import secrets
import threading
from dataclasses import dataclass

TOKEN_SECONDS = 7200


@dataclass(frozen=True)
class Token:
    """An access token and its end in seconds since 1970."""

    value: str
    ends: float


class Tokens:
    """`fetched` counts fetches, `made` counts the tokens that were made."""

    def __init__(self, seconds: int = TOKEN_SECONDS) -> None:
        self.seconds = seconds
        self.fetched = 0
        self.made = 0
        self._alive: dict[str, Token] = {}
        self._lock = threading.Lock()

    def fetch(self, app: str, now: float, *, again: bool) -> Token:
        """The living token, or a new one that kills it: if it ended, or if `again` asks for it."""
        with self._lock:
            self.fetched += 1
            token = self._alive.get(app)
            if token is None or again or token.ends <= now:
                self.made += 1
                token = Token(f"access-{app}-{secrets.token_hex(6)}", now + self.seconds)
                self._alive[app] = token
            return token

    def owner(self, value: str, now: float) -> str | None:
        """The app whose living token this is; None for any other value."""
        with self._lock:
            alive = [app for app, token in self._alive.items() if token.value == value and token.ends > now]
            return alive[0] if alive else None

    def ended(self, value: str) -> bool:
        """Whether this living token ended by time."""
        with self._lock:
            return any(token.value == value for token in self._alive.values())

    def forget(self) -> None:
        """All tokens end now."""
        with self._lock:
            self._alive.clear()
