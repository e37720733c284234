"""serverless.yml as CloudFormation would get it: compiled by osls in a copy of the tree, with no account."""

import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("serverless.yml", "package.json", "wiring", "functions", "print_link", "shared", "web", "layers")
IN_A_VPC = {"subnetIds": "subnet-00000000,subnet-11111111", "securityGroupIds": "sg-00000000"}
ALARMED = {"alarmTopicArn": "arn:aws:sns:eu-central-1:000000000000:alarms"}

Resource = dict[str, Any]


class RefusedError(Exception):
    """osls does not take this serverless.yml; the text is what it says."""


@dataclass(frozen=True)
class Compiled:
    """One stage's template, and what its zips hold."""

    template: dict[str, Any]
    zips: dict[str, frozenset[str]]

    def of_type(self, name: str) -> dict[str, Resource]:
        """Properties by logical id of every resource of a type."""
        resources: dict[str, Resource] = self.template["Resources"]
        return {key: each["Properties"] for key, each in resources.items() if each["Type"] == f"AWS::{name}"}


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


def compile_stage(tree: Path, stage: str = "prod", **params: str) -> Compiled:
    """Raises RefusedError with what osls says."""
    # The folder of a layer's pins stands for the layer, which takes half a minute to build.
    given = [f"--param={name}={value}" for name, value in {"layers": "layers", **params}.items()]
    command = ["node_modules/.bin/osls", "package", f"--stage={stage}", "--region=eu-central-1", *given]
    done = subprocess.run(command, cwd=tree, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RefusedError(done.stdout + done.stderr)
    made = tree / ".serverless"
    template = json.loads((made / "cloudformation-template-update-stack.json").read_text())
    return Compiled(template, {zipped.stem: _names(zipped) for zipped in made.glob("*.zip")})


def _names(zipped: Path) -> frozenset[str]:
    with zipfile.ZipFile(zipped) as archive:
        return frozenset(archive.namelist())


def _environment() -> dict[str, str]:
    """Nothing of an account; osls keeps its schema cache with the packages and not in the home folder."""
    cache = ROOT / "node_modules/.cache/osls"
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "SLS_SCHEMA_CACHE_BASE_DIR": str(cache)}
