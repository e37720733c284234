"""HTTP → enrolment of print agents; printers, stations, jobs and the fleet under /v1/printing."""

from functions.printing.resources import agents, enrolment, fleet, jobs, printers, routing
from functions.printing.resources.agents import AgentDocument, AgentPage
from functions.printing.resources.enrolment import CodeDocument, CodesEnded, EnrolmentDocument
from functions.printing.resources.fleet import FleetPage
from functions.printing.resources.jobs import JobDetail, JobDocument, JobPage
from functions.printing.resources.printers import PrinterDocument, PrinterPage
from functions.printing.resources.routing import RoutingDocument
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

SETTING_PROBLEMS = (*CHANGE_PROBLEMS, 412)
STORE = "/v1/printing/stores/{store}"
PRINTER = f"{STORE}/printers/{{printer}}"
JOB = f"{STORE}/jobs/{{job}}"
AGENT = f"{STORE}/agents/{{agent}}"

OPERATIONS = [
    Operation("GET", "/v1/printing/fleet", fleet.get_fleet, {200: FleetPage}, RIGHT_PROBLEMS),
    Operation("GET", f"{STORE}/routing", routing.get_routing, {200: RoutingDocument, 304: None}, RESOURCE_PROBLEMS),
    Operation("PUT", f"{STORE}/routing", routing.put_routing, {200: RoutingDocument}, SETTING_PROBLEMS),
    Operation("GET", f"{STORE}/printers", printers.list_printers, {200: PrinterPage}, RESOURCE_PROBLEMS),
    Operation("PUT", PRINTER, printers.put_printer, {200: PrinterDocument}, SETTING_PROBLEMS),
    Operation("DELETE", PRINTER, printers.delete_printer, {200: PrinterPage}, SETTING_PROBLEMS),
    Operation("POST", f"{PRINTER}/test-page", printers.print_test_page, {201: JobDocument}, CHANGE_PROBLEMS),
    Operation("GET", f"{STORE}/jobs", jobs.list_jobs, {200: JobPage}, RESOURCE_PROBLEMS),
    Operation("GET", JOB, jobs.get_job, {200: JobDetail}, RESOURCE_PROBLEMS),
    Operation("GET", f"{JOB}/preview", jobs.get_preview, {200: "image/png"}, RESOURCE_PROBLEMS, looks=True),
    Operation("POST", f"{JOB}/reprint", jobs.reprint_job, {201: JobDocument}, CHANGE_PROBLEMS),
    Operation("POST", f"{JOB}/move", jobs.move_job, {200: JobDocument}, CHANGE_PROBLEMS),
    Operation("POST", f"{JOB}/cancel", jobs.cancel_job, {200: JobDocument}, CHANGE_PROBLEMS),
    Operation("POST", f"{JOB}/resolve", jobs.resolve_job, {200: JobDocument}, CHANGE_PROBLEMS),
    Operation("GET", f"{STORE}/agents", agents.list_agents, {200: AgentPage}, RESOURCE_PROBLEMS),
    Operation("DELETE", AGENT, agents.revoke_agent, {200: AgentDocument}, CHANGE_PROBLEMS),
    Operation("POST", f"{AGENT}/machine", agents.settle_machine, {200: AgentDocument}, CHANGE_PROBLEMS),
    Operation("POST", "/v1/printing/codes", enrolment.make_code, {201: CodeDocument}, (*CHANGE_PROBLEMS, 410)),
    Operation("DELETE", "/v1/printing/codes", enrolment.end_codes, {200: CodesEnded}, CHANGE_PROBLEMS),
    Operation(
        "POST", "/v1/printing/enrolments", enrolment.enrol_agent, {200: EnrolmentDocument, 201: EnrolmentDocument},
        (400, 404, 409, 410, 413, 415, 422, 429, 500, 503), public=True,
    ),
]  # fmt: skip


make_app = app_maker("printing", OPERATIONS)
handler = entry.http(make_app)
