"""Queues and their consumers in the cloud, checked on the compiled templates."""

import json

import pytest
import yaml

from shared.spine.entry import RETRY_AFTER
from stack.concerns import read_functions
from tests.support.compiled import ROOT, Compiled
from tests.support.wiring import (
    arn_name,
    dead_letters,
    events,
    function,
    mapping,
    matching,
    queue,
    resources,
    senders,
    statements,
)

SETTINGS = yaml.safe_load((ROOT / "serverless.yml").read_text(encoding="utf-8"))
WIRING = SETTINGS["custom"]["wiring"]
FUNCTIONS = read_functions()
PREFIX = "dumbwaiter-prod"
TOPIC = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:dumbwaiter-prod-events"
# Beside paper: other systems, owners in their chats, and the service desk of deliveries.
WAITED_FOR = {
    "delivery_on_order",
    "orders_on_outlet_order_answered",
    "outlets_on_order",
    "webhooks_on_public_message",
}

every_function = pytest.mark.parametrize("key", FUNCTIONS)
every_consumer = pytest.mark.parametrize(
    "key", [key for key, entry in FUNCTIONS.items() if any("message" in event for event in entry["events"])]
)


@every_consumer
def test_role_uses_the_queues_of_its_concern_alone(prod: Compiled, key: str) -> None:
    concern = key.partition("_")[0]
    allowed = {
        action: resources(statement)
        for statement in statements(prod, key)
        for action in statement["Action"]
        if action.startswith("sqs:")
    }
    send = allowed.pop("sqs:SendMessage")
    assert send == [{"Fn::GetAtt": ["DeadLetters", "Arn"]}]
    assert {arn_name(resource) for names in allowed.values() for resource in names} == {f"{PREFIX}-{concern}_*"}


@every_function
def test_failures_of_a_concern_ring(prod: Compiled, key: str) -> None:
    template, concern = prod.concern(key), key.partition("_")[0]
    [metric_filter] = template.of_type("Logs::MetricFilter").values()
    [measure] = metric_filter["MetricTransformations"]
    alarm = template.of_type("CloudWatch::Alarm")["AlarmFailures"]
    assert metric_filter["LogGroupName"] == {"Ref": "LogGroup"}
    assert (alarm["Namespace"], alarm["MetricName"]) == (measure["MetricNamespace"], measure["MetricName"])
    assert measure["MetricName"] == f"Failures-{concern}"
    for condition in ('$.level = "ERROR"', '$.record.status = "timeout"', '$.record.status = "error"'):
        assert condition in metric_filter["FilterPattern"]


@every_consumer
def test_dead_letters_of_a_concern_share_a_queue_that_rings(prod: Compiled, key: str) -> None:
    template, concern = prod.concern(key), key.partition("_")[0]
    dead = dead_letters(prod, key)
    assert dead["QueueName"] == f"{PREFIX}-{concern}-dead"
    assert dead["MessageRetentionPeriod"] == 14 * 24 * 3600
    alarm = template.of_type("CloudWatch::Alarm")["AlarmDeadLetters"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["DeadLetters", "QueueName"]}}]


@every_consumer
def test_queue_says_how_old_its_messages_may_be(prod: Compiled, key: str) -> None:
    _, properties = queue(prod, key)
    patient = any("batch" in event for event in events("message", key))
    oldest = 4 * function(prod, key)["Timeout"] if patient else 60
    assert properties["Tags"] == [{"Key": "oldest-seconds", "Value": str(oldest)}]


@every_consumer
def test_queue_hides_a_message_for_six_timeouts(prod: Compiled, key: str) -> None:
    _, properties = queue(prod, key)
    assert properties["VisibilityTimeout"] >= 6 * function(prod, key)["Timeout"]


@every_consumer
def test_function_knows_its_dead_letters_and_its_last_try(prod: Compiled, key: str) -> None:
    variables = function(prod, key)["Environment"]["Variables"]
    assert variables["DEAD_LETTER_QUEUE_URL"] == {"Ref": "DeadLetters"}
    assert variables["MAX_RECEIVES"] == "6"


@every_consumer
def test_the_queue_gives_a_message_up_long_after_the_function_does(prod: Compiled, key: str) -> None:
    """A throttled delivery counts as one, too."""
    _, properties = queue(prod, key)
    assert properties["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]},
        "maxReceiveCount": 12,
    }


def test_pauses_between_tries_fit_the_tries_and_the_alarm_on_age() -> None:
    settings = WIRING["queue"]
    assert len(RETRY_AFTER) == settings["tries"] - 1
    # "hasn't been received more than three times": the SQS guide's list of CloudWatch metrics
    assert sum(RETRY_AFTER[:3]) > settings["oldestSeconds"]


@every_consumer
def test_failed_records_go_back_alone_and_batches_are_small_where_paper_waits(prod: Compiled, key: str) -> None:
    properties = mapping(prod, key)
    assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # Lambda's rule: more than ten records a batch take a window. People wait for paper and for chats.
    [expected] = {(10, 0) if event.get("soon") else (event.get("batch", 100), 1) for event in events("message", key)}
    assert (properties["BatchSize"], properties["MaximumBatchingWindowInSeconds"]) == expected
    waited_for = key.startswith("printing_on_order_") or key in WAITED_FOR
    assert waited_for == (expected[1] == 0)


@every_consumer
def test_pollers_are_never_throttled_where_a_throttled_delivery_would_be_late(prod: Compiled, key: str) -> None:
    """Everywhere else Lambda may fall to two pollers, which `MaximumConcurrency` forbids."""
    [event] = events("message", key)
    environments = function(prod, key)["ReservedConcurrentExecutions"]
    scaling = mapping(prod, key).get("ScalingConfig")
    assert scaling == ({"MaximumConcurrency": environments} if event.get("soon") or "batch" in event else None)
    if scaling:
        assert environments >= 2, "AWS takes no smaller MaximumConcurrency"


@every_consumer
def test_queue_takes_only_its_own_types_and_only_from_the_topic(prod: Compiled, key: str) -> None:
    queue_id, _ = queue(prod, key)
    [subscription] = [
        found
        for found in prod.concern(key).of_type("SNS::Subscription").values()
        if found["Endpoint"]["Fn::GetAtt"][0] == queue_id
    ]
    types = [message for event in events("message", key) for message in event["types"]]
    assert subscription["TopicArn"] == {"Fn::Sub": TOPIC}
    assert subscription["FilterPolicy"] == {"type": types}
    assert subscription["RawMessageDelivery"] is True
    assert senders(prod, key, queue_id) == [{"ArnEquals": {"aws:SourceArn": {"Fn::Sub": TOPIC}}}]


@every_consumer
def test_a_consumer_of_some_messages_of_a_type_is_not_woken_by_the_others(prod: Compiled, key: str) -> None:
    [event] = events("message", key)
    filters = mapping(prod, key).get("FilterCriteria", {"Filters": []})["Filters"]
    patterns = [json.loads(found["Pattern"]) for found in filters]
    assert patterns == ([{"body": event["only"]}] if "only" in event else [])


@every_consumer
def test_what_the_topic_cannot_deliver_goes_to_the_concern_s_dead_letters(prod: Compiled, key: str) -> None:
    queue_id, _ = queue(prod, key)
    [subscription] = [
        found
        for found in matching(prod.concern(key), "SNS::Subscription")
        if found["Properties"]["Endpoint"]["Fn::GetAtt"][0] == queue_id
    ]
    assert subscription["Properties"]["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    }
    assert senders(prod, key, "DeadLetters") == [{"ArnEquals": {"aws:SourceArn": {"Fn::Sub": TOPIC}}}]
    assert subscription["DependsOn"] == ["QueuesPolicy"]
