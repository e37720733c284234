"""The HTTP API of a concern: a WSGI app that authenticates and validates requests and calls views.

Views follow the convention of flask-openapi3: arguments named `path`, `query` and `body`, with pydantic models as
annotations. So `generate.openapi` lets that library write the OpenAPI document. At run time Werkzeug serves the views.
Loading Flask would cost an eighth of a cold start, flask-openapi3 a third.
"""

import inspect
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, Protocol

from pydantic import BaseModel
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from shared.kit.rate_limit import RateLimit
from shared.spine import audit, cors, log, viewer
from shared.spine.auth import Authenticator, Client
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError, Rejected
from shared.spine.guest_tokens import GuestToken
from shared.spine.idempotency import (
    Key,
    RecentKeys,
    Replay,
    StoredReply,
    claim,
    insert_reply,
    once,
    replay,
    replay_stored,
    request_hash,
)
from shared.spine.json_body import JSON, read_json
from shared.spine.outbox import Work
from shared.spine.problems import answer_failure
from shared.spine.request_key import key_of
from shared.spine.sessions import Person
from shared.spine.unknown_routes import Elsewhere, UnknownRoutes
from shared.spine.validation import checked, checked_json, single_values

MAX_BODY_BYTES = 256 * 1024
# Statuses of problems, for the OpenAPI document. Of every signed request:
SIGNED_PROBLEMS = (401, 422, 429, 500, 503)
# of a request that needs a right over a chain or a store that it names:
RIGHT_PROBLEMS = (*SIGNED_PROBLEMS, 403)
# of a request for a resource that may not exist:
RESOURCE_PROBLEMS = (*RIGHT_PROBLEMS, 404)
# of a request with a body, or with an idempotency key:
BODY_PROBLEMS = (400, 409, 413, 415)
# of a change of a resource:
CHANGE_PROBLEMS = (*RESOURCE_PROBLEMS, *BODY_PROBLEMS)
# The region's epoch in a reply; in a request the highest epoch that the caller has seen.
EPOCH_HEADER = "Dumbwaiter-Epoch"


@dataclass(frozen=True)
class Reply:
    """The reply of a view. `body` is a model, stored JSON text, a file, or empty."""

    body: BaseModel | str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = JSON

    def content(self) -> str | bytes:
        """The body as it is sent."""
        return self.body.model_dump_json() if isinstance(self.body, BaseModel) else self.body


class View(Protocol):
    """A view. Its keyword arguments are `call`, and those of `path`, `query` and `body` that it declares.

    A public view has `env` in place of `call`. It may declare `address`, the address of the caller, and `headers`.
    `url` is the URL of the request as the gateway saw it, with the query.
    `raw` are the bytes of the body as they came, and `arguments` the query without a model.
    """

    __name__: str

    def __call__(self, *args: Any, **kwargs: Any) -> Reply: ...


@dataclass(frozen=True)
class Operation:
    """One operation of the API, with all that serving it and documenting it need.

    `replies` by status: a model, the media type of a file, or None without a body. `guests`: it takes guest tokens too.
    `looks`: it shows personal data, so that a look of a person is recorded. `routine`: a page sends it by itself, so
    that it says nothing about a person and is not recorded. `without_body` is the reply to a public request that has
    no body: some programs send one to see whether they are heard.
    """

    method: str
    rule: str
    view: View
    replies: dict[int, type[BaseModel] | str | None]
    problems: Sequence[int] = ()
    public: bool = False
    guests: bool = False
    looks: bool = False
    routine: bool = False
    without_body: str | None = None

    @property
    def mutates(self) -> bool:
        """Whether it takes an Idempotency-Key."""
        return self.method != "GET" and not self.public

    @cached_property
    def wants_body(self) -> bool:
        """Whether the view takes a body."""
        return "body" in inspect.signature(self.view).parameters


@dataclass
class Call:
    """One authenticated request. `entry` is its audit entry, None for a request that has none."""

    env: Environment
    concern: str
    client: Client
    headers: Headers
    key: Key | None = None
    entry: audit.Entry | None = None
    recorded: bool = False
    recent_keys: RecentKeys = field(default_factory=RecentKeys)

    def record(self, transaction: Transaction, status: int) -> None:
        """Store the entry in the record of what people do, with the work of the transaction."""
        if self.entry is not None:
            audit.insert_entry(transaction, self.entry, status, self.env.clock())
            self.recorded = True

    @contextmanager
    def once(self) -> Iterator[tuple[Work, StoredReply]]:
        """A transaction whose work runs once per key; set the stored reply before it ends."""
        assert self.key is not None  # every mutation has one
        env = self.env
        with env.outbox.work(self.concern) as work, once(work, self.key, env.clock(), env.keyring) as stored_reply:
            yield work, stored_reply
            self.record(work, stored_reply.status)

    @contextmanager
    def once_locked(self) -> Iterator[tuple[Work, StoredReply]]:
        """The same for work that begins with the lock of the row that it changes. It saves a round trip.

        Its reply must hold no secret.
        """
        assert self.key is not None  # every mutation has one
        try:
            with self.env.outbox.work(self.concern) as work:
                stored_reply = StoredReply()
                yield work, stored_reply
                self.record(work, stored_reply.status)
                insert_reply(work, self.key, self.env.clock(), stored_reply)
        except DumbwaiterError:
            # Work that ran before may fail now, because it has changed the row.
            with self.env.db.transaction() as transaction:
                replay(transaction, self.key)
            raise

    @contextmanager
    def once_for(self, reply_of: str, status: int, select_reply: str) -> Iterator[Work]:
        """The same for work whose reply is stored in another table, with the id `reply_of`: see `claim`."""
        assert self.key is not None  # every mutation has one
        with self.env.outbox.work(self.concern) as work:
            claim(work, self.key, self.env.clock(), reply_of=reply_of, status=status, select_reply=select_reply)
            try:
                yield work
            except DumbwaiterError:
                # Work that ran before gets its reply, though the same may fail now.
                work.send_waiting()
                raise
            self.record(work, status)
        self.recent_keys.add(self.key)

    def replay_recent(self, select_reply: str) -> None:
        """Raises `Replay` for a key whose work this environment has stored a while ago, before anything is locked.

        Any other request costs nothing here: `once_for` finds out. `select_reply` is as there.
        """
        assert self.key is not None  # every mutation has one
        if self.key in self.recent_keys:
            with self.env.db.transaction() as transaction:
                replay_stored(transaction, self.key, select_reply)


class _Request(Request):
    max_content_length = MAX_BODY_BYTES


class Api:
    """Serves a concern's operations."""

    def __init__(
        self, env: Environment, concern: str, operations: Sequence[Operation], elsewhere: Elsewhere = dict
    ) -> None:
        self._env = env
        self._concern = concern
        self._authenticator = Authenticator(env)
        self._looks = RateLimit(1 / audit.SECONDS_A_LOOK, 1)
        self._recent_keys = RecentKeys()
        self._unknown_routes = UnknownRoutes(_methods_by_path(operations), elsewhere)
        self._for_guests = {(operation.method, _rule(operation)) for operation in operations if operation.guests}
        # Slashes are not merged: another path is another signature.
        routes = Map([self._route(operation) for operation in operations], merge_slashes=False)
        self._routes = routes.bind("")  # no rule asks for a host or ends in a slash: nothing is ever redirected

    def app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI app."""
        started_at = time.perf_counter()
        request = _Request(environ)
        rule = None
        try:
            rule, path = self._match(request)
            reply: Reply = rule.endpoint(request, path) if rule else self._preflight(request)
        except Exception as failure:  # noqa: BLE001 - every failure is an answer
            reply = Reply(*answer_failure(failure))
        reply.headers.update(cors.reply_headers(request))
        content = reply.content()
        data = content.encode() if isinstance(content, str) else content
        headers = self._headers(reply, len(data))
        about = {"method": request.method, "route": rule.rule if rule else None, "status": int(reply.status)}
        log.logger().info("answered", extra=about | {"ms": round((time.perf_counter() - started_at) * 1000, 1)})
        start_response(f"{int(reply.status)} {HTTPStatus(reply.status).phrase}", list(headers.items()))
        return [data if request.method != "HEAD" else b""]

    def _match(self, request: Request) -> tuple[Rule | None, dict[str, Any]]:
        """(rule, the path's values); no rule for a preflight request. Raises `Rejected`."""
        asked = cors.asked_method(request)
        try:
            rule, path = self._routes.match(request.path, asked or request.method, return_rule=True)
        except HTTPException:
            raise self._unknown_routes.refusal(request.path, request.method) from None
        if asked is None:
            return rule, dict(path)
        if (asked, rule.rule) not in self._for_guests:
            raise self._unknown_routes.refusal(request.path, request.method)
        return None, {}

    @staticmethod
    def _preflight(request: Request) -> Reply:
        headers = cors.preflight_headers(request, cors.asked_method(request) or "")
        return Reply(status=HTTPStatus.NO_CONTENT, headers=headers)

    def _headers(self, reply: Reply, length: int) -> dict[str, str]:
        headers = {"Cache-Control": "no-store"} | reply.headers | {"X-Content-Type-Options": "nosniff"}
        if length:
            headers |= {"Content-Type": reply.media_type, "Content-Length": str(length)}
        if self._authenticator.epoch is not None:
            headers[EPOCH_HEADER] = str(self._authenticator.epoch)
        return headers

    def _route(self, operation: Operation) -> Rule:
        return Rule(_rule(operation), methods=[operation.method], endpoint=self._server(operation))

    def _server(self, operation: Operation) -> Callable[[Request, dict[str, Any]], Reply]:
        models = {
            name: parameter.annotation for name, parameter in inspect.signature(operation.view).parameters.items()
        }
        sources: dict[str, Callable[[Request, dict[str, Any]], Any]] = {
            # In this order: an unsigned request learns nothing of the other faults.
            "call": lambda request, path: self._admit(operation, request, path),
            "env": lambda *_: self._env,
            "address": lambda request, _: viewer.address_of(request, self._env.settings.origin_secret),
            "headers": lambda request, _: request.headers,
            "url": lambda request, _: request.url,
            "raw": lambda request, _: request.get_data(),
            "arguments": lambda request, _: request.args.to_dict(),
            "path": lambda _, path: checked(models["path"], path, "path"),
            "query": lambda request, _: checked(models["query"], single_values(request), "query"),
            "body": lambda request, _: checked_json(models["body"], _json_of(operation, request)),
        }
        # `call` is always among them, so that no view can skip the check of the signature.
        used = [name for name in sources if name in models or (name == "call" and not operation.public)]

        def serve(request: Request, path: dict[str, Any]) -> Reply:
            if operation.without_body is not None and operation.public and not request.get_data():
                return Reply(operation.without_body)
            arguments = {name: sources[name](request, path) for name in used}
            try:
                reply = operation.view(**arguments)
            except Replay as replay:
                return Reply(replay.reply, replay.status, {"Idempotent-Replayed": "true"})
            except Rejected as failure:
                _record_alone(arguments.get("call"), failure.status, refused=True)
                raise
            _record_alone(arguments.get("call"), reply.status)
            return reply

        return serve

    def _admit(self, operation: Operation, request: Request, path: dict[str, Any]) -> Call:
        body = request.get_data()
        query = list(request.args.items(multi=True)) if request.query_string else []
        client, signature = self._authenticator.authenticate(request.method, request.path, query, body, request.headers)
        log.note(client=client.id)
        if client.token:
            _require_for_guests(operation, client.token, request)
        self._authenticator.require_epoch(_highest_epoch(request))
        call = Call(self._env, self._concern, client, request.headers, recent_keys=self._recent_keys)
        document = None
        if operation.mutates:
            document = read_json(request) if body or operation.wants_body else None
            target = f"{request.path}?{request.query_string.decode()}"
            hash_ = request_hash(request.method, target, document)
            call.key = key_of(request, client, signature, hash_)
        if client.person and (operation.mutates or operation.looks) and not operation.routine:
            about = f"{self._concern}.{operation.view.__name__}"
            entry = _entry(client.person, about, request, path, document)
            call.entry = entry if operation.mutates or self._is_new_look(entry) else None
        return call

    def _is_new_look(self, entry: audit.Entry) -> bool:
        """A page that asks again and again is one look in this time."""
        key = f"{entry.session} {entry.operation} {entry.path}"
        return self._looks.spend(key, self._env.clock().timestamp())


def app_maker(
    concern: str, operations: Sequence[Operation], elsewhere: Elsewhere = dict
) -> Callable[[Environment], Callable[..., Iterable[bytes]]]:
    """Makes the WSGI app of a concern's operations over an environment.

    `elsewhere` gives the methods by path of other concerns, for the concern that answers for unknown paths.
    """

    def make_app(env: Environment) -> Callable[..., Iterable[bytes]]:
        return Api(env, concern, operations, elsewhere).app

    return make_app


def _rule(operation: Operation) -> str:
    return operation.rule.replace("{", "<").replace("}", ">")


def _methods_by_path(operations: Sequence[Operation]) -> dict[str, list[str]]:
    methods: dict[str, list[str]] = {}
    for operation in operations:
        methods.setdefault(operation.rule, []).append(operation.method)
    return methods


def _json_of(operation: Operation, request: Request) -> bytes:
    """The body, known to be JSON: of other operations `_admit` has read it."""
    if operation.public:
        read_json(request)
    return request.get_data()


def _entry(person: Person, operation: str, request: Request, path: dict[str, Any], document: Any) -> audit.Entry:
    """The audit entry of a person's request."""
    return audit.Entry(
        chain=person.chain,
        actor=person.client_id,
        session=person.session,
        operation=operation,
        path=request.path,
        store=audit.store_of(person.chain, path, request.args, document),
        request=log.request_id() or "",
        fields=audit.fields_of(document),
    )


def _record_alone(call: Call | None, status: int, *, refused: bool = False) -> None:
    """Record what no transaction of the view recorded: a look, work without `once`, and what a right forbade."""
    if call is None or call.entry is None or (refused and status != HTTPStatus.FORBIDDEN):
        return
    if refused or not call.recorded:
        with call.env.db.transaction() as transaction:
            call.record(transaction, status)


def _require_for_guests(operation: Operation, token: GuestToken, request: Request) -> None:
    """Raises `Rejected` (403) for an operation, or a page, that the token is not for."""
    token.require_origin(request.headers.get("Origin"))
    if not operation.guests:
        detail = "a guest token is not for this operation: see docs/api/guest-tokens.md"
        raise Rejected("token_not_allowed", detail, status=HTTPStatus.FORBIDDEN)


def _highest_epoch(request: Request) -> int:
    """The highest epoch that the caller has seen; 0 without the header. Raises `Rejected`."""
    text = request.headers.get(EPOCH_HEADER, "0")
    if not re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        raise Rejected("epoch_malformed", f"{EPOCH_HEADER} takes a whole number")
    return int(text)
