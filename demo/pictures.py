"""`python -m demo.pictures` → docs/pictures/*.png: pages and tickets of the demo chain, beside a stack of `make up`."""

import json
import os
import shutil
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from PIL import Image

from demo import pizzaplace
from demo.forecast import forecast_year
from demo.pizzaplace import CHAIN, CURRENCY, STORES, Sale
from demo.printers import printers
from demo.run import insist
from stack.addresses import CHECKOUT, ROOT, Place, place
from stack.signed_requests import Caller

OUT = CHECKOUT / "docs/pictures"
SCRIPT = Path(__file__).with_name("pictures.mjs")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ORDERS = 48
SECONDS_BETWEEN = 30
PRINTING_SECONDS = 25
COLOURS = 192  # enough for flat pages, and a third of the bytes
TICKETS = {"kitchen-ticket": "market/kitchen/00003.png", "receipt": "market/front/00003.png"}


def main() -> None:
    addresses = place()
    head_office = Caller(addresses.http, addresses.keys["head_office"])
    document = {"chain": CHAIN, "currency": CURRENCY, "csv": history()}
    head_office("POST", "/v1/forecasts/history", document).raise_for_status()
    forecast_year(head_office, f"{addresses.console}/forecast")
    paper = ROOT / "paper"
    shutil.rmtree(paper, ignore_errors=True)
    with printers(ROOT, list(STORES)):
        place_orders(head_office)
        time.sleep(PRINTING_SECONDS)
        photograph(addresses, paper)


def history() -> str:
    """Revenue of each store and day, as a CSV file in minor units."""
    revenue: Counter[tuple[str, str]] = Counter()
    for sale in pizzaplace.sales():
        revenue[pizzaplace.store_of(sale), sale.at.date().isoformat()] += sale.total
    rows = [f"{store},{day},{amount}" for (store, day), amount in sorted(revenue.items())]
    return "\n".join(["store_id,date,revenue", *rows, ""])


def place_orders(head_office: Caller) -> None:
    """The first orders of December, as orders of the last minutes."""
    now = datetime.now(UTC)
    december = (sale for sale in pizzaplace.sales() if sale.at.month == 12)  # noqa: PLR2004 - December
    for count, sale in enumerate(islice(december, ORDERS)):
        placed_at = now - timedelta(seconds=SECONDS_BETWEEN * (ORDERS - count))
        number = f"{count + 1001}-{now:%H%M}"
        recent = Sale(number, placed_at, sale.pizzas)
        order = pizzaplace.order_of(recent, pizzaplace.store_of(sale)) | {"placed_at": placed_at.isoformat()}
        insist(head_office, "/v1/orders", order, number).raise_for_status()


def photograph(addresses: Place, paper: Path) -> None:
    OUT.mkdir(exist_ok=True)
    work = {
        "base": addresses.http,
        "person": addresses.people["head_office"],
        "browser": next(path for name in BROWSERS if (path := shutil.which(name))),
        "paper": {name: str(paper / file) for name, file in TICKETS.items()},
        "out": str(OUT),
    }
    subprocess.run(["node", SCRIPT], check=True, env={**os.environ, "PICTURES": json.dumps(work)})
    for picture in OUT.glob("*.png"):
        image = Image.open(picture).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        image.save(picture, optimize=True)


if __name__ == "__main__":
    main()
