"""/v1/sync/systems/{system}/sales: sales of a till, and what became of them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from functions.sync.resources.access import READ, AsciiKey, ChainQuery, SystemPath, system_of
from functions.sync.states import Cause, SaleState
from functions.sync.tables.sales import SaleRow, read_sales_page
from shared.contracts.models import Output
from shared.spine.http import Call, Reply


class SalesQuery(ChainQuery):
    """A page of sales by key. `after` is `next` of the page before."""

    after: AsciiKey = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    state: SaleState | None = None


class TillSaleDocument(Output):
    """A sale in the codes of the till. `total` is in minor units. `cause` names the person who must act."""

    key: str
    number: str
    store: str
    sold_at: datetime
    currency: str
    total: int
    state: SaleState
    cause: Cause | None
    reason: str | None
    detail: str | None
    order: str | None
    changed_at: datetime


class TillSales(Output):
    """Sales of a till. `next` continues the list."""

    sales: list[TillSaleDocument]
    next: str | None = None


def list_sales(call: Call, path: SystemPath, query: SalesQuery) -> Reply:
    """List the sales of a till with their orders, or with the reason why they are none."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        sales = read_sales_page(transaction, system.key, query.after, query.limit, query.state)
    following = sales[-1].key if len(sales) == query.limit else None
    return Reply(TillSales(sales=[_document(sale) for sale in sales], next=following))


def _document(sale: SaleRow) -> TillSaleDocument:
    return TillSaleDocument(
        key=sale.key,
        number=sale.number,
        store=sale.store,
        sold_at=sale.sold_at,
        currency=sale.currency,
        total=sale.total,
        state=sale.state,
        cause=sale.cause,
        reason=sale.reason,
        detail=sale.detail,
        order=sale.order,
        changed_at=sale.changed_at,
    )
