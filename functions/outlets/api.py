"""HTTP → outlets, robots, people, notices and announcements under /v1/outlets."""

from functions.outlets.resources import announcements, health, notices, outlets, people, robots
from functions.outlets.resources.announcements import (
    AnnouncementTested,
    OutletAnnouncementDocument,
    OutletAnnouncements,
    Receipts,
)
from functions.outlets.resources.health import Health, SetupCheck
from functions.outlets.resources.notices import Notices
from functions.outlets.resources.outlets import OutletDeleted, OutletDocument, Outlets, RulesDocument
from functions.outlets.resources.people import OutletPeople, OutletPersonDeleted, OutletPersonDocument
from functions.outlets.resources.robots import Channels, RobotDeleted, RobotDocument, Robots
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

BASE = "/v1/outlets"
ROBOT, PERSON, OUTLET = f"{BASE}/robots/{{robot}}", f"{BASE}/people/{{person}}", f"{BASE}/stores/{{outlet}}"
ANNOUNCEMENTS = f"{BASE}/announcements"
ANNOUNCEMENT = f"{ANNOUNCEMENTS}/{{announcement}}"
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
    Operation("GET", f"{BASE}/people", people.list_outlet_people, {200: OutletPeople}, RIGHT_PROBLEMS),
    Operation("POST", f"{BASE}/people", people.create_outlet_person, {201: OutletPersonDocument}, CHANGE_PROBLEMS),
    Operation("PUT", PERSON, people.put_outlet_person, {200: OutletPersonDocument}, CHANGE_PROBLEMS),
    Operation("DELETE", PERSON, people.remove_outlet_person, {200: OutletPersonDeleted}, CHANGE_PROBLEMS),
    Operation("GET", f"{BASE}/notices", notices.list_notices, {200: Notices}, RIGHT_PROBLEMS, looks=True),
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
]

make_app = app_maker("outlets", OPERATIONS)
handler = entry.http(make_app)
