"""A call of another function → its requests to fleets and push services, from outside of the private network."""

from shared.kit.outside.remote import post_documents
from shared.spine import entry

handler = entry.call(post_documents)
