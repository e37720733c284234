"""Every `IN %s` of the tree: what becomes of it when there is nothing to put into the list."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.console.tables import alerts as console_alerts
from functions.console.tables import day_money, places
from functions.console.tables import fleet as console_fleet
from functions.console.tables import live as console_live
from functions.console.tables import orders as console_orders
from functions.delivery.tables import bookings as delivery_bookings
from functions.delivery.tables import deliveries as order_deliveries
from functions.delivery.tables import devices as delivery_devices
from functions.delivery.tables import erasure as delivery_erasure
from functions.delivery.tables import feedback as delivery_feedback
from functions.delivery.tables import fleets as delivery_fleets
from functions.delivery.tables import inbox as delivery_inbox
from functions.delivery.tables import proofs as delivery_proofs
from functions.delivery.tables import stores as delivery_stores
from functions.forecast.tables import batches, history, scores, weather
from functions.members.tables import bitmaps, saved_segments, tag_changes
from functions.members.tables import facts as member_facts
from functions.members.tables import tags as member_tags
from functions.members.tables.chain_settings import read_store_locations
from functions.members.tables.identities import read_identity_owner
from functions.members.tables.members import lock_members, read_members_by_number
from functions.members.tables.purchases import read_ledger_entries
from functions.orders.tables import erasure as order_erasure
from functions.orders.tables import stock
from functions.orders.tables.order_pages import PageFilter, read_page
from functions.orders.tables.payments import read_moved
from functions.outlets.states import OptOut
from functions.outlets.tables import alerts as outlet_alerts
from functions.outlets.tables import announcements as outlet_announcements
from functions.outlets.tables import chats as outlet_chats
from functions.outlets.tables import guest_contacts, guest_pushes, guest_report, guest_rules
from functions.outlets.tables import message_checks as outlet_checks
from functions.outlets.tables import messages as outlet_messages
from functions.outlets.tables import notices as outlet_notices
from functions.outlets.tables import people as outlet_people
from functions.outlets.tables import receipts as outlet_receipts
from functions.outlets.tables import robots as outlet_robots
from functions.outlets.tables import settings as outlet_settings
from functions.outlets.tables import slots as outlet_slots
from functions.outlets.tables import steps as outlet_steps
from functions.outlets.tables import stores as outlet_stores
from functions.people.tables import people
from functions.people.tables import scopes as people_scopes
from functions.printing.tables.fleet import read_open_jobs
from functions.printing.tables.jobs import read_queues
from functions.printing.tables.plans import read_planned_orders
from functions.printing.tables.printers import lock_printers
from functions.stores.tables.chain_menus import read_menus
from functions.stores.tables.withdrawn_items import delete_withdrawn
from functions.sync.tables import codes as sync_codes
from functions.sync.tables import employees as sync_employees
from functions.sync.tables import ledger, masters, recipes, stock_records
from functions.sync.tables import orders as sync_orders
from functions.sync.tables import refused_records as sync_refused
from functions.sync.tables import replays as sync_replays
from functions.sync.tables import sales as sync_sales
from functions.sync.tables.systems import read_systems
from functions.timers.tables import alerts as timer_alerts
from functions.timers.tables import places as timer_places
from functions.timers.tables import runs as timer_runs
from functions.timers.tables import settings as timer_settings
from functions.timers.tables.names import read_names_of
from functions.webhooks.tables import deliveries
from functions.webhooks.tables import endpoints as webhook_endpoints
from functions.webhooks.tables.stores import read_scopes
from shared.contracts import chain_menus
from shared.spine import erasure, record
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.outbox import Work
from shared.spine.rights import Reach
from shared.spine.statement_text import EmptyList
from tests.support.compiled import ROOT

NOW, DAY = datetime(2026, 3, 1, tzinfo=UTC), date(2026, 3, 1)
NOWHERE = Reach((), (), ())
ANY_PAGE = outlet_notices.NoticePage((), 1)
CONSTANT = "a list of the program's own"
NEVER_EMPTY = "has one that stands for none"
Guard = Callable[..., Any]


def _all(*calls: Guard) -> Guard:
    return lambda *arguments: [call(*arguments) for call in calls]


# By statement: a call that has nothing to ask for, or why its list is never empty.
GUARDS: dict[str, Guard | str] = {
    "console.COUNT_WAITING": lambda t: console_fleet.read_waiting(t, []),
    "console.SELECT_FOR_PERSON": lambda t: console_fleet.read_for_person(t, []),
    "console.SELECT_AGENTS": lambda t: console_fleet.read_agents(t, []),
    "console.SELECT_PRINTERS": lambda t: console_fleet.read_printers(t, []),
    "console.SELECT_BY_PICKUP": lambda t: console_orders.read_by_pickup(t, "demo:s1", [], 1),
    "console.SELECT_OF_STORES": "without stores another statement reads the whole chain",
    "console._STORES": "without stores another statement reads the whole chain",
    "console._FOUND_IN_STORES": "without stores another statement reads the whole chain",
    "console._OF_STORES": "without stores another statement reads the whole chain",
    "console.SELECT_OPEN_OF_STORES": "without stores another statement reads the whole chain",
    "console.SELECT_LATE_OF_STORES": "without stores another statement reads the whole chain",
    "console.SUM_HOURS_OF_LOCKED": "of stores that were locked",
    "console.SELECT_SALE_DOCUMENTS": "of systems that were read",
    "console.END_ALERTS": lambda t: console_alerts.end_alerts(t, "demo", "outlet_escalated", [], NOW),
    "console.SELECT_ENDED_NOTICES": lambda t: console_alerts.read_ended_notices(t, [], ["sent"]),
    "console.SELECT_CURRENCIES": lambda t: day_money.read_currencies(t, "demo", []),
    "console.SELECT_ZONES": lambda t: places.read_zones(t, []),
    "console.SELECT_WATCHERS": lambda t: console_live.read_watchers(t, []),
    "console.DELETE_CONNECTIONS": lambda t: console_live.delete_connections(t, []),
    "console.DELETE_WATCHES": lambda t: console_live.delete_connections(t, []),
    "console.SELECT_REGIONS": lambda t: console_live.read_regions(t, []),
    "forecast.SELECT_NEWEST_FROM_ORDERS": lambda t: history.read_newest_from_orders(t, "demo", []),
    "forecast.SELECT_HISTORIES": lambda t: history.read_histories(t, "demo", [], DAY, DAY),
    "forecast.SELECT_WEATHER": lambda t: [
        weather.read_weather(t, "demo", ["rain"], [], (DAY, DAY)),
        weather.read_weather(t, "demo", [], ["main"], (DAY, DAY)),
    ],
    "forecast.SELECT_WEATHER_OF_STORE": "of the columns of a chain that has any",
    "forecast.SELECT_BATCHES_OF_RUNS": lambda t: batches.read_batches_of_runs(t, []),
    "forecast.SCORE": lambda t: _all(scores.upsert_changed_scores, scores.upsert_scores_of_origin)(
        t, "demo", [], DAY, DAY
    ),
    "members.LOCK_MEMBERS": lambda t: lock_members(t, []),
    "members.SELECT_STORE_PLACES": lambda t: read_store_locations(t, []),
    "members.SELECT_PURCHASES": lambda t: read_ledger_entries(t, []),
    "members.SELECT_FACTS": lambda t: member_facts.read_facts(t, []),
    "members.SELECT_WITH_TAG": lambda t: member_facts.read_facts_with_tag(t, "recency", ["days"], []),
    "members.SELECT_STORED": lambda t: [
        member_tags.read_stored_tags(t, [], ["tier"]),
        member_tags.read_stored_tags(t, ["0" * 26], []),
    ],
    "members.SELECT_STORED_OF_MEMBERS": lambda t: member_tags.read_stored_tags_of_members(t, []),
    "members.CLEAR_TAGS": lambda t: member_tags.clear_tags(t, [], NOW),
    "members.CLEAR_EXPIRED": lambda t: member_tags.clear_expired_tags(t, "tier", [], NOW),
    "members.LOCK_CHANGES": lambda t: tag_changes.lock_changes(t, NOW, []),
    "members.SELECT_NUMBERS": "of rows that were claimed",
    "members.DELETE_EMPTY": lambda t: tag_changes.update_announced(t, []),
    "members.LOCK_BITMAPS": lambda t: bitmaps.lock_bitmaps(t, "demo", []),
    "members.SELECT_LOOKUPS": lambda t: read_identity_owner(t, []),
    "members.DELETE_LOOKUPS": "of identities that were read",
    "members.SELECT_BITMAPS": lambda t: bitmaps.read_bitmaps(t, "demo", []),
    "members.SELECT_BITMAPS_OF_VALUES": lambda t: bitmaps.read_bitmaps(t, "demo", [], ["gold"]),
    "members.SELECT_BY_NUMBER": lambda t: read_members_by_number(t, "demo", []),
    "members.SELECT_VALUES": lambda t: member_tags.read_tag_values(t, []),
    "members.SELECT_NAMES": lambda t: saved_segments.read_names(t, []),
    "members.SELECT_NEXT": NEVER_EMPTY,
    "orders.SELECT_ORDERS": "of a page that has any",
    "orders.SELECT_MOVED": lambda t: read_moved(t, []),
    "orders.SELECT_COUNTED_ORDERS": "of rows that were read",
    "orders.COUNT_CORRECTED_ORDERS": "of corrections that were read",
    "orders.CONDITIONS": "of the chains of a reach that is not empty",
    "orders.LOCK_ORDERS_OF_MEMBERS": lambda t: order_erasure.lock_orders_of_members(t, "demo", [], 100),
    "orders.ERASE_GUESTS": lambda t: order_erasure.erase_guests(t, [], NOW),
    "orders.TAKE_WHAT_IS_LEFT": lambda t: stock.take_left(t, "demo:s1", {}),
    "orders.TAKE_OF_SALE": lambda t: stock.take_sold(t, "demo:s1", {}, NOW),
    "orders.GIVE_BACK": lambda t: stock.give_back(t, "demo:s1", {}, NOW),
    "orders.SELECT_LEFT": lambda t: [stock.read_left(t, "demo:s1", []), stock.lock_left(t, "demo:s1", [])],
    "delivery.SELECT_OPEN": lambda t: order_deliveries.read_open(t, []),
    "delivery.SELECT_UNASSIGNED": lambda t: order_deliveries.read_unassigned(t, [], NOW, NOW),
    "delivery.SELECT_GIVEN": lambda t: order_deliveries.read_given(t, []),
    "delivery.SELECT_ENDED": lambda t: order_deliveries.read_ended(t, [], None, 1),
    "delivery.SELECT_LOADS": lambda t: order_deliveries.read_loads(t, "demo", []),
    "delivery.SELECT_STORES": lambda t: delivery_stores.read_stores(t, []),
    "delivery.SELECT_BOOKINGS_OF": lambda t: delivery_bookings.read_bookings_of(t, []),
    "delivery.UPDATE_SENT": lambda t: delivery_bookings.update_sent(t, [], 1, datetime.now(UTC)),
    "delivery.SELECT_FLEETS": lambda t: delivery_fleets.read_fleets(t, []),
    "delivery.SELECT_ZONES": lambda t: delivery_stores.read_home(t, []),
    "delivery.SELECT_PLACES": lambda t: delivery_stores.read_scopes(t, []),
    "delivery.SELECT_OBJECTS": lambda t: delivery_proofs.read_keys(t, []),
    "delivery.DELETE_PROOFS": lambda t: delivery_proofs.delete_of_deliveries(t, []),
    "delivery.SELECT_OF_MEMBERS": lambda t: delivery_erasure.read_deliveries_of(t, "demo", [], 100),
    "delivery.SELECT_HEADS": NEVER_EMPTY,
    "delivery.SELECT_BODIES_OF_SEVERAL": lambda t: delivery_inbox.read_bodies_of(t, []),
    "delivery.SELECT_UNREAD": lambda t: delivery_inbox.read_unread(t, [], NOW, 1),
    "delivery.SELECT_BODIES": lambda t: delivery_inbox.read_bodies(t, "desk/demo:s1", []),
    "delivery.DELETE_DEVICES": lambda t: delivery_devices.delete_devices(t, []),
    "delivery.UPDATE_FETCHED": lambda t: delivery_inbox.update_fetched(t, "desk/demo:s1", [], NOW),
    **dict.fromkeys(
        ("delivery.LOCK_LINES", "delivery.ERASE_DETAILS", "delivery.DELETE_TRACKS"),
        lambda t: delivery_erasure.erase_persons(t, [], NOW),
    ),
    "delivery.ERASE_TEXTS": lambda t: delivery_inbox.erase_texts(t, [], [], ("", "")),
    "delivery.ERASE_COMPLAINTS": lambda t: delivery_feedback.erase_complaints(t, []),
    "printing.ERASE_TICKETS": "of orders that were read",
    "printing.ERASE_PLANS": "of orders that were read",
    "printing.LOCK_PRINTERS": lambda t: lock_printers(t, "s1", []),
    "printing.LOCK_OPEN_OF_AGENT": CONSTANT,
    "people.LOCK_SUBJECTS": "an account and a network",
    "people.SELECT_NAMES": lambda t: people.read_names(t, "demo", []),
    "people.SELECT_PEOPLE_WITHIN": NEVER_EMPTY,
    "people.SELECT_ROLES": lambda t: people.read_roles_of(t, []),
    "people.SELECT_SCOPES": lambda t: people_scopes.read_scopes(t, "demo", []),
    "people.SELECT_STORES_OF_REGIONS": lambda t: people_scopes.read_stores_of_regions(t, "demo", []),
    "printing.COUNT_AT_AGENT": CONSTANT,
    "printing.SELECT_QUEUES": lambda t: read_queues(t, "s1", [], "agent"),
    "printing.SELECT_DUE": NEVER_EMPTY,
    "printing.UPDATE_DUE_AT": CONSTANT,
    "printing.SELECT_AGENTS_OF_STORES": "of stores that were read",
    "printing.SELECT_PRINTERS_OF_STORES": "of stores that were read",
    "printing.COUNT_OPEN": lambda t: read_open_jobs(t, []),
    "printing.COUNT_FOR_PERSON": "of stores that were read",
    "printing.COUNT_BY_CODE": "of stores that were read",
    "printing.SELECT_JOBS_FOR_PERSON_OF_STORES": "of stores that were read",
    "printing.COUNT_ORDERS": lambda t: read_planned_orders(t, []),
    "shared.SELECT_BODIES": lambda t: chain_menus.read_bodies(t, "demo", "main", []),
    "shared.SELECT_VERSIONS": CONSTANT,
    "shared.Reach": lambda t: read_page(t, NOWHERE, PageFilter(50, newest_first=False)),
    "timers.SELECT_PEOPLE": lambda t: read_names_of(t, "demo", [None, "k1"]),
    "timers.SELECT_TITLES": lambda t: read_names_of(t, "demo", [None, "k1"]),
    "timers.COUNT_FAILED": lambda t: timer_runs.count_failed(t, [], NOW),
    "timers.SELECT_FIRST_RUNS": lambda t: timer_runs.read_first_runs(t, []),
    "timers.SELECT_LAST_RUNS": lambda t: timer_runs.read_last_runs(t, []),
    "timers.SELECT_OPEN": lambda t: timer_alerts.read_alerts_of(t, []),
    "timers.SELECT_PLACES": lambda t: timer_places.read_scopes(t, "demo", []),
    "timers.SELECT_SETTINGS": lambda t: timer_settings.read_settings(t, []),
    "timers.SELECT_STATES": lambda t: timer_runs.read_states(t, [], NOW),
    "outlets.UPDATE_TOLD": lambda t: outlet_alerts.update_told(t, "demo", "no_chat", [], ""),
    "outlets.SELECT_CONTENTS": lambda t: outlet_announcements.read_contents(t, []),
    "outlets.SELECT_CHATS": lambda t: outlet_chats.read_chats(t, []),
    "outlets.CLAIM": lambda t: outlet_messages.claim_messages(t, [], 1, NOW, NOW),
    "outlets.SELECT_CLAIMED": lambda t: outlet_messages.claim_messages(t, [], 1, NOW, NOW),
    "outlets.UPDATE_SENDING": lambda t: outlet_messages.update_sending(t, [], 1, NOW),
    "outlets.SELECT_SENDING": lambda t: outlet_messages.update_sending(t, [], 1, NOW),
    "outlets.LOCK_LOST": lambda t: outlet_messages.lock_lost(t, [], NOW),
    "outlets.RENEW_SLOTS": lambda t: outlet_slots.update_slots_renewed(t, [], 1, 1),
    "outlets.RELEASE": lambda t: outlet_messages.update_released(t, [], 1, NOW),
    "outlets.UPDATE_ENDED": lambda t: outlet_messages.update_messages_ended(t, []),
    "outlets.END_STEPS": lambda t: outlet_steps.update_steps_ended(t, []),
    "outlets.SELECT_OF_SOURCES": lambda t: outlet_messages.read_messages_of(t, []),
    "outlets.UPDATE_FAILED": lambda t: outlet_messages.update_failed(t, [], "dead"),
    "outlets.LOCK_WAITING": lambda t: outlet_checks.lock_waiting(t, []),
    "outlets.SELECT_OPEN_OF_KINDS": CONSTANT,
    "outlets.SELECT_STOPPED": lambda t: outlet_announcements.read_stopped(t, []),
    "outlets.UPDATE_SENT_DONE": "of announcements that were found",
    "outlets.SELECT_RECEIPTS": CONSTANT,
    "outlets.SELECT_SHOWING": lambda t: outlet_receipts.read_showing(t, []),
    "outlets.LOCK_SHARED": lambda t: outlet_receipts.lock_shared(t, []),
    "outlets.UPDATE_MOVED": lambda t: outlet_receipts.update_moved(t, []),
    "outlets.UPDATE_SHARED_FAILED": lambda t: outlet_receipts.update_shared_failed(t, [], "chat_dead"),
    "outlets.COUNT_WAITING": lambda t: outlet_messages.read_waiting(t, []),
    "outlets.SELECT_BY_CAUSE": lambda t: guest_rules.read_rules_of_cause(t, "demo", []),
    "outlets.UPDATE_OPT_OUT": lambda t: guest_contacts.update_opt_out(t, [], OptOut.ALL, NOW),
    "outlets.DELETE_CONTACTS": lambda t: guest_contacts.delete_contacts(t, []),
    "outlets.DELETE_RIGHTS": lambda t: guest_contacts.delete_contacts(t, []),
    "outlets.DELETE_CONSENTS": lambda t: guest_contacts.delete_contacts(t, []),
    "outlets.ERASE_PUSHES": lambda t: guest_contacts.delete_contacts(t, []),
    "outlets.CLAIM_PUSHES": lambda t: guest_pushes.claim_pushes(t, [], 1, NOW, NOW),
    "outlets.SELECT_CLAIMED_PUSHES": lambda t: guest_pushes.claim_pushes(t, [], 1, NOW, NOW),
    "outlets.CLAIM_LOST": "of pushes that were found",
    "outlets.SELECT_CLAIMED_LOST": "of pushes that were found",
    "outlets.SELECT_OF_CONTACT": lambda t: guest_pushes.read_pushes_of(t, [], "Z" * 26, 1),
    "outlets.SELECT_NOTICES": lambda t: outlet_notices.read_notices(t, []),
    "outlets.SELECT_OF_REGIONS": lambda t: outlet_stores.read_stores_of_regions(t, "demo", []),
    "outlets.SELECT_OF_CHAIN": CONSTANT,
    "outlets.SELECT_OLDEST_OF_CHAIN": CONSTANT,
    "outlets.SELECT_OF_STORES": lambda t: outlet_notices.read_notices_of_stores(t, [], ANY_PAGE),
    "outlets.SELECT_OLDEST_OF_STORES": lambda t: outlet_notices.read_notices_of_stores(t, [], ANY_PAGE),
    "outlets.SELECT_OUTLETS_OF": lambda t: outlet_settings.read_outlets_of(t, [], 1),
    "outlets.END_ACTIONS": lambda t: outlet_steps.update_actions_ended(t, "n", []),
    "outlets.UPDATE_ERASED": "of orders that were found",
    "outlets.SELECT_ON_CALL": lambda t: outlet_people.read_on_call(t, "demo", "demo:s1", [], DAY),
    "outlets.SELECT_ROBOTS": lambda t: outlet_robots.read_robots(t, []),
    "outlets.SELECT_ENABLED": lambda t: outlet_settings.read_enabled(t, []),
    "outlets.STAMP_SLOTS": lambda t: outlet_slots.update_slots_stamped(t, [], 1),
    "outlets.LOCK_DUE": lambda t: outlet_steps.lock_due_steps(t, [], NOW),
    "outlets.UPDATE_DONE": lambda t: outlet_steps.update_steps_done(t, 1, [], NOW),
    "outlets.UPDATE_SEQUENCES": lambda t: outlet_notices.update_sequences(t, []),
    "outlets.RETURN_CHOSEN": lambda t: outlet_slots.update_chosen_returned(t, [], 1),
    "outlets.SELECT_OLDEST": lambda t: outlet_slots.read_oldest_slots(t, [], 1, 1, 1),
    "outlets.SELECT_TAKEN": lambda t: outlet_slots.update_chosen_taken(t, [], 1, 1, 1),
    "outlets.SELECT_TO_DEAD": lambda t: outlet_messages.read_to_dead_chats(t, []),
    "outlets.TAKE_CHOSEN": lambda t: outlet_slots.update_chosen_taken(t, [], 1, 1, 1),
    "outlets.UPDATE_ANSWERED": "of robots that got an answer",
    "outlets.UPDATE_LEASED": lambda t: outlet_messages.update_leased(t, [], 1, NOW),
    "outlets.UPDATE_SENT": lambda t: outlet_messages.update_sent(t, [], 1, NOW),
    "outlets.UPDATE_SENT_FIRST": lambda t: outlet_notices.update_sent_first(t, [], "reply", NOW),
    "outlets.COUNT_PUSHES": lambda t: guest_report.read_push_counts(t, [], ""),
    "outlets.SELECT_NEWEST": lambda t: guest_report.read_newest_pushes(t, [], "", 1),
    "outlets.SELECT_STEPS": lambda t: outlet_steps.read_steps(t, []),
    "outlets.SELECT_STORES": lambda t: outlet_stores.read_stores(t, []),
    "sync.SELECT_ALLOWED": "an address and its domain: always two",
    "sync.DELETE_REFUSED": lambda t: sync_refused.delete_refused(t, "demo:erp", "pull_items", []),
    "sync.RELEASE": lambda t: sync_replays.update_released(t, "demo:erp", [], NOW),
    "sync.DELETE_CODES": lambda t: sync_codes.delete_codes(t, "demo:erp", "items", []),
    "sync.SELECT_GROUPS": lambda t: [ledger.lock_groups(t, "demo:erp", []), ledger.read_groups(t, "demo:erp", [])],
    "sync.LOCK_DUE": "of rows that were due",
    "sync.MARK_SENDING": lambda t: ledger.update_sending(t, "demo:erp", [], 1, NOW, NOW),
    "sync.MARK_CLAIMED": lambda t: ledger.update_claimed(t, "demo:erp", [], 1, NOW, NOW),
    "sync.SELECT_BY_KEYS": lambda t: ledger.read_by_keys(t, "demo:erp", []),
    "sync.SELECT_CHANGED": CONSTANT,
    "sync.SELECT_ORDERS": lambda t: sync_orders.read_orders(t, "demo", []),
    "sync.SELECT_PAYMENTS": lambda t: sync_orders.read_orders(t, "demo", []),
    "sync.SELECT_REFUNDS": lambda t: sync_orders.read_orders(t, "demo", []),
    "sync.LOCK_SALES": lambda t: sync_sales.lock_sales(t, "demo:erp", []),
    "sync.SELECT_HASHES": lambda t: sync_employees.read_hashes(t, "demo:erp", []),
    "sync.DELETE_RECIPES": lambda t: recipes.delete_recipes(t, "demo", []),
    "sync.SELECT_RECORDS": lambda t: stock_records.read_records(t, []),
    "sync.SELECT_DIGESTS": lambda t: masters.read_digests(t, "demo:erp", []),
    "sync.SELECT_LEVELS_OF_STORES": lambda t: masters.read_levels(t, "demo:erp", []),
    "sync.SELECT_OF_CHAINS": lambda t: read_systems(t, []),
    "webhooks.SELECT_BY_IDS": lambda t: webhook_endpoints.read_endpoints(t, []),
    "webhooks.SELECT_ENABLED": lambda t: webhook_endpoints.read_enabled_endpoints(t, []),
    "webhooks.SELECT_SECRETS": lambda t: webhook_endpoints.read_secrets(t, []),
    "webhooks.SELECT_PLACES": lambda t: read_scopes(t, "demo", []),
    "webhooks.SELECT_LANES": lambda t: deliveries.read_lanes(t, [], [], pending=False),
    "webhooks.SELECT_PENDING_LANES": lambda t: deliveries.read_lanes(t, [], [], pending=True),
    "webhooks.CLAIM_DELIVERIES": lambda t: deliveries.update_claimed(t, [], 1, NOW, NOW),
    "webhooks.SELECT_CLAIMED": lambda t: deliveries.update_claimed(t, [], 1, NOW, NOW),
    "webhooks.UPDATE_DELIVERED": lambda t: deliveries.update_delivered(t, "e", [], 1, 200, NOW),
    "shared.MESSAGES_OF_SUBJECTS": lambda t: record.read_messages(t, [], NOW),
    "shared.BODIES": lambda t: record.read_bodies(t, []),
    "shared.SELECT_PLACES": "of keys that a client may mean, where there are any",
    "stores.SELECT_MENUS": lambda t: read_menus(t, []),
    "stores.DELETE_WITHDRAWN": lambda t: delete_withdrawn(t, "demo:s1", []),
    "shared.ERASE_REPLIES": lambda t: erasure.erase_from_replies(t, [], {"$.guest": None}),
    "shared.ERASE_MESSAGES": lambda t: erasure.erase_from_messages(t, [], {"$.data": None}),
    "shared.EARLIER_UNSENT": "of subjects that began before",
    "shared.LOCK_UNSENT": "of rows that were read",
    "shared.MARK_FOLLOWED": "of rows that were locked",
    "shared.DUE_OF_SUBJECTS": "of messages that were announced",
    **dict.fromkeys(("shared.CLAIM_MESSAGES", "shared.CLAIMED"), "of rows that were due"),
    **dict.fromkeys(("shared.UNSENT_OF_SUBJECTS", "shared.RELEASE_MESSAGES"), "of rows that were claimed"),
    "shared.POSTPONE": "of messages that were refused",
    "shared.MARK_SENT": "of messages that were taken",
}


class Silent(Transaction):
    """Asks nothing: a statement fails the test."""

    def __init__(self) -> None:
        """Without a connection."""

    def execute(self, statement: str, values: Any = ()) -> int:
        del values
        raise AssertionError(statement)

    def execute_many(self, statement: str, rows: Any) -> int:
        assert not list(rows), statement
        return 0

    def execute_many_with_next(self, statement: str, rows: Any) -> None:
        assert not list(rows), statement

    def rows(self, statement: str, values: Any = ()) -> list[Any]:
        del values
        raise AssertionError(statement)


def _statements() -> Iterator[str]:
    """Names of the module constants, or else functions, whose text has a list as a parameter."""
    for path in sorted([*(ROOT / "functions").rglob("*.py"), *(ROOT / "shared").rglob("*.py")]):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if re.search(r"\bIN %(?:s|\()", ast.get_source_segment(text, node) or ""):
                yield f"{_owner(path)}.{_name(node)}"


def _owner(path: Path) -> str:
    """The concern's name, or `shared`."""
    folder, concern, *_ = path.relative_to(ROOT).parts
    return concern if folder == "functions" else folder


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return str(getattr(node, "name", node.lineno))


def test_every_list_of_a_statement_is_guarded_here() -> None:
    assert sorted(_statements()) == sorted(GUARDS)


@pytest.mark.parametrize("statement", [name for name, guard in GUARDS.items() if callable(guard)])
def test_with_nothing_to_ask_for_nothing_is_asked(statement: str) -> None:
    guard = GUARDS[statement]
    assert callable(guard)
    guard(Silent())


@pytest.mark.parametrize("empty", [(), [], set(), frozenset()])
def test_an_empty_list_is_refused_before_it_is_sent(env: Environment, empty: Any) -> None:
    with env.outbox.work("test") as work:
        assert isinstance(work, Work)
        for call in (work.execute, work.rows, work.row):
            with pytest.raises(EmptyList, match="IN %s"):
                call("SELECT 1 FROM messages WHERE id IN %s", (empty,))
            with pytest.raises(EmptyList, match="IN %"):
                call("SELECT 1 FROM messages WHERE id IN %(ids)s", {"ids": empty})
        assert work.rows("SELECT 1 AS one") == [{"one": 1}], "the transaction goes on"
