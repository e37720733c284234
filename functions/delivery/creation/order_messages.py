"""The messages of orders that a delivery hears, read as one."""

from shared.contracts.messages import left_out
from shared.contracts.messages.bills import OrderChanged
from shared.contracts.messages.delivery import UNPACKED
from shared.contracts.messages.orders import OrderCancelled, OrderFulfilmentChanged, OrderMessage, OrderPlaced


class OrderNews(OrderMessage):
    """An order as it stands after a message. `recalled`: a person took back that it is ready."""

    recalled: bool = left_out(default=False)
    reason: str | None = left_out(None)

    @property
    def unpacks(self) -> bool:
        """Whether the goods are no longer packed. A recall that the packer caused says nothing new."""
        return self.recalled and self.reason != UNPACKED

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """All that change what is to be delivered."""
        return (OrderPlaced.type, OrderChanged.type, OrderFulfilmentChanged.type, OrderCancelled.type)
