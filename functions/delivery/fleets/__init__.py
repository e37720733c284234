"""Outside fleets: one module for each delivery service, behind the contract."""

from functions.delivery.fleets.contract import Fleet
from functions.delivery.fleets.meituan import Meituan
from functions.delivery.fleets.uber_direct import UberDirect

FLEETS: dict[str, Fleet] = {fleet.name: fleet for fleet in (UberDirect(), Meituan())}
