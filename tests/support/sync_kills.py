"""Kills a run of sync with SIGKILL at one of its steps. A step is the begin of a transaction, or a request's ends."""

import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

from functions.sync.engine import target
from functions.sync.outside import remote
from shared.spine import db as db_module
from shared.spine import env as env_module
from shared.spine.env import Environment


def killed_at(step: int, run: Callable[[], object]) -> bool:
    """Whether the run, in a process of its own, lived until that step. There it is killed."""
    process = get_context("fork").Process(target=_run_and_die, args=(step, run))
    process.start()
    process.join(120)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == -signal.SIGKILL


def _run_and_die(step: int, run: Callable[[], object]) -> None:
    clock = env_module.environment().clock
    env_module.environment.cache_clear()
    env_module.environment().clock = clock
    steps = iter(range(10_000))

    def die_at(step_now: int) -> None:
        if step_now == step:
            os.kill(os.getpid(), signal.SIGKILL)

    real_transaction, real_exchange = db_module.Database.transaction, remote.exchange_of

    def transaction(self: Any) -> Any:
        die_at(next(steps))  # before a transaction, which is also after the commit of the one before
        return real_transaction(self)

    def exchange_of(env: Environment) -> Any:
        exchange = real_exchange(env)

        def dying(requests: Any) -> Any:
            die_at(next(steps))
            replies = exchange(requests)
            die_at(next(steps))
            return replies

        return dying

    db_module.Database.transaction = transaction  # type: ignore[method-assign]
    vars(target)["exchange_of"] = exchange_of
    run()
