"""HTTP → enrolment of print agents; printers, stations, jobs and the fleet under /v1/printing."""

from functions.printing import enrolment_api, fleet_api, jobs_api, setup_api
from functions.printing.documents import (
    AgentDocument,
    AgentPage,
    CodeDocument,
    CodesEnded,
    EnrolmentDocument,
    FleetPage,
    PrinterDocument,
    PrinterPage,
)
from functions.printing.documents_jobs import JobDetail, JobDocument, JobPage
from functions.printing.routing import Routing
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
    Operation("GET", "/v1/printing/fleet", fleet_api.get_fleet, {200: FleetPage}, ANY),
    Operation("GET", f"{STORE}/routing", setup_api.get_routing, {200: Routing, 304: None}, READING),
    Operation("PUT", f"{STORE}/routing", setup_api.put_routing, {200: Routing}, SETTING),
    Operation("GET", f"{STORE}/printers", setup_api.list_printers, {200: PrinterPage}, READING),
    Operation("PUT", PRINTER, setup_api.put_printer, {200: PrinterDocument}, SETTING),
    Operation("DELETE", PRINTER, setup_api.delete_printer, {200: PrinterPage}, SETTING),
    Operation("POST", f"{PRINTER}/test-page", setup_api.print_test_page, {201: JobDocument}, MAKING),
    Operation("GET", f"{STORE}/jobs", jobs_api.list_jobs, {200: JobPage}, READING),
    Operation("GET", JOB, jobs_api.get_job, {200: JobDetail}, READING),
    Operation("GET", f"{JOB}/preview", jobs_api.get_preview, {200: "image/png"}, READING),
    Operation("POST", f"{JOB}/reprint", jobs_api.reprint_job, {201: JobDocument}, MAKING),
    Operation("POST", f"{JOB}/cancel", jobs_api.cancel_job, {200: JobDocument}, MAKING),
    Operation("POST", f"{JOB}/resolve", jobs_api.resolve_job, {200: JobDocument}, MAKING),
    Operation("GET", f"{STORE}/agents", enrolment_api.list_agents, {200: AgentPage}, READING),
    Operation("DELETE", f"{STORE}/agents/{{agent}}", enrolment_api.revoke_agent, {200: AgentDocument}, MAKING),
    Operation("POST", f"{STORE}/agents/{{agent}}/machine", enrolment_api.settle_machine, {200: AgentDocument}, MAKING),
    Operation("POST", "/v1/printing/codes", enrolment_api.make_code, {201: CodeDocument}, (*MAKING, 410)),
    Operation("DELETE", "/v1/printing/codes", enrolment_api.end_codes, {200: CodesEnded}, MAKING),
    Operation(
        "POST", "/v1/printing/enrolments", enrolment_api.enrol_agent, {200: EnrolmentDocument, 201: EnrolmentDocument},
        (400, 404, 409, 410, 413, 415, 422, 429, 500, 503), public=True,
    ),
]  # fmt: skip


def make_app(env: Environment) -> object:
    """The WSGI app over this environment."""
    return Api(env, "printing", OPERATIONS).app


handler = entry.http(make_app)
