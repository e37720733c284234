"""Rules of a chain and its outlets. They are data; no network and no database is used here."""
