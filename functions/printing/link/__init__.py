"""The print link: frames and tokens of the protocol between relay and agent. Pure."""
