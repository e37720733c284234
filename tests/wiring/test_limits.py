"""What AWS would refuse at the deploy, although the emulator and cfn-lint take it, our own lint refuses."""

import json
import subprocess
from typing import Any

import pytest

from tests.support.paths import ROOT

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}
SCRIPT = "require('./wiring/limits').checkTemplates(JSON.parse(require('fs').readFileSync(0)))"


def refusal(**stacks: dict[str, Any]) -> str:
    """The last line of what the lint says; empty where it takes the stacks."""
    done = subprocess.run(
        ["node", "-e", SCRIPT], cwd=ROOT, input=json.dumps(stacks), capture_output=True, text=True, check=False
    )
    [sentence] = [line for line in done.stderr.splitlines() if line.startswith("Error: ")] or [""]
    return sentence.removeprefix("Error: ")


def route(key: str) -> dict[str, Any]:
    return {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": "dumbwaiter", "RouteKey": key}}


def mapping(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}


def test_stacks_within_the_limits_are_taken() -> None:
    assert refusal(a={"Resources": {"Q": QUEUE, "R": route("GET /a")}}, b={"Resources": {"R": route("GET /b")}}) == ""


@pytest.mark.parametrize(
    ("stacks", "sentence"),
    [
        ({"a": {"Resources": {f"Q{n}": mapping() for n in range(201)}}}, "a: 201 resources, more than 200"),
        (
            {"a": {"Resources": {"R": route("GET /a/{x}")}}, "b": {"Resources": {"R": route("GET /a/{y}")}}},
            "b: the route GET /a/{y} belongs to a, too",
        ),
        (
            {"a": {"Resources": {"Q": QUEUE}}, "b": {"Resources": {"Q": QUEUE}}},
            "b: Q has the name q, which a.Q has, too",
        ),
        (
            {"a": {"Resources": {}, "Outputs": {"O": {"Value": 1, "Export": {"Name": "o"}}}}},
            "a: the output O is exported",
        ),
        ({"a": {"Resources": {"M": mapping(BatchSize=11)}}}, "a: M takes 11 records without a window"),
        (
            {"a": {"Resources": {"M": mapping(ScalingConfig={"MaximumConcurrency": 1})}}},
            "a: M has a MaximumConcurrency under 2",
        ),
        (
            {"a": {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q" * 81}}}}},
            f"a: the name {'q' * 81} has 81 characters, more than 80",
        ),
        (
            {"a": {"Resources": {f"R{n}": route(f"GET /{n}") for n in range(150)}}}
            | {"b": {"Resources": {f"R{n}": route(f"GET /b{n}") for n in range(151)}}},
            "dumbwaiter: 301 of Route, more than 300",
        ),
    ],
)
def test_what_aws_refuses_is_refused(stacks: dict[str, Any], sentence: str) -> None:
    assert refusal(**stacks) == sentence
