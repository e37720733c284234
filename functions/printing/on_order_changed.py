"""order.changed, order.closed → kitchens get the change of an open bill, and the guest the bill, once a version."""

from functions.printing.jobs.bill_changes import print_bill
from shared.contracts.messages import Message
from shared.contracts.messages.bills import OrderBillMoved
from shared.spine import entry
from shared.spine.env import Environment


def print_bill_change(message: Message[OrderBillMoved], env: Environment) -> None:
    """A repeated message makes no second job, in any order of arrival."""
    print_bill(env, message.data.order, message.data.delta, message.time)


handler = entry.queue(OrderBillMoved, print_bill_change)
