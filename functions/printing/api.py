"""HTTP → enrolment of print agents; printers, stations, jobs and the fleet under /v1/printing."""

from functions.printing.resources import agents, enrolment, fleet, jobs, printers, routing
from functions.printing.resources.agents import AgentDocument, AgentPage
from functions.printing.resources.enrolment import CodeDocument, CodesEnded, EnrolmentDocument
from functions.printing.resources.fleet import FleetPage
from functions.printing.resources.jobs import JobDetail, JobDocument, JobPage
from functions.printing.resources.printers import PrinterDocument, PrinterPage
from functions.printing.resources.routing import RoutingDocument
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.http import Api, Operation

ANY = (401, 403, 422, 429, 500, 503)
READING = (*ANY, 404)
MAKING = (*READING, 400, 409, 413, 415)
SETTING = (*MAKING, 412)
STORE = "/v1/printing/stores/{store}"
PRINTER = f"{STORE}/printers/{{printer}}"
JOB = f"{STORE}/jobs/{{job}}"

OPERATIONS = [
    Operation("GET", "/v1/printing/fleet", fleet.get_fleet, {200: FleetPage}, ANY),
    Operation("GET", f"{STORE}/routing", routing.get_routing, {200: RoutingDocument, 304: None}, READING),
    Operation("PUT", f"{STORE}/routing", routing.put_routing, {200: RoutingDocument}, SETTING),
    Operation("GET", f"{STORE}/printers", printers.list_printers, {200: PrinterPage}, READING),
    Operation("PUT", PRINTER, printers.put_printer, {200: PrinterDocument}, SETTING),
    Operation("DELETE", PRINTER, printers.delete_printer, {200: PrinterPage}, SETTING),
    Operation("POST", f"{PRINTER}/test-page", printers.print_test_page, {201: JobDocument}, MAKING),
    Operation("GET", f"{STORE}/jobs", jobs.list_jobs, {200: JobPage}, READING),
    Operation("GET", JOB, jobs.get_job, {200: JobDetail}, READING),
    Operation("GET", f"{JOB}/preview", jobs.get_preview, {200: "image/png"}, READING),
    Operation("POST", f"{JOB}/reprint", jobs.reprint_job, {201: JobDocument}, MAKING),
    Operation("POST", f"{JOB}/cancel", jobs.cancel_job, {200: JobDocument}, MAKING),
    Operation("POST", f"{JOB}/resolve", jobs.resolve_job, {200: JobDocument}, MAKING),
    Operation("GET", f"{STORE}/agents", agents.list_agents, {200: AgentPage}, READING),
    Operation("DELETE", f"{STORE}/agents/{{agent}}", agents.revoke_agent, {200: AgentDocument}, MAKING),
    Operation("POST", f"{STORE}/agents/{{agent}}/machine", agents.settle_machine, {200: AgentDocument}, MAKING),
    Operation("POST", "/v1/printing/codes", enrolment.make_code, {201: CodeDocument}, (*MAKING, 410)),
    Operation("DELETE", "/v1/printing/codes", enrolment.end_codes, {200: CodesEnded}, MAKING),
    Operation(
        "POST", "/v1/printing/enrolments", enrolment.enrol_agent, {200: EnrolmentDocument, 201: EnrolmentDocument},
        (400, 404, 409, 410, 413, 415, 422, 429, 500, 503), public=True,
    ),
]  # fmt: skip


def make_app(env: Environment) -> object:
    """The WSGI app over this environment."""
    return Api(env, "printing", OPERATIONS).app


handler = entry.http(make_app)
