"""The demo chain's API clients and people: what `make up` writes into stack.json."""

import base64
import hmac

from demo.pizzaplace import STORES
from ops.clients import Clients
from ops.people import People

CHAIN = "demo"
CHANGING_ORDERS = ["orders:place", "orders:pay", "orders:cancel", "orders:fulfil", "orders:change", "orders:void"]
# orders:import, because what the demo replays is history.
DEMO_CLIENTS = {
    "head_office": [
        "stores:write", "menu:write", "menu:read", "orders:read", *CHANGING_ORDERS, "orders:refund", "orders:import",
        "guests:token",
        "takings:read", "members:read", "members:write", "members:forget", "members:export", "tags:write",
        "printing:enrol", "printing:operate", "printing:read",
        "printing:write",
        "forecast:read", "forecast:write", "webhooks:manage",
        "timers:read", "timers:manage", "jobs:read", "jobs:manage", "sync:read", "sync:manage",
        "outlets:read", "outlets:manage", "delivery:read", "delivery:manage",
    ],
    "till": [*CHANGING_ORDERS, "orders:read", "orders:refund", "orders:import", "menu:read"],
    "mini_program": ["guests:token", "orders:place", "orders:pay", "orders:read", "orders:import", "menu:read"],
}  # fmt: skip
# Whose orders each may place and change.
DEMO_SOURCES = {"head_office": ["*:*"], "till": ["till:*"], "mini_program": ["mini_program:*"]}
# The demo replays a year in minutes; a real till needs one request a second.
REQUESTS_PER_SECOND = 2_000


def demo_clients(database_url: str, keyring: list[str]) -> dict[str, dict[str, str]]:
    """{name: {"id", "secret"}}, made at the first `make up` and the same from then on."""
    clients = Clients(database_url, keyring)
    try:
        return {
            name: clients.known(f"demo {name}")
            or clients.create(
                f"demo {name}",
                [f"{right}@chain:{CHAIN}" for right in rights],
                REQUESTS_PER_SECOND,
                DEMO_SOURCES[name],
            )
            for name, rights in DEMO_CLIENTS.items()
        }
    finally:
        clients.close()


# The store that delivers, and its couriers, whom the demo simulates.
FLORIST = "florist"
COURIERS = {"courier_one": "Ana Abreu", "courier_two": "Ben Carter", "courier_three": "Chen Wei"}
# The name of each, and the role.
DEMO_PEOPLE = {
    "head_office": ("Hedy Office", "head_office"),
    "store_manager": ("Stella Manager", f"store_manager:{next(iter(STORES))}"),
    "packer": ("Paco Packer", f"packer:{FLORIST}"),
    **{key: (name, f"courier:store:{FLORIST}") for key, name in COURIERS.items()},
}


def demo_people(database_url: str, secret: str) -> dict[str, dict[str, str]]:
    """{name: {"email", "password"}}, made at the first `make up`. Passwords are derived from `secret`."""
    people = People(database_url)
    try:
        made = {}
        for name, (full_name, role) in DEMO_PEOPLE.items():
            email = f"{name.replace('_', '.')}@{CHAIN}.example"
            digest = hmac.digest(secret.encode(), f"demo person {name}".encode(), "sha256")
            made[name] = {"email": email, "password": base64.urlsafe_b64encode(digest[:12]).decode()}
            if not people.known(CHAIN, email):
                people.add(CHAIN, email, full_name, [role], made[name]["password"])
        return made
    finally:
        people.close()
