"""MiniStack as it is run here: a message is taken from its queue at once, and web pages of others are refused."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from ministack import app as ministack
from ministack.core import lambda_runtime
from ministack.services import cloudwatch, lambda_svc, sqs

# After a look at the queues that found nothing it rests for 50 ms. With many queues most looks find nothing, and at ten
# orders a second every other message waited for the end of a rest, of which the cloud knows nothing.
REST = "_ESM_IDLE_WAKE_GAP_SECONDS"
AGE = "ApproximateAgeOfOldestMessage"
MOST_RECEIVES = 3

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

# A name of somebody else's can be made to lead to this machine (DNS rebinding), and then counts as the page's own.
LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
ExecuteApiUrl = tuple[str, str, str] | None  # API, stage, path
STAGES = ("local", "$default")  # of the REST and WebSocket APIs, and of HTTP APIs
FUNCTIONS = "/_aws/execute-api/"  # their replies bear what the functions themselves allow
REFUSAL = (
    b"Refused: this emulator answers programs of this machine and its own pages. Type its address into the browser.\n"
)


def only_own_pages(application: Application) -> Application:
    """The application, but 403 for what a web page of another origin asks. It takes any credentials."""

    async def guarded(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or is_call(scope):
            await application(scope, receive, send)
        elif not is_own(scope):
            await _refuse(scope, send)
        else:
            await application(scope, receive, _without_sharing(send))

    return guarded


def is_own(scope: Message) -> bool:
    """Whether a request names a host of this machine, and comes from a program or a page of that very host and port."""
    hosts, origins, sites = (_values(scope, name) for name in (b"host", b"origin", b"sec-fetch-site"))
    if len(hosts) != 1 or not LOOPBACK_HOST.fullmatch(hosts[0]):
        return False
    # To a browser all ports of a machine are one site.
    own_origins = {f"http://{hosts[0].lower()}"}
    return own_origins.issuperset(origin.lower() for origin in origins) and {"none", "same-origin"}.issuperset(sites)


def is_call(scope: Message) -> bool:
    """Whether a request is for a function, by a program, an own page, or a person who follows a link."""
    return scope["path"].startswith(FUNCTIONS) and (is_own(scope) or is_link(scope))


def is_link(scope: Message) -> bool:
    """Whether a person follows a link of another page of this machine, such as one in the demo's chat."""
    hosts, sites, modes, targets = (
        _values(scope, name) for name in (b"host", b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest")
    )
    is_local = len(hosts) == 1 and LOOPBACK_HOST.fullmatch(hosts[0]) is not None and sites == ["same-site"]
    return is_local and scope.get("method") == "GET" and (modes, targets) == (["navigate"], ["document"])


def _values(scope: Message, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


async def _refuse(scope: Message, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the browser gets 403
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(REFUSAL)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": REFUSAL})


def _without_sharing(send: Send) -> Send:
    """MiniStack lets every origin read every reply."""

    async def forward(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [pair for pair in message["headers"] if not pair[0].lower().startswith(b"access-control-")]
            message = {**message, "headers": headers}
        await send(message)

    return forward


def with_slashes(parse_url: Callable[[str, str], ExecuteApiUrl]) -> Callable[[str, str], ExecuteApiUrl]:
    """MiniStack drops the slash at the end of `/console/`; a gateway hands it on."""

    def parse(host: str, path: str) -> ExecuteApiUrl:
        url = parse_url(host, path)
        if url is None or url[1] in STAGES or url[2] != "/" or not path.endswith("/"):
            return url
        return url[0], "$default", f"/{url[1]}/"

    return parse


def with_ages(get_metric_data: Callable[..., Any]) -> Callable[..., Any]:
    """CloudWatch's GetMetricData, with the age of the oldest message of each queue as SQS would have reported it."""

    def answer(*arguments: Any, **options: Any) -> Any:
        now = time.time()
        for url, queue in sqs._queues.items():  # noqa: SLF001 - the emulator has no other window into its queues
            # SQS leaves out what was received more than three times.
            sent = [message["sent_at"] for message in queue["messages"] if message["receive_count"] <= MOST_RECEIVES]
            if sent:
                dimensions = {"QueueName": url.rpartition("/")[2]}
                cloudwatch.record_metric("AWS/SQS", AGE, now - min(sent), "Seconds", dimensions)
        return get_metric_data(*arguments, **options)

    return answer


class ReportingWorker:
    """A worker of a function. Each run is logged with its lines and its duration."""

    def __init__(self, worker: Any, config: Mapping[str, Any]) -> None:
        self._worker, self._config = worker, config

    def invoke(self, event: Any, request_id: str) -> Any:
        """The result of the run."""
        started = time.monotonic()
        result = self._worker.invoke(event, request_id)
        milliseconds = int((time.monotonic() - started) * 1000)
        failed = result.get("status") == "error"
        function = {"config": self._config}
        lambda_svc._emit_lambda_logs(function, request_id, result.get("log", ""), failed, milliseconds)  # noqa: SLF001
        return result


def with_reports(get_worker: Callable[..., Any]) -> Callable[..., Any]:
    """MiniStack calls a worker for a frame of a WebSocket API, and logs nothing."""

    def get_reporting_worker(name: str, config: Mapping[str, Any], *arguments: Any, **options: Any) -> ReportingWorker:
        return ReportingWorker(get_worker(name, config, *arguments, **options), config)

    return get_reporting_worker


if __name__ == "__main__":
    getattr(lambda_svc, REST)  # a version that has it no more needs another look
    setattr(lambda_svc, REST, 0)
    cloudwatch._get_metric_data = with_ages(cloudwatch._get_metric_data)  # noqa: SLF001 - no hook is offered
    lambda_runtime.get_or_create_worker = with_reports(lambda_runtime.get_or_create_worker)
    ministack._parse_execute_api_url = with_slashes(ministack._parse_execute_api_url)  # noqa: SLF001
    ministack.app = only_own_pages(ministack.app)
    ministack.main()
