"""Orders, stores and portal behind one handler, as the gateway serves them under one address."""

from functions.orders import api as orders
from functions.portal import api as portal
from functions.stores import api as stores
from shared.spine import entry
from shared.spine.http import app_maker

OPERATIONS = [*orders.OPERATIONS, *stores.OPERATIONS, *portal.OPERATIONS]

make_app = app_maker("orders", OPERATIONS)
handler = entry.http(make_app)
