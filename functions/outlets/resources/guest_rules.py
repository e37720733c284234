"""/v1/outlets/guest-rules: which cause sends which template to guests."""

from functions.outlets.guests.rule_settings import GuestRuleIn, rule_of
from functions.outlets.guests.services import GUEST_SERVICES
from functions.outlets.resources.access import MANAGE, READ, ChainQuery, Name, require
from functions.outlets.tables.guest_rules import (
    GuestRule,
    delete_guest_rule,
    insert_guest_rule,
    lock_guest_rule,
    read_guest_rules,
    update_guest_rule,
)
from functions.outlets.tables.robots import StoredRobot, read_robot, robot_key
from shared.contracts.models import Output, Query
from shared.kit.revision import require_match, require_no_match, tag_headers
from shared.spine.db import Transaction
from shared.spine.errors import Fault, NotFound, Rejected
from shared.spine.http import Call, Reply


class GuestRulePath(Query):
    """The name of a rule within its chain."""

    rule: Name


class GuestRuleDocument(Output):
    """A rule as it is stored."""

    rule: str
    chain: str
    revision: int
    settings: GuestRuleIn


class GuestRules(Output):
    """The rules of a chain."""

    rules: list[GuestRuleDocument]


class GuestRuleDeleted(Output):
    """The rule that was deleted. Pushes that wait by it are dropped."""

    rule: str


def list_guest_rules(call: Call, query: ChainQuery) -> Reply:
    """List the rules by which guests get pushes."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        rules = read_guest_rules(transaction, query.chain)
    return Reply(GuestRules(rules=[_document(rule) for rule in rules]))


def put_guest_rule(call: Call, path: GuestRulePath, query: ChainQuery, body: GuestRuleIn) -> Reply:
    """Add a rule, or replace it. It is for causes from now on."""
    require(call, MANAGE, query.chain)
    with call.once() as (work, stored):
        account = guest_account(work, query.chain, body.robot)
        _check(account, body)
        before = lock_guest_rule(work, query.chain, path.rule)
        settings = body.model_dump(mode="json")
        rule = GuestRule(
            query.chain, path.rule, account.key, body.cause, settings, before.revision + 1 if before else 1
        )
        if before is None:
            require_no_match(call)
            insert_guest_rule(work, rule)
        else:
            require_match(call, before.revision)
            update_guest_rule(work, rule)
        stored.reply = _document(rule).model_dump_json()
    return Reply(stored.reply, headers=tag_headers(rule.revision))


def remove_guest_rule(call: Call, path: GuestRulePath, query: ChainQuery) -> Reply:
    """Delete a rule."""
    require(call, MANAGE, query.chain)
    with call.once() as (work, stored):
        if lock_guest_rule(work, query.chain, path.rule) is None:
            raise NotFound("unknown_guest_rule", f"There is no rule {path.rule} in this chain.")
        delete_guest_rule(work, query.chain, path.rule)
        stored.reply = GuestRuleDeleted(rule=path.rule).model_dump_json()
    return Reply(stored.reply)


def guest_account(transaction: Transaction, chain: str, robot: str) -> StoredRobot:
    """The account for guests with this name. Raises `NotFound`."""
    account = read_robot(transaction, robot_key(chain, robot))
    if account is None or account.channel not in GUEST_SERVICES:
        raise NotFound("unknown_robot", f"There is no account {robot} for guests in this chain.")
    return account


def _check(account: StoredRobot, rule: GuestRuleIn) -> None:
    """Raises `Rejected` for a field that the service does not have, and for a value that the cause does not have."""
    service = GUEST_SERVICES[account.channel]
    faults = [
        Fault(f"fields.{name}", "unknown_field", fault) for name in rule.fields if (fault := service.field_fault(name))
    ]
    if place := rule.unknown_place():
        faults.append(Fault("fields", "unknown_value", f"the cause {rule.cause} has no value {{{place}}}"))
    if faults:
        raise Rejected("body_invalid", f"{len(faults)} fault(s) in the body; each is named", faults=tuple(faults))


def _document(rule: GuestRule) -> GuestRuleDocument:
    return GuestRuleDocument(rule=rule.id, chain=rule.chain, revision=rule.revision, settings=rule_of(rule.settings))
