"""The endpoints of what tags go by: a chain's thresholds, and backfills."""

import json
from dataclasses import asdict
from datetime import UTC

from pydantic import ValidationError

from functions.members import store_people as people
from functions.members import store_runs as runs
from functions.members.calculator.chain_rules import BACKFILL_AFTER, Rules, read_rules
from functions.members.recalculation import backfills
from functions.members.resources.documents import (
    BackfillDocument,
    BackfillIn,
    BackfillPage,
    ChainQuery,
    RunPath,
    SettingsDocument,
    SettingsIn,
)
from functions.members.tags.registry import TAGS
from shared.spine.auth import Scope
from shared.spine.errors import Conflict, Fault, NotFound, Rejected
from shared.spine.http import Call, Reply


def get_tag_settings(call: Call, query: ChainQuery) -> Reply:
    """A chain's settings, with the defaults for what it left out."""
    call.client.require("members:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        return Reply(_document(query.chain, read_rules(transaction, query.chain)))


def put_tag_settings(call: Call, query: ChainQuery, body: SettingsIn) -> Reply:
    """Replace a chain's settings; tags whose thresholds or clock change are made anew for all its members."""
    call.client.require("tags:write", Scope(query.chain))
    _check(body)
    with call.once() as (work, kept):
        before = read_rules(work, query.chain)
        people.keep_settings(work, query.chain, body.model_dump_json())
        after = read_rules(work, query.chain)
        changed = [tag.name for tag in TAGS.values() if before.of(tag) != after.of(tag)]
        if before.timezone != after.timezone:
            changed = list(TAGS)
        if changed:
            backfills.start(work, query.chain, changed, call.env.clock(), BACKFILL_AFTER)
        kept.reply = _document(query.chain, after).model_dump_json()
    return Reply(kept.reply)


def start_backfill(call: Call, body: BackfillIn) -> Reply:
    """Make tags anew for all members of a chain."""
    call.client.require("tags:write", Scope(body.chain))
    unknown = [name for name in body.tags if name not in TAGS]
    if unknown:
        raise Rejected("unknown_tag", f"there is no tag {unknown[0]}")
    with call.once() as (work, kept):
        run = backfills.start(work, body.chain, set(body.tags), call.env.clock(), BACKFILL_AFTER)
        found = runs.lock(work, run)
        assert found is not None  # it was made a moment ago
        kept.status, kept.reply = 201, _run(found).model_dump_json()
    return Reply(kept.reply, kept.status)


def list_backfills(call: Call, query: ChainQuery) -> Reply:
    """How far each is."""
    call.client.require("members:read", Scope(query.chain))
    with call.env.db.transaction() as transaction:
        return Reply(BackfillPage(runs=[_run(run) for run in runs.newest(transaction, query.chain)]))


def pause_backfill(call: Call, path: RunPath) -> Reply:
    """Stop it after the step that it is at."""
    return _moved(call, path.run, "running", "paused", Conflict("not_running", "the backfill has ended"))


def resume_backfill(call: Call, path: RunPath) -> Reply:
    """Go on from where it stopped."""
    return _moved(call, path.run, "paused", "running", Conflict("not_paused", "the backfill has ended"))


def _moved(call: Call, run: str, before: str, after: str, refusal: Conflict) -> Reply:
    with call.once() as (work, kept):
        found = runs.lock(work, run)
        if found is None or not call.client.may("tags:write", Scope(found.chain)):
            raise NotFound("unknown_backfill", "there is no such backfill")
        if found.status not in (before, after):
            raise refusal
        runs.set_status(work, run, after)
        moved = runs.lock(work, run)
        assert moved is not None  # it is locked
        kept.reply = _run(moved).model_dump_json()
    return Reply(kept.reply)


def _check(body: SettingsIn) -> None:
    """Raises `Rejected` with each threshold that a tag does not take."""
    faults = [Fault(f"thresholds.{name}", "unknown_tag", "no such tag") for name in body.thresholds if name not in TAGS]
    for name, given in body.thresholds.items():
        if name in TAGS:
            try:
                TAGS[name].thresholds.model_validate_json(json.dumps(given))
            except ValidationError as failure:
                first = failure.errors(include_url=False, include_input=False, include_context=False)[0]
                path = ".".join(map(str, ("thresholds", name, *first["loc"])))
                faults.append(Fault(path, first["type"], first["msg"]))
    if faults:
        raise Rejected("body_invalid", f"{len(faults)} fault(s) in the body; each is named", faults=tuple(faults))


def _document(chain: str, rules: Rules) -> SettingsDocument:
    thresholds = {tag.name: rules.of(tag).model_dump(mode="json") for tag in TAGS.values()}
    model = asdict(rules.model) if rules.model else None
    return SettingsDocument(
        chain=chain, timezone=rules.timezone, thresholds={k: v for k, v in thresholds.items() if v}, model=model
    )


def _run(run: runs.Run) -> BackfillDocument:
    ended_at = run.ended_at.replace(tzinfo=UTC) if run.ended_at else None
    return BackfillDocument(
        id=run.id,
        chain=run.chain,
        tags=list(run.tags),
        status=run.status,
        starts_at=run.starts_at.replace(tzinfo=UTC),
        visited=run.visited,
        changed=run.changed,
        ended_at=ended_at,
    )
