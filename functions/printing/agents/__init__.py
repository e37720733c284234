"""The agents of a store: enrolment, handshake, roles, and the effect of each frame that an agent sends."""
