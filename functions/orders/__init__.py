"""Order intake: orders in, priced by the store's menu, kept once, announced."""
