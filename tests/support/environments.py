"""Order intake in several execution environments at once, each with its own connection."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import serverless_wsgi

from shared.spine import env as env_module
from shared.spine.env import Environment
from tests.support import order_api
from tests.support.orders import Caller

Result = TypeVar("Result")
Another = Callable[..., Caller]


@contextmanager
def environment_of_process() -> Iterator[Environment]:
    """A new environment of this process, by its variables. Handlers that are called meanwhile get it too."""
    env_module.environment.cache_clear()
    made = env_module.environment()
    try:
        yield made
    finally:
        made.close()
        env_module.environment.cache_clear()


def caller(
    env: Environment,
    key: Mapping[str, str],
    at: datetime | None = None,
    make_app: Callable[[Environment], Any] = order_api.make_app,
) -> Caller:
    """Calls to order intake, or to another API, in `env`, signed at the moment `at`."""
    app = make_app(env)

    def handler(event: dict[str, Any], context: Any) -> Any:
        return serverless_wsgi.handle_request(app, event | {"cookies": []}, context)

    return Caller(handler, key, int(at.timestamp()) if at else None)


def at_once(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each gives, begun together in threads of their own."""
    start = threading.Barrier(len(works))

    def begin(work: Callable[[], Result]) -> Result:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(begin, works))
