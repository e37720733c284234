"""The whole system on one machine: database, emulator of AWS, deploy."""
