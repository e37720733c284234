"""A call of another function → its requests to an outside system, from outside of the private network."""

from functions.sync.outside.remote import exchange_documents
from shared.spine import entry

handler = entry.call(exchange_documents)
