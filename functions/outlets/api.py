"""HTTP → outlets, robots, people, notices, announcements and guests under /v1/outlets."""

from functions.outlets.resources import (
    announcements,
    answers,
    guest_report,
    guest_rules,
    guests,
    health,
    notices,
    outlet_check,
    outlets,
    own_guest,
    pauses,
    people,
    robots,
)
from functions.outlets.resources.announcements import (
    AnnouncementTested,
    OutletAnnouncementDocument,
    OutletAnnouncements,
    Receipts,
)
from functions.outlets.resources.guest_documents import AcceptsCounted, GuestDocument, Pushes
from functions.outlets.resources.guest_report import GuestReport
from functions.outlets.resources.guest_rules import GuestRuleDeleted, GuestRuleDocument, GuestRules
from functions.outlets.resources.guests import GuestDeleted
from functions.outlets.resources.health import Health, SetupCheck
from functions.outlets.resources.notice_documents import NoticeDetail, NoticeDocument, Notices
from functions.outlets.resources.outlet_check import OutletCheck
from functions.outlets.resources.outlets import OutletDeleted, OutletDocument, Outlets, RulesDocument
from functions.outlets.resources.own_guest import BrowserAdded, BrowserKeyDocument, BrowserRemoved, OptedOut
from functions.outlets.resources.pauses import PauseDocument
from functions.outlets.resources.people import OutletPeople, OutletPersonDeleted, OutletPersonDocument
from functions.outlets.resources.robots import Channels, RobotDeleted, RobotDocument, Robots
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

BASE = "/v1/outlets"
ROBOT, PERSON, OUTLET = f"{BASE}/robots/{{robot}}", f"{BASE}/people/{{person}}", f"{BASE}/stores/{{outlet}}"
NOTICE = f"{BASE}/notices/{{notice}}"
ANNOUNCEMENTS = f"{BASE}/announcements"
ANNOUNCEMENT = f"{ANNOUNCEMENTS}/{{announcement}}"
GUEST_RULE, GUEST, OWN = f"{BASE}/guest-rules/{{rule}}", f"{BASE}/guests/{{guest}}", f"{BASE}/guest"
STALE = 412
REVISION_PROBLEMS = (*CHANGE_PROBLEMS, STALE)

OPERATIONS = [
    Operation("GET", f"{BASE}/rules", outlets.get_rules, {200: RulesDocument}, RIGHT_PROBLEMS),
    Operation("PUT", f"{BASE}/rules", outlets.put_rules, {200: RulesDocument}, REVISION_PROBLEMS),
    Operation("GET", f"{BASE}/channels", robots.list_channels, {200: Channels}, RIGHT_PROBLEMS),
    Operation("GET", f"{BASE}/robots", robots.list_robots, {200: Robots}, RIGHT_PROBLEMS),
    Operation("GET", ROBOT, robots.get_robot, {200: RobotDocument}, RESOURCE_PROBLEMS),
    Operation("PUT", ROBOT, robots.put_robot, {200: RobotDocument}, REVISION_PROBLEMS),
    Operation("DELETE", ROBOT, robots.remove_robot, {200: RobotDeleted}, CHANGE_PROBLEMS),
    Operation("GET", f"{BASE}/stores", outlets.list_outlets, {200: Outlets}, RIGHT_PROBLEMS),
    Operation("GET", OUTLET, outlets.get_outlet, {200: OutletDocument}, RESOURCE_PROBLEMS),
    Operation("PUT", OUTLET, outlets.put_outlet, {200: OutletDocument, 201: OutletDocument}, REVISION_PROBLEMS),
    Operation("DELETE", OUTLET, outlets.remove_outlet, {200: OutletDeleted}, CHANGE_PROBLEMS),
    Operation("PUT", f"{OUTLET}/pause", pauses.put_outlet_pause, {200: PauseDocument}, CHANGE_PROBLEMS),
    Operation("DELETE", f"{OUTLET}/pause", pauses.end_outlet_pause, {200: PauseDocument}, CHANGE_PROBLEMS),
    Operation("GET", f"{BASE}/people", people.list_outlet_people, {200: OutletPeople}, RIGHT_PROBLEMS),
    Operation("POST", f"{BASE}/people", people.create_outlet_person, {201: OutletPersonDocument}, CHANGE_PROBLEMS),
    Operation("PUT", PERSON, people.put_outlet_person, {200: OutletPersonDocument}, CHANGE_PROBLEMS),
    Operation("DELETE", PERSON, people.remove_outlet_person, {200: OutletPersonDeleted}, CHANGE_PROBLEMS),
    Operation("GET", f"{OUTLET}/check", outlet_check.check_outlet, {200: OutletCheck}, RESOURCE_PROBLEMS),
    Operation("GET", f"{BASE}/notices", notices.list_notices, {200: Notices}, RIGHT_PROBLEMS, looks=True),
    Operation("GET", NOTICE, notices.get_notice, {200: NoticeDetail}, RESOURCE_PROBLEMS, looks=True),
    Operation("POST", f"{NOTICE}/answers", answers.answer_for_outlet, {200: NoticeDocument}, CHANGE_PROBLEMS),
    Operation("GET", f"{BASE}/health", health.get_outlet_health, {200: Health}, RIGHT_PROBLEMS),
    Operation("GET", f"{ROBOT}/check", health.check_robot, {200: SetupCheck}, RESOURCE_PROBLEMS),
    Operation(
        "GET",
        ANNOUNCEMENTS,
        announcements.list_outlet_announcements,
        {200: OutletAnnouncements},
        RIGHT_PROBLEMS,
    ),
    Operation(
        "POST",
        ANNOUNCEMENTS,
        announcements.create_outlet_announcement,
        {201: OutletAnnouncementDocument},
        CHANGE_PROBLEMS,
    ),
    Operation(
        "PUT",
        f"{ANNOUNCEMENT}/state",
        announcements.move_outlet_announcement,
        {200: OutletAnnouncementDocument},
        CHANGE_PROBLEMS,
    ),
    Operation(
        "POST",
        f"{ANNOUNCEMENT}/tests",
        announcements.try_outlet_announcement,
        {201: AnnouncementTested},
        CHANGE_PROBLEMS,
    ),
    Operation(
        "GET",
        f"{ANNOUNCEMENT}/receipts",
        announcements.list_receipts,
        {200: Receipts},
        RESOURCE_PROBLEMS,
    ),
    Operation("GET", f"{BASE}/guest-rules", guest_rules.list_guest_rules, {200: GuestRules}, RIGHT_PROBLEMS),
    Operation("PUT", GUEST_RULE, guest_rules.put_guest_rule, {200: GuestRuleDocument}, REVISION_PROBLEMS),
    Operation("DELETE", GUEST_RULE, guest_rules.remove_guest_rule, {200: GuestRuleDeleted}, CHANGE_PROBLEMS),
    Operation("GET", f"{BASE}/guest-pushes", guest_report.get_guest_report, {200: GuestReport}, RIGHT_PROBLEMS),
    Operation("POST", f"{BASE}/guests", guests.create_guest, {201: GuestDocument}, CHANGE_PROBLEMS),
    Operation("GET", GUEST, guests.get_guest, {200: GuestDocument}, RESOURCE_PROBLEMS, looks=True),
    Operation("DELETE", GUEST, guests.remove_guest, {200: GuestDeleted}, CHANGE_PROBLEMS),
    Operation("PUT", f"{GUEST}/opt-out", guests.put_guest_opt_out, {200: GuestDocument}, CHANGE_PROBLEMS),
    Operation("POST", f"{GUEST}/accepts", guests.add_guest_accepts, {200: AcceptsCounted}, CHANGE_PROBLEMS),
    Operation("GET", f"{GUEST}/pushes", guests.list_guest_pushes, {200: Pushes}, RESOURCE_PROBLEMS, looks=True),
    Operation("POST", f"{OWN}/accepts", own_guest.add_own_accepts, {200: AcceptsCounted}, CHANGE_PROBLEMS, guests=True),
    Operation("PUT", f"{OWN}/opt-out", own_guest.put_own_opt_out, {200: OptedOut}, CHANGE_PROBLEMS, guests=True),
    Operation("GET", f"{OWN}/pushes", own_guest.list_own_pushes, {200: Pushes}, RIGHT_PROBLEMS, guests=True),
    Operation(
        "GET",
        f"{OWN}/browser-key",
        own_guest.get_browser_key,
        {200: BrowserKeyDocument},
        RESOURCE_PROBLEMS,
        guests=True,
    ),
    Operation("PUT", f"{OWN}/browser", own_guest.add_browser, {200: BrowserAdded}, CHANGE_PROBLEMS, guests=True),
    Operation(
        "DELETE", f"{OWN}/browser", own_guest.remove_browsers, {200: BrowserRemoved}, CHANGE_PROBLEMS, guests=True
    ),
]

make_app = app_maker("outlets", OPERATIONS)
handler = entry.http(make_app)
