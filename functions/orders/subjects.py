"""What messages about an order are about."""


def subject_of(order_id: str) -> str:
    """Their `subject`."""
    return f"order/{order_id}"
