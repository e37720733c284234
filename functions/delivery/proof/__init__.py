"""Photos and signatures: declared, uploaded to object storage, checked there, and shown for a minute."""
