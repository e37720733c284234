"""Places of couriers, without a database: the gate for fixes, tracks as text, arrival times, and map systems."""
