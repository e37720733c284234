"""The services that reach guests, by name."""

from functions.outlets.guests.accounts import MiniProgram, OfficialAccount
from functions.outlets.guests.browsers import WebPush
from functions.outlets.guests.contract import GuestService

MINI_PROGRAM, OFFICIAL_ACCOUNT, WEB_PUSH = MiniProgram(), OfficialAccount(), WebPush()
_ALL: tuple[GuestService, ...] = (MINI_PROGRAM, OFFICIAL_ACCOUNT, WEB_PUSH)

GUEST_SERVICES: dict[str, GuestService] = {service.name: service for service in _ALL}
