"""GET /v1/console/alerts: what waits for a person, each with its one button."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field

from functions.console.alerts.kinds import BY_NAME, MESSAGE_KINDS
from functions.console.fleet.states import agent_state, printer_state, reason_of_agent, reason_of_printer
from functions.console.resources.scope import VisibleStores, utc, visible_stores
from functions.console.tables.alerts import (
    AlertRow,
    lock_alert,
    read_late_deliveries,
    read_open_alerts,
    read_timer_alerts,
    update_resolved,
)
from functions.console.tables.fleet import read_alerts_of_agents, read_alerts_of_jobs, read_alerts_of_printers
from functions.console.tables.live import read_regions
from shared.contracts.ids import Ulid, split_key
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id, Note
from shared.spine.db import Row, Transaction
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

PRINTING, TIMERS, DELIVERY = "printing:read", "timers:read", "delivery:read"
RIGHTS = (PRINTING, "orders:read", "days:read", "sync:read", "outlets:read", DELIVERY, TIMERS)
SETTLING = sorted({kind.settles for kind in MESSAGE_KINDS} - set(RIGHTS))
# Of each kind, the newest. A chain with more has one trouble with many alerts.
MOST = 200
URGENCIES = {"now": 0, "today": 1}
_RED = {"out_of_paper", "cover", "jam", "stopped", "printer_offline"}


class AlertsQuery(Query):
    """A chain, or one of its stores. `after` is `next` of the page before."""

    chain: Id
    store: Id | None = None
    after: Annotated[str | None, Field(pattern=r"^[01]:[0-9]{1,17}:[A-Za-z0-9/:._-]{1,200}$")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Choice(Output):
    """One of several answers that a person can give."""

    name: str
    body: dict[str, Any]


class AlertAction(Output):
    """The button of an alert: the request to send. Without a method, `path` is a page of the console."""

    name: str
    method: Literal["POST"] | None
    path: str
    body: dict[str, Any] | None = None
    choices: list[Choice] | None = None


class Alert(Output):
    """A fact that waits for a person. `facts` differ by kind: docs/api/console.md lists them.

    Without an `action` the caller may see the alert, and not settle it.
    """

    id: str
    kind: str
    urgency: Literal["now", "today"]
    chain: str
    store: str | None
    store_name: str | None
    since: datetime
    subject: str
    facts: dict[str, Any]
    action: AlertAction | None
    resolved_at: datetime | None = None
    resolved_by: str | None = None


class Alerts(Output):
    """Open alerts, the most urgent first, then the oldest. `counts` has the number of each kind, at most 200."""

    at: datetime
    alerts: list[Alert]
    counts: dict[str, int]
    next: str | None


class AlertPath(Query):
    """An alert that a message has opened."""

    alert: Ulid


class ResolveAlertIn(Input):
    """A note of the person for the record."""

    note: Note | None = None


def list_alerts(call: Call, query: AlertsQuery) -> Reply:
    """The open alerts of the kinds and stores that the caller may see."""
    visible = {right: _visible(call, right, query) for right in (*RIGHTS, *SETTLING)}
    if not any(visible[right] for right in RIGHTS):
        call.client.require(PRINTING, Scope(query.chain))
    now = call.env.clock()
    with call.env.db.snapshot() as transaction:
        alerts = sorted(_open_alerts(transaction, query, visible, now), key=_rank)
    page = [alert for alert in alerts if query.after is None or _rank(alert) > _rank_of(query.after)][: query.limit]
    following = _cursor(page[-1]) if page and page[-1] is not alerts[-1] else None
    counts = Counter(alert.kind for alert in alerts)
    return Reply(Alerts(at=now, alerts=page, counts=dict(counts), next=following))


def resolve_alert(call: Call, path: AlertPath, body: ResolveAlertIn) -> Reply:
    """Mark an alert as seen to. A later message about the same subject opens it again."""
    with call.once() as (work, stored):
        alert = lock_alert(work, path.alert)
        scope = _scope_of(work, alert) if alert else None
        if alert is None or scope is None or not call.client.may(BY_NAME[alert.kind].right, scope):
            raise NotFound("unknown_alert", f"there is no alert {path.alert}")
        call.client.require(BY_NAME[alert.kind].settles, scope)
        if alert.resolved_at is not None:
            raise Conflict("already_resolved", "this alert was resolved", extensions={"by": alert.resolved_by})
        now = call.env.clock()
        update_resolved(work, alert.id, call.client.id, body.note, now)
        document = _of_message(alert, None, settles=True)
        document.resolved_at, document.resolved_by = now, call.client.id
        stored.reply = document.model_dump_json()
    return Reply(stored.reply)


def _scope_of(transaction: Transaction, alert: AlertRow) -> Scope | None:
    """None for an alert of a kind that this version does not know."""
    if alert.kind not in BY_NAME:
        return None
    if alert.store_id is None:
        return Scope(alert.chain_id)
    region = read_regions(transaction, [alert.store_id]).get(alert.store_id, "")
    return Scope(alert.chain_id, region, split_key(alert.store_id)[1])


def _visible(call: Call, right: str, query: AlertsQuery) -> VisibleStores | None:
    """The stores for which the caller has the right; None without it."""
    try:
        return visible_stores(call, right, query.chain, query.store)
    except Rejected as refusal:
        if refusal.status != HTTPStatus.FORBIDDEN:
            raise
    except NotFound:
        pass
    return None


def _open_alerts(
    transaction: Transaction, query: AlertsQuery, visible: Mapping[str, VisibleStores | None], now: datetime
) -> Iterator[Alert]:
    if (printing := visible[PRINTING]) and printing.places:
        yield from _of_printing(transaction, printing, now)
    for kind in MESSAGE_KINDS:
        if (stores := visible[kind.right]) and (stores.entire or stores.places):
            rows = read_open_alerts(transaction, query.chain, kind.name, stores.keys, MOST)
            settling = visible[kind.settles]
            yield from (
                _of_message(alert, stores.names.get(alert.store_id or ""), settles=_covers(settling, alert))
                for alert in rows
            )
    if (stores := visible[DELIVERY]) and stores.places:
        late = read_late_deliveries(transaction, query.chain, stores.keys, now, MOST)
        yield from (_of_delivery(row, stores.names.get(row["store_id"])) for row in late)
    if (timers := visible[TIMERS]) and timers.entire:
        yield from (_of_timer(query.chain, row) for row in read_timer_alerts(transaction, MOST))


def _covers(visible: VisibleStores | None, alert: AlertRow) -> bool:
    return visible is not None and (visible.entire or alert.store_id in visible.names)


def _of_printing(transaction: Transaction, visible: VisibleStores, now: datetime) -> Iterator[Alert]:
    """Of agents, printers and jobs. A store that was opened within the last minute may be unknown yet."""
    within, names = (transaction, visible.chain, visible.keys), visible.names
    for row in read_alerts_of_agents(*within, now, MOST):
        state = agent_state(row["copied"], utc(row["silent_at"]), now)
        reason = reason_of_agent(state, prints=bool(row["prints"]))
        if reason in ("agent_offline", "agent_copied") and row["store_id"] in names:
            yield _of_agent(row, reason, names[row["store_id"]])
    for row in read_alerts_of_printers(*within, now, MOST):
        state_of_printer = printer_state(row["state"], row["paper"], row["cover"], row["error"])
        if row["store_id"] in names and reason_of_printer(state_of_printer) in _RED:
            yield _of_printer(row, state_of_printer, names[row["store_id"]])
    jobs = read_alerts_of_jobs(*within, MOST)
    yield from (_of_job(row, names[row["store_id"]]) for row in jobs if row["store_id"] in names)


def _alert_of_store(row: Row, kind: str, subject: str, since: datetime | None, name: str, **fields: Any) -> Alert:
    """An alert of a store of the fleet, which a person should see to now."""
    chain, store = split_key(row["store_id"])
    moment = since.replace(tzinfo=UTC) if since else datetime(1970, 1, 1, tzinfo=UTC)
    places = {"chain": chain, "store": store, "store_name": name}
    identity = f"{kind}:{row['store_id']}:{row['id']}"
    return Alert(id=identity, kind=kind, urgency="now", since=moment, subject=subject, **places, **fields)


def _of_agent(row: Row, kind: str, name: str) -> Alert:
    store, seen_at = row["store_id"], utc(row["seen_at"])
    facts = {"agent": row["id"], "name": row["name"], "seen_at": seen_at.isoformat() if seen_at else None}
    if kind == "agent_offline":
        action = AlertAction(name="open_store", method=None, path=f"/console/fleet/{split_key(store)[1]}")
        since = row["offline_at"] or row["silent_at"]
    else:
        path = f"/v1/printing/stores/{store}/agents/{row['id']}/machine"
        choices = [Choice(name=keep, body={"keep": keep}) for keep in ("known", "new")]
        action = AlertAction(name="machine", method="POST", path=path, choices=choices)
        facts |= {"reason": row["copied"]}
        since = row["copied_at"]
    return _alert_of_store(row, kind, f"agent/{row['id']}", since, name, facts=facts, action=action)


def _of_printer(row: Row, state: str, name: str) -> Alert:
    path = f"/v1/printing/stores/{row['store_id']}/printers/{row['id']}/test-page"
    facts = {"printer": row["id"], "state": state}
    action = AlertAction(name="test_page", method="POST", path=path)
    subject = f"printer/{row['store_id']}/{row['id']}"
    return _alert_of_store(row, "printer", subject, row["changed_at"], name, facts=facts, action=action)


def _of_job(row: Row, name: str) -> Alert:
    copied = {"order": "order_id", "printer": "printer", "station": "station", "reason": "attention", "code": "code"}
    facts = {"job": row["id"], "ticket": row["kind"]} | {fact: row[column] for fact, column in copied.items()}
    choices = [Choice(name=answer, body={"resolution": answer}) for answer in ("again", "on_paper", "dismissed")]
    path = f"/v1/printing/stores/{row['store_id']}/jobs/{row['id']}/resolve"
    action = AlertAction(name="resolve", method="POST", path=path, choices=choices)
    return _alert_of_store(row, "print_job", f"job/{row['id']}", row["attention_at"], name, facts=facts, action=action)


def _of_message(alert: AlertRow, name: str | None, *, settles: bool) -> Alert:
    path = f"/v1/console/alerts/{alert.id}/resolve"
    button = AlertAction(name="acknowledge", method="POST", path=path, body={})
    return Alert(
        id=alert.id,
        kind=alert.kind,
        urgency=BY_NAME[alert.kind].urgency,
        chain=alert.chain_id,
        store=split_key(alert.store_id)[1] if alert.store_id else None,
        store_name=name,
        since=alert.since,
        subject=alert.subject,
        facts=dict(alert.facts),
        action=button if settles else None,
    )


def _of_delivery(row: Row, name: str | None) -> Alert:
    chain, store = split_key(row["store_id"])
    return Alert(
        id=f"late_delivery:{row['id']}",
        kind="late_delivery",
        urgency="now",
        chain=chain,
        store=store,
        store_name=name,
        since=row["wanted_until"].replace(tzinfo=UTC),
        subject=f"delivery/{row['id']}",
        facts={"delivery": row["id"], "order": row["order_id"], "number": row["number"], "carriage": row["carriage"]},
        action=AlertAction(name="open_delivery", method=None, path=f"/console/delivery/{row['id']}"),
    )


def _of_timer(chain: str, row: Row) -> Alert:
    # The name is `dumbwaiter-STAGE-key`, and a key has no hyphen.
    key = row["name"].rpartition("-")[2]
    action = AlertAction(name="run_timer", method="POST", path=f"/v1/timers/{key}/run", body={"chain": chain})
    return Alert(
        id=f"timer:{row['id']}",
        kind="timer",
        urgency="now",
        chain=chain,
        store=None,
        store_name=None,
        since=row["began_at"].replace(tzinfo=UTC),
        subject=f"timer/{row['name']}",
        facts={"timer": key, "reason": row["kind"], "acts": row["acts"]},
        action=action,
    )


Rank = tuple[int, int, str]


def _rank(alert: Alert) -> Rank:
    return URGENCIES[alert.urgency], int(alert.since.timestamp() * 1_000_000), alert.id


def _cursor(alert: Alert) -> str:
    return ":".join(map(str, _rank(alert)))


def _rank_of(cursor: str) -> Rank:
    urgency, since, identity = cursor.split(":", 2)
    return int(urgency), int(since), identity
