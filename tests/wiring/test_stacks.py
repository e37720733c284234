"""What every stack and every function has in the cloud, checked on the compiled templates."""

import json
from typing import Any

import pytest
import yaml

from generate.flow_table import first_line, module_of
from stack.concerns import read_concern, read_functions
from tests.support.compiled import ALARMED, IN_A_VPC, ROOT, SPINE, Compiled, compile_stage
from tests.support.wiring import (
    function,
    matching,
    resources,
    statements,
)

SETTINGS = yaml.safe_load((ROOT / "serverless.yml").read_text(encoding="utf-8"))
WIRING = SETTINGS["custom"]["wiring"]
FUNCTIONS = read_functions()
PREFIX = "dumbwaiter-prod"

# Chats are waited for within a minute's run that the next one meets; a look at all robots asks each service.
LOOKS = {"outlets_send_due_notices", "outlets_watch_robots"}
HEAVY = (
    {"forecast_train_part", "forecast_nightly_forecast", "forecast_score_forecasts", "forecast_count_sales"}
    | LOOKS
    | {key for key in FUNCTIONS if key.startswith("sync_")}
)

every_function = pytest.mark.parametrize("key", FUNCTIONS)


def test_every_stack_has_room(prod: Compiled) -> None:
    """CloudFormation takes 500 resources a stack. A concern that nears 200 is two concerns."""
    sizes = {stack: len(template.resources) for stack, template in prod.stacks.items()}
    assert {stack: size for stack, size in sizes.items() if size > 200} == {}
    assert max(sizes.values()) > 50, "the count must see the stacks there are"


def test_no_stack_locks_another_one(prod: Compiled) -> None:
    for template in prod.stacks.values():
        assert not [output for output in template.document["Outputs"].values() if "Export" in output]
        assert "Fn::ImportValue" not in json.dumps(template.document)


def test_spine_keeps_the_names_of_the_one_stack_of_before(prod: Compiled) -> None:
    assert {"EventsTopic", "HttpApi", "HttpApiStage", "ServerlessDeploymentBucket"} <= set(prod.stacks[SPINE].resources)


def test_layers_outlive_the_deploy_that_replaces_them(prod: Compiled) -> None:
    layers = matching(prod.stacks[SPINE], "Lambda::LayerVersion")
    assert len(layers) == 7
    assert {layer["DeletionPolicy"] for layer in layers} == {"Retain"}


def test_buckets_of_concerns_outlive_their_stacks(prod: Compiled) -> None:
    buckets = [bucket for stack in ("members", "forecast") for bucket in matching(prod.stacks[stack], "S3::Bucket")]
    assert [bucket["DeletionPolicy"] for bucket in buckets] == ["Retain", "Retain"]


@every_function
def test_function_has_its_limits(prod: Compiled, key: str) -> None:
    properties = function(prod, key)
    # A training works through the night, an evening's batch at a time; no caller waits for its reply.
    assert 0 < properties["Timeout"] <= (900 if key in HEAVY else 60)
    assert 512 <= properties["MemorySize"] <= 3008
    assert properties["ReservedConcurrentExecutions"] > 0
    assert properties["Description"] == first_line(module_of(FUNCTIONS[key]))
    assert len(properties["Description"]) <= 256


@every_function
def test_functions_of_a_concern_log_into_one_group_that_forgets(prod: Compiled, key: str) -> None:
    name = f"/aws/lambda/{PREFIX}-{key.partition('_')[0]}"
    assert function(prod, key)["LoggingConfig"] == {
        "LogGroup": name, "LogFormat": "JSON", "SystemLogLevel": "WARN", "ApplicationLogLevel": "INFO",
    }  # fmt: skip
    [group] = prod.concern(key).of_type("Logs::LogGroup").values()
    assert group == {"LogGroupName": name, "RetentionInDays": 30}


def test_http_functions_answer_before_the_gateway_gives_up(prod: Compiled) -> None:
    for key, entry in FUNCTIONS.items():
        if any("httpApi" in event for event in entry["events"]):
            assert function(prod, key)["Timeout"] < 29


def test_connections_stay_within_each_budget_and_the_sum_leaves_room_for_functions_to_come(prod: Compiled) -> None:
    budgets = {stack: read_concern(stack)["connections"] for stack in prod.stacks if stack != SPINE}
    for stack, budget in budgets.items():
        users = [
            properties
            for properties in prod.stacks[stack].of_type("Lambda::Function").values()
            if "DATABASE_SECRET" in properties["Environment"]["Variables"]
        ]
        assert sum(properties["ReservedConcurrentExecutions"] for properties in users) <= budget
    # 80 was the room for functions to come. Webhooks, bills, day closes, people, live updates, timers, other systems,
    # outlets and deliveries came from it.
    assert sum(budgets.values()) <= 200 - 20 - 10
    assert SETTINGS["params"]["default"]["maxConnections"] == 200
    assert (WIRING["connectionsForPeople"], WIRING["connectionsForFunctionsToCome"]) == (20, 10)


# EC2, SQS, EventBridge and CloudWatch know no resource for these:
# https://docs.aws.amazon.com/service-authorization/latest/reference/
WITHOUT_RESOURCE = {
    *("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
    *("sqs:ListQueues", "events:ListRules", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics"),
}


@every_function
def test_role_has_what_the_function_needs_and_no_more(prod: Compiled, key: str) -> None:
    services = {action.partition(":")[0] for statement in statements(prod, key) for action in statement["Action"]}
    entry = FUNCTIONS[key]
    rights = set(entry.get("rights", ()))
    expected = {"logs"} if entry.get("outside") else {"logs", "ec2"}
    expected |= {"lambda"} if entry.get("calls") else set()
    expected |= {"secretsmanager"} if rights & {"database", "keyring"} else set()
    expected |= {"sns"} if entry.get("announces") or entry.get("publishes") else set()
    expected |= {"sqs"} if any("message" in event for event in entry["events"]) else set()
    expected |= {"execute-api"} if entry.get("pushes") else set()
    expected |= {"ses"} if "mail" in rights else set()
    expected |= {"s3"} if {"drops", "exports", "models", "proofs"} & entry.keys() else set()
    expected |= {"sqs", "events", "cloudwatch"} if "watch" in rights else set()
    expected |= {"events", "lambda"} if "timers" in rights else set()
    assert services == expected


def test_functions_with_the_same_rights_share_a_role(prod: Compiled) -> None:
    for template in prod.stacks.values():
        policies = [role["Policies"][0]["PolicyDocument"] for role in template.of_type("IAM::Role").values()]
        assert len({json.dumps(policy) for policy in policies}) == len(policies)
    assert len(prod.of_type("IAM::Role")) < 0.65 * len(FUNCTIONS)


def test_who_runs_timers_may_start_each_timer_and_no_other_function(prod: Compiled) -> None:
    timers = {key for key, entry in FUNCTIONS.items() if any("schedule" in event for event in entry["events"])}
    [allowed] = [
        found["Resource"] for found in statements(prod, "timers_api") if "lambda:InvokeFunction" in found["Action"]
    ]
    assert {arn["Fn::Sub"].rpartition("prod-")[2] for arn in allowed} == timers


@every_function
def test_role_allows_no_star(prod: Compiled, key: str) -> None:
    for statement in statements(prod, key):
        assert not [action for action in statement["Action"] if "*" in action]
        if "*" in resources(statement):
            assert set(statement["Action"]) <= WITHOUT_RESOURCE


@every_function
def test_role_reads_only_the_secrets_it_was_given(prod: Compiled, key: str) -> None:
    secrets = [
        resource["Fn::Sub"].rpartition(":secret:")[2]
        for statement in statements(prod, key)
        if statement["Action"] == ["secretsmanager:GetSecretValue"]
        for resource in resources(statement)
    ]
    rights = set(FUNCTIONS[key].get("rights", ())) & {"database", "keyring"}
    assert sorted(secrets) == [f"dumbwaiter/prod/{right}-??????" for right in sorted(rights)]


@pytest.mark.parametrize(
    "key", [key for key, entry in FUNCTIONS.items() if any("schedule" in event for event in entry["events"])]
)
def test_a_timer_s_rule_has_the_name_of_its_function(prod: Compiled, key: str) -> None:
    """The watcher finds out by it which timers should run."""
    rules = {rule["Name"]: rule for rule in prod.concern(key).of_type("Events::Rule").values()}
    assert rules[f"{PREFIX}-{key}"]["State"] == "ENABLED"


@every_function
def test_function_reaches_aws_over_ipv6_and_needs_no_nat(prod: Compiled, key: str) -> None:
    properties = function(prod, key)
    if FUNCTIONS[key].get("outside"):
        return
    assert properties["VpcConfig"]["Ipv6AllowedForDualStack"] is True
    suffix = properties["Environment"]["Variables"]["AWS_DUAL_STACK_SUFFIX"]
    mapping_name, partition, name = suffix["Fn::FindInMap"]
    suffixes = prod.concern(key).document["Mappings"][mapping_name]
    assert partition == {"Ref": "AWS::Partition"}
    assert suffixes == {"aws": {name: "api.aws"}, "aws-cn": {name: "api.amazonwebservices.com.cn"}}


def test_both_apis_are_dual_stack(prod: Compiled) -> None:
    assert {api["IpAddressType"] for api in prod.of_type("ApiGatewayV2::Api")} == {"dualstack"}


def test_a_stage_without_ipv6_asks_for_none() -> None:
    compiled = compile_stage(ROOT, only="orders", ipv6="false", **IN_A_VPC)
    for properties in compiled.of_type("Lambda::Function"):
        assert "Ipv6AllowedForDualStack" not in properties["VpcConfig"]
        assert "AWS_DUAL_STACK_SUFFIX" not in properties["Environment"]["Variables"]


def test_queues_topic_and_buckets_are_encrypted(prod: Compiled) -> None:
    assert all(properties["SqsManagedSseEnabled"] for properties in prod.of_type("SQS::Queue"))
    assert all(properties["KmsMasterKeyId"] for properties in prod.of_type("SNS::Topic"))
    assert all(properties["BucketEncryption"] for properties in prod.of_type("S3::Bucket"))


def test_every_alarm_rings_when_there_is_a_bell(prod: Compiled) -> None:
    for alarm in prod.of_type("CloudWatch::Alarm"):
        assert alarm["AlarmActions"] == [ALARMED["alarmTopicArn"]]


def test_a_stage_alarms_by_its_own_metrics_alone(prod: Compiled) -> None:
    namespaces = {
        properties["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
        for properties in prod.of_type("Lambda::Function")
    }
    alarms = prod.of_type("CloudWatch::Alarm")
    [alarm] = [found for found in alarms if found["MetricName"] == "OldestUnsentSeconds"]
    assert {alarm["Namespace"]} == namespaces == {"Dumbwaiter/prod"}
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "outbox"}]


def test_a_concern_has_two_alarms_at_most_and_the_stage_three(prod: Compiled) -> None:
    counts = {stack: len(template.of_type("CloudWatch::Alarm")) for stack, template in prod.stacks.items()}
    assert counts.pop(SPINE) + counts.pop("watch", 0) <= 4
    assert max(counts.values()) <= 2


def test_every_alarm_leads_to_what_to_do(prod: Compiled) -> None:
    for alarm in prod.of_type("CloudWatch::Alarm"):
        page = ROOT / alarm["AlarmDescription"]
        assert page.is_file()
        assert page.parent == ROOT / "docs/operate/alarms"


@every_function
def test_zip_holds_the_concern_s_folder_shared_and_what_the_function_names(prod: Compiled, key: str) -> None:
    concern = key.partition("_")[0]
    own = (f"functions/{concern}/", "shared/", *(f"{folder}/" for folder in read_concern(concern).get("folders", ())))
    patterns = set(FUNCTIONS[key].get("package", {}).get("patterns", []))
    files = prod.files_of(function(prod, key))
    assert module_of(FUNCTIONS[key]).as_posix() in files
    folders = {pattern for pattern in patterns if (ROOT / pattern).is_dir()}
    assert patterns - folders <= files
    assert all(any(file.startswith(f"{folder}/") for file in files) for folder in folders)
    own += tuple(f"{folder}/" for folder in folders)
    assert {file for file in files if not file.startswith(own)} <= patterns | {"functions/__init__.py"}
    assert not [file for file in files if "__pycache__" in file or "test" in file]


def test_function_names_are_those_of_before(prod: Compiled) -> None:
    names = {properties["FunctionName"] for properties in prod.of_type("Lambda::Function")}
    assert names == {f"{PREFIX}-{key}" for key in FUNCTIONS}
    queues: set[Any] = {properties["QueueName"] for properties in prod.of_type("SQS::Queue")}
    assert {name for name in queues if not name.endswith("-dead")} <= names
