"""Order intake in several execution environments at once, each with its own connection."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

import serverless_wsgi

from shared.spine.env import Environment
from tests.support import order_api
from tests.support.orders import Caller

Result = TypeVar("Result")
Another = Callable[..., Caller]


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
