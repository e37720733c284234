"""The events of triggers: only this module knows their form. Handlers are plain code behind these.

`http`: API gateway → a WSGI app. `queue` and `batch`: SQS records, one message each. `timer`: a schedule. `socket`: a
WebSocket frame. `call`: a document of another function. A handler gets its arguments and returns or raises.
`shared.spine.errors` says what each error means.
"""

import gc
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from shared.contracts.messages import Message, MessageData, read_message
from shared.spine import log, timers
from shared.spine.env import Environment, environment
from shared.spine.errors import DumbwaiterError, Rejected, Unavailable

Event = dict[str, Any]
_PROBLEM = "application/problem+json"
Handler = Callable[[Event, Any], Any]
Data = TypeVar("Data", bound=MessageData)

# What a handler needs to end its work in order before the platform kills it.
TIME_TO_END = timedelta(seconds=5)
# Seconds until a failed record comes again, by how often it has come: a few after a hiccup, and 17 minutes in all.
# SQS's metric of age leaves out what it gave more than three times: the first three must last longer than its alarm.
RETRY_AFTER = (5, 20, 80, 300, 600)
# The collector looks for cycles after so many objects. A request makes thousands of them, and hardly any cycle.
OBJECTS_BETWEEN_COLLECTIONS = 20_000


class Bug(Exception):
    """An unexpected failure of an invocation; the log has its place."""


class Context(Protocol):
    """The part of the Lambda context object that is used."""

    aws_request_id: str
    function_name: str

    def get_remaining_time_in_millis(self) -> int: ...


def http(make_app: Callable[[Environment], Any]) -> Handler:
    """API gateway (HTTP API payload 2.0, REST payload 1.0) → the WSGI app that `make_app` makes at first need."""
    apps: WeakKeyDictionary[Environment, Any] = WeakKeyDictionary()

    def handler(event: Event, context: Context) -> Any:
        import serverless_wsgi

        _begin(context)
        if _PROBLEM not in serverless_wsgi.TEXT_MIME_TYPES:
            # What it takes for binary leaves as base64, which a REST API hands to callers as it is.
            serverless_wsgi.TEXT_MIME_TYPES.append(_PROBLEM)
        env = environment()
        if env not in apps:
            apps[env] = make_app(env)
            # What was loaded until now stays for ever: the collector need not look through it again and again.
            gc.freeze()
            gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
        if "cookies" not in event and event.get("version") == "2.0":
            # serverless-wsgi takes cookies from this list alone; a gateway may leave it away or in the headers.
            event["cookies"] = [c for c in event.get("headers", {}).get("cookie", "").split("; ") if c]
        if "rawPath" in event:
            # The gateway has decoded it; serverless-wsgi would take what follows a question mark for a query.
            event["rawPath"] = event["rawPath"].replace("?", "%3F")
        return serverless_wsgi.handle_request(apps[env], event, context)

    return handler


def queue(model: type[Data], handle: Callable[[Message[Data], Environment], None]) -> Handler:
    """SQS batch → `handle`, a record at a time; a record that raises goes back alone, and comes again `RETRY_AFTER`.

    A record that can never succeed (`Rejected`), or has had its tries, goes to the dead-letter queue with the reason.
    When that fails, or the function is killed, the queue's own redrive moves it there without a reason.
    """

    def handler(event: Event, context: Context) -> Event:
        return _one_by_one(event["Records"], context, model, handle, environment())

    return handler


def batch(model: type[Data], handle: Callable[[Sequence[Message[Data]], Environment], None]) -> Handler:
    """SQS batch → `handle`, all records at once; where that raises, each record alone, with the rules of `queue`.

    So `handle` may make one statement of the batch, and must bear records that it has seen before.
    """

    def alone(message: Message[Data], env: Environment) -> None:
        handle([message], env)

    def handler(event: Event, context: Context) -> Event:
        env, records = environment(), event["Records"]
        _begin(context)
        if len(records) > 1:
            try:
                handle([read_message(record["body"], model) for record in records], env)
            except Unavailable as failure:
                # What is away for the batch is away for each: nobody waits for it a hundred times.
                failed = [record for record in records if not _settled(record, failure, env)]
                return _answer(failed, context, env)
            except Exception as failure:
                log.logger().warning("a batch is taken apart", extra={"kind": type(failure).__name__})
            else:
                log.logger().info("messages taken", extra={"records": len(records)})
                return _answer([], context, env)
        return _one_by_one(records, context, model, alone, env)

    return handler


def _one_by_one(
    records: Sequence[Event],
    context: Context,
    model: type[Data],
    handle: Callable[[Message[Data], Environment], None],
    env: Environment,
) -> Event:
    def taken(record: Event) -> bool:
        _begin(context)
        if timedelta(milliseconds=context.get_remaining_time_in_millis()) <= TIME_TO_END:
            # Were the function killed, the records that are done would come again too, and late.
            log.logger().warning("message left for later", extra={"message_id": record["messageId"]})
            return False
        return _taken(record, model, handle, env)

    return _answer([record for record in records if not taken(record)], context, env)


def _answer(failed: Sequence[Event], context: Context, env: Environment) -> Event:
    _begin(context)
    _postpone(failed, env)
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def _taken(
    record: Event, model: type[Data], handle: Callable[[Message[Data], Environment], None], env: Environment
) -> bool:
    """Whether the queue is rid of the record: it was handled, or is where dead letters are."""
    log.note(message_id=record["messageId"])
    try:
        message = read_message(record["body"], model)
        log.note(message_id=message.id, subject=message.subject, store=message.store)
        handle(message, env)
    except Exception as failure:
        return _settled(record, failure, env)
    log.logger().info("message taken")
    return True


def _settled(record: Event, failure: Exception, env: Environment) -> bool:
    """Whether a record that failed is where dead letters are; if not it comes again."""
    final = isinstance(failure, Rejected) or _tries(record) >= env.settings.max_receives
    if isinstance(failure, DumbwaiterError):
        log.logger().warning("message failed", extra={"error": str(failure), "final": final})
    else:
        log.bug(failure, "message failed")
    return final and _buried(record, failure, env)


def _buried(record: Event, failure: Exception, env: Environment) -> bool:
    """Whether the record is in the dead-letter queue, with its reason."""
    if not env.settings.dead_letter_queue:
        return False
    kind = type(failure).__name__
    error = str(failure) if isinstance(failure, DumbwaiterError) else f"a bug: {kind}; the log has where"
    # All consumers of a concern share the queue: the letter says from which queue it comes.
    consumer = record["eventSourceARN"].rpartition(":")[2]
    reason = {"error": _printable(error)[:500], "kind": kind, "tries": str(_tries(record)), "consumer": consumer}
    try:
        env.aws.send(env.settings.dead_letter_queue, record["body"], reason)
    except DumbwaiterError as trouble:
        log.logger().warning("the queue's own redrive must bury it", extra={"error": str(trouble)})
        return False
    return True


def _postpone(failed: Sequence[Event], env: Environment) -> None:
    """Without this they would come again only when the queue takes the function for dead, after six timeouts."""
    if not failed:
        return
    again = [(record["receiptHandle"], RETRY_AFTER[min(_tries(record), len(RETRY_AFTER)) - 1]) for record in failed]
    try:
        env.aws.postpone(failed[0]["eventSourceARN"], again)
    except DumbwaiterError as failure:
        log.logger().warning("failed messages come again late", extra={"error": str(failure)})


def _tries(record: Event) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


def _printable(text: str) -> str:
    """SQS refuses attributes that hold control characters."""
    return "".join(character for character in text if character.isprintable())


def timer(run: Callable[[Environment, datetime], None]) -> Handler:
    """A schedule → `run(environment, until)`; the next run does the work that is not done by `until`.

    Each run leaves a row: see `shared.spine.timers`. A paused timer does not run. An exclusive one has one run at once.
    """

    def handler(event: Event, context: Context) -> None:
        _begin(context)
        env = environment()
        remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
        until = env.clock() + max(remaining - TIME_TO_END, remaining / 2)
        with _recorded(env, context, remaining, event.get("asked_by")) as is_due:
            if is_due:
                run(env, until)

    return handler


@contextmanager
def _recorded(env: Environment, context: Context, remaining: timedelta, asked_by: str | None) -> Iterator[bool]:
    """Whether the run may begin. Its begin and its end are noted, and its failure is reported."""
    now = env.clock()
    run = timers.a_run(context.function_name, now, now + remaining, context.aws_request_id, asked_by)
    is_noted, error = False, None
    try:
        is_noted = bool(env.settings.database_secret) and _begins(env, run)
        yield is_noted or not env.settings.database_secret
    except DumbwaiterError as failure:
        error = str(failure)
        log.logger().error("timer failed", extra={"error": error})
        raise
    except Exception as failure:
        error = f"a bug: {type(failure).__name__}; the log has its place"
        log.bug(failure, "timer failed")
        # What the platform prints of a failed invocation must quote neither SQL nor a guest.
        raise Bug(type(failure).__name__) from None
    finally:
        if is_noted:
            _end_run(env, run, error)


def _begins(env: Environment, run: timers.Run) -> bool:
    """Whether the run may begin; then its begin is noted."""
    begun = timers.begin_run(env.db, run, overlaps=env.settings.overlaps)
    if begun != "running":
        log.logger().info("timer does not run", extra={"reason": begun})
    return begun == "running"


def _end_run(env: Environment, run: timers.Run, error: str | None) -> None:
    """A run without a noted end counts as hung once its time limit has passed."""
    try:
        timers.end_run(env.db, run, env.clock(), error)
    except DumbwaiterError as failure:
        log.logger().warning("the end of the run is not noted", extra={"error": str(failure)})


def call(work: Callable[[Event, Environment], Event]) -> Handler:
    """A call of another function of the concern → `work`. The caller gets its result, or an error without a text."""

    def handler(event: Event, context: Context) -> Event:
        _begin(context)
        try:
            return {"result": work(event, environment())}
        except Exception as failure:
            log.bug(failure, "call failed")
            raise Bug(type(failure).__name__) from None

    return handler


@dataclass(frozen=True)
class Frame:
    """A frame or an event of a WebSocket: `kind` is CONNECT, MESSAGE or DISCONNECT; `management` answers it."""

    connection: str
    kind: str
    body: str
    management: str
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


def socket(handle: Callable[[Frame, Environment], None]) -> Handler:
    """A WebSocket API's route → `handle`. Raising refuses: at CONNECT the gateway closes, with the error's status."""

    def handler(event: Event, context: Context) -> Event:
        _begin(context)
        about = event["requestContext"]
        frame = Frame(
            about["connectionId"],
            about["eventType"],
            event.get("body") or "",
            f"https://{about['domainName']}/{about['stage']}",
            {name.lower(): value for name, value in (event.get("headers") or {}).items()},
            event.get("queryStringParameters") or {},
        )
        try:
            handle(frame, environment())
        except DumbwaiterError as failure:
            log.logger().warning("frame refused", extra={"error": str(failure), "kind": frame.kind})
            # At CONNECT alone: a body that answers a frame is sent over the socket by some gateways.
            body = {"body": json.dumps({"code": failure.code, **failure.extensions})} if frame.kind == "CONNECT" else {}
            return {"statusCode": int(failure.status), **body}
        except Exception as failure:
            log.bug(failure, "frame failed")
            raise Bug(type(failure).__name__) from None
        return {"statusCode": 200}

    return handler


def _begin(context: Context) -> None:
    log.forget()
    # All functions of a concern write into one log group.
    log.note(request=context.aws_request_id, function=context.function_name)
