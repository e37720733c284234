"""All fake fleets by name: `with fake_fleet("meituan", callback_url=...) as fleet:` starts one."""

from typing import Any

from tests.simulators.fleets.fleet import FakeFleet
from tests.simulators.fleets.meituan import Meituan
from tests.simulators.fleets.uber_direct import UberDirect

FLEETS: dict[str, type[FakeFleet]] = {fleet.name: fleet for fleet in (UberDirect, Meituan)}


def fake_fleet(name: str, port: int = 0, **options: Any) -> FakeFleet:
    """The fake of a fleet. Raises ValueError for a fleet without a fake."""
    if name not in FLEETS:
        raise ValueError(f"Fleet {name} has no fake. It must be one of: {', '.join(FLEETS)}.")
    return FLEETS[name](port, **options)
