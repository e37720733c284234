"""Options that every command takes: the stage, or the folder of the stack on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from ops.account import Account, cloud_account, local_account
from stack.addresses import ROOT

Stage = Annotated[
    str | None,
    typer.Option(help="A stage in an AWS account. Without it, the command works on the stack of this machine."),
]
Root = Annotated[Path, typer.Option(help="The folder of this machine's stack.")]
DEFAULT_ROOT = ROOT


def account(stage: str | None, root: Path) -> Account:
    """Raises CannotStart if no stage is named and no stack is up."""
    return cloud_account(stage) if stage else local_account(root)
