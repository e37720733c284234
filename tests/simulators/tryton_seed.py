"""The company that a test's Tryton keeps books for: chart of accounts, years, VAT, products, stores with stock.

Everything is entered over RPC, as the administrator would enter it in the client.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.simulators.tryton_rpc import Client, Row

USER, PASSWORD = "sync", "sync-pass-1-of-tests"
YEARS = (2015, *range(2024, 2031))
STORES = {f"S{number}": f"Store {number}" for number in range(1, 5)}
PRODUCTS = {f"D{number:04d}": (f"Dish {number}", Decimal(20 + number)) for number in range(50)}
# Lines of a sale that are no dish.
SERVICES = {"CHARGE": "Charge", "DISCOUNT": "Discount", "TIP": "Tip", "ROUNDING": "Rounding", "LIABILITY": "Gift card"}
TAXES = {"V6": Decimal("0.06"), "V13": Decimal("0.13"), "V0": Decimal(0)}
# Customers: the guest at the till, and one for each tender.
CUSTOMERS = {"POS": "Guests", "CASH": "Cash", "CARD": "Card", "WECHAT": "WeChat Pay", "ALIPAY": "Alipay"}
OPENING_STOCK = 100_000.0
GROUPS = (
    "Sales", "Sales Administrator", "Stock", "Stock Administration", "Stock Force Assignment", "Accounting",
    "Accounting Administration", "Account Product Administration", "Product Administration", "Party Administration",
)  # fmt: skip


def seed(client: Client) -> None:
    """Enter it all, as the user `admin` of an empty database with its modules."""
    company = _enter_company(client)
    _enter_chart(client, company)
    for year in YEARS:
        _enter_year(client, company, year)
    accounts = _accounts(client, company)
    taxes = {code: _enter_tax(client, accounts, code, rate) for code, rate in TAXES.items()}
    term = client.create(
        "account.invoice.payment_term", {"name": "At once", "lines": [("create", [{"type": "remainder"}])]}
    )[0]
    for code, name in CUSTOMERS.items():
        party = {
            "name": name,
            "code": code,
            "customer_payment_term": term,
            "addresses": [("create", [{"city": "Shanghai"}])],
        }
        client.create("party.party", party)
    client.create("party.party", {"name": "Central kitchen", "code": "KITCHEN"})
    products = _enter_products(client, accounts, taxes["V6"])
    for code, name in STORES.items():
        enter_stock(client, _enter_store(client, code, name), products)
    _enter_user(client, company)


def _enter_company(client: Client) -> int:
    currency = client.create(
        "currency.currency",
        {"name": "Renminbi", "code": "CNY", "symbol": "¥", "rounding": Decimal("0.01"), "digits": 2,
         "rates": [("create", [{"date": date(2000, 1, 1), "rate": Decimal(1)}])]},
    )[0]  # fmt: skip
    party = client.create("party.party", {"name": "Demo chain"})[0]
    company = client.create("company.company", {"party": party, "currency": currency})[0]
    client.call("res.user.write", [client.user], {"companies": [("add", [company])], "company": company})
    client.read_context()
    return company


def _enter_chart(client: Client, company: int) -> None:
    template = client.one("account.account.template", ("parent", "=", None))
    chosen = ("account", "create_account", {"company": company, "account_template": template})
    session, *_ = client.raw("wizard.account.create_chart.create", [client.context])
    forms: Row = {chosen[0]: chosen[2]}
    client.raw("wizard.account.create_chart.execute", [session, forms, chosen[1], client.context])
    accounts = _accounts(client, company)
    forms["properties"] = {
        "company": company,
        "account_receivable": accounts["receivable"],
        "account_payable": accounts["payable"],
        "category_account_expense": accounts["expense"],
        "category_account_revenue": accounts["revenue"],
    }
    client.raw("wizard.account.create_chart.execute", [session, forms, "create_properties", client.context])


def _accounts(client: Client, company: int) -> dict[str, int]:
    kinds = ("receivable", "payable", "revenue", "expense")
    mine = ("company", "=", company)
    accounts = {
        kind: client.one("account.account", (f"type.{kind}", "=", True), mine, ("closed", "!=", True)) for kind in kinds
    }
    return accounts | {"tax": client.one("account.account", ("code", "=", "6.3.6"), mine)}


def _enter_year(client: Client, company: int, year: int) -> None:
    def sequence(name: str) -> int:
        kind = client.one("ir.sequence.type", ("name", "=", name))
        row = {"name": f"{name} {year}", "sequence_type": kind, "company": company}
        return client.create("ir.sequence.strict", row)[0]

    invoices = sequence("Invoice")
    kinds = ("out_invoice", "in_invoice", "out_credit_note", "in_credit_note")
    row = {
        "name": str(year), "company": company, "start_date": date(year, 1, 1), "end_date": date(year, 12, 31),
        "move_sequence": sequence("Account Move"),
        "invoice_sequences": [("create", [{"company": company} | {f"{kind}_sequence": invoices for kind in kinds}])],
    }  # fmt: skip
    client.call("account.fiscalyear.create_period", client.create("account.fiscalyear", row))


def _enter_tax(client: Client, accounts: dict[str, int], code: str, rate: Decimal) -> int:
    row = {
        "name": code, "description": code, "type": "percentage", "rate": rate,
        "invoice_account": accounts["tax"], "credit_note_account": accounts["tax"],
    }  # fmt: skip
    return client.create("account.tax", row)[0]


def _enter_products(client: Client, accounts: dict[str, int], tax: int) -> list[int]:
    category = client.create(
        "product.category",
        {"name": "Menu", "accounting": True, "account_expense": accounts["expense"],
         "account_revenue": accounts["revenue"], "customer_taxes": [("add", [tax])]},
    )[0]  # fmt: skip

    dishes = [
        product_template(client, category, code, name, price, "goods") for code, (name, price) in PRODUCTS.items()
    ]
    services = [
        product_template(client, category, code, name, Decimal(0), "service") for code, name in SERVICES.items()
    ]
    client.create("product.template", *dishes, *services)
    return client.ids("product.product", ("code", "in", list(PRODUCTS)))


def product_template(client: Client, category: int, code: str, name: str, price: Decimal, kind: str) -> Row:
    """The values of a product; its kind is goods or service."""
    unit = client.one("product.uom", ("name", "=", "Unit"))
    return {
        "name": name, "code": code, "type": kind, "default_uom": unit, "salable": True, "sale_uom": unit,
        "list_price": price, "account_category": category, "products": [("create", [{}])],
    }  # fmt: skip


def _enter_store(client: Client, code: str, name: str) -> int:
    """A warehouse with the store's code; its storage has the code with -STO. The id of the storage."""
    rows: list[dict[str, Any]] = [
        {"name": f"{name} {use}", "type": "storage", "code": f"{code}-{use[:3].upper()}"}
        for use in ("input", "output", "storage")
    ]
    entrance, exit_, storage = client.create("stock.location", *rows)
    lost = client.one("stock.location", ("type", "=", "lost_found"))
    warehouse = {
        "name": name, "code": code, "type": "warehouse", "input_location": entrance, "output_location": exit_,
        "storage_location": storage, "lost_found_location": lost,
    }  # fmt: skip
    client.create("stock.location", warehouse)
    return storage


def enter_stock(client: Client, storage: int, products: list[int]) -> None:
    """A count on the first day: each product has the opening stock."""
    lines = [{"product": product, "quantity": OPENING_STOCK} for product in products]
    counted = client.create(
        "stock.inventory", {"location": storage, "date": date(2015, 1, 1), "lines": [("create", lines)]}
    )
    client.call("stock.inventory.confirm", counted)


def _enter_user(client: Client, company: int) -> None:
    groups = client.ids("res.group", ("name", "in", list(GROUPS)))
    row = {
        "name": "Sync", "login": USER, "password": PASSWORD, "groups": [("add", groups)],
        "companies": [("add", [company])], "company": company,
    }  # fmt: skip
    client.create("res.user", row)
    # A plain user can't acknowledge warnings; sync must.
    rights = {"model": "res.user.warning", "group": client.one("res.group", ("name", "=", "Stock"))}
    allowed = dict.fromkeys(("perm_read", "perm_write", "perm_create", "perm_delete"), True)
    client.create("ir.model.access", rights | allowed)
