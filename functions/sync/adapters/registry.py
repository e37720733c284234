"""The adapters by the kind of their system. Each is loaded when it is first needed."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from functions.sync.adapters.contract import Adapter
from functions.sync.outside.exchange import Exchange
from functions.sync.states import Flow
from shared.spine.errors import Rejected

# A module of this folder for each kind. It has `make(url, credentials, settings, exchange)`, `CREDENTIALS`
# and `FLOWS`.
KINDS = ("csv_files", "jushuitan", "kingdee", "rest", "tryton", "wangdian")

Maker = Callable[[str, Mapping[str, str], Mapping[str, Any], Exchange], Adapter]


def make_adapter(
    kind: str, url: str, credentials: Mapping[str, str], settings: Mapping[str, Any], exchange: Exchange
) -> Adapter:
    """The adapter of a system of this kind."""
    make: Maker = _module(kind).make
    return make(url, credentials, settings, exchange)


def credential_names(kind: str) -> tuple[str, ...]:
    """The credentials that a system of this kind needs."""
    names: tuple[str, ...] = _module(kind).CREDENTIALS
    return names


def flows_of(kind: str) -> frozenset[Flow]:
    """The flows that a system of this kind can have."""
    flows: frozenset[Flow] = _module(kind).FLOWS
    return flows


def _module(kind: str) -> Any:
    if kind not in KINDS:
        raise Rejected("unknown_kind", f"There is no adapter {kind}. There are: {', '.join(KINDS)}.")
    return import_module(f"functions.sync.adapters.{kind}")
