"""The stacks as CloudFormation would get them: compiled by osls, with no account."""

import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stack.concerns import find_concerns
from stack.deploy import alone

ROOT = Path(__file__).resolve().parents[2]
FILES = ("serverless.yml", "spine.yml", "package.json", "package-lock.json")
PARTS = (*FILES, "wiring", "functions", "print_link", "shared", "web", "layers")
IN_A_VPC = {"subnetIds": "subnet-00000000,subnet-11111111", "securityGroupIds": "sg-00000000"}
ALARMED = {"alarmTopicArn": "arn:aws:sns:eu-central-1:000000000000:alarms"}
REGION = "eu-central-1"
SPINE = "spine"

Resource = dict[str, Any]


class RefusedError(Exception):
    """osls does not take these stacks; the text is what it says."""


@dataclass(frozen=True)
class Template:
    """One stack: the spine or a concern."""

    document: dict[str, Any]

    @property
    def resources(self) -> dict[str, Resource]:
        """By logical id."""
        found: dict[str, Resource] = self.document["Resources"]
        return found

    def of_type(self, name: str) -> dict[str, Resource]:
        """Properties by logical id of every resource of a type."""
        matching = {key: resource for key, resource in self.resources.items() if resource["Type"] == f"AWS::{name}"}
        return {key: resource["Properties"] for key, resource in matching.items()}


@dataclass(frozen=True)
class Compiled:
    """The templates of a stage by the name of their concern or `spine`, and the folder of their zips."""

    stacks: dict[str, Template]
    zips: Path

    def of_type(self, name: str) -> list[Resource]:
        """Properties of every resource of a type, over all stacks."""
        return [properties for template in self.stacks.values() for properties in template.of_type(name).values()]

    def concern(self, key: str) -> Template:
        """The stack of a function."""
        return self.stacks[key.partition("_")[0]]

    def files_of(self, function: Resource) -> frozenset[str]:
        """What a function's zip holds."""
        return _names(self.zips / function["Code"]["S3Key"].rpartition("/")[2])


@cache
def _names(archive: Path) -> frozenset[str]:
    with zipfile.ZipFile(archive) as opened:
        return frozenset(opened.namelist())


def copy_tree(target: Path) -> Path:
    """What a deploy reads, to be changed at will."""
    unwanted = shutil.ignore_patterns("__pycache__")
    for source in (ROOT / part for part in PARTS):
        if source.is_dir():
            shutil.copytree(source, target / source.name, ignore=unwanted)
        elif source.exists():
            shutil.copy(source, target)
    (target / "node_modules").symlink_to(ROOT / "node_modules")
    return target


def compile_stage(tree: Path = ROOT, stage: str = "prod", only: str = "", **params: str) -> Compiled:
    """All stacks, or `only` one. Test processes share what they compile of ROOT. Raises RefusedError."""
    given = [f"{name}={value}" for name, value in sorted(params.items())]
    name = hashlib.sha256(repr((stage, only, given)).encode()).hexdigest()[:12]
    folder = tree / ".local/compiled" / f"test-{name}"
    command = ["node", "wiring/compile.js", str(folder), stage, REGION, *([f"--only={only}"] if only else []), *given]
    with alone(tree / ".local" / f"compile-{name}.lock"):
        done = subprocess.run(command, cwd=tree, env=_environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RefusedError(done.stdout + done.stderr)
        stacks = [only] if only else [SPINE, *find_concerns(tree)]
        templates = {stack: Template(json.loads((folder / f"{stack}.json").read_text())) for stack in stacks}
    return Compiled(templates, folder / "zips")


def _environment() -> dict[str, str]:
    """Nothing of an account."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
