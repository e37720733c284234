"""Every SQL statement of the product holds on MySQL and MariaDB, and on what a chain may move to.

Those are Aurora MySQL, TiDB, Vitess and OceanBase. An exception names its statement and its reason; the page
docs/operate/databases.md says what each database then needs. An exception without its statement fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.support.sql_statements import Statement, statements


@dataclass(frozen=True)
class Rule:
    """`pattern` is looked for in the statement's words: capitals, one space between them."""

    name: str
    pattern: str
    lacks: str
    exceptions: dict[str, str] = field(default_factory=dict)  # place → reason


PASSES_OVER = "It passes over rows of another worker. A claim that waits for the lock decides which worker has the row."
VIEW = "A concern's contract with the other concerns. In a sharded Vitess its tables need one unsharded keyspace."
MIGRATION = "It runs once. A new database on TiDB begins with the schema after it."

VIEWS = (
    "view chain_menu_versions",
    "view daily_revenue",
    "view delivery_goods",
    "view employee_records",
    "view fleet_agents",
    "view fleet_jobs",
    "view fleet_printers",
    "view fleet_stores",
    "view forecast_days",
    "view forecast_half_hours",
    "view forecast_hours",
    "view forecast_items",
    "view forgotten_members",
    "view live_clients",
    "view notice_states",
    "view open_deliveries",
    "view open_timer_alerts",
    "view order_erasures",
    "view order_members",
    "view order_records",
    "view order_rows",
    "view order_sales",
    "view outside_systems",
    "view payment_records",
    "view payments_by_day",
    "view person_names",
    "view person_roles",
    "view recipe_records",
    "view refund_records",
    "view sale_documents",
    "view refunds_by_day",
    "view stock_item_records",
    "view store_closings",
    "view store_history",
    "view store_orders",
    "view store_places",
    "view store_records",
    "view store_stock",
    "view store_stock_revisions",
    "view store_withdrawn_records",
    "view timer_pauses",
)

RULES = [
    Rule(
        "skip locked",
        r"\bSKIP LOCKED\b",
        "TiDB takes SKIP LOCKED and locks no row by it",
        dict.fromkeys(("shared.DUE", "shared.DUE_OF_SUBJECTS", "shared.LOCK_UNSENT"), PASSES_OVER),
    ),
    Rule(
        "json table",
        r"\bJSON_TABLE\b",
        "TiDB has no JSON_TABLE",
        {
            "members.WRITE_TAGS": "MySQL and MariaDB write a table of values differently. TiDB needs a UNION of rows.",
            "view store_closings": "Opening hours lie in JSON. TiDB needs a table that order intake writes.",
            "0013_store_keys.sql": MIGRATION,
        },
    ),
    Rule(
        "share lock",
        r"\bLOCK IN SHARE MODE\b",
        "TiDB refuses LOCK IN SHARE MODE, or takes it and locks no row, by its settings",
        {"members.WRITE_TAGS": "Facts must not change before the tags of them are there. TiDB needs FOR UPDATE."},
    ),
    Rule("for share", r"\bFOR SHARE\b", "MariaDB takes LOCK IN SHARE MODE alone"),
    Rule("for update of", r"\bFOR UPDATE OF\b", "MariaDB locks all tables of a SELECT"),
    Rule("sequence engine", r"\bSEQ_\d+_TO_\d+", "MySQL has no sequence engine"),
    Rule("sequence", r"\b(?:CREATE SEQUENCE|NEXT VALUE FOR|NEXTVAL)\b", "MySQL and Vitess have no sequences in SQL"),
    Rule("returning", r"\bRETURNING\b", "MySQL has no RETURNING"),
    Rule("alias of new rows", r"\bAS NEW\b.*ON DUPLICATE KEY", "MariaDB has no alias of inserted rows"),
    Rule(
        "locked json table",
        r"(?<!SELECT \* FROM )\bJSON_TABLE\b.*(?:LOCK IN SHARE MODE|FOR UPDATE)",
        "MySQL answers 3569 to a JSON_TABLE in a locking SELECT: select from it within another SELECT",
    ),
    Rule("stored program", r"\bCREATE (?:\S+ )*(?:PROCEDURE|FUNCTION|TRIGGER|EVENT) ", "TiDB has none"),
    Rule("call", r"^CALL\b", "TiDB has no stored procedures"),
    Rule("foreign key", r"\b(?:FOREIGN KEY|REFERENCES)\b", "Vitess has none between shards, and none between concerns"),
    Rule("auto increment", r"\bAUTO_INCREMENT\b", "TiDB writes such rows to one region, and Vitess needs a sequence"),
    Rule("full text", r"\b(?:FULLTEXT|SPATIAL)\b", "TiDB has neither index"),
    Rule("named lock", r"\b(?:GET_LOCK|RELEASE_LOCK|LOCK TABLES)\b", "TiDB takes LOCK TABLES and locks nothing"),
    Rule(
        "view",
        r"^CREATE (?:OR REPLACE )?VIEW\b",
        "Vitess has no views over shards",
        dict.fromkeys(VIEWS, VIEW),
    ),
    Rule(
        "instant column",
        r"^ALTER TABLE MESSAGES\b(?!.*\bALGORITHM = INPLACE\b).*\bADD COLUMN\b",
        "MySQL exchanges no partition of a table with a column added in an instant, so a month could not be archived",
        {
            "0004_trace.sql": "It adds an index too, so MySQL rebuilds the table.",
            "20261129-outbox-claim-token.sql": "20261129-outbox-messages-rebuild.sql rebuilds the table.",
        },
    ),
    Rule(
        "new column with its key",
        r"^ALTER TABLE \S+ .*\bADD COLUMN (\w+) .*\bADD (?:UNIQUE |PRIMARY )?(?:KEY|INDEX)\b[^()]*\([^()]*\b\1\b",
        "TiDB refuses a column and a key of it in one statement, so the key needs a statement of its own",
        dict.fromkeys(
            (
                "0004_trace.sql",
                "0010_forgotten_orders.sql",
                "20261130-orders-bills.sql",
                "20261130-stores-chain-menus.sql",
            ),
            MIGRATION,
        ),
    ),
    Rule(
        "key in place of its namesake",
        r"^ALTER TABLE \S+ .*\bDROP (?:KEY|INDEX) (\w+).*\bADD (?:UNIQUE )?(?:KEY|INDEX) \1\b",
        "TiDB refuses to drop and add a key of one name in one statement",
        dict.fromkeys(("20261129-orders-receipts-add.sql", "20261129-printing-queue-ids-add.sql"), MIGRATION),
    ),
    Rule(
        "partitions",
        r"\b(?:PARTITION BY|REORGANIZE PARTITION)\b",
        "OceanBase has no REORGANIZE PARTITION",
        {
            "0001_spine.sql": "A month of messages is dropped as a whole. Elsewhere the archive deletes rows.",
            "outlets.SELECT_DUE": "A window function numbers messages. It divides no table, and OceanBase has it.",
            "outlets.SELECT_OLDEST": "A window function numbers slots. It divides no table, and OceanBase has it.",
        },
    ),
]

# OceanBase has no character set `ascii`; utf8mb4 with utf8mb4_bin does instead. Ids and fixed words of the program have
# it: a key of an index may then hold four times as many characters.
ASCII_NAMES = """
    ABOUT ACTION ACTION_ID ACTOR ACTS AGENT_ID ANNOUNCEMENT_ID ANSWER ASKED_BY ATTENTION BACKUP BASE BECAME BILL_STATUS
    CALLER_ADDRESS CAPABILITIES CARRIAGE CAUSE CHAIN_ID CHAMPION CHANGED_BY CLIENT_ID CODE CODE_VERSION CONNECTION_ID
    CONTACT_ID CONVERSATION COPIED COURIER_ID COVER CREATED_BY CURRENCY DATA_HASH DELIVERY_ID DIGEST DOMAIN
    DOUBTED ENDPOINT_ID
    ERROR EVENT_HASH EVIDENCE EXPECTED EXPIRES_AT EXTERNAL_ID FAILURE FIRST_STORE FIXED_COURIER FLEET FLEET_KEY FLOW
    FORECAST_HASH FORMAT FOUND FULFILMENT_STATUS GOAL GOODS GROUP_KEY GUEST_HASH ID IDEMPOTENCY_KEY ISSUER ITEM_ID
    JOB_ID JOURNAL KIND LANGUAGE LAST_MEMBER LAYER LEAD_MODEL LEVEL MACHINE MADE_BY MAP_SYSTEM MEMBER_ID MENU_ID
    MERGED_INTO MESSAGE_ID METHOD MODEL_ID MOVED_FROM MOVE_TO NAME NONCE NOTICE_ID OBJECT_KEY OPERATION OPTED_OUT
    ORDER_ID ORIGINAL_ID OTHER_MACHINE OUTCOME OWNER_ID PAPER PASSWORD PAUSED_BY PAYMENT_STATUS PERSON_ID PHASE
    PHONE_ENDING PHOTO PHOTO_HASH POSITION PRINTER PRINTING_AGENT PROOF PUSH_ID QUEUED_TO QUEUE_ID REASON RECEIPT_ID
    RECIPIENT REDIRECT_URI REFUSAL REGION_ID REPLY_OF REQUEST REQUEST_ID RESOLUTION RESOLVED_BY RESULT ROBOT_KEY ROLE
    RULE_ID RUN_ID SALE_KEY SCHEDULE SCOPE_ID SENDER SESSION_ID SHARE SHARED_WITH SLOT_KEY SNAPSHOT SOURCE SOURCE_ID
    SOURCE_KEY SOURCE_KIND SOURCE_NUMBER STATE STATION STATUS STORE_ID SUBJECT SYSTEM_KEY TAG TEMPLATE TOLD_IN TO_STORE
    TROUBLE TRY_ID TYPE UNIT UPLOAD URL VEHICLE ZONE
"""
ASCII = frozenset(ASCII_NAMES.split())
ASCII_COLUMN = re.compile(r"`?(\w+)`? (?:CHAR|VARCHAR|ENUM|TEXT)\b[^,]{0,40}? CHARACTER SET ASCII\b")

# sqlglot 30 does not read these. The rules above read their words.
NOT_READ = {
    "members.WRITE_TAGS": "a character set within JSON_TABLE",
    "view store_closings": "JSON_TABLE with FOR ORDINALITY and EXISTS PATH",
    "shared.REPLACE_SECRET_REPLY": "REPLACE",
    "0001_spine.sql": "PARTITION BY RANGE COLUMNS",
    "20261129-forecast-plain-names.sql": "RENAME TABLE",
}


def places(pattern: str) -> Iterator[str]:
    return (statement.place for statement in statements() if re.search(pattern, statement.words))


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_no_statement_needs_what_a_database_lacks_but_the_exceptions(rule: Rule) -> None:
    assert set(places(rule.pattern)) == set(rule.exceptions), rule.lacks


def test_the_scan_sees_the_statements_there_are() -> None:
    by_kind = [sum(bool(re.match(kind, statement.words)) for statement in statements()) for kind in KINDS]
    assert all(count > least for count, least in zip(by_kind, KINDS.values(), strict=True)), by_kind


KINDS = {"SELECT": 100, "INSERT": 40, "UPDATE": 30, "DELETE": 10, "CREATE TABLE": 30, "ALTER TABLE": 15}


def test_every_column_in_ascii_is_a_listed_one() -> None:
    columns = {column for statement in statements() for column in ASCII_COLUMN.findall(statement.words)}
    assert columns == ASCII


def test_a_parser_of_mysql_reads_every_statement_but_the_exceptions() -> None:
    assert {statement.place for statement in statements() if not statement.is_read()} == set(NOT_READ)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("skip locked", "SELECT id FROM messages ORDER BY id LIMIT %s FOR UPDATE\n  SKIP LOCKED"),
        ("json table", "INSERT INTO t SELECT a FROM JSON_TABLE(%s, '$[*]' COLUMNS (a INT PATH '$')) AS g"),
        ("locked json table", "SELECT a FROM JSON_TABLE(%s, '$[*]' COLUMNS (a INT PATH '$')) AS g FOR UPDATE"),
        ("share lock", "SELECT 1 FROM t LOCK IN SHARE MODE"),
        ("for share", "SELECT 1 FROM t FOR SHARE"),
        ("sequence engine", "SELECT seq FROM seq_1_to_12000"),
        ("returning", "INSERT INTO t (a) VALUES (%s) RETURNING id"),
        ("stored program", "CREATE DEFINER = owner TRIGGER t AFTER INSERT ON orders FOR EACH ROW SET @a = 1"),
        ("foreign key", "CREATE TABLE t (order_id CHAR(26) REFERENCES orders (id))"),
        ("auto increment", "CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY)"),
        ("view", "CREATE OR REPLACE VIEW v AS SELECT 1"),
        ("instant column", "ALTER TABLE messages ADD COLUMN a INT NULL"),
        ("new column with its key", "ALTER TABLE t ADD COLUMN a INT, ADD COLUMN b INT, ADD UNIQUE KEY by_a (c, a)"),
        ("key in place of its namesake", "ALTER TABLE t DROP KEY by_a, DROP KEY by_b, ADD KEY by_a (b)"),
        ("alias of new rows", "INSERT INTO t (a) VALUES (1) AS new ON DUPLICATE KEY UPDATE a = new.a"),
    ],
)
def test_a_rule_sees_its_fault(rule: str, text: str) -> None:
    [pattern] = [known.pattern for known in RULES if known.name == rule]
    assert re.search(pattern, Statement("here", text).words)


def test_a_key_of_other_columns_or_another_name_is_no_fault() -> None:
    words = Statement("here", "ALTER TABLE t ADD COLUMN a INT, DROP KEY by_b, ADD KEY by_c (b, c)").words
    assert not [rule.name for rule in RULES if re.search(rule.pattern, words)]


def test_words_in_texts_and_comments_are_no_fault() -> None:
    statement = Statement("here", "SELECT 'for share' AS a -- JSON_TABLE\nFROM t /* RETURNING */ WHERE b = %s")
    assert statement.words == "SELECT '' AS A FROM T WHERE B = 1"


def test_what_no_parser_reads_is_seen() -> None:
    assert not Statement("here", "SELECT FROM WHERE").is_read()
    assert Statement("here", "SELECT a FROM t WHERE {filters} {order} LIMIT %s").is_read()
