"""Items of an ERP's base data as Tryton's products, with stock in each store."""

from decimal import Decimal

from tests.simulators.tryton_rpc import Client, Row
from tests.simulators.tryton_seed import enter_stock, product_template

# SQLite's parser overflows at the condition that Tryton makes for more products at once.
MOST_AT_ONCE = 25


def enter_items(client: Client, base: Row) -> None:
    """Products for the items of base data, and opening stock in each of its stores; again is as once."""
    codes = {row["code"] for row in client.read("product.product", client.ids("product.product"), "code")}
    new = [item for item in base["items"] if item["code"] not in codes]
    category = client.one("product.category", ("name", "=", "Menu"))
    for first in range(0, len(new), MOST_AT_ONCE):
        batch = new[first : first + MOST_AT_ONCE]
        rows = [
            product_template(client, category, row["code"], row["name"], Decimal(row["price"]), "goods")
            for row in batch
        ]
        client.create("product.template", *rows)
        products = client.ids("product.product", ("code", "in", [item["code"] for item in batch]))
        for store in sorted({level["store"] for level in base["levels"]}):
            enter_stock(client, client.one("stock.location", ("code", "=", f"{store}-STO")), products)
