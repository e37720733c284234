"""What every function has and no function does, checked on the tree and on the compiled template."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from generate.flow_table import first_line, module_of
from shared.spine.entry import RETRY_AFTER
from tests.support.compiled import ALARMED, IN_A_VPC, ROOT, Compiled, compile_stage, copy_tree
from tests.support.tables import owners

WIRING = yaml.safe_load((ROOT / "serverless.yml").read_text(encoding="utf-8"))
FUNCTIONS: dict[str, dict[str, Any]] = WIRING["functions"]
MODULES = sorted(path for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py"))

HEAVY = {"forecast_train_part", "forecast_nightly_forecast", "forecast_score_forecasts"}

every_function = pytest.mark.parametrize("key", FUNCTIONS)
every_consumer = pytest.mark.parametrize(
    "key", [key for key, entry in FUNCTIONS.items() if any("message" in event for event in entry["events"])]
)


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compile_stage(copy_tree(tmp_path_factory.mktemp("prod")), **IN_A_VPC, **ALARMED)


# The tree


@every_function
def test_function_has_a_module_that_exposes_its_handler(key: str) -> None:
    assert FUNCTIONS[key]["handler"].endswith(".handler")
    assert _has_handler(ROOT / module_of(FUNCTIONS[key]))


def test_handler_is_wired() -> None:
    wired = {module_of(entry) for entry in FUNCTIONS.values()}
    written = {path.relative_to(ROOT) for path in MODULES if _is_in_a_concern(path) and _has_handler(path)}
    assert written == wired


@every_function
def test_first_line_of_a_handler_says_trigger_and_effect(key: str) -> None:
    trigger, arrow, effect = first_line(module_of(FUNCTIONS[key])).partition(" → ")
    assert arrow
    assert trigger
    assert effect


@every_function
def test_function_is_named_after_its_path(key: str) -> None:
    _, concern, *_, module = module_of(FUNCTIONS[key]).with_suffix("").parts
    assert key == f"{concern}_{module}"


@every_function
def test_function_has_a_sample_of_what_wakes_it(key: str) -> None:
    assert isinstance(_sample(key), dict)


@every_consumer
def test_sample_of_a_consumer_carries_messages_that_it_takes(key: str) -> None:
    types = {message for event in _events("message", key) for message in event["types"]}
    carried = {json.loads(record["body"])["type"] for record in _sample(key)["Records"]}
    assert carried, "the sample has no records"
    assert carried <= types, f"the sample of {key} carries {sorted(carried)}, and serverless.yml says {sorted(types)}"


def test_samples_are_of_functions_that_exist() -> None:
    modules = {module_of(entry).relative_to("functions").with_suffix("") for entry in FUNCTIONS.values()}
    samples = {path.relative_to(ROOT / "events").with_suffix("") for path in (ROOT / "events").rglob("*.json")}
    assert samples <= modules


def test_only_settings_reads_the_environment() -> None:
    readers = [path.relative_to(ROOT).as_posix() for path in MODULES if _reads_environment(path)]
    assert readers == ["shared/spine/settings.py"]


def test_importing_connects_nowhere_and_starts_nothing() -> None:
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in MODULES]
    script = """
import importlib, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.fork", "os.posix_spawn"):
        raise AssertionError(f"{event} {arguments}")
sys.addaudithook(refuse)
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
    command = [sys.executable, "-c", script, *modules]
    done = subprocess.run(command, cwd=ROOT, check=False, timeout=60, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_table_has_one_owner_that_alone_writes_it() -> None:
    owner_of = owners()
    writers = {(path, table) for path in MODULES for table in _tables_written(path)}
    strangers = [
        f"{path.relative_to(ROOT)} writes {table}, which belongs to {owner_of.get(table, 'no concern')}"
        for path, table in sorted(writers)
        if _owner(path) != owner_of.get(table)
    ]
    assert strangers == []
    assert {table for _, table in writers} - {"api_clients"}, "the scan must see the writes there are"


def test_every_migration_names_its_owner_and_its_moment() -> None:
    for path in sorted((ROOT / "migrations").glob("*.sql")):
        head = path.read_text(encoding="utf-8").splitlines()[:2]
        assert re.fullmatch(r"-- owner: [a-z]+", head[0]), path.name
        assert re.fullmatch(r"-- run: (before|after) deploy", head[1]), path.name


def test_consumers_wait_for_messages_that_somebody_announces() -> None:
    announced = [message for entry in FUNCTIONS.values() for message in entry.get("announces", [])]
    waited_for = {message for event in _events("message") for message in event["types"]}
    assert waited_for <= set(announced)
    assert sorted(set(announced)) == sorted(_message_types()), "shared/contracts/messages and serverless.yml disagree"


def test_wiring_names_no_partition_region_or_url_suffix() -> None:
    # lint.js compiles for a region of each partition and deploys nothing.
    files = [ROOT / "serverless.yml", *(path for path in (ROOT / "wiring").glob("*.js") if path.name != "lint.js")]
    # A service's principal is called so in every partition.
    named = re.compile(r"arn:aws|\b[a-z]{2}-[a-z]+-\d\b|(?<!'lambda\.)(?<!'sns\.)amazonaws")
    found = [f"{path.name}: {match[0]}" for path in files for match in named.finditer(path.read_text(encoding="utf-8"))]
    assert found == []


def test_layers_hold_the_versions_that_the_tests_run_with() -> None:
    tested = set(_pins(ROOT / "requirements/dev.txt"))
    for path in (ROOT / "layers").glob("*/requirements.txt"):
        assert set(_pins(path)) <= tested, path


# The compiled template


@every_function
def test_function_has_its_limits(prod: Compiled, key: str) -> None:
    function = _function(prod, key)
    # What trains works through the night, an evening's part at a time; nobody waits for its reply.
    assert 0 < function["Timeout"] <= (900 if key in HEAVY else 60)
    assert 512 <= function["MemorySize"] <= 3008
    assert function["ReservedConcurrentExecutions"] > 0
    assert function["Description"] == first_line(module_of(FUNCTIONS[key]))
    assert len(function["Description"]) <= 256
    [group] = [
        group
        for group in prod.of_type("Logs::LogGroup").values()
        if group["LogGroupName"] == f"/aws/lambda/{function['FunctionName']}"
    ]
    assert group["RetentionInDays"] == 30


def test_http_functions_answer_before_the_gateway_gives_up(prod: Compiled) -> None:
    for key, entry in FUNCTIONS.items():
        if any("httpApi" in event for event in entry["events"]):
            assert _function(prod, key)["Timeout"] < 29


def test_connections_stay_under_what_the_database_takes(prod: Compiled) -> None:
    settings, limit = WIRING["custom"]["wiring"], WIRING["params"]["default"]["maxConnections"]
    users = [
        function
        for function in prod.of_type("Lambda::Function").values()
        if "DATABASE_SECRET" in function["Environment"]["Variables"]
    ]
    environments = sum(function["ReservedConcurrentExecutions"] for function in users)
    assert environments * settings["connectionsPerEnvironment"] + settings["connectionsForPeople"] < limit


@every_function
def test_function_has_a_role_of_its_own_with_what_it_needs(prod: Compiled, key: str) -> None:
    roles = [str(function["Role"]) for function in prod.of_type("Lambda::Function").values()]
    assert roles.count(str(_function(prod, key)["Role"])) == 1
    allowed = {
        action.partition(":")[0]: _resources(statement)
        for statement in _statements(prod, key)
        for action in statement["Action"]
    }
    entry = FUNCTIONS[key]
    may_publish = bool(entry.get("announces") or entry.get("publishes"))
    wakes_from_queue = any("message" in event for event in entry["events"])
    expected = {"logs", "ec2"}
    expected |= {"secretsmanager"} if entry.get("rights") else set()
    expected |= {"sns"} if may_publish else set()
    expected |= {"sqs"} if wakes_from_queue else set()
    expected |= {"execute-api"} if entry.get("pushes") else set()
    expected |= {"s3"} if entry.get("models") or entry.get("exports") else set()
    assert set(allowed) == expected


# EC2 knows no resource for these; https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
WITHOUT_RESOURCE = {"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"}


@every_function
def test_role_allows_no_star(prod: Compiled, key: str) -> None:
    for statement in _statements(prod, key):
        assert not [action for action in statement["Action"] if "*" in action]
        if "*" in _resources(statement):
            assert set(statement["Action"]) <= WITHOUT_RESOURCE


@every_function
def test_role_reads_only_the_secrets_it_was_given(prod: Compiled, key: str) -> None:
    read = [
        resource["Fn::Sub"].rpartition(":secret:")[2]
        for statement in _statements(prod, key)
        if statement["Action"] == ["secretsmanager:GetSecretValue"]
        for resource in _resources(statement)
    ]
    assert read == [f"dumbwaiter/prod/{right}-??????" for right in FUNCTIONS[key].get("rights", [])]


@every_function
def test_function_alarms_when_it_fails_or_is_throttled(prod: Compiled, key: str) -> None:
    name = _function(prod, key)["FunctionName"]
    assert {"Errors", "Throttles"} <= {
        alarm["MetricName"]
        for alarm in prod.of_type("CloudWatch::Alarm").values()
        if alarm["Dimensions"] == [{"Name": "FunctionName", "Value": name}]
    }


@every_consumer
def test_queue_has_a_dead_letter_queue_and_both_have_an_alarm(prod: Compiled, key: str) -> None:
    queue_id, queue = _queue(prod, key)
    dead_id = queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 6
    assert prod.of_type("SQS::Queue")[dead_id]["MessageRetentionPeriod"] == 14 * 24 * 3600
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: (alarm["MetricName"], alarm["Threshold"])
        for alarm in prod.of_type("CloudWatch::Alarm").values()
        if alarm["Namespace"] == "AWS/SQS"
    }
    assert watched[dead_id] == ("ApproximateNumberOfMessagesVisible", 0)
    patient = any("batch" in event for event in _events("message", key))
    oldest = 4 * _function(prod, key)["Timeout"] if patient else 60
    assert watched[queue_id] == ("ApproximateAgeOfOldestMessage", oldest)


@every_consumer
def test_queue_hides_a_message_for_six_timeouts(prod: Compiled, key: str) -> None:
    _, queue = _queue(prod, key)
    assert queue["VisibilityTimeout"] >= 6 * _function(prod, key)["Timeout"]


@every_consumer
def test_function_knows_its_dead_letters_and_its_last_try_and_may_write_to_no_other_queue(
    prod: Compiled, key: str
) -> None:
    queue_id, queue = _queue(prod, key)
    dead = queue["RedrivePolicy"]["deadLetterTargetArn"]
    variables = _function(prod, key)["Environment"]["Variables"]
    assert variables["DEAD_LETTER_QUEUE_URL"] == {"Ref": dead["Fn::GetAtt"][0]}
    assert variables["MAX_RECEIVES"] == str(queue["RedrivePolicy"]["maxReceiveCount"])
    allowed = {
        action: _resources(statement)
        for statement in _statements(prod, key)
        for action in statement["Action"]
        if action in {"sqs:SendMessage", "sqs:ChangeMessageVisibility"}
    }
    assert allowed == {"sqs:SendMessage": [dead], "sqs:ChangeMessageVisibility": [{"Fn::GetAtt": [queue_id, "Arn"]}]}


def test_pauses_between_tries_fit_the_tries_and_the_alarm_on_age() -> None:
    settings = WIRING["custom"]["wiring"]["queue"]
    assert len(RETRY_AFTER) == settings["tries"] - 1
    # "hasn't been received more than three times": the SQS guide's list of CloudWatch metrics
    assert sum(RETRY_AFTER[:3]) > settings["oldestSeconds"]


@every_consumer
def test_failed_records_go_back_alone_and_pollers_are_not_throttled(prod: Compiled, key: str) -> None:
    mapping = _mapping(prod, key)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"]["MaximumConcurrency"] <= _function(prod, key)["ReservedConcurrentExecutions"]
    # Lambda's rule: more than ten records a batch take a window. A guest and a cook wait for paper.
    [wanted] = {(10, 0) if event.get("soon") else (event.get("batch", 100), 1) for event in _events("message", key)}
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == wanted
    assert key.startswith("printing_") == (wanted[1] == 0)


@every_consumer
def test_queue_takes_only_its_own_types_and_only_from_the_topic(prod: Compiled, key: str) -> None:
    queue_id, _ = _queue(prod, key)
    [subscription] = [
        each for each in prod.of_type("SNS::Subscription").values() if each["Endpoint"]["Fn::GetAtt"][0] == queue_id
    ]
    types = [message for event in _events("message", key) for message in event["types"]]
    assert subscription["FilterPolicy"] == {"type": types}
    assert subscription["RawMessageDelivery"] is True
    assert _senders(prod, queue_id) == [{"ArnEquals": {"aws:SourceArn": {"Ref": "EventsTopic"}}}]


@every_consumer
def test_a_consumer_that_wants_some_messages_of_a_type_is_not_woken_by_the_others(prod: Compiled, key: str) -> None:
    [event] = _events("message", key)
    filters = _mapping(prod, key).get("FilterCriteria", {"Filters": []})["Filters"]
    assert [json.loads(each["Pattern"]) for each in filters] == ([{"body": event["only"]}] if "only" in event else [])


@every_consumer
def test_what_the_topic_cannot_deliver_goes_to_the_consumer_s_dead_letters(prod: Compiled, key: str) -> None:
    _, queue = _queue(prod, key)
    dead = queue["RedrivePolicy"]["deadLetterTargetArn"]
    [subscription] = [
        each
        for name, each in prod.template["Resources"].items()
        if each["Type"] == "AWS::SNS::Subscription"
        and name == dead["Fn::GetAtt"][0].replace("DeadLetters", "Subscription")
    ]
    assert subscription["Properties"]["RedrivePolicy"] == {"deadLetterTargetArn": dead}
    assert _senders(prod, dead["Fn::GetAtt"][0]) == [{"ArnEquals": {"aws:SourceArn": {"Ref": "EventsTopic"}}}]
    assert subscription["DependsOn"] == ["QueuesPolicy"]


def test_queues_topic_and_bucket_are_encrypted(prod: Compiled) -> None:
    assert all(queue["SqsManagedSseEnabled"] for queue in prod.of_type("SQS::Queue").values())
    assert all(topic["KmsMasterKeyId"] for topic in prod.of_type("SNS::Topic").values())
    assert all(bucket["BucketEncryption"] for bucket in prod.of_type("S3::Bucket").values())


def test_every_alarm_rings_when_there_is_a_bell(prod: Compiled) -> None:
    for alarm in prod.of_type("CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == [ALARMED["alarmTopicArn"]]


def test_a_stage_alarms_by_its_own_metrics_alone(prod: Compiled) -> None:
    told = {
        each["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
        for each in prod.of_type("Lambda::Function").values()
    }
    [alarm] = [
        each for each in prod.of_type("CloudWatch::Alarm").values() if each["MetricName"] == "OldestUnsentSeconds"
    ]
    assert {alarm["Namespace"]} == told == {"Dumbwaiter/prod"}
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "outbox"}]


def test_every_alarm_leads_to_what_to_do(prod: Compiled) -> None:
    pages = {alarm["AlarmDescription"] for alarm in prod.of_type("CloudWatch::Alarm").values()}
    assert {Path(page).parent.as_posix() for page in pages} == {"docs/operate/alarms"}
    assert [page for page in pages if not (ROOT / page).is_file()] == []


@every_function
def test_zip_holds_the_function_s_own_folder_shared_and_what_it_names(prod: Compiled, key: str) -> None:
    concern = "/".join(module_of(FUNCTIONS[key]).parts[:2])
    own = (f"{concern}/", "shared/")
    named = set(FUNCTIONS[key].get("package", {}).get("patterns", []))
    files = prod.zips[key]
    assert module_of(FUNCTIONS[key]).as_posix() in files
    assert named <= files
    assert {file for file in files if not file.startswith(own)} <= named | {"functions/__init__.py"}
    assert not [file for file in files if "__pycache__" in file or "test" in file]


# How they are read


def _sample(key: str) -> Any:
    name = Path("events") / module_of(FUNCTIONS[key]).relative_to("functions").with_suffix(".json")
    assert (ROOT / name).is_file(), f"{key} lacks {name}, a sample of the event that wakes it"
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def _is_in_a_concern(path: Path) -> bool:
    return path.is_relative_to(ROOT / "functions") and path.parent != ROOT / "functions"


def _has_handler(path: Path) -> bool:
    return "handler" in _names_at_top(ast.parse(path.read_text(encoding="utf-8")))


def _names_at_top(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _reads_environment(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = node.attr if isinstance(node, ast.Attribute) else node.name if isinstance(node, ast.alias) else ""
        if name in {"environ", "environb", "getenv", "getenvb"}:
            return True
    return False


WRITES = re.compile(r"(?:INSERT (?:IGNORE )?INTO|REPLACE INTO|DELETE FROM|(?<!FOR )(?<!KEY )UPDATE)\s+(\w+)")


def _tables_written(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {table for text in texts for table in WRITES.findall(text)}


def _owner(path: Path) -> str:
    top, *below = path.relative_to(ROOT).parts
    return below[0] if top == "functions" else top


def _message_types() -> set[str]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "shared/contracts/messages").glob("*.py")]
    return {
        node.value.value
        for kind in chain.from_iterable(map(ast.walk, trees))
        if isinstance(kind, ast.ClassDef)
        for node in kind.body
        if isinstance(node, ast.Assign)
        and [target.id for target in node.targets if isinstance(target, ast.Name)] == ["type"]
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _events(kind: str, key: str | None = None) -> list[dict[str, Any]]:
    entries = [FUNCTIONS[key]] if key else FUNCTIONS.values()
    return [event[kind] for entry in entries for event in entry["events"] if kind in event]


def _pins(path: Path) -> list[str]:
    return re.findall(r"^([\w.-]+==[\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE)


def _function(compiled: Compiled, key: str) -> dict[str, Any]:
    [function] = [
        function
        for function in compiled.of_type("Lambda::Function").values()
        if function["FunctionName"] == f"dumbwaiter-prod-{key}"
    ]
    return function


def _statements(compiled: Compiled, key: str) -> list[dict[str, Any]]:
    """What the function's role allows; what it denies only takes away."""
    role = compiled.of_type("IAM::Role")[_function(compiled, key)["Role"]["Fn::GetAtt"][0]]
    [policy] = role["Policies"]
    return [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]


def _resources(statement: dict[str, Any]) -> list[Any]:
    resource = statement["Resource"]
    return resource if isinstance(resource, list) else [resource]


def _mapping(compiled: Compiled, key: str) -> dict[str, Any]:
    function = _function(compiled, key)
    [mapping] = [
        mapping
        for mapping in compiled.of_type("Lambda::EventSourceMapping").values()
        if compiled.of_type("Lambda::Function")[mapping["FunctionName"]["Fn::GetAtt"][0]] is function
    ]
    return mapping


def _queue(compiled: Compiled, key: str) -> tuple[str, dict[str, Any]]:
    queue_id = _mapping(compiled, key)["EventSourceArn"]["Fn::GetAtt"][0]
    return queue_id, compiled.of_type("SQS::Queue")[queue_id]


def _senders(compiled: Compiled, queue_id: str) -> list[dict[str, Any]]:
    """Conditions under which the topic may send to a queue, to which nobody else may."""
    [policy] = [each for each in compiled.of_type("SQS::QueuePolicy").values() if {"Ref": queue_id} in each["Queues"]]
    statements = policy["PolicyDocument"]["Statement"]
    for statement in statements:
        assert (statement["Effect"], statement["Action"]) == ("Allow", "sqs:SendMessage")
        assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
        assert statement["Resource"] == "*"
    return [statement["Condition"] for statement in statements]


def test_the_template_has_room_for_another_change(prod: Compiled) -> None:
    """CloudFormation takes 500 resources and refuses the deploy of one more."""
    assert len(prod.template["Resources"]) <= 500
