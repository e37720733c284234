"""sale.placed, sale.refused → the till's sale is an order, or a person must correct it."""

from functions.sync.tables.sales import update_placed, update_refused
from functions.sync.tables.systems import system_key
from shared.contracts.messages import Message
from shared.contracts.messages.sales import SaleAnswer
from shared.spine import entry
from shared.spine.env import Environment


def note_answer(message: Message[SaleAnswer], env: Environment) -> None:
    answer, now = message.data, env.clock()
    key = system_key(answer.chain, answer.system)
    with env.db.transaction() as transaction:
        if answer.order and not answer.reason:
            update_placed(transaction, key, answer.sale, answer.revision, answer.order, now)
        else:
            update_refused(transaction, key, answer.sale, answer.revision, answer.reason, answer.detail, now)


handler = entry.queue(SaleAnswer, note_answer)
