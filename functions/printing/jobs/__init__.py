"""Print jobs from the order to the end: queue, send, fail over, cancel. A `Shift` carries one transaction."""
