"""The calls of a round, and other work while services do not answer."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache

from shared.kit.outside.exchange import Answer, Call
from shared.kit.outside.remote import post_from_outside
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError

MEANWHILE_SECONDS = 1.0


def post_calls(env: Environment, calls: Sequence[Call], meanwhile: Callable[[], object] | None) -> list[Answer]:
    """The answers in order. `meanwhile` is done each second: no step of an escalation waits for a slow service."""
    if meanwhile is None or not calls:
        return post_from_outside(env, calls)
    answers = _caller().submit(post_from_outside, env, calls)
    while not wait([answers], MEANWHILE_SECONDS).done:
        try:
            meanwhile()
        except DumbwaiterError as failure:
            log.logger().warning("the work beside the calls failed", extra={"error": str(failure)})
    return answers.result()


@cache
def _caller() -> ThreadPoolExecutor:
    """One thread, which keeps its connections to services."""
    return ThreadPoolExecutor(1, "calls")
