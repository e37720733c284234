"""An AWS account that holds a stage: this machine's emulator, or a real one."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from stack.addresses import place
from stack.cloudformation import SERVICE, STAGE
from stack.emulator import Emulator


@dataclass(frozen=True)
class Account:
    """`client` makes a boto3 client by a service's name; `emulator` is its address where it is one."""

    stage: str
    client: Callable[[str], Any]
    emulator: str | None = None

    @property
    def prefix(self) -> str:
        """The first part of the name of every function and queue of the stage."""
        return f"{SERVICE}-{self.stage}-"

    def secret(self, name: str) -> str:
        """The content of one of the stage's secrets, `database` or `keyring`."""
        reply = self.client("secretsmanager").get_secret_value(SecretId=f"{SERVICE}/{self.stage}/{name}")
        return str(reply["SecretString"])


def local_account(root: Path) -> Account:
    """The stack of this machine. Raises CannotStart if none is up."""
    return Account(STAGE, Emulator(root).client, place(root).aws_endpoint)


def cloud_account(stage: str) -> Account:
    """A stage by the credentials and the region that every AWS tool finds."""
    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))  # boto3 knows the other name only
    return Account(stage, session.client)  # type: ignore[arg-type]  # its stubs want a literal
