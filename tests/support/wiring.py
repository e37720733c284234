"""How tests read a function's resources in the compiled stacks."""

from typing import Any

from stack.concerns import read_functions
from tests.support.compiled import Compiled, Resource, Template

FUNCTIONS = read_functions()


def events(kind: str, key: str) -> list[dict[str, Any]]:
    """The events of a kind that wake a function."""
    return [event[kind] for event in FUNCTIONS[key]["events"] if kind in event]


def matching(template: Template, name: str) -> list[Resource]:
    """The whole resources of a type, not their properties alone."""
    return [resource for resource in template.resources.values() if resource["Type"] == f"AWS::{name}"]


def function(compiled: Compiled, key: str) -> Resource:
    """The properties of a function."""
    functions = compiled.concern(key).of_type("Lambda::Function").values()
    [properties] = [found for found in functions if found["FunctionName"] == f"dumbwaiter-prod-{key}"]
    return properties


def statements(compiled: Compiled, key: str) -> list[dict[str, Any]]:
    """What the function's role allows; a statement that denies only takes away."""
    role = compiled.concern(key).of_type("IAM::Role")[function(compiled, key)["Role"]["Fn::GetAtt"][0]]
    [policy] = role["Policies"]
    return [statement for statement in policy["PolicyDocument"]["Statement"] if statement["Effect"] == "Allow"]


def resources(statement: dict[str, Any]) -> list[Any]:
    """The resources of a statement."""
    resource = statement["Resource"]
    return resource if isinstance(resource, list) else [resource]


def arn_name(resource: dict[str, str]) -> str:
    """The last part of an ARN in Fn::Sub."""
    return resource["Fn::Sub"].rpartition(":")[2]


def mapping(compiled: Compiled, key: str) -> Resource:
    """What feeds the function from its queue."""
    template, properties = compiled.concern(key), function(compiled, key)
    [found] = [
        candidate
        for candidate in template.of_type("Lambda::EventSourceMapping").values()
        if template.of_type("Lambda::Function")[candidate["FunctionName"]["Fn::GetAtt"][0]] == properties
    ]
    return found


def queue(compiled: Compiled, key: str) -> tuple[str, Resource]:
    """(logical id, properties) of the function's queue."""
    queue_id = mapping(compiled, key)["EventSourceArn"]["Fn::GetAtt"][0]
    return queue_id, compiled.concern(key).of_type("SQS::Queue")[queue_id]


def dead_letters(compiled: Compiled, key: str) -> Resource:
    """The properties of the queue that gets what the function's queue gives up."""
    _, properties = queue(compiled, key)
    dead_id = properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
    return compiled.concern(key).of_type("SQS::Queue")[dead_id]


def senders(compiled: Compiled, key: str, queue_id: str) -> list[dict[str, Any]]:
    """Conditions under which the topic may send to a queue, to which no other sender may."""
    policies = compiled.concern(key).of_type("SQS::QueuePolicy").values()
    [policy] = [found for found in policies if {"Ref": queue_id} in found["Queues"]]
    for statement in policy["PolicyDocument"]["Statement"]:
        assert (statement["Effect"], statement["Action"]) == ("Allow", "sqs:SendMessage")
        assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
        assert statement["Resource"] == "*"
    return [statement["Condition"] for statement in policy["PolicyDocument"]["Statement"]]
