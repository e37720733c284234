"""CloudFormation's stacks in the emulator: one for the spine and one for each concern."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from stack.emulator import Emulator
from stack.mariadb import CannotStart

SERVICE = "dumbwaiter"
STAGE = "local"
SPINE = "spine"
STACK_SECONDS = 120.0
LOOK_SECONDS = 0.05
GONE = ("ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_COMPLETE")


def stack_name(stack: str, stage: str = STAGE) -> str:
    """The name in CloudFormation of the spine or of a concern."""
    return f"{SERVICE}-{stage}" if stack == SPINE else f"{SERVICE}-{stage}-{stack}"


class Stacks:
    """The stacks of stage `local` in the emulator, each by the name of its concern or `spine`."""

    def __init__(self, emulator: Emulator) -> None:
        self._cloudformation = emulator.client("cloudformation")
        self._s3 = emulator.client("s3")

    def names(self) -> set[str]:
        """All that are there."""
        pages = self._cloudformation.get_paginator("describe_stacks").paginate()
        named = {found["StackName"] for page in pages for found in page["Stacks"] if found["StackStatus"] not in GONE}
        prefix = f"{stack_name(SPINE)}-"
        return {name.removeprefix(prefix) for name in named if name.startswith(prefix)} | (
            {SPINE} if stack_name(SPINE) in named else set()
        )

    def put(self, stack: str, template: str) -> bool:
        """Create or update a stack; whether anything changed. Raises CannotStart."""
        now = self._template(stack)
        if now == json.loads(template):
            return False
        call = self._cloudformation.create_stack if now is None else self._cloudformation.update_stack
        call(StackName=stack_name(stack), **self._document(stack, template), Capabilities=["CAPABILITY_NAMED_IAM"])
        self._wait(stack)
        return True

    def delete(self, stack: str) -> None:
        """Raises CannotStart."""
        self._cloudformation.delete_stack(StackName=stack_name(stack))
        self._wait(stack)

    def outputs(self, stack: str) -> dict[str, str]:
        """By their keys."""
        return {output["OutputKey"]: output["OutputValue"] for output in self._describe(stack).get("Outputs", [])}

    def upload(self, zips: Path, templates: Mapping[str, str]) -> None:
        """The code that the templates name, as far as the bucket lacks it."""
        for bucket, key in sorted({code for template in templates.values() for code in _code(json.loads(template))}):
            try:
                self._s3.head_object(Bucket=bucket, Key=key)
            except ClientError:
                self._s3.put_object(Bucket=bucket, Key=key, Body=(zips / key.rpartition("/")[2]).read_bytes())

    def _document(self, stack: str, template: str) -> dict[str, str]:
        """CloudFormation takes a large template from a bucket alone. The spine, which has the bucket, is small."""
        if stack == SPINE:
            return {"TemplateBody": template}
        bucket, key = self.outputs(SPINE)["ServerlessDeploymentBucketName"], f"templates/{stack}.json"
        self._s3.put_object(Bucket=bucket, Key=key, Body=template.encode())
        return {"TemplateURL": f"{self._s3.meta.endpoint_url}/{bucket}/{key}"}

    def _template(self, stack: str) -> Any:
        """The template of a stack that works, or None. Removes the ruin of a first create that failed."""
        try:
            status = self._describe(stack)["StackStatus"]
        except LookupError:
            return None
        if status in GONE:
            self.delete(stack)
            return None
        found = self._cloudformation.get_template(StackName=stack_name(stack))["TemplateBody"]
        return json.loads(found) if isinstance(found, str) else found

    def _describe(self, stack: str) -> dict[str, Any]:
        try:
            found: list[dict[str, Any]] = self._cloudformation.describe_stacks(StackName=stack_name(stack))["Stacks"]
        except ClientError as failure:
            raise LookupError(stack) from failure
        return found[0]

    def _wait(self, stack: str) -> None:
        until = time.monotonic() + STACK_SECONDS
        while time.monotonic() < until:
            try:
                status = self._describe(stack)["StackStatus"]
            except LookupError:
                return
            if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"):
                return
            if status.endswith(("FAILED", "ROLLBACK_COMPLETE")):
                raise CannotStart(f"The stack {stack_name(stack)} failed ({status}): {self._reasons(stack)}")
            time.sleep(LOOK_SECONDS)
        raise CannotStart(f"The stack {stack_name(stack)} was not ready after {STACK_SECONDS:.0f} s.")

    def _reasons(self, stack: str) -> str:
        events = self._cloudformation.describe_stack_events(StackName=stack_name(stack))["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
        return "; ".join(
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '-')}" for event in failed[:5]
        )


def _code(template: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(bucket, key) of the code of each function."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            yield resource["Properties"]["Code"]["S3Bucket"], resource["Properties"]["Code"]["S3Key"]
