"""A call of another function → its signed requests to endpoints, from outside of the private network."""

from functions.webhooks.posting.remote import post_documents
from shared.spine import entry

handler = entry.call(post_documents)
