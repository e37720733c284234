"""sync.sale_pulled → a sale of an outside till is placed by the rules of order intake, and answered."""

import hashlib
import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import Headers

from functions.orders.pricing.order_request import OrderIn
from functions.orders.resources.order_path import OrderPath
from functions.orders.resources.place_order import place_order
from functions.orders.resources.refunds import RefundIn, add_refund
from shared.contracts.messages import Message
from shared.contracts.messages.sales import SaleAnswer, SalePlaced, SaleRefused, SyncSalePulled, answer_subject
from shared.spine import entry
from shared.spine.auth import Client
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call
from shared.spine.idempotency import Key, Replay, request_hash
from shared.spine.rights import Binding, Grant

# Rights of a till over its chain. Its sales may be older than intake takes from other tills.
RIGHTS = ("orders:place", "orders:pay", "orders:refund", "orders:import")
# The same request may be at work elsewhere: it comes again.
BUSY = "in_flight"
Body = TypeVar("Body", bound=BaseModel)


def take_sale(message: Message[SyncSalePulled], env: Environment) -> None:
    """Place the sale and its refunds. A message that comes again gets the same answer."""
    try:
        order = _place(env, message.data)
        for refund in message.data.refunds:
            _refund(env, message.data, order, refund)
    except (Rejected, NotFound, Conflict) as refusal:
        if refusal.code == BUSY:
            raise
        _answer(env, message, refusal)
    else:
        _answer(env, message, order)


def _place(env: Environment, sale: SyncSalePulled) -> str:
    body = _checked(OrderIn, sale.order)
    try:
        reply = place_order(_call(env, sale, sale.sale, "/v1/orders", sale.order), body).content()
    except Replay as earlier:
        reply = earlier.reply
    order: str = json.loads(reply)["id"]
    return order


def _refund(env: Environment, sale: SyncSalePulled, order: str, refund: dict[str, Any]) -> None:
    body = _checked(RefundIn, refund)
    path = f"/v1/orders/{order}/refunds"
    try:
        add_refund(_call(env, sale, f"{sale.sale} {body.reference}", path, refund), OrderPath(order=order), body)
    except Replay:
        return


def _checked(model: type[Body], document: dict[str, Any]) -> Body:
    """The body of a request. Raises `Rejected`."""
    try:
        return model.model_validate_json(json.dumps(document))
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Rejected("malformed", f"{where}: {first['msg']}") from None


def _call(env: Environment, sale: SyncSalePulled, name: str, path: str, document: dict[str, Any]) -> Call:
    """The request as the till would send it: it may only name sales of its own."""
    client = Client(
        id=f"till-{hashlib.sha256(f'{sale.chain} {sale.system}'.encode()).hexdigest()[:24]}",
        grants=[Grant(right, "chain", sale.chain, sale.chain) for right in RIGHTS],
        secrets=(),
        requests_per_second=1,
        read_at=0.0,
        sources=(Binding("till", sale.system),),
    )
    # A changed sale is another request: intake says that its number has an order.
    hash_ = request_hash("POST", path, document)
    key = hashlib.sha256(name.encode() + hash_).digest()
    return Call(env, "orders", client, Headers(), Key(client.id, key.hex(), key, hash_))


def _answer(env: Environment, message: Message[SyncSalePulled], outcome: str | Rejected | NotFound | Conflict) -> None:
    sale = message.data
    about = {"chain": sale.chain, "system": sale.system, "sale": sale.sale, "revision": message.sequence}
    answer: SaleAnswer
    if isinstance(outcome, str):
        answer = SalePlaced(**about, order=outcome)
    else:
        answer = SaleRefused(**about, reason=outcome.code, detail=outcome.detail[:500])
    with env.outbox.work("orders") as work:
        work.announce(answer, subject=answer_subject(sale.sale), sequence=message.sequence)


handler = entry.queue(SyncSalePulled, take_sale)
