"""A public message → signed requests to the endpoints that subscribe to it."""

from functions.webhooks.deliveries.delivering import deliver_messages
from functions.webhooks.deliveries.intake import PublicMessage
from shared.spine import entry

handler = entry.batch(PublicMessage, deliver_messages)
