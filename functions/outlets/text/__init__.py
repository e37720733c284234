"""Texts for outlets: words in their language, cards, and the page that confirms an order."""
