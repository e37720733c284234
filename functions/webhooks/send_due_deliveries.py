"""Every minute → messages that failed, or wait for a failing endpoint, are sent again."""

from functions.webhooks.deliveries.delivering import deliver_due
from shared.spine import entry

handler = entry.timer(deliver_due)
