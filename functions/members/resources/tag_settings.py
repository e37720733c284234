"""`/v1/tag-settings`: the time zone and the thresholds of a chain's tags."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, ValidationError

from functions.members.calculator.chain_rules import Rules, read_rules
from functions.members.recalculation.backfills import start_backfill
from functions.members.resources.requests import ChainQuery, TagName, require
from functions.members.tables.chain_settings import upsert_settings
from functions.members.tags.registry import TAGS
from shared.contracts.models import Input, Output
from shared.spine.errors import Fault, Rejected
from shared.spine.http import Call, Reply

# Names that zoneinfo has and that are no place's time zone.
NO_ZONES = {"Factory", "localtime", "posixrules"}


def _zone(name: str) -> str:
    if name not in available_timezones() - NO_ZONES:
        raise ValueError("not a time zone of the IANA database")
    return name


class SettingsIn(Input):
    """The settings of a chain. Days change by the clock of `timezone`. Omitted thresholds have their defaults."""

    timezone: Annotated[str, AfterValidator(_zone), Field(description="IANA name.", examples=["Asia/Shanghai"])] = "UTC"
    thresholds: dict[TagName, dict[str, Any]] = {}


class SettingsDocument(Output):
    """A chain's settings with every default, and its CLV model."""

    chain: str
    timezone: str
    thresholds: dict[str, dict[str, Any]]
    model: dict[str, float] | None


def get_tag_settings(call: Call, query: ChainQuery) -> Reply:
    """Get a chain's settings, with the defaults for omitted values."""
    require(call, "members:read", query.chain)
    with call.env.db.transaction() as transaction:
        return Reply(_document(query.chain, read_rules(transaction, query.chain)))


def put_tag_settings(call: Call, query: ChainQuery, body: SettingsIn) -> Reply:
    """Replace a chain's settings. A backfill computes the tags whose thresholds or time zone change."""
    require(call, "tags:write", query.chain)
    _check(body)
    with call.once() as (work, stored):
        before = read_rules(work, query.chain)
        upsert_settings(work, query.chain, body.model_dump_json())
        after = read_rules(work, query.chain)
        if changed := _changed_tags(before, after):
            start_backfill(work, query.chain, changed, call.env.clock())
        stored.reply = _document(query.chain, after).model_dump_json()
    return Reply(stored.reply)


def _changed_tags(before: Rules, after: Rules) -> list[str]:
    if before.timezone != after.timezone:
        return list(TAGS)
    return [tag.name for tag in TAGS.values() if before.of(tag) != after.of(tag)]


def _check(body: SettingsIn) -> None:
    """Raises `Rejected` with every wrong threshold."""
    unknown = [
        Fault(f"thresholds.{name}", "unknown_tag", "No such tag.") for name in body.thresholds if name not in TAGS
    ]
    faults = (*unknown, *_wrong_thresholds(body))
    if faults:
        raise Rejected("body_invalid", f"The body has {len(faults)} fault(s). `errors` names each.", faults=faults)


def _wrong_thresholds(body: SettingsIn) -> Iterator[Fault]:
    for name, thresholds in body.thresholds.items():
        if name in TAGS:
            try:
                TAGS[name].thresholds.model_validate_json(json.dumps(thresholds))
            except ValidationError as failure:
                first = failure.errors(include_url=False, include_input=False, include_context=False)[0]
                path = ".".join(map(str, ("thresholds", name, *first["loc"])))
                yield Fault(path, first["type"], first["msg"])


def _document(chain: str, rules: Rules) -> SettingsDocument:
    documents = {tag.name: rules.of(tag).model_dump(mode="json") for tag in TAGS.values()}
    return SettingsDocument(
        chain=chain,
        timezone=rules.timezone,
        thresholds={tag: thresholds for tag, thresholds in documents.items() if thresholds},
        model=asdict(rules.model) if rules.model else None,
    )
