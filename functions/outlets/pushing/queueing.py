"""A cause → one push for each rule and guest that it concerns. A message that comes twice makes none twice."""

from datetime import datetime

from functions.outlets.guests.rule_settings import GuestRuleIn, filled, rule_of
from functions.outlets.guests.rules import SERVICE_TRIGGERS, Decision, Trigger, Verdict, decide
from functions.outlets.pushing.causes import Cause, values_with_store, with_person
from functions.outlets.states import OptOut
from functions.outlets.tables.guest_contacts import Contact, lock_contact, read_contacts_of
from functions.outlets.tables.guest_pushes import GuestPush, content_of, insert_pushes, read_push_times
from functions.outlets.tables.guest_rules import GuestRule, read_rules_of_cause
from functions.outlets.tables.orders import read_order
from functions.outlets.tables.stores import read_stores
from shared.contracts.ids import derived_id, first_id
from shared.spine import log
from shared.spine.db import Transaction


def queue_pushes(transaction: Transaction, cause: Cause, now: datetime) -> list[str]:
    """Queue the pushes of a cause. Returns the ids of those that may be sent now."""
    stored = read_rules_of_cause(transaction, cause.chain, [cause.trigger])
    rules = [
        (one, rule) for one in stored if (rule := rule_of(one.settings)).enabled and rule.is_for(cause.values or {})
    ]
    if not rules:
        return []
    if cause.order and not (cause.guest_hash or cause.member):
        cause = with_person(cause, read_order(transaction, cause.chain, cause.order))
    contacts = read_contacts_of(transaction, cause.chain, cause.guest_hash, cause.member)
    pushes = [
        push
        for contact in contacts
        for row, rule in rules
        if contact.robot == row.robot and (push := _push(transaction, cause, row, rule, contact, now)) is not None
    ]
    insert_pushes(transaction, pushes)
    return [push.id for push in pushes if push.due_at <= now]


def _push(
    transaction: Transaction, cause: Cause, stored: GuestRule, rule: GuestRuleIn, contact: Contact, now: datetime
) -> GuestPush | None:
    """The push for a guest; None where a rule forbids it. The guest is locked, because a cap counts other pushes."""
    locked = lock_contact(transaction, contact.id)
    push_id = derived_id(cause.at, "push", stored.id, cause.subject, contact.id)
    if locked is None:
        return None
    decision = decision_for(transaction, locked, stored, rule, push_id, cause.at, now)
    if decision.verdict is Verdict.DROP:
        log.logger().info("no push", extra={"rule": stored.id, "contact": contact.id, "reason": decision.reason})
        return None
    store = read_stores(transaction, [cause.store]).get(cause.store) if cause.store else None
    values = values_with_store(cause, store)
    words = {name: filled(text, values) for name, text in rule.fields.items()}
    return GuestPush(
        id=push_id,
        chain=cause.chain,
        contact=contact.id,
        rule=stored.id,
        robot=stored.robot,
        template=rule.template,
        content=content_of(words, filled(rule.page, values)),
        caused_at=cause.at,
        due_at=decision.at or now,
    )


def decision_for(
    transaction: Transaction,
    contact: Contact,
    stored: GuestRule,
    rule: GuestRuleIn,
    push: str,
    caused_at: datetime,
    now: datetime,
) -> Decision:
    """Whether the locked guest may get this push now."""
    if contact.gone_at is not None:
        return Decision(Verdict.DROP, "gone")
    sent: list[datetime] = []
    if rule.cause is Trigger.TAG_CHANGED:
        since = first_id(now - rule.rule.period - rule.rule.useless_after)
        times = read_push_times(transaction, contact.id, stored.id, since)
        sent = [at for push_id, at in times.items() if push_id != push]
    return decide(rule.rule, caused_at, now, sent, rule.quiet, opted_out=is_opted_out(contact.opted_out, rule.cause))


def is_opted_out(opted_out: OptOut, trigger: Trigger) -> bool:
    """Whether the guest wants no message of this cause."""
    return opted_out is OptOut.ALL or (opted_out is OptOut.ADVERTISING and trigger not in SERVICE_TRIGGERS)
