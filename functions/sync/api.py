"""HTTP → outside systems, their flows, codes and documents under /v1/sync."""

from functions.sync.resources import (
    backfills,
    codes,
    documents,
    dry_runs,
    employees,
    files,
    flows,
    items,
    recipes,
    reconciliations,
    refused_records,
    sales,
    stock_records,
    systems,
)
from functions.sync.resources.backfills import DayWindowDocument
from functions.sync.resources.codes import CodesDocument
from functions.sync.resources.documents import LedgerPage, Replayed
from functions.sync.resources.dry_runs import DryRun
from functions.sync.resources.employees import Employees
from functions.sync.resources.files import FileDocument, Files, FileUpload
from functions.sync.resources.flows import FlowDocument, Flows
from functions.sync.resources.items import SystemItems
from functions.sync.resources.recipes import Recipes, StockItems, Stored, Units
from functions.sync.resources.reconciliations import ReconciliationBegun, ReconciliationPage
from functions.sync.resources.refused_records import RefusedRecords
from functions.sync.resources.sales import TillSales
from functions.sync.resources.stock_records import RecordDocument, RecordPage
from functions.sync.resources.systems import SystemDocument, Systems
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

SYSTEMS = "/v1/sync/systems"
SYSTEM = f"{SYSTEMS}/{{system}}"
FLOW = f"{SYSTEM}/flows/{{flow}}"
STALE = 412

STOCK_OPERATIONS = [
    Operation("GET", "/v1/sync/units", recipes.get_units, {200: Units}, RIGHT_PROBLEMS),
    Operation("PUT", "/v1/sync/units", recipes.put_units, {200: Stored}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/sync/stock-items", recipes.list_stock_items, {200: StockItems}, RIGHT_PROBLEMS),
    Operation("PUT", "/v1/sync/stock-items", recipes.put_stock_items, {200: Stored}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/sync/stock-items/csv", recipes.export_stock_items, {200: "text/csv"}, RIGHT_PROBLEMS),
    Operation("PUT", "/v1/sync/stock-items/csv", recipes.import_stock_items, {200: Stored}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/sync/recipes", recipes.list_recipes, {200: Recipes}, RIGHT_PROBLEMS),
    Operation("PUT", "/v1/sync/recipes", recipes.put_recipes, {200: Stored}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/sync/recipes/csv", recipes.export_recipes, {200: "text/csv"}, RIGHT_PROBLEMS),
    Operation("PUT", "/v1/sync/recipes/csv", recipes.import_recipes, {200: Stored}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/sync/stock-records", stock_records.list_records, {200: RecordPage}, RESOURCE_PROBLEMS),
    Operation("POST", "/v1/sync/stock-records", stock_records.add_record, {201: RecordDocument}, CHANGE_PROBLEMS),
    Operation(
        "POST",
        "/v1/sync/stock-records/{record}/cancel",
        stock_records.cancel_record,
        {200: RecordDocument},
        CHANGE_PROBLEMS,
    ),
]
OPERATIONS = [
    *STOCK_OPERATIONS,
    Operation("GET", SYSTEMS, systems.list_systems, {200: Systems}, RIGHT_PROBLEMS),
    Operation("GET", SYSTEM, systems.get_system, {200: SystemDocument}, RESOURCE_PROBLEMS),
    Operation("PUT", SYSTEM, systems.put_system, {200: SystemDocument}, (*CHANGE_PROBLEMS, STALE)),
    Operation("GET", f"{SYSTEM}/flows", flows.list_flows, {200: Flows}, RESOURCE_PROBLEMS),
    Operation("PUT", FLOW, flows.put_flow, {200: FlowDocument}, (*CHANGE_PROBLEMS, STALE)),
    Operation("POST", f"{FLOW}/backfills", backfills.begin_backfill, {202: DayWindowDocument}, CHANGE_PROBLEMS),
    Operation("GET", f"{SYSTEM}/codes/{{kind}}", codes.get_codes, {200: CodesDocument}, RESOURCE_PROBLEMS),
    Operation("PUT", f"{SYSTEM}/codes/{{kind}}", codes.put_codes, {200: CodesDocument}, CHANGE_PROBLEMS),
    Operation("GET", f"{SYSTEM}/dry-run", dry_runs.show_dry_run, {200: DryRun}, RESOURCE_PROBLEMS),
    Operation("GET", f"{SYSTEM}/items", items.list_items, {200: SystemItems}, RESOURCE_PROBLEMS),
    Operation("GET", f"{SYSTEM}/documents", documents.list_documents, {200: LedgerPage}, RESOURCE_PROBLEMS),
    Operation("GET", f"{SYSTEM}/employees", employees.list_employees, {200: Employees}, RESOURCE_PROBLEMS, looks=True),
    Operation("GET", f"{SYSTEM}/files", files.list_files, {200: Files}, RESOURCE_PROBLEMS),
    Operation("POST", f"{SYSTEM}/files", files.open_file, {201: FileUpload}, CHANGE_PROBLEMS),
    Operation("POST", f"{SYSTEM}/files/{{file}}/dropped", files.drop_file, {202: FileDocument}, CHANGE_PROBLEMS),
    Operation(
        "GET", f"{SYSTEM}/refused-records", refused_records.list_refused, {200: RefusedRecords}, RESOURCE_PROBLEMS
    ),
    Operation("GET", f"{SYSTEM}/sales", sales.list_sales, {200: TillSales}, RESOURCE_PROBLEMS),
    Operation(
        "GET",
        f"{SYSTEM}/reconciliations",
        reconciliations.list_reconciliations,
        {200: ReconciliationPage},
        RESOURCE_PROBLEMS,
    ),
    Operation(
        "POST",
        f"{SYSTEM}/reconciliations",
        reconciliations.begin_reconciliation,
        {202: ReconciliationBegun},
        CHANGE_PROBLEMS,
    ),
    Operation("POST", f"{SYSTEM}/replays", documents.replay_documents, {200: Replayed}, CHANGE_PROBLEMS),
]

make_app = app_maker("sync", OPERATIONS)
handler = entry.http(make_app)
