"""GET and POST /v1/forecasts/plans, DELETE /v1/forecasts/plans/{plan}."""

from datetime import date
from typing import Annotated, Literal

from pydantic import StringConstraints

from functions.forecast.resources.scope import (
    EARLIEST,
    LATEST,
    READ,
    WRITE,
    ChainQuery,
    DayIn,
    DaysQuery,
    require_chain,
    require_order,
    require_store,
)
from functions.forecast.tables.plans import Plan, delete_plan, insert_plan, read_plans
from shared.contracts.ids import Ulid, new_id
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply

Kind = Literal["closure", "opening", "promotion", "event", "school_holiday"]
PlanNote = Annotated[str, StringConstraints(max_length=200)]


class PlanPath(Query):
    """A plan."""

    plan: Ulid


class PlanIn(Input):
    """A plan for days of one store, or of all stores of the chain. The days can be past."""

    chain: Id
    store: Id | None = None
    kind: Kind
    first_day: DayIn
    last_day: DayIn
    note: PlanNote = ""


class PlanDocument(Output):
    """A plan."""

    id: Ulid
    store: str | None
    kind: str
    first_day: date
    last_day: date
    note: str


class PlanPage(Output):
    """Plans in order of their first day."""

    plans: list[PlanDocument]


def list_forecast_plans(call: Call, query: DaysQuery) -> Reply:
    """The plans with at least one of these days."""
    require_chain(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        plans = read_plans(transaction, query.chain, query.since or EARLIEST, query.to or LATEST)
    return Reply(PlanPage(plans=[PlanDocument(**vars(plan)) for plan in plans]))


def enter_forecast_plan(call: Call, body: PlanIn) -> Reply:
    """Enter a closure, opening, promotion, event or school holiday. The next run uses it."""
    require_order(body.first_day, body.last_day)
    with call.once() as (work, stored):
        require_store(call, work, WRITE, body.chain, body.store)
        plan = Plan(id=new_id(call.env.clock()), **body.model_dump(exclude={"chain"}))
        insert_plan(work, body.chain, plan)
        stored.status, stored.reply = 201, PlanDocument(**vars(plan)).model_dump_json()
    return Reply(stored.reply, stored.status)


def delete_forecast_plan(call: Call, path: PlanPath, query: ChainQuery) -> Reply:
    """Delete a plan."""
    require_chain(call, WRITE, query.chain)
    with call.once() as (work, stored):
        if not delete_plan(work, query.chain, path.plan):
            raise NotFound("unknown_plan", "the chain has no such plan")
        stored.reply = PlanPage(plans=[]).model_dump_json()
    return Reply(stored.reply)
