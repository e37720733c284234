"""Every handler can be imported with the packages of its own layers alone: what another layer has is not there."""

import subprocess
import sys

import pytest

from stack.concerns import read_functions
from tests.support.paths import ROOT

# Modules that only these layers have. A function without the layer must not import them when it starts.
MODULES = {
    "forecast": ("numpy", "pandas", "scipy", "lightgbm", "arro3", "holidays", "chinese_calendar"),
    "print": ("PIL",),
    "oidc": ("joserfc",),
    "passkeys": ("webauthn",),
    "outbound": ("httpx", "httpcore", "stamina"),
}
IMPORT = """
import importlib, sys
refused, modules = set(sys.argv[1].split(",")), sys.argv[2].split(",")
class Refusal:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refusal())
for module in modules:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as failure:
        print(module, failure)
"""


def handlers() -> dict[tuple[str, ...], list[str]]:
    """The modules of handlers, by the layers of their functions."""
    by_layers: dict[tuple[str, ...], list[str]] = {}
    for entry in read_functions().values():
        layers = tuple(sorted(entry.get("packages", ())))
        by_layers.setdefault(layers, []).append(entry["handler"].removesuffix(".handler").replace("/", "."))
    return by_layers


@pytest.mark.parametrize("layers", handlers(), ids=lambda layers: "+".join(layers) or "base")
def test_a_handler_needs_its_own_layers_alone(layers: tuple[str, ...]) -> None:
    refused = [name for layer, names in MODULES.items() if layer not in layers for name in names]
    command = [sys.executable, "-c", IMPORT, ",".join(refused), ",".join(handlers()[layers])]
    completed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert completed.stdout == ""
